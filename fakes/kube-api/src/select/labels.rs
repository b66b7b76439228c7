//! Label selectors: `app=web,tier!=db,env in (a,b),!legacy`. Grammar of apimachinery's `pkg/labels/selector.go`.

use std::collections::BTreeSet;

use winlab_document::Document;

/// A conjunction of requirements; without any, everything matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Exists,
    Absent,
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Above(i64),
    Below(i64),
}

impl LabelSelector {
    /// Reads the query form.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut rest = tokens.as_slice();
        let mut requirements = Vec::new();
        while !rest.is_empty() {
            requirements.push(requirement(&mut rest)?);
            match rest {
                [] => break,
                [Token::Sign(","), tail @ ..] if !tail.is_empty() => rest = tail,
                [found, ..] => {
                    return Err(format!("found '{}', expected: ',' or 'end of string'", found.text()));
                }
            }
        }
        Ok(Self(requirements))
    }

    /// The form that `metav1.LabelSelector` has in objects; `None` selects nothing.
    pub fn of_object(selector: Option<&Document>) -> Option<Self> {
        let selector = selector?;
        let mut requirements: Vec<Requirement> = selector
            .get("matchLabels")
            .map(Document::members)
            .unwrap_or_default()
            .iter()
            .map(|(key, value)| {
                let value = value.as_str().unwrap_or_default().to_owned();
                Requirement { key: key.to_string(), test: Test::In([value].into()) }
            })
            .collect();
        for expression in selector.get("matchExpressions").map(Document::items).unwrap_or_default() {
            let key = expression.text(&["key"]).to_owned();
            let values = expression.get("values").map(Document::items).unwrap_or_default();
            let values = || values.iter().filter_map(Document::as_str).map(str::to_owned).collect();
            let test = match expression.text(&["operator"]) {
                "In" => Test::In(values()),
                "NotIn" => Test::NotIn(values()),
                "Exists" => Test::Exists,
                "DoesNotExist" => Test::Absent,
                _ => return None,
            };
            requirements.push(Requirement { key, test });
        }
        Some(Self(requirements))
    }

    /// Whether everything matches.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object's labels match.
    pub fn matches(&self, object: &Document) -> bool {
        self.0.is_empty() || self.matches_labels(object.path(&["metadata", "labels"]))
    }

    /// Whether these labels match.
    pub fn matches_labels(&self, labels: Option<&Document>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(&requirement.key)).and_then(Document::as_str);
            match &requirement.test {
                Test::Exists => value.is_some(),
                Test::Absent => value.is_none(),
                Test::In(values) => value.is_some_and(|value| values.contains(value)),
                Test::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
                Test::Above(bound) => number(value).is_some_and(|n| n > *bound),
                Test::Below(bound) => number(value).is_some_and(|n| n < *bound),
            }
        })
    }
}

fn number(value: Option<&str>) -> Option<i64> {
    value?.parse().ok()
}

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Sign(&'a str),
    Word(&'a str),
}

impl<'a> Token<'a> {
    fn text(&self) -> &'a str {
        match self {
            Self::Sign(text) | Self::Word(text) => text,
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    const SIGNS: [&str; 9] = ["==", "!=", "=", "!", ",", "(", ")", "<", ">"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let word = rest.chars().take_while(|c| !c.is_whitespace() && !"=!,()<>".contains(*c));
            let length: usize = word.map(char::len_utf8).sum();
            if length == 0 {
                return Err(format!("unable to parse requirement: {rest:?}"));
            }
            tokens.push(Token::Word(&rest[..length]));
            rest = &rest[length..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn requirement(rest: &mut &[Token<'_>]) -> Result<Requirement, String> {
    let (key, test, tail) = match *rest {
        [Token::Sign("!"), Token::Word(key), tail @ ..] => (*key, Test::Absent, tail),
        [Token::Word(key), Token::Word(word @ ("in" | "notin")), Token::Sign("("), tail @ ..] => {
            let (values, tail) = value_list(tail)?;
            (*key, if *word == "in" { Test::In(values) } else { Test::NotIn(values) }, tail)
        }
        [Token::Word(key), Token::Sign(sign @ ("=" | "==" | "!=")), tail @ ..] => {
            let (value, tail) = match tail {
                [Token::Word(value), tail @ ..] => (*value, tail),
                tail => ("", tail),
            };
            let values = [value.to_owned()].into();
            (*key, if *sign == "!=" { Test::NotIn(values) } else { Test::In(values) }, tail)
        }
        [Token::Word(key), Token::Sign(sign @ ("<" | ">")), Token::Word(bound), tail @ ..] => {
            let bound = bound
                .parse()
                .map_err(|_| format!("for 'Gt', 'Lt' operators, the value must be an integer: {bound:?}"))?;
            (*key, if *sign == ">" { Test::Above(bound) } else { Test::Below(bound) }, tail)
        }
        [Token::Word(key)] => (*key, Test::Exists, &rest[1..]),
        [Token::Word(key), Token::Sign(","), ..] => (*key, Test::Exists, &rest[1..]),
        [Token::Word(_), found, ..] => {
            let found = found.text();
            return Err(format!(
                "unable to parse requirement: found '{found}', expected: in, notin, =, ==, !=, gt, lt"
            ));
        }
        [found, ..] => {
            let found = found.text();
            return Err(format!(
                "unable to parse requirement: found '{found}', expected: !, identifier, or 'end of string'"
            ));
        }
        [] => return Err("unable to parse requirement: found '', expected: identifier".to_owned()),
    };
    crate::validate::label_key_problem(key).map_or(Ok(()), |problem| {
        Err(format!("unable to parse requirement: key: Invalid value: {key:?}: {problem}"))
    })?;
    *rest = tail;
    Ok(Requirement { key: key.to_owned(), test })
}

/// The values up to the closing parenthesis, and what follows it.
fn value_list<'a, 'b>(mut rest: &'a [Token<'b>]) -> Result<(BTreeSet<String>, &'a [Token<'b>]), String> {
    let mut values = BTreeSet::new();
    loop {
        rest = match rest {
            [Token::Word(value), Token::Sign(","), tail @ ..] => {
                values.insert((*value).to_owned());
                tail
            }
            [Token::Word(value), Token::Sign(")"), tail @ ..] => {
                values.insert((*value).to_owned());
                return Ok((values, tail));
            }
            [found, ..] => {
                let found = found.text();
                return Err(format!(
                    "unable to parse requirement: found '{found}', expected: ',', ')' or identifier"
                ));
            }
            [] => return Err("unable to parse requirement: found '', expected: ',' or ')'".to_owned()),
        };
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::LabelSelector;

    fn matches(selector: &str) -> bool {
        let pod = doc!({"metadata": {"labels": {"app": "web", "tier": "2", "empty": ""}}});
        LabelSelector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error}")).matches(&pod)
    }

    #[test]
    fn every_operator() {
        for selector in [
            "",
            "app=web",
            "app==web",
            "app!=db",
            "other!=db",
            "app in (db, web)",
            "app notin (db)",
            "app",
            "!other",
            "tier>1",
            "tier<3",
            "empty=",
            "app=web,tier in (2),!other",
            "other notin (x)",
        ] {
            assert!(matches(selector), "{selector} should match");
        }
        for selector in [
            "app=db",
            "app!=web",
            "app in (db)",
            "app notin (web)",
            "other",
            "!app",
            "tier>2",
            "app>1",
            "app=web,other",
        ] {
            assert!(!matches(selector), "{selector} should not match");
        }
    }

    #[test]
    fn what_is_no_selector() {
        for text in [
            "=web",
            "app in web",
            "app in (web",
            "app web",
            "app=web,",
            "a b c",
            "app>x",
            "_bad/=x",
            "app=web)",
        ] {
            assert!(LabelSelector::parse(text).is_err(), "{text} is no selector");
        }
    }

    #[test]
    fn the_form_in_objects() {
        let selector = doc!({
            "matchLabels": {"app": "web"},
            "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["1"]}]
        });
        let selector = LabelSelector::of_object(Some(&selector)).unwrap();
        assert!(selector.matches(&doc!({"metadata": {"labels": {"app": "web"}}})));
        assert!(!selector.matches(&doc!({"metadata": {"labels": {"app": "web", "tier": "1"}}})));
        assert_eq!(LabelSelector::of_object(None), None);
    }
}

//! Which calls a rule is about.

use winlab_document::Document;

use crate::boundary::Call;

/// A pattern over calls: the function's name (exact, or with one `*`), and members its arguments must have.
#[derive(Debug, Clone, PartialEq)]
pub struct CallMatch {
    /// `HcnCreateEndpoint`, `HcnCreate*`, `*`.
    pub function: String,
    /// A subset of the arguments: `{"settings":{"Name":"web"}}`; `null` matches all.
    pub arguments: Document,
}

impl CallMatch {
    /// Every call of one function, or of all that a `*` covers.
    #[must_use]
    pub fn function(pattern: impl Into<String>) -> Self {
        Self { function: pattern.into(), arguments: Document::Null }
    }

    /// Whether calls of a function can be meant.
    #[must_use]
    pub fn covers(&self, function: &str) -> bool {
        match self.function.split_once('*') {
            None => self.function == function,
            Some((head, tail)) => {
                function.len() >= head.len() + tail.len()
                    && function.starts_with(head)
                    && function.ends_with(tail)
            }
        }
    }

    /// Whether a call is meant.
    #[must_use]
    pub fn matches(&self, call: &impl Call) -> bool {
        self.covers(call.function())
            && (self.arguments.is_null() || is_subset(&self.arguments, &call.arguments()))
    }
}

/// Objects by their members, arrays item by item, the rest by value.
fn is_subset(part: &Document, whole: &Document) -> bool {
    match part {
        Document::Object(members) => {
            members.iter().all(|(name, value)| whole.get(name).is_some_and(|found| is_subset(value, found)))
        }
        Document::Array(items) => {
            items.len() == whole.items().len()
                && items.iter().zip(whole.items()).all(|(p, w)| is_subset(p, w))
        }
        _ => part == whole,
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};

    use super::CallMatch;
    use crate::Guid;
    use crate::network::{Call, CreateEndpoint};

    #[test]
    fn names_and_arguments() {
        let settings = doc!({"Name": "web", "Flags": 0});
        let call = Call::CreateEndpoint(CreateEndpoint { network: Guid::NIL, id: Guid::NIL, settings });
        for (pattern, matches) in [
            ("HcnCreateEndpoint", true),
            ("HcnCreate*", true),
            ("*Endpoint", true),
            ("*", true),
            ("HcnDelete*", false),
        ] {
            assert_eq!(CallMatch::function(pattern).matches(&call), matches, "{pattern}");
        }
        let with = |arguments: Document| CallMatch { function: "*".into(), arguments }.matches(&call);
        assert!(with(doc!({"settings": {"Name": "web"}})));
        assert!(!with(doc!({"settings": {"Name": "api"}})));
    }
}

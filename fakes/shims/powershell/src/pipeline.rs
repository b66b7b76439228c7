//! Pipelines: `Get-NetRoute | Where { … } | Select-Object -Property …`, and what is around them.

use crate::cmdlets;
use crate::object::{json, text, Object, Value};
use crate::script::parts;

/// A row on its way to the output.
type Row = Vec<(String, Option<Value>)>;

/// Runs a statement that is a pipeline and gives back what it writes.
pub(crate) fn run(statement: &str) -> Result<String, String> {
    if let Some(inner) = statement.strip_prefix("ConvertTo-Json").map(str::trim) {
        // The wrapper nests: what is converted may be a whole script, which PowerShell refuses in round brackets.
        let inner = brackets(inner, "(").ok_or_else(|| not_recognized(statement))?.trim();
        return Ok(match brackets(inner, "@(") {
            Some(inner) => {
                let rows: Vec<String> = evaluate(inner)?.iter().map(|row| json(row)).collect();
                format!("[{}]\n", rows.join(","))
            }
            None => {
                let rows: Vec<String> = evaluate(inner)?.iter().map(|row| json(row)).collect();
                match rows.as_slice() {
                    [] => String::new(),
                    [one] => format!("{}\n", one),
                    many => format!("[{}]\n", many.join(",")),
                }
            }
        });
    }
    let mut out = String::new();
    for row in evaluate(statement)? {
        out.push('\n');
        for (name, value) in row {
            out.push_str(&format!("{} : {}\n", name, value.as_ref().map(text).unwrap_or_default()));
        }
    }
    Ok(out)
}

/// The inside of a text that starts with an opening and ends with `)`.
fn brackets<'a>(text: &'a str, open: &str) -> Option<&'a str> {
    text.strip_prefix(open)?.strip_suffix(')')
}

fn evaluate(pipeline: &str) -> Result<Vec<Row>, String> {
    let mut stages = parts(pipeline, '|').into_iter().map(str::trim);
    let mut objects = cmdlets::run(&words(stages.next().unwrap_or_default()))?;
    let mut rows = None;
    for stage in stages {
        let words = words(stage);
        let name = words.first().map(String::as_str).unwrap_or_default();
        if name.eq_ignore_ascii_case("Where") || name.eq_ignore_ascii_case("Where-Object") || name == "?" {
            objects = filter(objects, stage)?;
        } else if name.eq_ignore_ascii_case("Select-Object") || name.eq_ignore_ascii_case("Select") {
            let names = words.iter().skip(1).filter(|word| !word.eq_ignore_ascii_case("-Property"));
            let names: Vec<String> =
                names.flat_map(|word| word.split(',')).filter(|name| !name.is_empty()).map(str::to_owned).collect();
            rows = Some(objects.iter().map(|object| object.select(&names)).collect());
        } else {
            return Err(not_recognized(stage));
        }
    }
    let all = |object: &Object| {
        object.0.iter().map(|(name, value)| ((*name).to_owned(), Some(value.clone()))).collect()
    };
    Ok(rows.unwrap_or_else(|| objects.iter().map(all).collect()))
}

/// `Where { $_.DestinationPrefix -eq '0.0.0.0/0' }`: one comparison for equality.
fn filter(objects: Vec<Object>, stage: &str) -> Result<Vec<Object>, String> {
    let test = || -> Option<(&str, &str)> {
        let inner = stage[stage.find('{')? + 1..].trim_end().strip_suffix('}')?.trim();
        let (property, value) = inner.strip_prefix("$_.")?.split_once(" -eq ")?;
        Some((property.trim(), value.trim().trim_matches(|c| c == '\'' || c == '"')))
    };
    let (property, wanted) = test().ok_or_else(|| format!("winlab does not model the filter `{}`.", stage))?;
    let is = |object: &Object| {
        object.get(property).map_or(false, |value| text(value).eq_ignore_ascii_case(wanted))
    };
    Ok(objects.into_iter().filter(is).collect())
}

/// PowerShell's complaint about a name that is none.
pub(crate) fn not_recognized(stage: &str) -> String {
    let name: String = stage.trim().chars().take_while(|c| !c.is_whitespace() && *c != '(').collect();
    format!(
        "The term '{}' is not recognized as the name of a cmdlet, function, script file, or operable program.",
        name
    )
}

/// Words parted at blanks outside quotes, which are taken off.
fn words(text: &str) -> Vec<String> {
    let (mut all, mut word, mut quote, mut is_open) = (Vec::new(), String::new(), None, false);
    for c in text.chars() {
        match (c, quote) {
            ('"' | '\'', None) => {
                quote = Some(c);
                is_open = true;
            }
            (c, Some(open)) if c == open => quote = None,
            (c, None) if c.is_whitespace() => {
                if is_open || !word.is_empty() {
                    all.push(std::mem::take(&mut word));
                }
                is_open = false;
            }
            (c, _) => word.push(c),
        }
    }
    if is_open || !word.is_empty() {
        all.push(word);
    }
    all
}

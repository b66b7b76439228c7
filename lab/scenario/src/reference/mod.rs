//! The reference page of the format, from the same tables the parser reads.

mod prose;

use std::fmt::Write as _;

use prose::{BEFORE, FAULTS, REACH, TIMES};

use crate::lint::LINTS;
use crate::read::RULES;
use crate::shape::{ALL, Choice, Key, Shape, Value};

/// The page as Markdown.
#[must_use]
pub fn format_reference() -> String {
    let mut page = BEFORE.to_owned();
    for shape in ALL {
        section(&mut page, shape);
        match shape.name {
            "fault" => faults(&mut page),
            "step" => page.push_str(TIMES),
            "probe" => page.push_str(REACH),
            _ => {}
        }
    }
    lints(&mut page);
    page
}

fn section(page: &mut String, shape: &Shape) {
    let _ = write!(page, "\n## {}\n\n{}\n\n", shape.name, shape.about);
    page.push_str("| key | value | what it says |\n|---|---|---|\n");
    for key in shape.keys {
        let _ = writeln!(page, "| {} | {} | {} |", name(key), value(&key.value), cell(key.about));
    }
    let choices: Vec<String> = shape.choices().map(|key| format!("`{key}`")).collect();
    let how_many = match shape.choice {
        Choice::Free => return,
        Choice::AtMostOne => "At most one of these",
        Choice::ExactlyOne => "Just one of these",
    };
    let _ = writeln!(page, "\n{how_many}: {}.", choices.join(", "));
}

fn name(key: &Key) -> String {
    if key.required { format!("`{}` (required)", key.name) } else { format!("`{}`", key.name) }
}

fn value(of: &Value) -> String {
    match of {
        Value::Text => "text".to_owned(),
        Value::Bool => "true or false".to_owned(),
        Value::Integer => "whole number".to_owned(),
        Value::Span => "span of time".to_owned(),
        Value::Words(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Value::Any => "anything".to_owned(),
        Value::List(item) => format!("list: {}", value(item)),
        Value::OneOrMore(item) => format!("one or a list: {}", value(item)),
        Value::Map(item) => format!("by name: {}", value(item)),
        Value::Object(shape) => format!("[{0}](#{0})", shape.name),
        Value::Either(forms) => forms.iter().map(value).collect::<Vec<_>>().join("; or "),
    }
}

/// Text that may stand in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn faults(page: &mut String) {
    page.push_str("\n| effect | put on | further keys |\n|---|---|---|\n");
    for rule in &RULES {
        let words =
            |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(page, "| `{}` | {} | {} |", rule.effect, words(rule.parts), words(rule.more));
    }
    page.push_str(FAULTS);
}

fn lints(page: &mut String) {
    page.push_str("\n## Warnings\n\n`winlab lint` warns of what is allowed and probably not meant.\n\n");
    page.push_str("| code | what it finds |\n|---|---|\n");
    for lint in &LINTS {
        let _ = writeln!(page, "| `{}` | {} |", lint.code, cell(lint.about));
    }
}

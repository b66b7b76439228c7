//! Statements: what is run in which order, and what an error does.

use crate::pipeline;

/// A script that an error ended, with what had been written before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) output: String,
    pub(crate) error: String,
}

/// Runs a script. Its errors are terminating, as `$ErrorActionPreference="Stop"` makes them.
pub(crate) fn run(script: &str) -> Result<String, Failure> {
    let mut output = String::new();
    block(script, None, &mut output).map_err(|error| Failure { output: output.clone(), error })?;
    Ok(output)
}

/// Runs the statements of a block; `current` is what `$_` stands for in a `catch`.
fn block(text: &str, current: Option<&str>, output: &mut String) -> Result<(), String> {
    for statement in parts(text, ';') {
        run_statement(statement.trim(), current, output)?;
    }
    Ok(())
}

fn run_statement(statement: &str, current: Option<&str>, output: &mut String) -> Result<(), String> {
    if statement.is_empty() {
        return Ok(());
    }
    if let Some(rest) = keyword(statement, "try") {
        let (body, rest) = braces(rest)?;
        let (handler, rest) = braces(keyword(rest, "catch").ok_or("The Try statement is missing its Catch block.")?)?;
        if !rest.trim().is_empty() {
            return Err(format!("Unexpected token '{}' in expression or statement.", rest.trim()));
        }
        return match block(body, current, output) {
            Ok(()) => Ok(()),
            Err(error) => block(handler, Some(&error), output),
        };
    }
    if statement.to_ascii_lowercase().starts_with("$erroractionpreference") {
        return Ok(());
    }
    if let Some(words) = keyword(statement, "Write-Host") {
        let text = if words.trim() == "$_" { current.unwrap_or_default() } else { words.trim() };
        output.push_str(text.trim_matches(|c| c == '"' || c == '\''));
        output.push('\n');
        return Ok(());
    }
    output.push_str(&pipeline::run(statement)?);
    Ok(())
}

/// What follows a word that a statement starts with, whatever its case.
fn keyword<'a>(statement: &'a str, word: &str) -> Option<&'a str> {
    let statement = statement.trim_start();
    let start = statement.get(..word.len())?;
    let rest = &statement[word.len()..];
    let ends = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '{');
    (start.eq_ignore_ascii_case(word) && ends).then(|| rest)
}

/// The inside of a block in braces, and what follows it.
fn braces(text: &str) -> Result<(&str, &str), String> {
    let text = text.trim_start();
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return if c == '}' { Ok((&text[1..at], &text[at + 1..])) } else { break };
        }
    }
    Err("Missing closing '}' in statement block.".to_owned())
}

/// Parts a text at a character outside quotes, brackets and braces.
pub(crate) fn parts(text: &str, separator: char) -> Vec<&str> {
    let (mut all, mut start, mut depth, mut quote) = (Vec::new(), 0, 0, None);
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('(' | '{', None) => depth += 1,
            (')' | '}', None) => depth -= 1,
            (c, None) if c == separator && depth == 0 => {
                all.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    all.push(&text[start..]);
    all
}

#[cfg(test)]
mod tests {
    use super::{parts, run};

    #[test]
    fn separators_in_quotes_and_braces_part_nothing() {
        assert_eq!(parts("a;b {c;d} ';';e", ';'), ["a", "b {c;d} ';'", "e"]);
    }

    #[test]
    fn a_caught_error_is_written_and_what_the_handler_does_wrong_ends_the_script() {
        let script = r#"$ErrorActionPreference="Stop";try { Get-Moon } catch { Write-Host $_; os.Exit(-1) }"#;
        let failure = run(script).unwrap_err();
        assert!(failure.output.starts_with("The term 'Get-Moon' is not recognized"), "{}", failure.output);
        assert!(failure.error.starts_with("The term 'os.Exit' is not recognized"), "{}", failure.error);
        assert_eq!(run("try { } catch { Write-Host $_ }").unwrap(), "");
    }
}

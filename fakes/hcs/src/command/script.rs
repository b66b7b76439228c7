//! What `cmd /c` is given: commands joined by `&`, `&&`, `||` and `|`, with redirections.

/// When a command of a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// After the one before it, or first.
    Always,
    /// If the one before it ended with 0.
    IfDone,
    /// If the one before it ended with another code.
    IfFailed,
    /// With what the one before it wrote as its input.
    Piped,
}

/// Where a command's output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// To the process's stream.
    Stream,
    /// Nowhere: `> nul`.
    Nothing,
    /// To a file: its path, and whether it is appended to.
    File(String, bool),
}

/// One command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) condition: Condition,
    pub(crate) command: String,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    /// `2>&1`
    pub(crate) errors_to_output: bool,
}

/// Parts a script into its commands. A caret takes the meaning from the character after it; so do quotes.
pub(crate) fn parse_script(text: &str) -> Vec<Part> {
    let (mut parts, mut current) = (Vec::new(), String::new());
    let (mut condition, mut quoted) = (Condition::Always, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                current.push(c);
            }
            '^' if !quoted => {
                // Kept for `redirections`, which removes it.
                current.push('^');
                current.extend(chars.next());
            }
            '&' if !quoted && current.ends_with('>') => current.push('&'),
            '&' | '|' if !quoted => {
                let doubled = chars.next_if_eq(&c).is_some();
                parts.extend(part(condition, &std::mem::take(&mut current)));
                condition = match (c, doubled) {
                    ('&', false) => Condition::Always,
                    ('&', true) => Condition::IfDone,
                    (_, true) => Condition::IfFailed,
                    (_, false) => Condition::Piped,
                };
            }
            _ => current.push(c),
        }
    }
    parts.extend(part(condition, &current));
    parts
}

/// One command with its redirections taken out; none of blanks.
fn part(condition: Condition, text: &str) -> Option<Part> {
    let mut part = Part {
        condition,
        command: String::new(),
        stdout: Output::Stream,
        stderr: Output::Stream,
        errors_to_output: false,
    };
    let mut chars = text.trim().chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '^' if !quoted => part.command.extend(chars.next()),
            '>' if !quoted => {
                let append = chars.next_if_eq(&'>').is_some();
                let errors = take_stream_number(&mut part.command);
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                let mut target = String::new();
                while let Some(c) = chars.next_if(|c| !c.is_whitespace() && *c != '>') {
                    target.extend(Some(c).filter(|c| *c != '"'));
                }
                match (target.as_str(), errors) {
                    ("&1", true) => part.errors_to_output = true,
                    (_, true) => part.stderr = output(target, append),
                    (_, false) => part.stdout = output(target, append),
                }
            }
            _ => {
                quoted ^= c == '"';
                part.command.push(c);
            }
        }
    }
    part.command = part.command.trim().trim_start_matches('@').to_owned();
    (!part.command.is_empty()).then_some(part)
}

/// `2>` and `1>`: the number before a redirection, if it stands alone. Whether it means standard error.
fn take_stream_number(command: &mut String) -> bool {
    for (number, is_error) in [("2", true), ("1", false)] {
        if let Some(rest) = command.strip_suffix(number)
            && (rest.is_empty() || rest.ends_with(' '))
        {
            *command = rest.to_owned();
            return is_error;
        }
    }
    false
}

fn output(target: String, append: bool) -> Output {
    if target.eq_ignore_ascii_case("nul") { Output::Nothing } else { Output::File(target, append) }
}

#[cfg(test)]
mod tests {
    use super::{Condition, Output, parse_script};

    #[test]
    fn operators_and_redirections() {
        let parts = parse_script(r#"ping -t 127.0.0.1 > nul"#);
        assert_eq!((parts[0].command.as_str(), &parts[0].stdout), ("ping -t 127.0.0.1", &Output::Nothing));
        let parts = parse_script(r"type C:\a 2>nul && echo yes || echo no & echo end");
        let shape: Vec<_> = parts.iter().map(|part| (part.condition, part.command.as_str())).collect();
        assert_eq!(
            shape,
            [
                (Condition::Always, r"type C:\a"),
                (Condition::IfDone, "echo yes"),
                (Condition::IfFailed, "echo no"),
                (Condition::Always, "echo end"),
            ]
        );
        assert_eq!(parts[0].stderr, Output::Nothing);
    }

    #[test]
    fn quotes_and_carets_hide_operators() {
        let parts = parse_script(r#"echo "a & b" ^& c>>C:\log 2>&1"#);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].command, r#"echo "a & b" & c"#);
        assert_eq!(parts[0].stdout, Output::File(r"C:\log".into(), true));
        assert!(parts[0].errors_to_output);
        assert_eq!(parse_script("ipconfig | findstr DNS")[1].condition, Condition::Piped);
    }
}

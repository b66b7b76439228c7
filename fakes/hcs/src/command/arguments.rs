//! Splitting and joining command lines.

/// Splits a command line as `CommandLineToArgvW` does: blanks part arguments, quotes keep them together, and a
/// backslash is one of a kind only before a quote.
#[must_use]
pub fn split_arguments(line: &str) -> Vec<String> {
    let (mut arguments, mut current) = (Vec::new(), String::new());
    let (mut quoted, mut started, mut slashes) = (false, false, 0_usize);
    for c in line.chars() {
        match c {
            '\\' => {
                slashes += 1;
                started = true;
            }
            '"' => {
                current.extend(std::iter::repeat_n('\\', slashes / 2));
                if slashes % 2 == 1 {
                    current.push('"');
                } else {
                    quoted = !quoted;
                }
                slashes = 0;
                started = true;
            }
            _ => {
                current.extend(std::iter::repeat_n('\\', slashes));
                slashes = 0;
                if c.is_whitespace() && !quoted {
                    if started {
                        arguments.push(std::mem::take(&mut current));
                    }
                    started = false;
                } else {
                    current.push(c);
                    started = true;
                }
            }
        }
    }
    current.extend(std::iter::repeat_n('\\', slashes));
    if started {
        arguments.push(current);
    }
    arguments
}

/// Joins arguments so that [`split_arguments`] gives them back (Go's `windows.ComposeCommandLine`).
pub(crate) fn join_arguments(arguments: &[String]) -> String {
    let quote = |argument: &String| {
        if !argument.is_empty() && !argument.contains([' ', '\t', '"']) {
            return argument.clone();
        }
        let (mut quoted, mut slashes) = (String::from('"'), 0);
        for c in argument.chars() {
            match c {
                '\\' => slashes += 1,
                '"' => {
                    quoted.extend(std::iter::repeat_n('\\', slashes + 1));
                    slashes = 0;
                }
                _ => slashes = 0,
            }
            quoted.push(c);
        }
        quoted.extend(std::iter::repeat_n('\\', slashes));
        quoted.push('"');
        quoted
    };
    arguments.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// The bare name of an executable: `C:\Windows\System32\CMD.exe` is `cmd`.
pub(crate) fn executable_name(path: &str) -> String {
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default().to_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{executable_name, join_arguments, split_arguments};

    #[test]
    fn quotes_and_backslashes() {
        assert_eq!(split_arguments(r#"cmd /c "echo a b" x"#), ["cmd", "/c", "echo a b", "x"]);
        assert_eq!(
            split_arguments(r#""C:\Program Files\app.exe" \"q\" C:\dir\"#),
            [r"C:\Program Files\app.exe", r#""q""#, r"C:\dir\"]
        );
        assert_eq!(split_arguments(r#"a "" b"#), ["a", "", "b"]);
        assert_eq!(executable_name(r"C:/Windows\System32/CMD.EXE"), "cmd");
    }

    proptest! {
        #[test]
        fn joining_and_splitting_agree(arguments in proptest::collection::vec(r#"[ab "\\]{0,6}"#, 1..4)) {
            prop_assert_eq!(split_arguments(&join_arguments(&arguments)), arguments);
        }
    }
}

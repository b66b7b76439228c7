//! Windows command lines from argument lists.

/// Joins arguments as Go's `windows.EscapeArg` quotes them, so that the program finds them again.
pub(super) fn join(args: &[String]) -> String {
    args.iter().map(|arg| escape(arg)).collect::<Vec<_>>().join(" ")
}

fn escape(arg: &str) -> String {
    if arg.is_empty() {
        return "\"\"".to_owned();
    }
    if !arg.contains([' ', '\t', '"', '\\']) {
        return arg.to_owned();
    }
    let quote = arg.contains([' ', '\t']);
    let (mut out, mut slashes) = (String::new(), 0);
    for c in arg.chars() {
        match c {
            '\\' => slashes += 1,
            '"' => {
                out.extend(std::iter::repeat_n('\\', slashes + 1));
                slashes = 0;
            }
            _ => slashes = 0,
        }
        out.push(c);
    }
    if !quote {
        return out;
    }
    out.extend(std::iter::repeat_n('\\', slashes));
    format!("\"{out}\"")
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn arguments_are_quoted_where_they_must_be() {
        let args = ["cmd", "/c", "echo a b", r"C:\x", r"C:\a b\", r#"say "hi""#].map(str::to_owned);
        assert_eq!(join(&args), r#"cmd /c "echo a b" C:\x "C:\a b\\" "say \"hi\"""#);
    }
}

//! Lines of Kubernetes' logger, which all of its programs write to standard error
//! (`k8s.io/klog/v2`, "Header formatting"): `I1126 11:00:00.000001    1234 server.go:90] "Started"`.

use winlab_component::Level;

/// The level of a line and what it says. A line without a header (a panic's, a further line of a message) is as important as
/// the one before it.
pub(crate) fn read(line: &str, before: Level) -> (Level, &str) {
    let Some((header, message)) = line.split_once("] ") else { return (before, line) };
    let mut letters = header.chars();
    let level = match letters.next() {
        Some('I') => Level::Info,
        Some('W') => Level::Warning,
        Some('E') => Level::Error,
        Some('F') => Level::Fatal,
        _ => return (before, line),
    };
    let date: Vec<char> = letters.by_ref().take(4).collect();
    if date.len() == 4 && date.iter().all(char::is_ascii_digit) && letters.next() == Some(' ') {
        (level, message)
    } else {
        (before, line)
    }
}

#[cfg(test)]
mod tests {
    use winlab_component::Level;

    use super::read;

    #[test]
    fn headers_give_the_level_and_other_lines_keep_it() {
        for (line, level, message) in [
            (
                "W1126 11:00:00.000001    1234 server.go:90] \"Slow\" node=\"win1\"",
                Level::Warning,
                "\"Slow\" node=\"win1\"",
            ),
            ("F1126 11:00:00.000001       1 a.go:1] gone", Level::Fatal, "gone"),
            ("Error: x[1] y", Level::Error, "Error: x[1] y"),
            ("goroutine 1 [running]:", Level::Error, "goroutine 1 [running]:"),
        ] {
            assert_eq!(read(line, Level::Error), (level, message));
        }
    }
}

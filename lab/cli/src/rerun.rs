//! The command line that does something again.

use std::path::Path;

/// The line that runs one case again: `winlab test scenarios/join.winlab.yaml --name '=join[kube=v1.36.1]' --seed 7`.
#[must_use]
pub fn of_case(file: &Path, case: &str, seed: &str) -> String {
    let name = quote(&format!("={case}"));
    format!("winlab test {} --name {name} --seed {seed}", quote(&file.to_string_lossy()))
}

/// The line that does a whole run again, given its arguments without the program's name and without any seed.
#[must_use]
pub fn of_run<'a>(args: impl IntoIterator<Item = &'a str>, seed: &str) -> String {
    let mut line = String::from("winlab");
    for arg in args {
        line.push(' ');
        line.push_str(&quote(arg));
    }
    format!("{line} --seed {seed}")
}

/// The word as a POSIX shell reads it back; PowerShell reads single quotes the same way.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_survive_a_shell() {
        assert_eq!(
            of_case(Path::new("scenarios/join.winlab.yaml"), "join[kube=v1.36.1]", "7"),
            "winlab test scenarios/join.winlab.yaml --name '=join[kube=v1.36.1]' --seed 7"
        );
        assert_eq!(of_run(["test", "it's", ""], "7"), r"winlab test 'it'\''s' '' --seed 7");
    }
}

//! The command line that does something again.

/// The line that runs one case again: `winlab test scenarios/join.winlab.yaml --name '=join[kube=v1.36.1]' --seed 7`.
///
/// `placement` is the flags about where parts run and how time goes by.
#[must_use]
pub fn of_case(file: &str, case: &str, placement: &[String], seed: u64) -> String {
    let name = quote(&format!("={case}"));
    let placement: String = placement.iter().map(|word| format!(" {}", quote(word))).collect();
    format!("winlab test {} --name {name}{placement} --seed {seed}", quote(file))
}

/// The line that does a whole run again, given its arguments without the program's name. A seed among them stays the only one.
#[must_use]
pub fn of_run(words: &[String], seed: u64) -> String {
    let mut line = String::from("winlab");
    for word in words {
        line.push(' ');
        line.push_str(&quote(word));
    }
    let has_seed = words.iter().any(|word| word == "--seed" || word.starts_with("--seed="));
    if has_seed { line } else { format!("{line} --seed {seed}") }
}

/// The word as a POSIX shell reads it back; PowerShell reads plain single quotes the same way.
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

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn lines_survive_a_shell() {
        assert_eq!(
            of_case("scenarios/join.winlab.yaml", "join[kube=v1.36.1]", &[], 7),
            "winlab test scenarios/join.winlab.yaml --name '=join[kube=v1.36.1]' --seed 7"
        );
        assert_eq!(
            of_case("a.winlab.yaml", "a", &words(&["--clock", "scaled=20"]), 7),
            "winlab test a.winlab.yaml --name '=a' --clock 'scaled=20' --seed 7"
        );
        assert_eq!(of_run(&words(&["test", "it's", ""]), 7), r"winlab test 'it'\''s' '' --seed 7");
    }

    #[test]
    fn a_seed_is_named_once() {
        assert_eq!(of_run(&words(&["test", "--seed", "7"]), 7), "winlab test --seed 7");
        assert_eq!(of_run(&words(&["test", "--seed=7"]), 7), "winlab test '--seed=7'");
    }
}

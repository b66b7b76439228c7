//! What a Go test program printed under `-test.v`, test by test.

use std::collections::BTreeMap;

/// Each test's end and what it said.
#[derive(Debug)]
pub struct Outcomes {
    tests: BTreeMap<String, Outcome>,
    /// What came last, of a program that did not get to its end.
    tail: String,
}

/// How one test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// Not run, with what it said.
    Skipped(String),
    /// With what it said.
    Failed(String),
    /// It did not get there; what the program said last.
    Missing(String),
}

impl Outcomes {
    /// Reads the lines.
    #[must_use]
    pub fn read(printed: &str) -> Self {
        let (mut tests, mut said) = (BTreeMap::new(), String::new());
        for line in printed.lines() {
            if line.starts_with("=== RUN") {
                said.clear();
                continue;
            }
            // What a test prints without a line's end stands before its verdict.
            let verdict = line.find("--- ").and_then(|at| verdict(&line[at + 4..], &said));
            match verdict {
                Some((name, outcome)) => drop(tests.insert(name, outcome)),
                None => {
                    said.push_str(line);
                    said.push('\n');
                }
            }
        }
        Self { tests, tail: said }
    }

    /// How a test ended.
    #[must_use]
    pub fn of(&self, name: &str) -> Outcome {
        self.tests.get(name).cloned().unwrap_or_else(|| Outcome::Missing(self.tail.clone()))
    }

    /// Fails where the program has tests that nobody here knows.
    ///
    /// # Errors
    ///
    /// Their names.
    pub fn none_but(&self, known: &[&str]) -> Result<(), String> {
        let others: Vec<_> = self.tests.keys().filter(|name| !known.contains(&name.as_str())).collect();
        if others.is_empty() { Ok(()) } else { Err(format!("not in the list of tests: {others:?}")) }
    }
}

fn verdict(line: &str, said: &str) -> Option<(String, Outcome)> {
    let (word, rest) = line.split_once(": ")?;
    let outcome = match word {
        "PASS" => Outcome::Passed,
        "SKIP" => Outcome::Skipped(said.to_owned()),
        "FAIL" => Outcome::Failed(said.to_owned()),
        _ => return None,
    };
    Some((rest.split(' ').next()?.to_owned(), outcome))
}

impl Outcome {
    /// Compares with what is known of this test on this build, in both directions.
    ///
    /// # Errors
    ///
    /// What it said, or what was expected of it.
    pub fn judge(&self, known: Option<&str>) -> Result<(), String> {
        match (self, known) {
            (Self::Passed, None) | (Self::Failed(_), Some(_)) => Ok(()),
            (Self::Passed, Some(reason)) => Err(format!("passes, although it is known not to: {reason}")),
            (Self::Skipped(said), _) => Err(format!("skipped itself:\n{said}")),
            (Self::Failed(said), None) => Err(said.clone()),
            (Self::Missing(tail), _) => Err(format!("did not end; the program's last words:\n{tail}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "=== RUN   TestGood\nhello--- PASS: TestGood (0.00s)\n=== RUN   TestBad\n    x.go:1: no\n\
                           --- FAIL: TestBad (0.01s)\n=== RUN   TestLost\npanic: oh\n";

    #[test]
    fn each_test_has_its_own_words() {
        let outcomes = Outcomes::read(PRINTED);
        assert_eq!(outcomes.of("TestGood"), Outcome::Passed);
        assert_eq!(outcomes.of("TestBad"), Outcome::Failed("    x.go:1: no\n".into()));
        assert_eq!(outcomes.of("TestLost"), Outcome::Missing("panic: oh\n".into()));
        assert!(outcomes.none_but(&["TestGood"]).unwrap_err().contains("TestBad"));
    }

    #[test]
    fn what_is_known_is_strict_both_ways() {
        assert!(Outcome::Passed.judge(Some("too old")).is_err());
        assert!(Outcome::Failed(String::new()).judge(Some("too old")).is_ok());
        assert!(Outcome::Missing(String::new()).judge(Some("too old")).is_err());
        assert!(Outcome::Skipped(String::new()).judge(None).is_err());
    }
}

//! Text for `iptables-restore`.

use std::collections::BTreeSet;

/// Rules or chain declarations, line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines(String);

impl Lines {
    /// One line: the words with blanks between them; empty words are left out.
    pub(super) fn write(&mut self, words: &[&str]) {
        let mut blank = "";
        for word in words.iter().filter(|word| !word.is_empty()) {
            self.0.push_str(blank);
            self.0.push_str(word);
            blank = " ";
        }
        self.0.push('\n');
    }

    /// Declares a chain, which empties it if it is there.
    pub(super) fn chain(&mut self, name: &str) {
        self.write(&[&format!(":{name}"), "-", "[0:0]"]);
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is written at a sync.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    pub(super) filter_chains: Lines,
    pub(super) filter_rules: Lines,
    pub(super) nat_chains: Lines,
    pub(super) nat_rules: Lines,
    /// Chains of services and endpoints that are in use, written now or before.
    pub(super) active: BTreeSet<String>,
}

impl Text {
    /// The input of `iptables-restore --noflush`.
    pub(super) fn to_restore(&self) -> String {
        let mut text = String::from("*filter\n");
        text.push_str(self.filter_chains.as_str());
        text.push_str(self.filter_rules.as_str());
        text.push_str("COMMIT\n*nat\n");
        text.push_str(self.nat_chains.as_str());
        text.push_str(self.nat_rules.as_str());
        text.push_str("COMMIT\n");
        text
    }
}

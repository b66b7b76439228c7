//! Lists of policies, shared where they are alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_document::Document;

use crate::members::Members as _;

/// The policies of one object: `{Type, Settings}` documents in the client's own text order, for clients compare it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policies(Arc<[Document]>);

impl From<&[Document]> for Policies {
    fn from(items: &[Document]) -> Self {
        Self(Arc::from(items))
    }
}

impl Policies {
    pub(crate) fn items(&self) -> &[Document] {
        &self.0
    }

    /// Those of one type.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Document> {
        self.0.iter().filter(move |policy| policy.string("Type").eq_ignore_ascii_case(name))
    }

    /// The array as clients see it; shared, not copied.
    pub(crate) fn view(&self) -> Document {
        Document::Array(self.0.clone())
    }

    pub(crate) fn push(&mut self, policy: Document) {
        self.0 = self.0.iter().cloned().chain([policy]).collect();
    }

    pub(crate) fn append(&mut self, given: &Self) {
        self.0 = self.0.iter().chain(given.items()).cloned().collect();
    }

    /// Takes away policies of equal type and settings (sets: of equal id), one for each given; `false` where one is not there.
    #[must_use]
    pub(crate) fn subtract(&mut self, given: &Self) -> bool {
        let mut left = self.0.to_vec();
        for policy in given.items() {
            let Some(at) = left.iter().position(|known| is_equal(known, policy)) else { return false };
            left.remove(at);
        }
        self.0 = left.into();
        true
    }

    /// Replaces the complete set of every type given, as Azure NPM relies on; a `SetPolicy` replaces the one of its id
    /// only, and one that is not there is passed over.
    pub(crate) fn update(&mut self, given: &Self) {
        let is_set = |policy: &Document| policy.string("Type").eq_ignore_ascii_case("SetPolicy");
        let id = |policy: &Document| policy.member("Settings").string("Id").to_owned();
        let given_type = |policy: &Document| given.of(policy.string("Type")).next().is_some();
        let replaced = |policy: &Document| {
            if !is_set(policy) {
                return (!given_type(policy)).then(|| policy.clone());
            }
            let newer = given.items().iter().find(|other| is_set(other) && id(other) == id(policy));
            Some(newer.unwrap_or(policy).clone())
        };
        let kept = self.0.iter().filter_map(replaced);
        self.0 = kept.chain(given.items().iter().filter(|policy| !is_set(policy)).cloned()).collect();
    }

    /// Keeps the policies that `keep` says yes to.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Document) -> bool) {
        self.0 = self.0.iter().filter(|policy| keep(policy)).cloned().collect();
    }
}

fn is_equal(a: &Document, b: &Document) -> bool {
    let settings = |policy: &Document| {
        let settings = policy.member("Settings").clone();
        if settings.is_null() { Document::empty_object() } else { settings }
    };
    let kind = a.string("Type");
    if !kind.eq_ignore_ascii_case(b.string("Type")) {
        return false;
    }
    // A set is its id, whatever it holds.
    if kind.eq_ignore_ascii_case("SetPolicy") {
        return settings(a).string("Id") == settings(b).string("Id");
    }
    settings(a) == settings(b)
}

/// Values that many endpoints have in common: kube-proxy makes thousands of remote endpoints with one of few provider
/// addresses and no name.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    policies: BTreeMap<Vec<u8>, Policies>,
    /// The name of an endpoint that was given none.
    pub(crate) ethernet: Arc<str>,
}

/// How many lists are remembered; past that the table starts afresh, and new lists are only not shared with old ones.
const REMEMBERED: usize = 1024;

impl Default for Shared {
    fn default() -> Self {
        Self { policies: BTreeMap::new(), ethernet: Arc::from("Ethernet") }
    }
}

impl Shared {
    /// The list, shared with every earlier one of the same text.
    pub(crate) fn policies(&mut self, items: &[Document]) -> Policies {
        let mut text = Vec::with_capacity(96);
        for item in items {
            item.write_to(&mut text);
        }
        if let Some(known) = self.policies.get(&text) {
            return known.clone();
        }
        if self.policies.len() >= REMEMBERED {
            self.policies.clear();
        }
        let list = Policies::from(items);
        self.policies.insert(text, list.clone());
        list
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};

    use super::{Policies, Shared};

    fn list(items: &Document) -> Policies {
        Policies::from(items.items())
    }

    #[test]
    fn updates_replace_whole_types_and_sets_by_id() {
        let set =
            |id: &str, values: &str| doc!({"Type": "SetPolicy", "Settings": {"Id": id, "Values": values}});
        let mut policies = list(&doc!([
            {"Type": "ACL", "Settings": {"Priority": 1}},
            {"Type": "QOS", "Settings": {}},
            {"Type": "ACL", "Settings": {"Priority": 2}},
            set("a", "1"),
        ]));
        let given = [doc!({"Type": "ACL", "Settings": {"Priority": 3}}), set("a", "2"), set("b", "3")];
        policies.update(&Policies::from(&given[..]));
        let expected = [
            doc!({"Type": "QOS", "Settings": {}}),
            set("a", "2"),
            doc!({"Type": "ACL", "Settings": {"Priority": 3}}),
        ];
        assert_eq!(policies.items(), expected);
    }

    #[test]
    fn removal_needs_equal_type_and_settings() {
        let mut policies =
            list(&doc!([{"Type": "HostRoute"}, {"Type": "QOS", "Settings": {"a": 1, "b": 2}}]));
        assert!(!policies.subtract(&list(&doc!([{"Type": "QOS", "Settings": {"a": 1}}]))));
        assert!(policies.subtract(&list(&doc!([{"Type": "QOS", "Settings": {"b": 2, "a": 1}}]))));
        assert!(policies.subtract(&list(&doc!([{"Type": "HostRoute", "Settings": {}}]))));
        assert!(policies.items().is_empty());
    }

    #[test]
    fn equal_lists_are_one() {
        let mut shared = Shared::default();
        let a = shared.policies(doc!([{"Type": "L2Driver"}]).items());
        let b = shared.policies(doc!([{"Type": "L2Driver"}]).items());
        assert!(a.view().same(&b.view()));
    }
}

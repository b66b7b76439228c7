//! Filling in members.

use winlab_document::{Document, Key};

/// Members to fill in. Made once, so that all objects share the very same texts.
pub(super) struct Defaults(Vec<(Key, Document)>);

impl Defaults {
    /// The members of an object.
    pub(super) fn new(members: &Document) -> Self {
        Self(members.members().to_vec())
    }

    /// Adds what is missing; an empty text counts as missing, as it does in Go.
    pub(super) fn fill(&self, object: &mut Document) {
        self.fill_where(object, |value| value.is_null() || value.as_str() == Some(""));
    }

    /// Adds what is missing or zero.
    pub(super) fn fill_zero(&self, object: &mut Document) {
        self.fill_where(object, |value| {
            value.is_null() || value.as_str() == Some("") || value.as_i64() == Some(0)
        });
    }

    fn fill_where(&self, object: &mut Document, is_missing: impl Fn(&Document) -> bool) {
        let known = object.members();
        let missing: Vec<&(Key, Document)> =
            self.0.iter().filter(|(name, _)| object.get(name).is_none_or(&is_missing)).collect();
        if missing.is_empty() {
            return;
        }
        let kept = known.iter().filter(|(name, _)| !missing.iter().any(|(other, _)| other == name));
        *object = Document::Object(kept.chain(missing.iter().copied()).cloned().collect());
    }
}

/// Whether a member is there and not empty text.
pub(super) fn has(object: &Document, name: &str) -> bool {
    object.get(name).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
}

/// Changes a member if it is there.
pub(super) fn change(object: &mut Document, name: &str, change: impl FnOnce(&mut Document)) {
    if object.get(name).is_some() {
        change(object.member_mut(name));
    }
}

/// Changes each item of a list, if it is there.
pub(super) fn each(object: &mut Document, name: &str, each: impl FnMut(&mut Document)) {
    change(object, name, |list| list.items_mut().iter_mut().for_each(each));
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::Defaults;

    #[test]
    fn only_what_is_missing_is_filled_in() {
        let defaults = Defaults::new(&doc!({"a": 1, "b": "x", "c": 2}));
        let mut object = doc!({"a": 0, "b": ""});
        defaults.fill(&mut object);
        assert_eq!(object, doc!({"a": 0, "b": "x", "c": 2}));
        defaults.fill_zero(&mut object);
        assert_eq!(object, doc!({"a": 1, "b": "x", "c": 2}));
        let before = object.clone();
        defaults.fill(&mut object);
        assert!(object.same(&before));
    }
}

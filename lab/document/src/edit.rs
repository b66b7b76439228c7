//! Editing a document in place; whoever shares the old value keeps it.

use std::sync::Arc;

use crate::key::Key;
use crate::value::Document;

impl Document {
    /// Adds or replaces a member. Anything that is not an object becomes one first.
    pub fn set(&mut self, name: impl Into<Key>, value: impl Into<Self>) {
        let (key, value) = (name.into(), value.into());
        let Self::Object(members) = self else {
            *self = Self::Object(Arc::from([(key, value)]));
            return;
        };
        match members.iter().position(|(known, _)| *known == key) {
            Some(at) => Arc::make_mut(members)[at].1 = value,
            None => *members = members.iter().cloned().chain([(key, value)]).collect(),
        }
    }

    /// Removes a member and gives it back.
    pub fn remove(&mut self, name: &str) -> Option<Self> {
        let Self::Object(members) = self else { return None };
        let at = members.iter().position(|(known, _)| known.as_str() == name)?;
        let removed = members[at].1.clone();
        *members = members.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, m)| m.clone()).collect();
        Some(removed)
    }

    /// Sets the place that `names` lead to, making objects on the way where they are missing.
    pub fn set_path(&mut self, names: &[&str], value: impl Into<Self>) {
        match names {
            [] => *self = value.into(),
            [last] => self.set(*last, value),
            [first, rest @ ..] => {
                self.member_mut(first).set_path(rest, value);
            }
        }
    }

    /// Removes the place that `names` lead to and gives it back; emptied parents stay.
    pub fn remove_path(&mut self, names: &[&str]) -> Option<Self> {
        match names {
            [] => None,
            [last] => self.remove(last),
            [first, rest @ ..] => {
                self.path(names)?;
                self.member_mut(first).remove_path(rest)
            }
        }
    }

    /// The member `name` for editing; added as `null` where it is missing.
    pub fn member_mut(&mut self, name: &str) -> &mut Self {
        if self.get(name).is_none() {
            self.set(name, Self::Null);
        }
        let Self::Object(members) = self else { unreachable!("`set` has made it an object") };
        let at = members.iter().position(|(known, _)| known.as_str() == name).unwrap_or_default();
        &mut Arc::make_mut(members)[at].1
    }

    /// The items of an array for editing; empty for anything else.
    pub fn items_mut(&mut self) -> &mut [Self] {
        if let Self::Array(items) = self { Arc::make_mut(items) } else { &mut [] }
    }

    /// Appends an item. Anything that is not an array becomes one first.
    pub fn push(&mut self, item: impl Into<Self>) {
        let item = item.into();
        match self {
            Self::Array(items) => *items = items.iter().cloned().chain([item]).collect(),
            _ => *self = Self::Array(Arc::from([item])),
        }
    }

    /// Keeps the items of an array for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&Self) -> bool) {
        if let Self::Array(items) = self {
            let kept: Vec<Self> = items.iter().filter(|item| keep(item)).cloned().collect();
            if kept.len() != items.len() {
                *items = kept.into();
            }
        }
    }

    /// The same document with one member added or replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<Key>, value: impl Into<Self>) -> Self {
        self.set(name, value);
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::{Document, doc};

    #[test]
    fn an_edit_leaves_sharers_alone_and_shares_the_rest() {
        let old = doc!({"spec": {"a": [1, 2]}, "status": {"b": 1}});
        let mut new = old.clone();
        new.set_path(&["status", "b"], 2);
        assert_eq!(old, doc!({"spec": {"a": [1, 2]}, "status": {"b": 1}}));
        assert_eq!(new, doc!({"spec": {"a": [1, 2]}, "status": {"b": 2}}));
        assert!(old.get("spec").unwrap().same(new.get("spec").unwrap()));
    }

    #[test]
    fn paths_are_made_and_removed() {
        let mut d = Document::Null;
        d.set_path(&["a", "b", "c"], "x");
        assert_eq!(d.text(&["a", "b", "c"]), "x");
        assert_eq!(d.remove_path(&["a", "b", "nope"]), None);
        assert_eq!(d.remove_path(&["a", "b", "c"]), Some("x".into()));
        assert_eq!(d, doc!({"a": {"b": {}}}));
    }
}

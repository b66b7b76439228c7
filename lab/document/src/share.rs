//! Versions of one object that share what they have in common.

use std::sync::Arc;

use crate::key::Key;
use crate::value::Document;

impl Document {
    /// Takes from an older version whatever is the same there, so that this one costs what it changed. Nothing of this
    /// document changes by it, the order of members included.
    pub fn share_with(&mut self, old: &Self) {
        match (&mut *self, old) {
            (Self::String(new), Self::String(old)) if new == old => *new = Arc::clone(old),
            (Self::Array(new), Self::Array(old)) if !Arc::ptr_eq(new, old) => {
                for (item, old) in Arc::make_mut(new).iter_mut().zip(old.iter()) {
                    item.share_with(old);
                }
                if new.len() == old.len() && new.iter().zip(old.iter()).all(|(new, old)| new.same(old)) {
                    *new = Arc::clone(old);
                }
            }
            (Self::Object(new), Self::Object(old)) if !Arc::ptr_eq(new, old) => {
                for (at, (name, value)) in Arc::make_mut(new).iter_mut().enumerate() {
                    // Most often a member is where it was.
                    let there = old.get(at).filter(|(known, _)| known == name);
                    if let Some((_, old)) = there.or_else(|| old.iter().find(|(known, _)| known == name)) {
                        value.share_with(old);
                    }
                }
                let is_old = |(new, old): (&(Key, Self), &(Key, Self))| new.0 == old.0 && new.1.same(&old.1);
                if new.len() == old.len() && new.iter().zip(old.iter()).all(is_old) {
                    *new = Arc::clone(old);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::doc;

    #[test]
    fn a_version_shares_what_it_did_not_change() {
        let old = doc!({"spec": {"image": "iis", "args": ["a", "b"]}, "status": {"phase": "Pending", "ip": "10.0.0.1"}});
        let mut new = doc!({"status": {"ip": "10.0.0.1", "phase": "Running"}, "spec": {"image": "iis", "args": ["a", "b"]}});
        let text = new.to_string();
        new.share_with(&old);
        assert_eq!(new.to_string(), text);
        let is_shared = |path: &[&str]| new.path(path).unwrap().same(old.path(path).unwrap());
        assert!(is_shared(&["spec"]) && is_shared(&["status", "ip"]));
        assert!(!is_shared(&["status"]) && !is_shared(&["status", "phase"]));
    }

    #[test]
    fn members_in_another_order_stay_in_it() {
        let old = doc!({"a": {"x": 1, "y": 2}, "b": [1, 2]});
        let mut new = doc!({"a": {"y": 2, "x": 1}, "b": [1, 2, 3]});
        new.share_with(&old);
        assert_eq!(new.to_string(), r#"{"a":{"y":2,"x":1},"b":[1,2,3]}"#);
    }
}

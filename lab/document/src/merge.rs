//! JSON merge patch (RFC 7396).

use crate::value::Document;

impl Document {
    /// The document after `patch`; parts that the patch does not touch stay shared, and a patch that changes nothing
    /// gives back the very same document (see [`Document::same`]).
    #[must_use]
    pub fn merge_patch(&self, patch: &Self) -> Self {
        let Self::Object(changes) = patch else { return patch.clone() };
        let mut merged = if self.is_object() { self.clone() } else { Self::empty_object() };
        for (name, change) in changes.iter() {
            if change.is_null() {
                merged.remove(name);
                continue;
            }
            let old = merged.get(name).unwrap_or(&Self::Null);
            let new = old.merge_patch(change);
            if old.is_null() || *old != new {
                merged.set(name, new);
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use crate::doc;

    #[test]
    fn the_examples_of_the_rfc() {
        for (target, patch, result) in [
            (doc!({"a": "b"}), doc!({"a": "c"}), doc!({"a": "c"})),
            (doc!({"a": "b"}), doc!({"b": "c"}), doc!({"a": "b", "b": "c"})),
            (doc!({"a": "b", "b": "c"}), doc!({"a": null}), doc!({"b": "c"})),
            (doc!({"a": ["b"]}), doc!({"a": "c"}), doc!({"a": "c"})),
            (doc!({"a": {"b": "c"}}), doc!({"a": {"b": "d", "c": null}}), doc!({"a": {"b": "d"}})),
            (doc!(["a", "b"]), doc!(["c", "d"]), doc!(["c", "d"])),
            (doc!({"e": null}), doc!({"a": 1}), doc!({"e": null, "a": 1})),
            (doc!([1, 2]), doc!({"a": "b", "c": null}), doc!({"a": "b"})),
            (doc!({}), doc!({"a": {"bb": {"ccc": null}}}), doc!({"a": {"bb": {}}})),
        ] {
            assert_eq!(target.merge_patch(&patch), result, "{target} patched with {patch}");
        }
    }

    #[test]
    fn a_patch_that_changes_nothing_gives_the_same_document() {
        let d = doc!({"a": {"b": 1}, "c": [1]});
        assert!(d.merge_patch(&doc!({"a": {"b": 1}})).same(&d));
    }
}

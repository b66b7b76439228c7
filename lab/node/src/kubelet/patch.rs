//! Strategic merge patches of statuses.

use winlab_document::{Document, ObjectBuilder};

/// A list of conditions as a patch: a member that a condition had and has no more is set to null, for the server merges
/// conditions of one type member by member.
pub(crate) fn conditions(old: &Document, new: &Document) -> Document {
    let find = |kind: &str| old.items().iter().find(|condition| condition.text(&["type"]) == kind);
    let with_nulls = |condition: &Document| {
        let mut patched = condition.clone();
        let before = find(condition.text(&["type"])).map(Document::members).unwrap_or_default();
        for (name, value) in before {
            if !value.is_null() && condition.get(name).is_none() {
                patched.set(name, Document::Null);
            }
        }
        patched
    };
    new.items().iter().map(with_nulls).collect()
}

/// The members of one status that another one changes, with conditions merged.
pub(crate) fn changed(
    old: &Document,
    new: &Document,
    same: impl Fn(&str, &Document, &Document) -> bool,
) -> ObjectBuilder {
    let mut patch = ObjectBuilder::new();
    for (name, value) in new.members() {
        let before = old.get(name).unwrap_or(&Document::Null);
        if before == value || same(name, before, value) {
            continue;
        }
        if name.as_str() == "conditions" {
            patch.set(name, conditions(before, value));
        } else {
            patch.set(name, value);
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::conditions;

    #[test]
    fn what_a_condition_says_no_more_is_nulled() {
        let old = doc!([{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]);
        let new = doc!([{"type": "Ready", "status": "True"}, {"type": "Initialized", "status": "True"}]);
        assert_eq!(
            conditions(&old, &new).to_string(),
            r#"[{"type":"Ready","status":"True","reason":null},{"type":"Initialized","status":"True"}]"#
        );
    }
}

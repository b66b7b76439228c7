//! Object metadata that only the server sets.

use jiff::{SignedDuration, Timestamp};
use winlab_clock::Rng;
use winlab_document::{Document, Key};

use crate::failure::Failure;
use crate::kinds::Kind;

/// Letters of generated names: no vowels and no look-alikes (apimachinery, `pkg/util/rand`).
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
/// Generated names have this many random letters.
const SUFFIX: usize = 5;
/// A prefix longer than this is cut before letters are added (apiserver, `pkg/storage/names`).
const LONGEST_PREFIX: usize = 63 - SUFFIX;

/// A timestamp as objects hold it: whole seconds, UTC.
pub(crate) fn timestamp(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// A timestamp so many seconds later.
pub(crate) fn timestamp_after(at: Timestamp, seconds: i64) -> String {
    timestamp(at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at))
}

/// A new uid.
pub(crate) fn uid(rng: &mut Rng) -> String {
    uuid::Builder::from_random_bytes(rng.bytes()).into_uuid().to_string()
}

/// A name that starts with `prefix`.
pub(crate) fn generate_name(prefix: &str, rng: &mut Rng) -> String {
    let cut = prefix.char_indices().map(|(at, _)| at).nth(LONGEST_PREFIX).unwrap_or(prefix.len());
    let mut name = prefix[..cut].to_owned();
    for _ in 0..SUFFIX {
        let letter = usize::try_from(rng.below(LETTERS.len() as u64)).unwrap_or_default();
        name.push(char::from(LETTERS[letter]));
    }
    name
}

/// A text of an object's metadata.
pub(crate) fn text<'a>(object: &'a Document, name: &str) -> &'a str {
    object.text(&["metadata", name])
}

/// Whether the object is being deleted.
pub(crate) fn is_deleting(object: &Document) -> bool {
    object.path(&["metadata", "deletionTimestamp"]).is_some_and(|at| !at.is_null())
}

/// The object's finalizers.
pub(crate) fn finalizers(object: &Document) -> impl Iterator<Item = &str> {
    object
        .path(&["metadata", "finalizers"])
        .map(Document::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Document::as_str)
}

/// Makes sure that the object is what the path says, and says so itself.
pub(crate) fn set_type(object: &mut Document, kind: &Kind) -> Result<(), Failure> {
    if !object.is_object() {
        return Err(Failure::bad_request("couldn't get version/kind; json parse error: not an object"));
    }
    let (found_kind, found_version) = (object.text(&["kind"]), object.text(&["apiVersion"]));
    let version = kind.api_version();
    if !found_version.is_empty() && found_version != version {
        return Err(Failure::bad_request(format!(
            "the API version in the data ({found_version}) does not match the expected API version ({version})"
        )));
    }
    if !found_kind.is_empty() && found_kind != kind.kind {
        let group = if kind.group.is_empty() { String::new() } else { format!(", Kind={}", kind.group) };
        return Err(Failure::bad_request(format!(
            "{} in version {:?} cannot be handled as a {}: no kind {found_kind:?}{group}",
            found_kind, kind.version, kind.kind
        )));
    }
    if found_kind.is_empty() || found_version.is_empty() {
        let mut members: Vec<(Key, Document)> =
            vec![(Key::new("kind"), kind.kind.into()), (Key::new("apiVersion"), version.into())];
        let others =
            object.members().iter().filter(|(key, _)| !matches!(key.as_str(), "kind" | "apiVersion"));
        members.extend(others.cloned());
        *object = Document::Object(members.into());
    }
    if !object.get("metadata").is_some_and(Document::is_object) {
        object.set("metadata", Document::empty_object());
    }
    Ok(())
}

/// Makes sure that the object is in the namespace of the path, or in none.
pub(crate) fn set_namespace(object: &mut Document, kind: &Kind, namespace: &str) -> Result<(), Failure> {
    let found = text(object, "namespace");
    if kind.namespaced && !namespace.is_empty() {
        if found.is_empty() {
            object.set_path(&["metadata", "namespace"], namespace);
        } else if found != namespace {
            return Err(Failure::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    } else if !kind.namespaced && !found.is_empty() {
        object.remove_path(&["metadata", "namespace"]);
    }
    Ok(())
}

/// Takes over from the old version what a write may not change.
pub(crate) fn keep_system_fields(object: &mut Document, old: &Document) {
    const KEPT: [&str; 8] = [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generateName",
        "generation",
    ];
    let metadata = object.member_mut("metadata");
    metadata.remove("selfLink");
    metadata.remove("managedFields");
    for name in KEPT {
        match old.path(&["metadata", name]) {
            Some(value) if metadata.get(name) != Some(value) => metadata.set(name, value),
            Some(_) => {}
            None => {
                metadata.remove(name);
            }
        }
    }
}

/// Whether two versions differ in anything but metadata and status.
pub(crate) fn spec_changed(new: &Document, old: &Document) -> bool {
    let counted = |name: &str| !matches!(name, "metadata" | "status" | "kind" | "apiVersion");
    let differs =
        |(name, value): &(Key, Document), other: &Document| counted(name) && other.get(name) != Some(value);
    new.members().iter().any(|member| differs(member, old))
        || old.members().iter().any(|(name, _)| counted(name) && new.get(name).is_none())
}

#[cfg(test)]
mod tests {
    use winlab_clock::Seed;
    use winlab_document::doc;

    use super::{generate_name, spec_changed, uid};

    #[test]
    fn generated_names_have_five_letters_and_fit_a_label() {
        let mut rng = Seed::new(1).rng();
        let name = generate_name("web-", &mut rng);
        assert!(name.starts_with("web-") && name.len() == 9, "{name}");
        assert_eq!(generate_name(&"x".repeat(100), &mut rng).len(), 63);
        assert_eq!(uid(&mut rng).len(), 36);
    }

    #[test]
    fn status_and_metadata_do_not_count() {
        let old = doc!({"metadata": {"name": "a"}, "spec": {"x": 1}, "status": {"y": 1}});
        let new = doc!({"metadata": {"name": "b"}, "spec": {"x": 1}, "status": {"y": 2}});
        assert!(!spec_changed(&new, &old));
        assert!(spec_changed(&doc!({"spec": {"x": 2}}), &old));
        assert!(spec_changed(&doc!({"metadata": {}}), &old));
    }
}

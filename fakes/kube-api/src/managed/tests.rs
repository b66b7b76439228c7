//! Applies one after another, on documents alone.

use winlab_document::{Document, doc};

use super::update::Origin;
use super::{Sender, apply, created, updated};
use crate::failure::Failure;
use crate::kinds::{KINDS, Kind, by_name};

fn deployment() -> &'static Kind {
    &KINDS[by_name("apps", "Deployment")]
}

fn applied(
    live: Option<&Document>,
    config: &Document,
    manager: &str,
    force: bool,
) -> Result<Document, Failure> {
    let origin = Origin { manager: manager.to_owned(), named: true, ..Origin::default() };
    let sender =
        Sender { kind: deployment(), part: None, origin: &origin, minor: 34, now: "2026-01-01T00:00:00Z" };
    apply(live, config, sender, force)
}

fn write(object: &Document, old: &Document, manager: &str) -> Document {
    let origin = Origin { manager: manager.to_owned(), named: true, ..Origin::default() };
    let sender =
        Sender { kind: deployment(), part: None, origin: &origin, minor: 34, now: "2026-01-01T00:00:01Z" };
    let mut object = object.clone();
    updated(&mut object, old, None, sender);
    object
}

fn config(spec: Document) -> Document {
    doc!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
}

fn containers(items: Document) -> Document {
    config(doc!({"template": {"spec": {"containers": items}}}))
}

fn managers(object: &Document) -> Vec<String> {
    let entries = object.path(&["metadata", "managedFields"]).map(Document::items).unwrap_or_default();
    let shown = |entry: &Document| {
        format!(
            "{} {} {}",
            entry.text(&["manager"]),
            entry.text(&["operation"]),
            entry.get("fieldsV1").unwrap()
        )
    };
    entries.iter().map(shown).collect()
}

#[test]
fn an_applier_owns_what_it_names_and_gives_up_what_it_no_longer_names() {
    let first = applied(None, &config(doc!({"replicas": 3, "paused": true})), "a", false).unwrap();
    assert_eq!(managers(&first), [r#"a Apply {"f:spec":{"f:paused":{},"f:replicas":{}}}"#]);
    let second = applied(Some(&first), &config(doc!({"replicas": 4})), "a", false).unwrap();
    assert_eq!(second.path(&["spec", "replicas"]), Some(&4.into()));
    assert_eq!(second.path(&["spec", "paused"]), None);
    assert_eq!(managers(&second), [r#"a Apply {"f:spec":{"f:replicas":{}}}"#]);
}

#[test]
fn taking_anothers_field_is_a_conflict_and_sharing_it_is_none() {
    let first = applied(None, &config(doc!({"replicas": 3})), "a", false).unwrap();
    let failure = applied(Some(&first), &config(doc!({"replicas": 4})), "b", false).unwrap_err();
    assert_eq!(failure.code, 409);
    assert_eq!(failure.message, "Apply failed with 1 conflict: conflict with \"a\": .spec.replicas");
    let shared = applied(Some(&first), &config(doc!({"replicas": 3})), "b", false).unwrap();
    assert_eq!(managers(&shared).len(), 2);
    // One lets go, the other keeps it.
    let left = applied(Some(&shared), &config(doc!({"paused": true})), "a", false).unwrap();
    assert_eq!(left.path(&["spec", "replicas"]), Some(&3.into()));
    assert_eq!(left.path(&["spec", "paused"]), Some(&true.into()));
    let forced = applied(Some(&first), &config(doc!({"replicas": 4})), "b", true).unwrap();
    assert_eq!(managers(&forced), [r#"b Apply {"f:spec":{"f:replicas":{}}}"#]);
}

#[test]
fn lists_merge_by_their_keys_and_items_go_with_their_owner() {
    let first = applied(None, &containers(doc!([{"name": "c", "image": "1"}])), "a", false).unwrap();
    let two = containers(doc!([{"name": "side", "image": "2", "ports": [{"containerPort": 80}]}]));
    let both = applied(Some(&first), &two, "b", false).unwrap();
    let names = |object: &Document| -> Vec<String> {
        let items =
            object.path(&["spec", "template", "spec", "containers"]).map(Document::items).unwrap_or_default();
        items.iter().map(|item| item.text(&["name"]).to_owned()).collect()
    };
    assert_eq!(names(&both), ["c", "side"]);
    let text = managers(&both)[1].clone();
    assert!(
        text.contains(r#""k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}"#),
        "{text}"
    );
    let gone = applied(Some(&both), &config(doc!({"paused": true})), "b", false).unwrap();
    assert_eq!(names(&gone), ["c"]);
}

#[test]
fn updates_take_fields_and_objects_without_entries_stay_without() {
    let first = applied(None, &config(doc!({"replicas": 3, "paused": true})), "a", false).unwrap();
    let mut scaled = first.clone();
    scaled.set_path(&["spec", "replicas"], 5);
    let scaled = write(&scaled, &first, "kubectl-scale");
    assert_eq!(
        managers(&scaled),
        [r#"a Apply {"f:spec":{"f:paused":{}}}"#, r#"kubectl-scale Update {"f:spec":{"f:replicas":{}}}"#]
    );
    let plain = config(doc!({"replicas": 1}));
    assert!(managers(&write(&config(doc!({"replicas": 2})), &plain, "x")).is_empty());
    let failure = applied(Some(&plain), &config(doc!({"replicas": 2})), "a", false).unwrap_err();
    assert!(
        failure.message.contains("\"before-first-apply\" using apps/v1: .spec.replicas"),
        "{}",
        failure.message
    );
}

#[test]
fn a_create_is_tracked_for_those_who_name_themselves() {
    let mut object = config(doc!({"replicas": 3}));
    let mut origin = Origin { manager: "kubectl-create".to_owned(), named: false, ..Origin::default() };
    let create = |object: &mut Document, origin: &Origin| {
        let now = "2026-01-01T00:00:00Z";
        created(object, Sender { kind: deployment(), part: None, origin, minor: 34, now });
    };
    create(&mut object, &origin);
    assert!(managers(&object).is_empty());
    origin.named = true;
    create(&mut object, &origin);
    assert_eq!(managers(&object), [r#"kubectl-create Update {"f:spec":{"f:replicas":{}}}"#]);
}

#[test]
fn kubectl_takes_over_what_its_annotation_says_it_set() {
    let last = config(doc!({"replicas": 3})).to_string();
    let mut object = config(doc!({"replicas": 3}));
    object.set_path(&["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"], last);
    let done = applied(Some(&object), &config(doc!({"replicas": 4})), "kubectl", false).unwrap();
    let annotation =
        done.text(&["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"]);
    assert!(annotation.contains("\"replicas\":4"), "{annotation}");
}

#[test]
fn what_is_no_field_is_refused_with_its_place() {
    let failure = applied(None, &config(doc!({"replica": 3})), "a", false).unwrap_err();
    assert_eq!(
        failure.message,
        "failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema"
    );
    let twice = containers(doc!([{"name": "c"}, {"name": "c"}]));
    let failure = applied(None, &twice, "a", false).unwrap_err();
    assert!(failure.message.ends_with("duplicate entries for key [name=\"c\"]"), "{}", failure.message);
}

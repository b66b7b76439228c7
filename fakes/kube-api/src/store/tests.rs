//! The store against a plain map: whatever is written, a watch from any kept revision replays to what a list shows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::task::noop_waker_ref;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::{Document, doc};

use super::{Delivery, Query, Store, Wanted, Watcher};
use crate::config::HistoryLimits;
use crate::kinds::{KINDS, by_name};
use crate::select::{FieldSelector, LabelSelector};

#[derive(Clone, Debug)]
enum Step {
    Put { name: u8, node: u8, label: bool },
    Remove { name: u8 },
    Wait { seconds: u8 },
    Compact,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..6_u8, 0..3_u8, any::<bool>()).prop_map(|(name, node, label)| Step::Put { name, node, label }),
        3 => (0..6_u8).prop_map(|name| Step::Remove { name }),
        1 => any::<u8>().prop_map(|seconds| Step::Wait { seconds }),
        1 => proptest::strategy::Just(Step::Compact),
    ];
    proptest::collection::vec(step, 0..60)
}

type Plain = BTreeMap<String, Document>;

/// Reads all that is queued into a copy; what the watch tells must fit what the copy holds.
fn replay(watcher: &Watcher, copy: &mut Plain) {
    let cx = Context::from_waker(noop_waker_ref());
    while let Poll::Ready(Some(delivery)) = watcher.poll_next(&cx) {
        match delivery {
            Delivery::Added(object) => {
                let old = copy.insert(object.stored.key.to_string(), object.stored.document.clone());
                assert_eq!(old, None, "added twice");
            }
            Delivery::Modified(object) => {
                let old = copy.insert(object.stored.key.to_string(), object.stored.document.clone());
                assert!(old.is_some(), "modified, but never added");
            }
            Delivery::Deleted(object) => {
                assert!(copy.remove(&*object.stored.key).is_some(), "deleted, but never added");
            }
            Delivery::Bookmark { .. } | Delivery::Failed(_) => panic!("the store sends neither"),
        }
    }
}

fn selections() -> Vec<Wanted> {
    let pod = &KINDS[by_name("", "Pod")];
    let fields = |text: &str| FieldSelector::parse(pod, text).unwrap();
    vec![
        Wanted::default(),
        Wanted { fields: fields("spec.nodeName=n1"), ..Wanted::default() },
        Wanted { fields: fields("spec.nodeName!=n1"), ..Wanted::default() },
        Wanted { labels: LabelSelector::parse("app=web").unwrap(), ..Wanted::default() },
        Wanted { prefix: "b/".to_owned(), fields: fields("metadata.name=p3"), ..Wanted::default() },
    ]
}

fn listed(store: &Store, wanted: &Wanted, at: Option<u64>) -> Option<Plain> {
    let query = Query { wanted, after: None, limit: None };
    let collection = store.kind(by_name("", "Pod"));
    let (items, more) = match at {
        None => collection.list(&query),
        Some(revision) => collection.list_at(&query, revision)?,
    };
    assert_eq!(more, 0);
    Some(items.iter().map(|item| (item.key.to_string(), item.document.clone())).collect())
}

proptest! {
    #[test]
    fn watches_replay_to_lists(steps in steps()) {
        let pods = by_name("", "Pod");
        let limits = HistoryLimits { fresh: VirtualSpan::from_secs(75), least: 4, most: 20 };
        let mut store = Store::new(limits);
        let mut now = VirtualInstant::START;
        let mut model: Plain = BTreeMap::new();
        // What a list showed at each revision, and the watches opened from there.
        let mut past: Vec<(u64, Plain)> = vec![(store.revision(), model.clone())];
        let mut open: Vec<(Wanted, Arc<Watcher>, Plain)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let key = |name: u8| format!("{}/p{name}", if name.is_multiple_of(2) { "a" } else { "b" });
            match step {
                Step::Put { name, node, label } => {
                    let mut object = doc!({
                        "metadata": {"name": format!("p{name}"), "labels": {"app": if label { "web" } else { "db" }}},
                        "spec": {"nodeName": format!("n{node}")}, "number": number
                    });
                    store.put(pods, &key(name), object.clone(), now);
                    object.set_path(&["metadata", "resourceVersion"], store.revision().to_string());
                    model.insert(key(name), object);
                }
                Step::Remove { name } => {
                    let key = key(name);
                    if let Some(last) = model.remove(&key) {
                        store.remove(pods, &key, last, now);
                    }
                }
                Step::Wait { seconds } => now = now + VirtualSpan::from_secs(u64::from(seconds)),
                Step::Compact => {
                    let revision = store.revision();
                    store.kind_mut(pods).compact(revision);
                }
            }
            past.push((store.revision(), model.clone()));
            let from = past[past.len() / 2].clone();
            for wanted in selections() {
                let seen: Plain =
                    from.1.iter().filter(|(key, object)| wanted.matches(key, object)).map(|(k, o)| (k.clone(), o.clone())).collect();
                if let Some(then) = listed(&store, &wanted, Some(from.0)) {
                    prop_assert_eq!(&then, &seen, "a list as of then shows what it showed then");
                }
                if let Ok((_, watcher)) = store.kind_mut(pods).watch(wanted.clone(), from.0) {
                    open.push((wanted, watcher, seen));
                }
            }
            // Old watches keep up; a few are enough.
            let surplus = open.len().saturating_sub(30);
            open.drain(..surplus);
            for (wanted, watcher, copy) in &mut open {
                replay(watcher, copy);
                let list = listed(&store, wanted, None);
                prop_assert_eq!(Some(&*copy), list.as_ref());
            }
        }
        let now_listed = listed(&store, &Wanted::default(), None);
        prop_assert_eq!(now_listed.as_ref(), Some(&model));
        let revision = store.revision();
        prop_assert!(store.kind_mut(pods).watch(Wanted::default(), revision).is_ok());
    }
}

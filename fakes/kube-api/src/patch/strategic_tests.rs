//! Cases after upstream's semantics, each of its own making.

use winlab_document::{Document, doc};

use super::strategic::apply;
use crate::kinds::by_name;

fn pod(spec: Document) -> Document {
    doc!({"spec": spec})
}

#[track_caller]
fn check(old: Document, patch: Document, new: Document) {
    let patched = apply(&pod(old), &pod(patch.clone()), by_name("", "Pod")).unwrap();
    assert_eq!(patched.to_string(), pod(new).to_string(), "patched with {patch}");
}

#[track_caller]
fn refused(old: Document, patch: Document) {
    let failure = apply(&pod(old), &pod(patch), by_name("", "Pod")).unwrap_err();
    assert_eq!(failure.code, 400, "{failure:?}");
}

#[test]
fn containers_merge_by_name_and_new_ones_come_first() {
    check(
        doc!({"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]}),
        doc!({"containers": [{"name": "b", "image": "2"}, {"name": "c", "image": "3"}]}),
        doc!({"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}, {"name": "c", "image": "3"}]}),
    );
    check(
        doc!({"containers": [{"name": "a"}]}),
        doc!({"containers": [{"name": "z"}]}),
        doc!({"containers": [{"name": "z"}, {"name": "a"}]}),
    );
}

#[test]
fn items_are_deleted_by_directive() {
    check(
        doc!({"containers": [{"name": "a"}, {"name": "b"}]}),
        doc!({"containers": [{"name": "a", "$patch": "delete"}]}),
        doc!({"containers": [{"name": "b"}]}),
    );
    refused(doc!({"containers": [{"name": "a"}]}), doc!({"containers": [{"$patch": "delete"}]}));
    refused(doc!({"containers": [{"name": "a"}]}), doc!({"containers": [{"image": "x"}]}));
}

#[test]
fn lists_and_objects_are_replaced_by_directive() {
    check(
        doc!({"containers": [{"name": "a"}, {"name": "b"}]}),
        doc!({"containers": [{"name": "c"}, {"$patch": "replace"}]}),
        doc!({"containers": [{"name": "c"}]}),
    );
    check(
        doc!({"securityContext": {"runAsUser": 1, "fsGroup": 2}}),
        doc!({"securityContext": {"$patch": "replace", "runAsGroup": 3}}),
        doc!({"securityContext": {"runAsGroup": 3}}),
    );
    check(
        doc!({"securityContext": {"runAsUser": 1}}),
        doc!({"securityContext": {"$patch": "delete"}}),
        doc!({"securityContext": {}}),
    );
    refused(doc!({"securityContext": {"runAsUser": 1}}), doc!({"securityContext": {"$patch": "burn"}}));
}

#[test]
fn lists_without_a_strategy_are_replaced() {
    check(
        doc!({"tolerations": [{"key": "a"}], "containers": [{"name": "c", "args": ["1", "2"]}]}),
        doc!({"tolerations": [{"key": "b"}], "containers": [{"name": "c", "args": ["3"]}]}),
        doc!({"tolerations": [{"key": "b"}], "containers": [{"name": "c", "args": ["3"]}]}),
    );
}

#[test]
fn nulls_delete_and_leave_no_trace_where_nothing_was() {
    check(
        doc!({"nodeName": "n", "containers": [{"name": "c", "image": "i"}]}),
        doc!({"nodeName": null, "hostname": null, "containers": [{"name": "c", "image": null}, {"name": "d", "image": null}]}),
        doc!({"containers": [{"name": "c"}, {"name": "d"}]}),
    );
}

#[test]
fn plain_lists_with_the_merge_strategy_unite() {
    let meta = |finalizers: Document| doc!({"metadata": {"finalizers": finalizers}});
    let patched = |patch: &Document| apply(&meta(doc!(["a", "b"])), patch, by_name("", "Pod")).unwrap();
    assert_eq!(patched(&meta(doc!(["b", "c"]))), meta(doc!(["a", "b", "c"])));
    let delete = doc!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}});
    assert_eq!(patched(&delete), meta(doc!(["b"])));
    let order = doc!({"metadata": {"$setElementOrder/finalizers": ["c", "b", "a"], "finalizers": ["c"]}});
    assert_eq!(patched(&order), meta(doc!(["c", "b", "a"])));
}

#[test]
fn an_order_moves_the_servers_items_as_well() {
    check(
        doc!({"containers": [{"name": "a"}, {"name": "b"}, {"name": "own"}]}),
        doc!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}, {"name": "n"}], "containers": [{"name": "n"}]}),
        doc!({"containers": [{"name": "b"}, {"name": "a"}, {"name": "n"}, {"name": "own"}]}),
    );
    check(
        doc!({"containers": [{"name": "a"}, {"name": "b"}]}),
        doc!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}),
        doc!({"containers": [{"name": "b"}, {"name": "a"}]}),
    );
    refused(
        doc!({"containers": [{"name": "a"}]}),
        doc!({"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "x"}]}),
    );
}

#[test]
fn retained_keys_clear_a_union() {
    check(
        doc!({"volumes": [{"name": "v", "emptyDir": {}}]}),
        doc!({"volumes": [{"$retainKeys": ["name", "hostPath"], "name": "v", "hostPath": {"path": "/x"}}]}),
        doc!({"volumes": [{"name": "v", "hostPath": {"path": "/x"}}]}),
    );
    refused(
        doc!({"volumes": [{"name": "v"}]}),
        doc!({"volumes": [{"$retainKeys": ["name"], "name": "v", "hostPath": {"path": "/x"}}]}),
    );
}

#[test]
fn nested_lists_merge_by_their_own_keys() {
    check(
        doc!({"containers": [{"name": "c", "env": [{"name": "A", "value": "1"}], "ports": [{"containerPort": 80}]}]}),
        doc!({"containers": [{"name": "c", "env": [{"name": "B", "value": "2"}], "ports": [{"containerPort": 80, "name": "http"}]}]}),
        doc!({"containers": [{"name": "c", "env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
            "ports": [{"containerPort": 80, "name": "http"}]}]}),
    );
}

#[test]
fn conditions_of_a_status_merge_by_type() {
    let status = |conditions: Document| doc!({"status": {"conditions": conditions}});
    let node = apply(
        &status(doc!([{"type": "Ready", "status": "False"}, {"type": "DiskPressure", "status": "False"}])),
        &status(doc!([{"type": "Ready", "status": "True"}])),
        by_name("", "Node"),
    );
    let wanted =
        status(doc!([{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "False"}]));
    assert_eq!(node.unwrap(), wanted);
}

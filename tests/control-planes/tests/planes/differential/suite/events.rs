//! Events in the words of both groups.

use serde_json::json;

use super::{Ask, namespace};

const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/events/events";
const CORE: &str = "/api/v1/namespaces/events/events";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("events: namespace", "events: account", "events");
    let event = json!({
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "web.1"},
        "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "kube-proxy",
        "reportingInstance": "kube-proxy-win1", "action": "StartKubeProxy", "reason": "Starting", "type": "Normal",
        "regarding": {"kind": "Pod", "name": "web", "namespace": "events"}, "note": "hello"
    });
    let core = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "web.2"}, "reason": "Pulled", "type": "Normal",
        "involvedObject": {"kind": "Pod", "name": "web", "namespace": "events"}, "message": "pulled",
        "source": {"component": "kubelet", "host": "win1"}, "count": 2,
        "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:01:00Z"
    });
    vec![
        created,
        account,
        Ask::post("event", EVENTS, event),
        Ask::post("core event", CORE, core),
        Ask::get("event in core words", format!("{CORE}/web.1")),
        Ask::get("core event in new words", format!("{EVENTS}/web.2")),
        Ask::get("all events", EVENTS),
        Ask::get("events about", format!("{EVENTS}?fieldSelector=regarding.name%3Dweb,reason%3DPulled")),
        Ask::patch("series", "merge", format!("{EVENTS}/web.1"), {
            json!({"series": {"count": 2, "lastObservedTime": "2026-01-01T00:00:01.000000Z"}})
        }),
        Ask::get("resources of events", "/apis/events.k8s.io/v1"),
        Ask::get("watch of events", format!("{EVENTS}?watch=true&timeoutSeconds=1")),
    ]
}

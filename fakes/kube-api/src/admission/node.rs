//! What admission adds to nodes.

use winlab_document::{Document, doc};

use crate::config::Config;

const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// `TaintNodesByCondition`: nothing is scheduled to a new node until a controller has seen it ready
/// (`plugin/pkg/admission/nodetaint`).
pub(super) fn create(config: &Config, node: &mut Document) {
    if !config.admits("TaintNodesByCondition") {
        return;
    }
    let mut taints = node.path(&["spec", "taints"]).cloned().unwrap_or_else(Document::empty_array);
    let is = |taint: &Document| taint.text(&["key"]) == NOT_READY && taint.text(&["effect"]) == "NoSchedule";
    if !taints.items().iter().any(is) {
        taints.push(doc!({"key": NOT_READY, "effect": "NoSchedule"}));
        node.set_path(&["spec", "taints"], taints);
    }
}

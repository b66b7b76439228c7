//! What is wrong with a status (`ValidatePodStatusUpdate`, `ValidateServiceStatusUpdate`).

use std::net::IpAddr;

use winlab_document::Document;

use super::{FieldErrors, FieldPath};
use crate::kinds::Kind;

static STATUS: FieldPath<'static> = FieldPath::new("status");
const NO_ADDRESS: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/// Checks a status that is about to be written.
pub(crate) fn status(object: &Document, kind: &Kind, errors: &mut FieldErrors) {
    let items = |path: &[&str]| object.path(path).map(Document::items).unwrap_or_default();
    match (kind.group, kind.kind) {
        ("", "Pod") => {
            let list = STATUS.child("podIPs");
            addresses(items(&["status", "podIPs"]), &list, errors);
        }
        ("", "Service") => {
            let balancer = STATUS.child("loadBalancer");
            let list = balancer.child("ingress");
            addresses(items(&["status", "loadBalancer", "ingress"]), &list, errors);
        }
        _ => {}
    }
}

/// Each item's `ip`, if it has one. A pod's list has bare items, a load balancer's says which member is wrong.
fn addresses(items: &[Document], list: &FieldPath<'_>, errors: &mut FieldErrors) {
    for (at, item) in items.iter().enumerate() {
        let text = item.text(&["ip"]);
        if text.is_empty() || text.parse::<IpAddr>().is_ok() {
            continue;
        }
        let path = list.index(at);
        match list.to_string().as_str() {
            "status.podIPs" => errors.invalid(&path, text, NO_ADDRESS),
            _ => errors.invalid(&path.child("ip"), text, NO_ADDRESS),
        }
    }
}

//! Ranges and addresses of services (`pkg/apis/networking/validation/validation.go`).

use std::net::IpAddr;

use ipnet::IpNet;
use winlab_document::Document;

use super::{FieldErrors, FieldPath, immutable};
use crate::config::Profile;

static SPEC: FieldPath<'static> = FieldPath::new("spec");
static CIDRS: FieldPath<'static> = SPEC.child("cidrs");
static PARENT: FieldPath<'static> = SPEC.child("parentRef");

fn cidrs(object: &Document) -> &[Document] {
    object.path(&["spec", "cidrs"]).map(Document::items).unwrap_or_default()
}

/// Checks a `ServiceCIDR`.
pub(crate) fn service_cidr(object: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let list = cidrs(object);
    if list.is_empty() {
        errors.required(&CIDRS, "at least one CIDR required");
        return;
    }
    if list.len() > 2 {
        errors.invalid(
            &CIDRS,
            object.path(&["spec"]).cloned().unwrap_or_default(),
            "may only hold up to 2 values",
        );
        return;
    }
    let parsed: Vec<Option<IpNet>> =
        list.iter().map(|cidr| cidr.as_str().and_then(|text| text.parse().ok())).collect();
    for (at, (cidr, parsed)) in list.iter().zip(&parsed).enumerate() {
        if parsed.is_none() {
            let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            errors.invalid(&CIDRS.index(at), cidr.clone(), detail);
        }
    }
    if let [Some(one), Some(other)] = parsed.as_slice()
        && one.addr().is_ipv4() == other.addr().is_ipv4()
    {
        let detail =
            "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
        errors.invalid(&CIDRS, Document::from(list.to_vec()), detail);
    }
}

/// A range never changes; a second one of the other family may be added.
pub(crate) fn service_cidr_update(
    object: &Document,
    old: &Document,
    _profile: &Profile,
    errors: &mut FieldErrors,
) {
    let (new, old) = (cidrs(object), cidrs(old));
    if !(new.len() == old.len() || (old.len() == 1 && new.len() == 2)) {
        errors.invalid(&CIDRS, Document::from(new.to_vec()), "field is immutable");
        return;
    }
    for (at, (new, old)) in new.iter().zip(old).enumerate() {
        if new != old {
            errors.invalid(&CIDRS.index(at), new.clone(), "field is immutable");
        }
    }
}

/// Checks an `IPAddress`.
pub(crate) fn ip_address(object: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let name = crate::meta::text(object, "name");
    if name.parse::<IpAddr>().is_err() {
        let metadata = FieldPath::new("metadata");
        let detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        errors.invalid(&metadata.child("name"), name, detail);
    }
    let Some(parent) = object.path(&["spec", "parentRef"]) else {
        errors.required(&PARENT, "");
        return;
    };
    for name in ["resource", "name"] {
        if parent.text(&[name]).is_empty() {
            errors.required(&PARENT.child(name), "");
        }
    }
}

/// Whose an address is never changes.
pub(crate) fn ip_address_update(
    object: &Document,
    old: &Document,
    _profile: &Profile,
    errors: &mut FieldErrors,
) {
    immutable(object, old, &PARENT, &["spec", "parentRef"], errors);
}

//! `NamespaceLifecycle`: nothing new in a namespace that is not there or is going, and the system's own stay
//! (apiserver, `pkg/admission/plugin/namespace/lifecycle`).

use winlab_document::Document;

use crate::failure::{Cause, Failure};
use crate::kinds::{self, Admit, Kind};
use crate::meta;
use crate::request::Target;
use crate::server::State;

pub(super) fn create(state: &State, target: &Target, object: &Document) -> Result<(), Failure> {
    let kind = target.kind();
    if !kind.namespaced {
        return Ok(());
    }
    let namespaces = kinds::by_name("", "Namespace");
    let name = target.namespace.as_str();
    let Some(namespace) = state.store.kind(namespaces).get(name) else {
        return Err(Failure::not_found(&kinds::KINDS[namespaces], name));
    };
    if meta::is_deleting(&namespace.document)
        || namespace.document.text(&["status", "phase"]) == "Terminating"
    {
        let why = format!("unable to create new content in namespace {name} because it is being terminated");
        let cause = Cause {
            reason: "NamespaceTerminating",
            message: format!("namespace {name} is being terminated"),
            field: "metadata.namespace".to_owned(),
        };
        return Err(Failure::forbidden(kind, meta::text(object, "name"), &why).cause(cause));
    }
    Ok(())
}

pub(super) fn delete(kind: &Kind, target: &Target) -> Result<(), Failure> {
    let immortal = matches!(target.name.as_str(), "default" | "kube-system" | "kube-public");
    if kind.rules.admit == Admit::Namespace && immortal {
        return Err(Failure::forbidden(kind, &target.name, "this namespace may not be deleted"));
    }
    Ok(())
}

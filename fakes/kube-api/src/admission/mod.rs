//! The admission plugins that a plain server runs, as far as they matter here: `NamespaceLifecycle`, `Priority`,
//! `ServiceAccount`, `DefaultTolerationSeconds`, `RuntimeClass`, `TaintNodesByCondition`.

mod namespace;
mod node;
mod pod;
mod signing_request;

use winlab_document::Document;

use crate::config::Config;
use crate::failure::Failure;
use crate::kinds::{Admit, Kind};
use crate::request::Target;
use crate::server::State;

/// Admits a new object, and may change it.
pub(crate) fn create(
    state: &mut State,
    config: &Config,
    target: &Target,
    object: &mut Document,
) -> Result<(), Failure> {
    namespace::create(state, target, object)?;
    if (target.kind().group, target.kind().kind) == ("", "Node") {
        node::create(config, object);
    }
    match target.kind().rules.admit {
        Admit::Pod => pod::create(state, config, target, object),
        Admit::SigningRequest => signing_request::create(state, target, object),
        Admit::Namespace | Admit::Service | Admit::Plain => Ok(()),
    }
}

/// Admits a changed object, and may change it.
pub(crate) fn update(
    _state: &State,
    config: &Config,
    target: &Target,
    object: &mut Document,
) -> Result<(), Failure> {
    if target.kind().rules.admit == Admit::Pod {
        pod::add_default_tolerations(config, object);
    }
    Ok(())
}

/// Admits a deletion.
pub(crate) fn delete(kind: &Kind, target: &Target) -> Result<(), Failure> {
    namespace::delete(kind, target)
}

//! Who is told of writes.

use winlab_document::Document;
use winlab_kube_client::Identity;

use crate::kinds::Kind;

/// A finished request that asked for a write, refused or not.
#[derive(Debug)]
pub struct Write<'a> {
    /// Who asked.
    pub identity: &'a Identity,
    /// `create`, `update`, `patch`, `delete`, `deletecollection`: RBAC's words.
    pub verb: &'static str,
    /// The kind.
    pub kind: &'static Kind,
    /// Namespace; empty for a kind without.
    pub namespace: &'a str,
    /// Name; empty if the server was to make one and refused.
    pub name: &'a str,
    /// `status`, `binding`, …; empty for the object itself.
    pub subresource: &'a str,
    /// HTTP status code of the answer.
    pub code: u16,
    /// The refusal's message; empty for success.
    pub message: &'a str,
    /// What the write did to the store, in order. Empty if it was refused or changed nothing.
    pub changes: &'a [ObjectChange],
}

/// What happened to one object.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// The kind.
    pub kind: &'static Kind,
    /// The object before; none if it is new.
    pub before: Option<Document>,
    /// The object after; for a removal how it last was.
    pub after: Document,
    /// Whether it is gone.
    pub removed: bool,
}

/// Is told of every write, in the order in which they were done. It must not call the server from within.
pub trait Observer: Send + Sync {
    /// A write has been done or refused.
    fn write(&self, write: &Write<'_>);
}

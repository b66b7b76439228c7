//! Who is told of writes to the API server.

use winlab_document::Document;

/// A write, done or refused. A plane that shows only what it stores tells of no refusals, and names as actor the manager
/// that `metadata.managedFields` has last.
#[derive(Debug)]
pub struct Write<'a> {
    /// The component that asked.
    pub actor: &'a str,
    /// `create`, `update`, `patch`, `delete`, `deletecollection`: RBAC's words.
    pub verb: &'static str,
    /// Kind of the object.
    pub kind: &'static str,
    /// Namespace; empty for a kind without.
    pub namespace: &'a str,
    /// Name; empty if the server was to make one and refused.
    pub name: &'a str,
    /// HTTP status code of the answer.
    pub code: u16,
    /// The refusal's message; empty for success.
    pub message: &'a str,
    /// What it did to objects, in order. Empty if it was refused or changed nothing.
    pub changes: Vec<Change<'a>>,
}

/// What happened to one object.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The kind.
    pub kind: &'static str,
    /// The object before; none if it is new.
    pub before: Option<&'a Document>,
    /// The object after; for a removal how it last was.
    pub after: &'a Document,
    /// Whether it is gone.
    pub removed: bool,
}

/// Is told of writes, in the order in which they were done. It must not call the control plane from within.
pub trait Observer: Send + Sync {
    /// A write has been done or refused.
    fn write(&self, write: &Write<'_>);
}

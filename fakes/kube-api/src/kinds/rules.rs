//! What happens to an object of a kind when it is written.

use winlab_document::Document;

use crate::config::Profile;
use crate::validate::FieldErrors;

/// Fills in what the writer left out.
pub(crate) type Default = fn(&mut Document, &Profile);
/// Finds what is wrong with a complete object.
pub(crate) type Validate = fn(&Document, &Profile, &mut FieldErrors);
/// Finds what an update may not change: new object first.
pub(crate) type ValidateUpdate = fn(&Document, &Document, &Profile, &mut FieldErrors);
/// Sets what only the server sets, on create (no old object) and on update.
pub(crate) type Prepare = fn(&mut Document, Option<&Document>, &Profile);

/// The functions of one kind; each stands for a step of the real server's request path.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// `Strategy.PrepareForCreate` and `PrepareForUpdate`.
    pub(crate) prepare: Prepare,
    /// The `SetDefaults_…` functions.
    pub(crate) default: Default,
    /// `Strategy.Validate`.
    pub(crate) validate: Validate,
    /// `Strategy.ValidateUpdate`, beyond what `validate` finds.
    pub(crate) validate_update: ValidateUpdate,
    /// What goes on beyond the object itself.
    pub admit: Admit,
}

/// Kinds whose writes take part in something beyond the object itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// Nothing.
    Plain,
    /// Pods: priority, service account, tolerations.
    Pod,
    /// Services: cluster IPs and node ports.
    Service,
    /// Certificate signing requests: who asks is written into them, and the rest of the specification never changes.
    SigningRequest,
    /// Namespaces: those of the system may not be deleted, others only by way of `Terminating`.
    Namespace,
}

impl Rules {
    /// A kind that is stored as it comes.
    pub const STORED: Self = Self {
        prepare: |_, _, _| {},
        default: |_, _| {},
        validate: |_, _, _| {},
        validate_update: |_, _, _, _| {},
        admit: Admit::Plain,
    };
}

//! What a lab can do to an API server that no client can.

use winlab_clock::VirtualSpan;
use winlab_kube_api::ApiServer;
use winlab_kube_api::faults::{Fault, FaultId, Matching};

/// Names a standing fault of an API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiFaultId(FaultId);

/// Faults of an API server; they strike whoever uses it.
pub trait ApiFaults: Send + Sync {
    /// Answers every request with 503.
    fn refuse(&self) -> ApiFaultId;

    /// Answers every request after this time.
    fn slow(&self, by: VirtualSpan) -> ApiFaultId;

    /// Ends a standing fault; nothing happens if it has ended.
    fn lift(&self, fault: ApiFaultId);

    /// Ends all watches.
    fn drop_watches(&self);

    /// Forgets the history: whoever resumes a watch from before now gets 410 Gone.
    fn forget_history(&self);
}

impl ApiFaults for ApiServer {
    fn refuse(&self) -> ApiFaultId {
        ApiFaultId(self.faults().add(Matching::default(), Fault::Refuse))
    }

    fn slow(&self, by: VirtualSpan) -> ApiFaultId {
        ApiFaultId(self.faults().add(Matching::default(), Fault::Slow(by)))
    }

    fn lift(&self, fault: ApiFaultId) {
        self.faults().remove(fault.0);
    }

    fn drop_watches(&self) {
        Self::drop_watches(self);
    }

    fn forget_history(&self) {
        self.compact();
    }
}

//! What a lab can do to a server that no client can: refuse, delay, vanish. The server's own answers know nothing of it.

use std::sync::{Mutex, PoisonError};

use http::Method;
use winlab_clock::VirtualSpan;
use winlab_kube_client::Identity;

use crate::failure::Failure;
use crate::request::{Route, route};

/// What a rule does to a request it matches.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Answers with 503.
    Refuse,
    /// Breaks the connection without an answer.
    Unreachable,
    /// Answers with 429 and the seconds after which to try again.
    TooManyRequests(u32),
    /// Answers after this time.
    Slow(VirtualSpan),
}

/// Which requests a rule is about; what is empty matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Component of the caller: `kubelet`.
    pub component: String,
    /// User of the caller: `system:node:win1`.
    pub user: String,
    /// HTTP method: `GET`.
    pub method: String,
    /// Plural name of the kind: `pods`.
    pub resource: String,
}

/// The rules of one server, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Rules>);

#[derive(Debug, Default)]
struct Rules {
    next: u64,
    rules: Vec<(FaultId, Matching, Fault, Option<u32>)>,
    stale_at: Option<u64>,
}

/// Names a rule for its removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(u64);

/// What becomes of a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Pass,
    Slow(VirtualSpan),
    Refuse(Failure),
    Unreachable,
}

impl Faults {
    /// Adds a rule that holds until it is removed.
    pub fn add(&self, matching: Matching, fault: Fault) -> FaultId {
        self.push(matching, fault, None)
    }

    /// Adds a rule for the next `times` requests that it matches.
    pub fn add_times(&self, matching: Matching, fault: Fault, times: u32) -> FaultId {
        self.push(matching, fault, Some(times))
    }

    fn push(&self, matching: Matching, fault: Fault, times: Option<u32>) -> FaultId {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = FaultId(rules.next);
        rules.next += 1;
        rules.rules.push((id, matching, fault, times));
        id
    }

    /// Removes a rule; nothing happens if it is used up or removed.
    pub fn remove(&self, id: FaultId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).rules.retain(|(known, ..)| *known != id);
    }

    /// Answers lists that take any version (`resourceVersion=0`) as of this revision, as a server does whose watch cache
    /// has fallen behind; `None` for the newest. A revision that is no longer kept counts as the newest.
    pub fn serve_stale(&self, revision: Option<u64>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stale_at = revision;
    }

    /// What a list that takes any version is answered from.
    pub(crate) fn stale_at(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stale_at
    }

    /// The first rule that matches decides.
    pub(crate) fn verdict(&self, identity: &Identity, method: &Method, path: &str) -> Verdict {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = rules
            .rules
            .iter_mut()
            .find(|(_, matching, _, times)| *times != Some(0) && matching.matches(identity, method, path));
        let Some((_, _, fault, times)) = found else { return Verdict::Pass };
        if let Some(times) = times {
            *times -= 1;
        }
        match fault {
            Fault::Refuse => {
                Verdict::Refuse(Failure::unavailable("the server is currently unable to handle the request"))
            }
            Fault::Unreachable => Verdict::Unreachable,
            Fault::TooManyRequests(seconds) => Verdict::Refuse(Failure::too_many_requests(
                "Too many requests, please try again later.",
                *seconds,
            )),
            Fault::Slow(span) => Verdict::Slow(*span),
        }
    }
}

impl Matching {
    fn matches(&self, identity: &Identity, method: &Method, path: &str) -> bool {
        let same = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        same(&self.component, &identity.component)
            && same(&self.user, &identity.user)
            && same(&self.method, method.as_str())
            && (self.resource.is_empty()
                || matches!(route(path), Route::Resource(target) if target.kind().plural == self.resource))
    }
}

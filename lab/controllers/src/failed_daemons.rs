//! How soon a failed pod of a DaemonSet is replaced (`failedPodsBackoff` in `pkg/controller/daemon/daemon_controller.go`).
//!
//! A kubelet that turns a pod away fails each that comes after it, too. Were it not for these waits, the two of them would
//! keep each other busy for ever.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_kube_client::k8s::apps::DaemonSet;

/// The first wait, and the longest (`cmd/kube-controller-manager/app/apps.go`).
const FIRST: VirtualSpan = VirtualSpan::from_secs(1);
const LONGEST: VirtualSpan = VirtualSpan::from_secs(15 * 60);

/// The waits of each set on each node.
#[derive(Default)]
pub(crate) struct FailedDaemons(Mutex<BTreeMap<Place, Wait>>);

/// Set by uid, the generation it was last seen at, and node: a changed set begins anew (`failedPodsBackoffKey`).
type Place = (String, i64, String);

#[derive(Clone, Copy)]
struct Wait {
    span: VirtualSpan,
    since: VirtualInstant,
}

impl FailedDaemons {
    /// Whether a failed pod of `set` on `node` may go now; if not, how long the wait is. Each that goes makes the next wait
    /// twice as long; they are forgotten after two of the longest (client-go `util/flowcontrol/backoff.go`).
    pub(crate) fn may_go(&self, set: &DaemonSet, node: &str, now: VirtualInstant) -> Result<(), VirtualSpan> {
        let seen = set.status.as_ref().and_then(|status| status.observed_generation).unwrap_or_default();
        let place = (set.metadata.uid.clone().unwrap_or_default(), seen, node.to_owned());
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|_, wait| now.since(wait.since) <= LONGEST * 2);
        let span = match waits.get(&place) {
            Some(wait) if now.since(wait.since) < wait.span => return Err(wait.span),
            Some(wait) => (wait.span * 2).min(LONGEST),
            None => FIRST,
        };
        waits.insert(place, Wait { span, since: now });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::{VirtualInstant, VirtualSpan};
    use winlab_kube_client::k8s::apps::{DaemonSet, DaemonSetStatus};

    use super::FailedDaemons;

    #[test]
    fn each_failed_pod_waits_twice_as_long_up_to_fifteen_minutes() {
        let (waits, set) = (FailedDaemons::default(), DaemonSet::default());
        let at = |secs| VirtualInstant::START + VirtualSpan::from_secs(secs);
        let mut now = 0;
        let mut gone = Vec::new();
        while now < 3600 {
            match waits.may_go(&set, "win1", at(now)) {
                Ok(()) => gone.push(now),
                Err(_) => now += 1,
            }
        }
        assert_eq!(gone, [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1923, 2823]);
        assert_eq!(waits.may_go(&set, "win2", at(3600)), Ok(()), "each node has waits of its own");
        let status = DaemonSetStatus { observed_generation: Some(2), ..DaemonSetStatus::default() };
        let changed = DaemonSet { status: Some(status), ..set.clone() };
        assert_eq!(waits.may_go(&changed, "win1", at(3600)), Ok(()), "and a changed set begins anew");
        assert!(waits.may_go(&set, "win1", at(3600)).is_err());
        assert_eq!(waits.may_go(&set, "win1", at(3600 + 1801)), Ok(()));
        assert_eq!(waits.may_go(&set, "win1", at(3600 + 1801)), Err(VirtualSpan::from_secs(1)), "forgotten");
    }
}

//! How fast a controller may ask the API server.

use std::sync::{Mutex, PoisonError};

use winlab_clock::{VirtualInstant, VirtualSpan};

/// Requests that may come at once (`--kube-api-burst`).
const BURST: u64 = 30;
/// One more request after so long (`--kube-api-qps=20`).
const EACH: VirtualSpan = VirtualSpan::from_millis(50);

/// The token bucket of one client of kube-controller-manager, full at first (`pkg/controller/apis/config/v1alpha1/defaults.go`;
/// client-go `util/flowcontrol/throttle.go`).
#[derive(Default)]
pub(crate) struct Pace(Mutex<VirtualInstant>);

impl Pace {
    /// Takes a token; without one, how long until there is one.
    pub(crate) fn take(&self, now: VirtualInstant) -> Result<(), VirtualSpan> {
        // When the bucket will be full again.
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let after = (*full).max(now) + EACH;
        let ahead = after.since(now);
        let most = EACH * BURST;
        if ahead > most {
            return Err(VirtualSpan::from_nanos(ahead.as_nanos() - most.as_nanos()));
        }
        *full = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::{VirtualInstant, VirtualSpan};

    use super::Pace;

    #[test]
    fn a_burst_and_then_twenty_a_second() {
        let pace = Pace::default();
        let at = |millis| VirtualInstant::START + VirtualSpan::from_millis(millis);
        let taken = |millis| (0..100).take_while(|_| pace.take(at(millis)).is_ok()).count();
        assert_eq!((taken(0), taken(0)), (30, 0));
        assert_eq!(pace.take(at(20)), Err(VirtualSpan::from_millis(30)));
        assert_eq!((taken(50), taken(1050), taken(60_000)), (1, 20, 30));
    }
}

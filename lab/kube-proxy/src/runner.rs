//! When a sync runs (`pkg/proxy/runner/bounded_frequency_runner.go`).

use winlab_clock::{Clock, VirtualInstant, VirtualSpan};

/// The spans between syncs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// From the end of one to the beginning of the next, at least.
    pub(crate) min: VirtualSpan,
    /// After a failure, at most.
    pub(crate) retry: VirtualSpan,
    /// At most.
    pub(crate) max: VirtualSpan,
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As it should.
    Done,
    /// It is run again after [`Pace::retry`].
    Failed,
    /// With a Go panic: the process is gone.
    Crashed,
}

/// What a proxier does.
pub(crate) trait Sync {
    /// Takes in what has changed in the cluster. Whether a sync is due.
    fn gather(&mut self) -> bool;
    /// Waits until something may have changed in the cluster.
    fn changed(&mut self) -> impl Future<Output = ()> + Send;
    /// Programs the node.
    fn sync(&mut self) -> impl Future<Output = Outcome> + Send;
}

/// Runs syncs until one crashes: when something has changed, and at the latest after [`Pace::max`].
pub(crate) async fn run(clock: Clock, pace: Pace, proxier: &mut impl Sync) {
    let mut deadline = clock.now() + pace.max;
    loop {
        while !proxier.gather() {
            if wait(clock, deadline, proxier).await {
                break;
            }
        }
        let span = match proxier.sync().await {
            Outcome::Done => pace.max,
            Outcome::Failed => pace.retry.min(pace.max),
            Outcome::Crashed => return,
        };
        deadline = clock.now() + span;
        clock.sleep(pace.min).await;
    }
}

/// Waits for a change; true if the deadline came first.
async fn wait(clock: Clock, deadline: VirtualInstant, proxier: &mut impl Sync) -> bool {
    clock.within(deadline.since(clock.now()), proxier.changed()).await.is_err()
}

#[cfg(test)]
mod tests {
    use winlab_clock::{Clock, VirtualSpan, virtual_world};

    use super::{Outcome, Pace, Sync, run};

    struct Recorder {
        clock: Clock,
        changes: Vec<u64>,
        at: Vec<u64>,
    }

    impl Sync for Recorder {
        fn gather(&mut self) -> bool {
            let now = self.clock.now().as_nanos() / 1_000_000;
            let before = self.changes.len();
            self.changes.retain(|at| *at > now);
            self.changes.len() < before
        }

        async fn changed(&mut self) {
            match self.changes.first() {
                Some(at) => {
                    let now = self.clock.now().as_nanos() / 1_000_000;
                    self.clock.sleep(VirtualSpan::from_millis(at.saturating_sub(now))).await;
                }
                None => std::future::pending().await,
            }
        }

        async fn sync(&mut self) -> Outcome {
            self.at.push(self.clock.now().as_nanos() / 1_000_000);
            if self.at.len() == 3 { Outcome::Failed } else { Outcome::Done }
        }
    }

    #[test]
    fn changes_are_gathered_failures_tried_again_and_quiet_broken() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            let pace = Pace {
                min: VirtualSpan::from_secs(1),
                retry: VirtualSpan::from_secs(5),
                max: VirtualSpan::from_secs(30),
            };
            let mut proxier = Recorder { clock, changes: vec![200, 300, 800], at: Vec::new() };
            let _ = clock.within(VirtualSpan::from_secs(70), run(clock, pace, &mut proxier)).await;
            // 300 and 800 wait for the second; the third fails at 31200 and is run again 5 s later.
            assert_eq!(proxier.at, [200, 1200, 31_200, 36_200, 66_200]);
        });
    }
}

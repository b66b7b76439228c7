//! Exponential back-off whose jitter comes from a seed.

use winlab_clock::{Rng, Seed, VirtualInstant, VirtualSpan};

/// How waits grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackoffPolicy {
    /// The first wait, before jitter.
    pub first: VirtualSpan,
    /// No wait is longer than this, before jitter.
    pub cap: VirtualSpan,
    /// Each wait is this many times the one before.
    pub factor: u64,
    /// Up to this many percent of a wait are added to it at random.
    pub jitter_percent: u64,
    /// Quiet for this long, and the next wait is the first again.
    pub reset_after: VirtualSpan,
}

impl BackoffPolicy {
    /// Between list and watch attempts, as client-go's reflector does it (`tools/cache/reflector.go`): 800 ms doubling
    /// to 30 s, up to as much again added, forgotten after two minutes.
    pub const REFLECTOR: Self = Self {
        first: VirtualSpan::from_millis(800),
        cap: VirtualSpan::from_secs(30),
        factor: 2,
        jitter_percent: 100,
        reset_after: VirtualSpan::from_secs(120),
    };

    /// Between attempts at one work item, as client-go's default controller rate limiter does it per item
    /// (`util/workqueue/default_rate_limiters.go`): 5 ms doubling to 1000 s, no jitter; forgotten on success only,
    /// which is [`Backoff::reset`].
    pub const WORK_ITEM: Self = Self {
        first: VirtualSpan::from_millis(5),
        cap: VirtualSpan::from_secs(1000),
        factor: 2,
        jitter_percent: 0,
        reset_after: VirtualSpan::from_nanos(u64::MAX),
    };
}

/// One series of waits.
#[derive(Clone, Debug)]
pub struct Backoff {
    policy: BackoffPolicy,
    rng: Rng,
    wait: VirtualSpan,
    last: Option<VirtualInstant>,
}

impl Backoff {
    /// A series that has not waited yet.
    pub fn new(policy: BackoffPolicy, seed: Seed) -> Self {
        Self { policy, rng: seed.rng(), wait: policy.first, last: None }
    }

    /// How long to wait now; the next wait is longer.
    pub fn next_wait(&mut self, now: VirtualInstant) -> VirtualSpan {
        if self.last.is_some_and(|last| now.since(last) >= self.policy.reset_after) {
            self.wait = self.policy.first;
        }
        let base = self.wait;
        self.wait = (base * self.policy.factor).min(self.policy.cap);
        let most = u128::from(base.as_nanos()) * u128::from(self.policy.jitter_percent) / 100;
        let jitter = self.rng.below(u64::try_from(most).unwrap_or(u64::MAX));
        let wait = base + VirtualSpan::from_nanos(jitter);
        self.last = Some(now + wait);
        wait
    }

    /// Starts over with the first wait.
    pub fn reset(&mut self) {
        self.wait = self.policy.first;
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::{Seed, VirtualInstant, VirtualSpan};

    use super::{Backoff, BackoffPolicy};

    #[test]
    fn waits_double_up_to_the_cap_with_at_most_as_much_jitter() {
        let mut backoff = Backoff::new(BackoffPolicy::REFLECTOR, Seed::new(1));
        let mut now = VirtualInstant::START;
        for base in [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000] {
            let wait = backoff.next_wait(now);
            assert!((base..base * 2).contains(&wait.as_millis()), "{wait} is not {base} ms and jitter");
            now = now + wait;
        }
        let later = now + VirtualSpan::from_secs(120);
        assert!(
            backoff.next_wait(later) < VirtualSpan::from_millis(1600),
            "forgotten after two quiet minutes"
        );
    }

    #[test]
    fn the_seed_decides_the_jitter() {
        let waits = |seed| {
            let mut backoff = Backoff::new(BackoffPolicy::REFLECTOR, Seed::new(seed));
            (0..5).map(|_| backoff.next_wait(VirtualInstant::START)).collect::<Vec<_>>()
        };
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
    }
}

//! Waiting for something by looking again and again: `while looks.again().await { … }`.

use winlab_clock::{Clock, VirtualInstant, VirtualSpan};

/// Looks at once and after every interval until the time is up (`wait.PollUntilContextTimeout` with `immediate`).
#[derive(Debug)]
pub(crate) struct Poll {
    clock: Clock,
    interval: VirtualSpan,
    deadline: VirtualInstant,
    begun: bool,
}

impl Poll {
    pub(crate) fn new(clock: Clock, interval: VirtualSpan, timeout: VirtualSpan) -> Self {
        Self { clock, interval, deadline: clock.now() + timeout, begun: false }
    }

    /// Waits until it is time to look; false when the time is up.
    pub(crate) async fn again(&mut self) -> bool {
        if !std::mem::replace(&mut self.begun, true) {
            return true;
        }
        let next = self.clock.now() + self.interval;
        self.clock.sleep_until(next.min(self.deadline)).await;
        next <= self.deadline
    }
}

/// Up to ten attempts, each wait twice as long as the one before (avast/retry-go's defaults, without its jitter).
#[derive(Debug)]
pub(crate) struct Retry {
    clock: Clock,
    wait: VirtualSpan,
    attempts: u32,
}

impl Retry {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, wait: VirtualSpan::from_millis(100), attempts: 0 }
    }

    /// Waits until it is time for an attempt; false after the last.
    pub(crate) async fn again(&mut self) -> bool {
        self.attempts += 1;
        if self.attempts > 10 {
            return false;
        }
        if self.attempts > 1 {
            self.clock.sleep(self.wait).await;
            self.wait = self.wait * 2;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::{Clock, VirtualSpan, virtual_world};

    use super::{Poll, Retry};

    #[test]
    fn looks_at_once_and_until_the_deadline() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            let (mut looks, second) = (0, VirtualSpan::from_secs(1));
            let mut poll = Poll::new(clock, second * 2, second * 5);
            while poll.again().await {
                looks += 1;
            }
            assert_eq!((looks, clock.now().as_nanos()), (3, 5_000_000_000));
        });
    }

    #[test]
    fn ten_attempts() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            let (mut attempts, mut retry) = (0, Retry::new(clock));
            while retry.again().await {
                attempts += 1;
            }
            assert_eq!((attempts, clock.now().as_nanos()), (10, 51_100_000_000));
        });
    }
}

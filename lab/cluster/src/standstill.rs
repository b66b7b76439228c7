//! A world whose components keep each other busy at one moment of its time.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use winlab_clock::{Clock, VirtualInstant};

/// So many writes to the API server at one moment are no work any more: a lab of 200 nodes makes some thousand.
const WRITES: u32 = 100_000;

/// Counts writes while time does not move. On the wall's clock it always does.
#[derive(Clone)]
pub(crate) struct Standstill(Arc<Shared>);

struct Shared {
    clock: Clock,
    count: Mutex<(VirtualInstant, u32)>,
    reached: Notify,
}

impl Standstill {
    pub(crate) fn new(clock: Clock) -> Self {
        let count = Mutex::new((clock.now(), 0));
        Self(Arc::new(Shared { clock, count, reached: Notify::new() }))
    }

    /// One more write.
    pub(crate) fn note(&self) {
        let now = self.0.clock.now();
        let mut count = self.0.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = if count.0 == now { (now, count.1 + 1) } else { (now, 1) };
        if count.1 == WRITES {
            self.0.reached.notify_one();
        }
    }

    /// Waits until time stands still; how many writes that took.
    pub(crate) async fn reached(&self) -> u32 {
        self.0.reached.notified().await;
        WRITES
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::{Clock, VirtualSpan, virtual_world};

    use super::{Standstill, WRITES};

    #[test]
    fn only_writes_at_one_moment_count() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            let still = Standstill::new(clock);
            (1..WRITES).for_each(|_| still.note());
            let brief = VirtualSpan::from_millis(1);
            assert!(clock.within(brief, still.reached()).await.is_err());
            (1..WRITES).for_each(|_| still.note());
            assert!(clock.within(brief, still.reached()).await.is_err(), "time has moved");
            (0..WRITES).for_each(|_| still.note());
            assert!(clock.within(brief, still.reached()).await.is_ok());
        });
    }
}

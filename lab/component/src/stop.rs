//! Telling a program to end.

use tokio::sync::watch;

/// What a program listens to: a service manager that asks it to end.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// The other side of a [`Stop`].
#[derive(Debug)]
pub struct StopHandle(watch::Sender<bool>);

impl Stop {
    /// A signal and its handle.
    #[must_use]
    pub fn new() -> (StopHandle, Self) {
        let (sender, receiver) = watch::channel(false);
        (StopHandle(sender), Self(receiver))
    }

    /// Whether the program was asked to end.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the program is asked to end. A handle that is gone asks nothing any more.
    pub async fn asked(&mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Runs `work` until it is done (`Some`) or the program is asked to end (`None`); `work` is dropped then.
    pub async fn or<F: Future>(&mut self, work: F) -> Option<F::Output> {
        let work = std::pin::pin!(work);
        let asked = std::pin::pin!(self.asked());
        // `select` polls its first future first, always: a stop wins over work that is ready at the same moment.
        match futures::future::select(asked, work).await {
            futures::future::Either::Left(_) => None,
            futures::future::Either::Right((output, _)) => Some(output),
        }
    }
}

impl StopHandle {
    /// Asks the program to end.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::virtual_world;

    use super::Stop;

    #[test]
    fn a_stop_ends_work_and_wins_over_it() {
        virtual_world(async {
            let (handle, mut stop) = Stop::new();
            assert_eq!(stop.or(async { 1 }).await, Some(1));
            handle.ask();
            assert_eq!(stop.or(async { 1 }).await, None);
            assert_eq!(stop.or(std::future::pending::<()>()).await, None);
        });
    }
}

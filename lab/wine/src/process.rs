//! A child process in the care of a task, so that its end can be seen from several places.

use std::io;
use std::pin::pin;
use std::process::ExitStatus;

use futures::future::{Either, select};
use tokio::process::Child;
use tokio::sync::{oneshot, watch};

/// How it ended, for those who wait.
#[derive(Clone, Debug)]
pub(crate) struct Ended(watch::Receiver<Option<Result<ExitStatus, io::ErrorKind>>>);

impl Ended {
    /// How it ended, if it has.
    pub(crate) fn now(&self) -> Option<io::Result<ExitStatus>> {
        self.0.borrow().map(|status| status.map_err(io::Error::from))
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        // The task is gone only with the runtime, and the child with it.
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let status = self.0.wait_for(Option::is_some).await.map_err(|_| gone())?;
        status.ok_or_else(gone)?.map_err(io::Error::from)
    }
}

/// A child. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Option<u32>,
    ended: Ended,
    kill: Option<oneshot::Sender<()>>,
}

impl Process {
    /// Takes care of a child that is killed on drop, should the runtime end first.
    pub(crate) fn of(mut child: Child) -> Self {
        let pid = child.id();
        let (tell, ended) = watch::channel(None);
        let (kill, killed) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let is_over = matches!(select(pin!(child.wait()), pin!(killed)).await, Either::Left(_));
            let _ = if is_over { Ok(()) } else { child.start_kill() };
            // Where it was over, this tells its status again.
            tell.send_replace(Some(child.wait().await.map_err(|error| error.kind())));
        });
        Self { pid, ended: Ended(ended), kill: Some(kill) }
    }

    /// Its id, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.pid.filter(|_| self.ended.now().is_none())
    }

    pub(crate) fn ended(&self) -> &Ended {
        &self.ended
    }

    /// Kills it and waits for its end.
    pub(crate) async fn kill(&mut self) -> io::Result<ExitStatus> {
        self.kill = None;
        self.ended.wait().await
    }
}

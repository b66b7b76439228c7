//! Signals to processes. A system without them ends a program at once, which std can do by itself.

#[cfg(unix)]
mod sent {
    use nix::sys::signal::{Signal, kill as send};
    use nix::unistd::Pid;

    /// Asks a process to end.
    pub(in crate::binaries) fn terminate(pid: i32) {
        // It may have ended in the meantime, which is as well.
        let _ = send(Pid::from_raw(pid), Signal::SIGTERM);
    }

    /// Ends a process.
    pub(in crate::binaries) fn kill(pid: i32) {
        let _ = send(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
mod sent {
    pub(in crate::binaries) fn terminate(_: i32) {}

    pub(in crate::binaries) fn kill(_: i32) {}
}

pub(super) use sent::{kill, terminate};

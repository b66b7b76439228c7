//! Linux.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, sethostname};

/// A network namespace with the UTS namespace, which has the host's name, beside it.
#[derive(Debug)]
pub(crate) struct Namespaces {
    net: File,
    uts: File,
}

impl Namespaces {
    /// This thread's.
    pub(crate) fn current() -> io::Result<Self> {
        Ok(Self {
            net: File::open("/proc/thread-self/ns/net")?,
            uts: File::open("/proc/thread-self/ns/uts")?,
        })
    }

    /// Puts this thread, and what it starts from now on, into new ones.
    pub(crate) fn enter_new(host_name: &str) -> io::Result<Self> {
        unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWUTS)?;
        sethostname(host_name)?;
        Self::current()
    }

    /// Puts this thread into these.
    pub(crate) fn enter(&self) -> io::Result<()> {
        setns(&self.net, CloneFlags::CLONE_NEWNET)?;
        setns(&self.uts, CloneFlags::CLONE_NEWUTS)?;
        Ok(())
    }

    /// A path by which other processes of this user can open the network namespace.
    pub(crate) fn net_path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.net.as_raw_fd())
    }
}

/// Why this process may not make namespaces, if it may not: a thread of its own is sent to try.
pub(crate) fn permitted() -> Result<(), String> {
    let tried = std::thread::spawn(|| unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWUTS)).join();
    match tried {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("this process may not make network namespaces: {}", error.desc())),
        Err(_) => Err("this process may not make network namespaces".to_owned()),
    }
}

/// What Ctrl-C sends. A Windows program gets it as `CTRL_C_EVENT` from Wine; wineserver ends every program it serves.
pub(crate) fn interrupt(pid: u32) {
    let Ok(pid) = i32::try_from(pid) else { return };
    // One that has ended needs no signal.
    let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
}

/// When a process was started, in the kernel's ticks since it booted: with the pid, a name that is never given twice.
pub(crate) fn start_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold anything; `starttime` is the 22nd (proc(5)).
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// The folder that a process works in.
pub(crate) fn folder_of(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

pub(crate) fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// Makes a symbolic link.
pub(crate) fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Gives a child a process group of its own, which a terminal's Ctrl-C does not reach.
pub(crate) fn own_group(command: &mut tokio::process::Command) {
    command.process_group(0);
}

//! What makes a node's programs live at a scaled clock's pace: libfaketime, with one beginning for all of them.
//!
//! libfaketime counts from when a process starts. Wine's programs hand wineserver points in time at which their waits end
//! (`server_wait` in Wine's `dlls/ntdll/unix/server.c`), so a program that counts from later than the server has waits that
//! are over at once: Windows services do not start, timers spin. `FAKETIME_DONT_RESET` and `FAKETIME_SHARED`, which names
//! a semaphore and a piece of memory, let all of them count from the first one's start (`ftpl_init` and `ft_shm_init` in
//! libfaketime's `src/libfaketime.c`).

use std::fs;
use std::path::Path;

use winlab_clock::{Clock, Pace};

use crate::probe::Lacking;
use crate::wine::Wine;

/// The file of a prefix that has the number of the node's first process, by which libfaketime names what it shares.
const FIRST: &str = "faketime";
/// Where the C library keeps POSIX semaphores and shared memory (`sem_overview(7)`, `shm_overview(7)`).
const SHARED_MEMORY: &str = "/dev/shm";

/// The time of a node's programs.
#[derive(Debug)]
pub(crate) struct Faketime {
    variables: Vec<(&'static str, String)>,
}

impl Faketime {
    /// The lab's present date for the node's first process, at the clock's pace.
    pub(crate) fn from_now(wine: &Wine, clock: Clock) -> Result<Self, Lacking> {
        // A lab as fast as the wall clock has the machine's date too.
        let Pace::Scaled(factor @ 2..) = clock.pace() else { return Ok(Self { variables: Vec::new() }) };
        let library = wine.0.faketime.clone()?;
        let date = clock.timestamp().strftime("%Y-%m-%d %H:%M:%S").to_string();
        let variables = vec![
            ("LD_PRELOAD", library.display().to_string()),
            ("FAKETIME", format!("@{date} x{factor}")),
            ("FAKETIME_DONT_RESET", "1".to_owned()),
        ];
        Ok(Self { variables })
    }

    /// Lets all later processes count from the start of the first, which runs.
    pub(crate) fn count_from(&mut self, first: u32, prefix: &Path) -> std::io::Result<()> {
        if self.variables.is_empty() {
            return Ok(());
        }
        fs::write(prefix.join(FIRST), first.to_string())?;
        self.variables.push(("FAKETIME_SHARED", format!("/faketime_sem_{first} /faketime_shm_{first}")));
        Ok(())
    }

    /// For the environment of a process.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.variables.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// Removes what the programs of a prefix have shared. They have ended: libfaketime removes nothing when its first process
/// becomes another program, as this one did.
pub(crate) fn remove_shared(prefix: &Path) {
    let Ok(first) = fs::read_to_string(prefix.join(FIRST)) else { return };
    if first.bytes().all(|digit| digit.is_ascii_digit()) {
        // They may be gone; nobody else has them.
        for name in [format!("sem.faketime_sem_{first}"), format!("faketime_shm_{first}")] {
            let _ = fs::remove_file(Path::new(SHARED_MEMORY).join(name));
        }
    }
}

//! One program: started so that it cannot outlive this process, its lines read, stopped in order.
#![expect(clippy::disallowed_methods, reason = "a process is recognised by what /proc says of it")]

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use winlab_clock::{Clock, VirtualSpan};
use winlab_component::{Level, LogSink};

use super::command_lines::CommandLine;
use super::signal;

/// util-linux; it tells the kernel to end the program with the thread that started it, then becomes the program.
const SETPRIV: &str = "/usr/bin/setpriv";
/// The last lines of a program, for an error.
const KEPT: usize = 12;

/// A running program.
pub(super) struct Process {
    name: &'static str,
    child: Child,
    last: Arc<Mutex<VecDeque<String>>>,
}

/// A process that a later run can recognise: a number alone may have been given to another one since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProcessId {
    pid: i32,
    /// When it was started, in the kernel's ticks since boot (`/proc/<pid>/stat`, field 22).
    started: u64,
}

impl Process {
    /// Starts a program; its lines go to `logs` as of no node.
    pub(super) fn start(line: &CommandLine, folder: &Path, logs: &Arc<dyn LogSink>) -> io::Result<Self> {
        let mut command = if Path::new(SETPRIV).exists() {
            let mut command = Command::new(SETPRIV);
            command.args(["--pdeathsig", "KILL", "--"]).arg(&line.program);
            command
        } else {
            Command::new(&line.program)
        };
        command.args(&line.args).current_dir(folder).env_clear().kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own: Ctrl-C is winlab's to handle, which stops its programs in order.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let last = Arc::new(Mutex::new(VecDeque::new()));
        let reader = Lines { name: line.name, logs: logs.clone(), last: last.clone() };
        if let Some(out) = child.stdout.take() {
            tokio::spawn(reader.clone().read(out));
        }
        if let Some(err) = child.stderr.take() {
            tokio::spawn(reader.read(err));
        }
        Ok(Self { name: line.name, child, last })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// How a later run finds it.
    pub(super) fn id(&self) -> Option<ProcessId> {
        let pid = i32::try_from(self.child.id()?).ok()?;
        Some(ProcessId { pid, started: started(pid)? })
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(status.to_string())
    }

    /// Its last lines.
    pub(super) fn last_lines(&self) -> Vec<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Asks it to end, and ends it if it has not within `patience`.
    pub(super) async fn stop(&mut self, clock: Clock, patience: VirtualSpan) {
        if let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()) {
            signal::terminate(pid);
        }
        if clock.within(patience, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

/// Reads one stream of a program.
#[derive(Clone)]
struct Lines {
    name: &'static str,
    logs: Arc<dyn LogSink>,
    last: Arc<Mutex<VecDeque<String>>>,
}

impl Lines {
    async fn read(self, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end();
            {
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.len() == KEPT {
                    last.pop_front();
                }
                last.push_back(line.to_owned());
            }
            self.logs.line("", self.name, level_of(line), line);
        }
    }
}

/// The level of a line: klog's first letter, or that of etcd's (`… N | etcdserver: …` before 3.5, JSON with a level since).
fn level_of(line: &str) -> Level {
    let klog = |line: &str| {
        let mut chars = line.chars();
        let letter = chars.next().filter(char::is_ascii_uppercase)?;
        chars.next().filter(char::is_ascii_digit)?;
        Some(letter)
    };
    let json = |line: &str| {
        let (_, rest) = line.split_once("\"level\":\"")?;
        rest.chars().next().map(|letter| letter.to_ascii_uppercase())
    };
    let capnslog = |line: &str| line.split_once(" | ")?.0.chars().next_back();
    match klog(line).or_else(|| json(line)).or_else(|| capnslog(line)) {
        Some('D') => Level::Debug,
        Some('W') => Level::Warning,
        Some('E') => Level::Error,
        Some('F' | 'P' | 'C') => Level::Fatal,
        _ => Level::Info,
    }
}

/// Ends a process of a run that was killed, if it is still the same.
pub(super) fn kill(process: ProcessId) {
    if started(process.pid) == Some(process.started) {
        signal::kill(process.pid);
    }
}

fn started(pid: i32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold blanks; what follows it does not.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pid, self.started)
    }
}

impl FromStr for ProcessId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (pid, started) = text.split_once(' ').ok_or(())?;
        Ok(Self { pid: pid.parse().map_err(|_| ())?, started: started.parse().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_from_each_programs_own_form() {
        for (line, level) in [
            ("I1126 11:15:44.871779   28002 controller.go:176] quota", Level::Info),
            ("E1126 11:15:44.871779   28002 controller.go:176] quota", Level::Error),
            ("2026-11-26 11:15:30.984050 W | etcdserver: slow", Level::Warning),
            (r#"{"level":"warn","ts":"2026-11-26T11:15:30.984Z","msg":"slow"}"#, Level::Warning),
            ("Error: unknown flag: --nothing", Level::Info),
        ] {
            assert_eq!(level_of(line), level, "{line}");
        }
    }

    #[test]
    fn a_process_is_recognised_by_its_number_and_its_start() {
        let own = i32::try_from(std::process::id()).unwrap();
        let Some(ticks) = started(own) else { return };
        let id = ProcessId { pid: own, started: ticks };
        assert_eq!(id.to_string().parse(), Ok(id));
        // Another process of the same number is let live: this one would not come to the end of its test.
        kill(ProcessId { started: ticks + 1, ..id });
    }
}

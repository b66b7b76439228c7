//! One line of the table: what was measured, against its target.

use std::fmt;
use std::time::{Duration, Instant};

/// The table's first line.
pub(crate) const HEADER: &str =
    "what                                                              measured      target";

/// A figure, and the most it should be where there is such a bound.
pub(crate) struct Figure {
    what: String,
    measured: Amount,
    target: Option<Amount>,
}

/// A quantity with its unit.
#[derive(Clone, Copy)]
pub(crate) enum Amount {
    /// Wall time.
    Wall(Duration),
    /// Peak resident memory in bytes.
    Memory(u64),
    /// A part of a whole that is 1.
    Share(f64),
    /// So many times a peer of the same run.
    Ratio(f64),
    /// This system does not tell.
    Unknown,
}

impl Figure {
    /// Wall time.
    pub(crate) fn wall(what: impl Into<String>, measured: Duration, target: Duration) -> Self {
        Self { what: what.into(), measured: Amount::Wall(measured), target: Some(Amount::Wall(target)) }
    }

    /// The most memory that this process had resident so far.
    pub(crate) fn peak_memory(what: impl Into<String>, target_bytes: u64) -> Self {
        let measured = peak_memory_bytes().map_or(Amount::Unknown, Amount::Memory);
        Self { what: what.into(), measured, target: Some(Amount::Memory(target_bytes)) }
    }

    /// So many times a peer that ran beside it.
    pub(crate) fn ratio(what: impl Into<String>, measured: f64, target: f64) -> Self {
        Self { what: what.into(), measured: Amount::Ratio(measured), target: Some(Amount::Ratio(target)) }
    }

    /// Wall time that has no bound.
    pub(crate) fn told_wall(what: impl Into<String>, measured: Duration) -> Self {
        Self { what: what.into(), measured: Amount::Wall(measured), target: None }
    }

    /// A share that has no bound.
    pub(crate) fn told_share(what: impl Into<String>, measured: f64) -> Self {
        Self { what: what.into(), measured: Amount::Share(measured), target: None }
    }

    fn reached(&self) -> &'static str {
        let reached = match (self.measured, self.target) {
            (_, None) => return "",
            (Amount::Wall(measured), Some(Amount::Wall(target))) => measured <= target,
            (Amount::Memory(measured), Some(Amount::Memory(target))) => measured <= target,
            (Amount::Ratio(measured), Some(Amount::Ratio(target))) => measured <= target,
            _ => return "not measured",
        };
        if reached { "reached" } else { "missed" }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (measured, target) = (self.measured.to_string(), self.target.map(|target| target.to_string()));
        let line = format!(
            "{:<62} {measured:>11} {:>11}  {}",
            self.what,
            target.unwrap_or_default(),
            self.reached()
        );
        f.write_str(line.trim_end())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wall(wall) if wall.as_micros() < 1000 => write!(f, "{} us", wall.as_micros()),
            Self::Wall(wall) if wall.as_secs() > 0 => write!(f, "{:.2} s", wall.as_secs_f64()),
            Self::Wall(wall) => write!(f, "{:.1} ms", wall.as_secs_f64() * 1e3),
            Self::Memory(bytes) => write!(f, "{} MiB", bytes >> 20),
            Self::Ratio(ratio) => write!(f, "{ratio:.2}"),
            Self::Share(share) => write!(f, "{:.0} %", share * 100.0),
            Self::Unknown => f.write_str("?"),
        }
    }
}

/// What a piece of work answers, and how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let answer = work();
    (answer, began.elapsed())
}

/// The middle one.
pub(crate) fn median(mut walls: Vec<Duration>) -> Duration {
    walls.sort_unstable();
    walls[walls.len() / 2]
}

/// Linux counts it in kB as `VmHWM` (proc_pid_status(5)).
fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

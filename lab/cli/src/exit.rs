//! Exit codes: part of the contract, never renumbered.

use std::process::{ExitCode, ExitStatus};

use winlab_events::Summary;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked for was done; every expectation held.
    Pass,
    /// An expectation failed, or a known failure passed.
    ExpectationFailed,
    /// The arguments or a scenario file are wrong; nothing was started.
    Usage,
    /// `--require`: a case was skipped because the machine lacks what it needs. `exec` and `up` cannot do without it.
    NeedAbsent,
    /// The selection holds no case.
    NothingSelected,
    /// winlab itself broke.
    Bug,
    /// Stopped by a signal.
    Interrupted,
    /// As the program that was run.
    Program(u8),
}

impl Exit {
    /// The number the operating system is told.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::ExpectationFailed => 1,
            Self::Usage => 2,
            Self::NeedAbsent => 3,
            Self::NothingSelected => 4,
            Self::Bug => 70,
            Self::Interrupted => 130,
            Self::Program(code) => code,
        }
    }

    /// As a program ended; one that a signal ended is told as shells do, by 128 and the signal's number.
    #[must_use]
    pub fn of_program(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Program(128_u8.saturating_add(u8::try_from(signal).unwrap_or_default()));
        }
        Self::Program(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }

    /// How a run with this summary ends. A bug outweighs a failed expectation, since with it no result can be trusted.
    #[must_use]
    pub fn of_summary(summary: &Summary, need_absent_under_require: bool) -> Self {
        match summary {
            Summary { crashed: 1.., .. } => Self::Bug,
            Summary { failed: 1.., .. } | Summary { unexpected_passes: 1.., .. } => Self::ExpectationFailed,
            _ if need_absent_under_require => Self::NeedAbsent,
            _ => Self::Pass,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_news_decide() {
        let green = Summary { passed: 3, skipped: 1, known_failures: 1, ..Summary::default() };
        assert_eq!(Exit::of_summary(&green, false), Exit::Pass);
        assert_eq!(Exit::of_summary(&green, true), Exit::NeedAbsent);
        let red = Summary { unexpected_passes: 1, ..green };
        assert_eq!(Exit::of_summary(&red, true), Exit::ExpectationFailed);
        assert_eq!(Exit::of_summary(&Summary { crashed: 1, ..red }, true), Exit::Bug);
    }
}

//! How much real time a case may take.

use std::time::Duration;

use winlab_clock::Pace;

/// Virtual time is free: only a world that is stuck, or far too large, takes this long.
const VIRTUAL: Duration = Duration::from_secs(5 * 60);
/// A world that keeps step with the wall waits as long as its scenario says.
const PACED: Duration = Duration::from_secs(30 * 60);

/// The bound on a case's real time. A case that meets it fails, the others go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timeout {
    /// Five minutes, half an hour where time is real or scaled.
    #[default]
    ByPace,
    /// So long.
    After(Duration),
    /// None.
    Never,
}

impl Timeout {
    /// The bound of a case whose time goes by like this.
    pub(crate) fn of(self, pace: Pace) -> Option<Duration> {
        match self {
            Self::ByPace if pace == Pace::Virtual => Some(VIRTUAL),
            Self::ByPace => Some(PACED),
            Self::After(bound) => Some(bound),
            Self::Never => None,
        }
    }
}

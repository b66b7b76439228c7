//! `winlab test`.

use std::num::{NonZeroU32, NonZeroUsize};

use clap::Args;
use winlab_clock::VirtualSpan;
use winlab_engine::Timeout;

use super::{Placement, Reports, Selection};

/// The arguments of `winlab test`.
#[derive(Clone, Debug, Default, Args)]
pub struct Test {
    /// Which cases.
    #[command(flatten)]
    pub selection: Selection,
    /// What is told about them.
    #[command(flatten)]
    pub reports: Reports,
    /// Only cases that failed when they last ran here
    #[arg(long, help_heading = super::selection::SELECTION)]
    pub failed: bool,
    /// Start no further case after one has failed
    #[arg(long)]
    pub fail_fast: bool,
    /// Run each case so many times, each with the next seed
    #[arg(long, value_name = "N")]
    pub repeat: Option<NonZeroU32>,
    /// Where all randomness comes from [default: what the file says, or 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many cases run at the same time [default: one per processor]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Fail a case that has not come to its end after so much real time, 0s: never [default: 5m, 30m where time is
    /// real or scaled]
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<VirtualSpan>,
    /// Print the names of the cases that would run, and run none
    #[arg(long)]
    pub dry_run: bool,
    /// Where parts run and how time goes by.
    #[command(flatten)]
    pub placement: Placement,
}

impl Test {
    /// How much real time a case may take.
    #[must_use]
    pub fn timeout(&self) -> Timeout {
        match self.timeout {
            None => Timeout::ByPace,
            Some(VirtualSpan::ZERO) => Timeout::Never,
            Some(bound) => Timeout::After(bound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser};

    use super::*;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        test: Test,
    }

    fn parse(args: &[&str]) -> Result<Test, clap::error::ErrorKind> {
        let words = ["winlab"].iter().chain(args);
        Alone::try_parse_from(words).map(|alone| alone.test).map_err(|error| error.kind())
    }

    #[test]
    fn flags_fit_together() {
        Alone::command().debug_assert();
        let test =
            parse(&["a", "b", "-n", "=x", "--shard", "2/4", "--seed", "7", "--repeat", "3", "-q"]).unwrap();
        assert_eq!(test.selection.paths.len(), 2);
        assert_eq!(
            (test.seed, test.repeat.map(NonZeroU32::get), test.reports.quiet),
            (Some(7), Some(3), true)
        );
        for (wrong, kind) in [
            (&["-q", "-v"][..], clap::error::ErrorKind::ArgumentConflict),
            (&["--repeat", "0"], clap::error::ErrorKind::ValueValidation),
            (&["--jobs", "0"], clap::error::ErrorKind::ValueValidation),
            (&["--shard", "5/4"], clap::error::ErrorKind::ValueValidation),
            (&["--seed", "x"], clap::error::ErrorKind::ValueValidation),
            (&["--timeout", "30"], clap::error::ErrorKind::ValueValidation),
        ] {
            assert_eq!(parse(wrong).unwrap_err(), kind, "{wrong:?}");
        }
    }

    #[test]
    fn a_bound_on_real_time_may_be_set_and_lifted() {
        for (args, expected) in [
            (&[][..], Timeout::ByPace),
            (&["--timeout", "90s"], Timeout::After(std::time::Duration::from_secs(90))),
            (&["--timeout", "0s"], Timeout::Never),
        ] {
            assert_eq!(parse(args).unwrap().timeout(), expected, "{args:?}");
        }
    }
}

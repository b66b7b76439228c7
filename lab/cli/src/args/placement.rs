//! Where parts of a lab run, and how its time goes by.

use std::num::NonZeroU32;

use clap::Args;
use winlab_scenario::ClockDemand;

/// Under which `--help` shows them.
const PLACEMENT: &str = "Placement";

/// The flags about placement; they win over what a file says.
#[derive(Clone, Debug, Default, Args)]
pub struct Placement {
    /// How time goes by: virtual, real, or scaled=N for N times faster than the wall clock [default: what the file
    /// demands; virtual for models]
    #[arg(long, value_name = "PACE", value_parser = clock, help_heading = PLACEMENT)]
    pub clock: Option<ClockDemand>,
    /// Fail with exit code 3 when a case is skipped because this machine lacks what it needs
    #[arg(long, help_heading = PLACEMENT)]
    pub require: bool,
}

impl Placement {
    /// As the engine takes it.
    #[must_use]
    pub fn engine(&self) -> winlab_engine::Placement {
        winlab_engine::Placement { clock: self.clock }
    }

    /// The flags that do it again, without `--require`, which changes no case.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let clock = self.clock.map(|clock| match clock {
            ClockDemand::Virtual => "virtual".to_owned(),
            ClockDemand::Real => "real".to_owned(),
            ClockDemand::Scaled(factor) => format!("scaled={factor}"),
        });
        clock.into_iter().flat_map(|clock| ["--clock".to_owned(), clock]).collect()
    }
}

fn clock(text: &str) -> Result<ClockDemand, String> {
    match text {
        "virtual" => return Ok(ClockDemand::Virtual),
        "real" => return Ok(ClockDemand::Real),
        _ => {}
    }
    let Some(factor) = text.strip_prefix("scaled=") else {
        return Err("it is `virtual`, `real` or `scaled=N`".to_owned());
    };
    match factor.parse::<NonZeroU32>() {
        Ok(factor) if factor.get() <= ClockDemand::FASTEST => Ok(ClockDemand::Scaled(factor.get())),
        _ => Err(format!("a clock runs 1 to {} times faster, not {factor}", ClockDemand::FASTEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces_are_read_and_written_back() {
        for text in ["virtual", "real", "scaled=20"] {
            let placement = Placement { clock: Some(clock(text).unwrap()), ..Placement::default() };
            assert_eq!(placement.words(), ["--clock", text]);
        }
        for wrong in ["fast", "scaled", "scaled=0", "scaled=101", "scaled=x"] {
            assert!(clock(wrong).is_err(), "{wrong}");
        }
    }
}

//! Where parts of a lab run, and how its time goes by.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use winlab_engine::{BinariesSpec, Listen, Means, ProgramFolders, RealComponent};
use winlab_scenario::{ClockDemand, ControlPlane, did_you_mean};

use crate::{Environment, wine_places};

/// Under which `--help` shows them.
const PLACEMENT: &str = "Placement";

/// Which parts of a lab are unmodified programs; these flags win over what a file says.
#[derive(Clone, Debug, Default, Args)]
pub struct Programs {
    /// Components that are unmodified programs on every Windows node, with commas between: kubelet, kube-proxy
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = component, help_heading = PLACEMENT)]
    pub real: Vec<RealComponent>,
    /// Where the API comes from: embedded, or binaries for etcd and the official programs [default: what the file says]
    #[arg(long, value_name = "NAME", value_parser = control_plane, help_heading = PLACEMENT)]
    pub control_plane: Option<ControlPlane>,
    /// A folder of programs by platform and version, as in windows-amd64/v1.34.4/kube-proxy.exe [default: bin/ in
    /// winlab's cache folder]
    #[arg(long, value_name = "DIR", help_heading = PLACEMENT)]
    pub bin_dir: Option<PathBuf>,
}

/// The flags about placement; they win over what a file says.
#[derive(Clone, Debug, Default, Args)]
pub struct Placement {
    /// What is no model.
    #[command(flatten)]
    pub programs: Programs,
    /// How time goes by: virtual, real, or scaled=N for N times faster than the wall clock [default: what the file
    /// demands; virtual for models]
    #[arg(long, value_name = "PACE", value_parser = clock, help_heading = PLACEMENT)]
    pub clock: Option<ClockDemand>,
    /// Fail with exit code 3 when a case is skipped because this machine lacks what it needs
    #[arg(long, help_heading = PLACEMENT)]
    pub require: bool,
}

impl Programs {
    /// As the engine takes it.
    #[must_use]
    pub fn engine(&self, environment: &Environment) -> winlab_engine::Placement {
        let within = |folder: &PathBuf| environment.directory.join(folder);
        let cache = wine_places::cache(environment);
        let layouts = vec![self.bin_dir.as_ref().map_or_else(|| cache.join("bin"), within)];
        winlab_engine::Placement {
            real: self.real.clone(),
            control_plane: self.control_plane,
            clock: None,
            means: Means {
                wine: wine_places::of(environment, None),
                layouts: layouts.clone(),
                ..Means::default()
            },
            binaries: BinariesSpec {
                programs: ProgramFolders {
                    named: environment.test_assets.clone(),
                    assets: environment.kubebuilder_assets.clone(),
                    layouts,
                    path: environment.path.clone(),
                },
                scratch: cache.join("control-planes"),
                listen: Listen::default(),
            },
        }
    }
}

impl Placement {
    /// As the engine takes it.
    #[must_use]
    pub fn engine(&self, environment: &Environment) -> winlab_engine::Placement {
        winlab_engine::Placement { clock: self.clock, ..self.programs.engine(environment) }
    }

    /// The flags that do it again, without `--require`, which changes no case.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let clock = self.clock.map(|clock| match clock {
            ClockDemand::Virtual => "virtual".to_owned(),
            ClockDemand::Real => "real".to_owned(),
            ClockDemand::Scaled(factor) => format!("scaled={factor}"),
        });
        let Programs { real, control_plane, bin_dir } = &self.programs;
        let real: Vec<&str> = real.iter().map(|component| component.name()).collect();
        let real = (!real.is_empty()).then(|| real.join(","));
        let plane = control_plane.map(|plane| plane.name().to_owned());
        let bin_dir = bin_dir.as_ref().map(|folder| folder.display().to_string());
        let flags =
            [("--real", real), ("--control-plane", plane), ("--bin-dir", bin_dir), ("--clock", clock)];
        let given = flags.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?]));
        given.flatten().collect()
    }
}

fn component(text: &str) -> Result<RealComponent, String> {
    let known = RealComponent::ALL.map(RealComponent::name);
    RealComponent::by_name(text).ok_or_else(|| unknown(text, &known))
}

fn control_plane(text: &str) -> Result<ControlPlane, String> {
    let known = [ControlPlane::Embedded, ControlPlane::Binaries];
    known
        .into_iter()
        .find(|plane| plane.name() == text)
        .ok_or_else(|| unknown(text, &known.map(ControlPlane::name)))
}

fn unknown(text: &str, known: &[&str]) -> String {
    match did_you_mean(text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it is one of {}", known.join(", ")),
    }
}

pub(super) fn clock(text: &str) -> Result<ClockDemand, String> {
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
        let programs = Programs {
            real: vec![component("kube-proxy").unwrap()],
            control_plane: Some(control_plane("binaries").unwrap()),
            bin_dir: Some("b".into()),
        };
        let placed = Placement { programs, ..Placement::default() };
        let words = ["--real", "kube-proxy", "--control-plane", "binaries", "--bin-dir", "b"];
        assert_eq!(placed.words(), words);
        assert_eq!(component("kubeproxy").unwrap_err(), "did you mean `kube-proxy`?");
        assert_eq!(control_plane("cloud").unwrap_err(), "it is one of embedded, binaries");
        for wrong in ["fast", "scaled", "scaled=0", "scaled=101", "scaled=x"] {
            assert!(clock(wrong).is_err(), "{wrong}");
        }
    }
}

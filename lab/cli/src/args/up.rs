//! The arguments of `winlab up`, and of the commands that ask a lab that is up.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use winlab_scenario::ClockDemand;

use super::{AxisValue, Output, Programs};

/// The arguments of `winlab up`.
#[derive(Clone, Debug, Args)]
pub struct Up {
    /// The scenario file whose lab is to come up; its steps are not run [default: the lab that `winlab init` writes]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<PathBuf>,
    /// What the lab is called: the kubeconfig's context is winlab-NAME [default: the scenario's name]
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub name: Option<String>,
    /// Where the API server listens; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The cell of the matrix, by one or more of its values [default: the first]
    #[arg(long, value_name = "AXIS=VALUE")]
    pub matrix: Vec<AxisValue>,
    /// Where all randomness comes from [default: what the file says, or 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How time goes by: real, or scaled=N for N times faster than the wall clock [default: real]
    #[arg(long, value_name = "PACE", value_parser = super::placement::clock)]
    pub clock: Option<ClockDemand>,
    /// What is no model.
    #[command(flatten)]
    pub programs: Programs,
}

/// A name that can be a folder's.
fn name(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let good = !text.is_empty() && text.len() <= 63 && text.chars().all(fits) && !text.starts_with('.');
    if good { Ok(text.to_owned()) } else { Err("a name has letters, digits, `-`, `_` and `.`".to_owned()) }
}

/// Which lab is asked.
#[derive(Clone, Debug, Default, Args)]
pub struct Asked {
    /// The lab, if more than one is up
    #[arg(long, value_name = "NAME")]
    pub lab: Option<String>,
    /// How data are written to standard output
    #[arg(long, value_enum, value_name = "text|json", hide_possible_values = true, default_value_t)]
    pub output: Output,
}

/// The arguments of `winlab hns`.
#[derive(Clone, Debug, Args)]
pub struct Hns {
    /// A Windows node
    #[arg(value_name = "NODE")]
    pub node: String,
    /// networks, endpoints, namespaces, loadbalancers or routes [default: all of them]
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// Which lab.
    #[command(flatten)]
    pub asked: Asked,
}

/// The arguments of `winlab hcs`.
#[derive(Clone, Debug, Args)]
pub struct Hcs {
    /// A Windows node
    #[arg(value_name = "NODE")]
    pub node: String,
    /// systems or processes [default: both]
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// Which lab.
    #[command(flatten)]
    pub asked: Asked,
}

/// The arguments of `winlab flow`.
#[derive(Clone, Debug, Args)]
pub struct FlowArgs {
    /// Where it starts: pod/client@win1, node/lin1, outside
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Where it goes, in the words of a scenario's flows.
    #[arg(
        value_name = "TO",
        help = "Where it goes: service/web:80, pod/web@win1:80, http://web.default.svc, nodeport/web@win1:80, dns/web.default.svc"
    )]
    pub to: String,
    /// Which lab.
    #[command(flatten)]
    pub asked: Asked,
}

/// The arguments of `winlab export`.
#[derive(Clone, Debug, Args)]
pub struct Export {
    /// What is written.
    #[command(subcommand)]
    pub what: ExportWhat,
}

/// What can be written out of a lab that is up.
#[derive(Clone, Debug, Subcommand)]
pub enum ExportWhat {
    /// Write what the components wrote, a file for each: DIR/NODE/COMPONENT.log
    Logs(ExportLogs),
}

/// The arguments of `winlab export logs`.
#[derive(Clone, Debug, Args)]
pub struct ExportLogs {
    /// The folder, which is made if it is not there
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The lab, if more than one is up
    #[arg(long, value_name = "NAME")]
    pub lab: Option<String>,
}

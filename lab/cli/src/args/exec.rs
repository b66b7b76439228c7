//! `winlab exec`.

use std::path::PathBuf;

use clap::Args;
use winlab_exec::NetworkSpec;
use winlab_profiles::WindowsVersion;

const AFTER: &str = "\
The program sees a freshly installed host: HNS and HCS answer as those of the build would, and there is no \
network but those given. Its standard streams are winlab's, and its exit code becomes winlab's; exit code 3 says \
that Wine or the shims are missing.

Examples:
  winlab exec -- hcn.test.exe -test.run TestCreateDeleteNetwork -test.v
  winlab exec --node-os ltsc2019 --network cbr0=L2Bridge --journal -- mycni.exe";

/// The arguments of `winlab exec`.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Exec {
    /// The program, an .exe file of this machine
    #[arg(value_name = "PROGRAM", required = true)]
    pub program: PathBuf,
    /// Its arguments
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
    /// The host's Windows: a build such as ltsc2019, or a build at a revision such as ltsc2022@20348.2582
    #[arg(long, value_name = "BUILD", default_value = "windows", hide_default_value = true)]
    pub node_os: WindowsVersion,
    /// The host's name
    #[arg(long, value_name = "NAME", default_value = "win1")]
    pub name: String,
    /// A network that the host has, as NAME=TYPE or NAME=TYPE,PREFIX such as cbr0=L2Bridge; may be repeated
    #[arg(long, value_name = "NETWORK")]
    pub network: Vec<NetworkSpec>,
    /// A variable of the program's environment; nothing else of winlab's own is handed on
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,
    /// A folder that the program runs in and sees as C:\work, such as one with test data
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Print each call of HNS, HCS and the system to standard error, as it is answered
    #[arg(long)]
    pub journal: bool,
    /// The folder of built shims [default: WINLAB_SHIMS, or that of the clone winlab was built in]
    #[arg(long, value_name = "FOLDER")]
    pub shims: Option<PathBuf>,
}

fn variable(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a variable is given as NAME=VALUE"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        exec: Exec,
    }

    #[test]
    fn what_follows_the_program_is_the_programs() {
        let words = ["winlab", "-e", "A=1=2", "--journal", "x.exe", "-test.v", "--journal", "--", "-e"];
        let exec = Alone::try_parse_from(words).unwrap().exec;
        assert_eq!(exec.program, PathBuf::from("x.exe"));
        assert_eq!(exec.arguments, ["-test.v", "--journal", "--", "-e"]);
        assert_eq!((exec.env, exec.journal), (vec![("A".into(), "1=2".into())], true));
        assert!(Alone::try_parse_from(["winlab", "-e", "=x", "x.exe"]).is_err());
        assert!(Alone::try_parse_from(["winlab"]).is_err());
    }
}

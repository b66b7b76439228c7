//! powershell.exe: the part of PowerShell 5.1 that flanneld.exe asks (`pkg/powershell`, `pkg/routing`, `pkg/ip` of
//! flannel): routes and forwarding of the host. They are the fake host's, by the lab's wire; what else is asked is not
//! recognized, as a misspelt cmdlet is, and said so. Wine's own powershell.exe does nothing and says that it worked.
//!
//! ```text
//! $ErrorActionPreference="Stop";try { New-NetRoute … } catch { Write-Host $_; os.Exit(-1) }
//! ```
//!
//! Reading order: [`script`], [`pipeline`], [`cmdlets`], [`host`].

mod adapters;
mod cmdlets;
mod host;
mod object;
mod pipeline;
mod script;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is = |argument: &String, name: &str| argument.eq_ignore_ascii_case(name);
    let at = arguments.iter().position(|argument| is(argument, "-Command") || is(argument, "-c"));
    let text = match at {
        Some(at) => arguments[at + 1..].join(" "),
        None => {
            eprintln!("winlab: powershell.exe is modelled with -Command only");
            return ExitCode::from(1);
        }
    };
    match script::run(&text) {
        Ok(output) => {
            print!("{}", output);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            print!("{}", failure.output);
            eprintln!("{}", failure.error);
            ExitCode::from(1)
        }
    }
}

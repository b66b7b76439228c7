//! Commands that containers and hosts are asked to run: answers come from the host's real state, or there is no such
//! command.
//!
//! Exec, probes and scripts use a small part of what Windows has. What is here reads the process's environment, the
//! container's registry and files, and its HNS endpoint; what only the network can say goes to [`NetworkCommands`].

mod context;
mod files;
mod identity;
mod ip_configuration;
mod network;
mod ping;
mod powershell;
mod registry;
mod shell;
mod text;
mod unmodelled;

pub use network::NetworkCommands;
pub use unmodelled::UNMODELLED;

use winlab_fake_hcs::{Behaviour, CommandOutput, Launch};

use crate::core::Joined;
use context::Context;

/// Runs one command; `None`: there is no such executable.
pub(crate) fn run(host: &mut Joined<'_>, launch: &Launch<'_>) -> Option<Behaviour> {
    let name = executable_name(launch.arguments.first()?);
    let mut context = Context { host, launch };
    if launch.in_shell
        && let Some(behaviour) = shell::run(&name, &mut context).or_else(|| files::run(&name, &mut context))
    {
        return Some(behaviour);
    }
    if let Some(behaviour) = network::ask(&name, &context) {
        return Some(behaviour);
    }
    match name.as_str() {
        "hostname" => Some(identity::hostname(&context)),
        "whoami" => Some(identity::whoami(&context)),
        "ipconfig" => Some(ip_configuration::ipconfig(&mut context)),
        "reg" => Some(registry::reg(&mut context)),
        "ping" => ping::ping(&context),
        "findstr" | "find" => Some(text::find(&context)),
        "more" | "sort" => Some(text::pass(&name, &context)),
        "timeout" => text::timeout(&context),
        "powershell" | "pwsh" => Some(powershell::powershell(&mut context)),
        _ => {
            if let Some(entry) = unmodelled::command(&name) {
                host.unmodelled.count(entry);
            }
            None
        }
    }
}

/// The bare name of an executable: `C:\Windows\System32\REG.exe` is `reg`.
fn executable_name(path: &str) -> String {
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default().to_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
}

/// A command that wrote this and succeeded.
fn done(stdout: impl Into<Vec<u8>>) -> Behaviour {
    Behaviour::Finished(CommandOutput { stdout: stdout.into(), ..CommandOutput::default() })
}

/// A command that wrote this to standard error and failed.
fn failed(stderr: impl Into<Vec<u8>>, exit_code: u32) -> Behaviour {
    Behaviour::Finished(CommandOutput { stderr: stderr.into(), exit_code, ..CommandOutput::default() })
}

//! Environment variables of programs, from where the operating system takes them for a service.

use winlab_host::Ask;
use winlab_host::system::{QueryValue, RegistryValue, Scope};

use crate::context::Context;
use crate::files::HostFiles;
use crate::machine::{Machine, WindowsMachine};

const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services";
const SYSTEM: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";

impl Context {
    /// A variable of the program's environment: that of its process where the command line brings one (in a container),
    /// else what the service manager gives. On Windows: the service's own (`Environment` of its key, or
    /// `AppEnvironmentExtra` where nssm runs it), else the system's. On Linux: the service's `/etc/default` file.
    pub async fn environment(&self, name: &str) -> Option<String> {
        if let Some(environment) = self.command.environment() {
            return environment.get(name).cloned();
        }
        let program = self.command.program_name();
        match &self.machine {
            Machine::Windows(machine) => {
                let service = format!(r"{SERVICES}\{program}");
                let nssm = format!(r"{service}\Parameters");
                for (key, list) in [(service.as_str(), "Environment"), (&nssm, "AppEnvironmentExtra")] {
                    if let Some(RegistryValue::MultiSz(lines)) = value(machine, key, list).await
                        && let Some(found) = find(lines.iter().map(String::as_str), name)
                    {
                        return Some(found);
                    }
                }
                match value(machine, SYSTEM, name).await {
                    Some(RegistryValue::Sz(text) | RegistryValue::ExpandSz(text)) => Some(text),
                    _ => None,
                }
            }
            Machine::Linux(_) => {
                let path = format!("/etc/default/{program}");
                find(HostFiles::of(&self.machine).read_text(&path).await.ok()?.lines(), name)
            }
        }
    }
}

async fn value(machine: &WindowsMachine, key: &str, name: &str) -> Option<RegistryValue> {
    let call = QueryValue { scope: Scope::Host, key: key.to_owned(), name: name.to_owned() };
    machine.system.ask(call).await.ok()
}

/// The value in lines of the form `NAME=value`; values may stand in double quotes.
fn find<'a>(mut lines: impl Iterator<Item = &'a str>, name: &str) -> Option<String> {
    lines.find_map(|line| {
        let (known, value) = line.trim().split_once('=')?;
        (known == name).then(|| value.trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn variables_are_found_in_lines() {
        let lines = ["# kube-proxy", "KUBE_NETWORK=cbr0", "B=\"x y\""];
        assert_eq!(find(lines.into_iter(), "KUBE_NETWORK").as_deref(), Some("cbr0"));
        assert_eq!(find(lines.into_iter(), "B").as_deref(), Some("x y"));
        assert_eq!(find(lines.into_iter(), "NETWORK"), None);
    }
}

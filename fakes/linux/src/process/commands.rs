//! The commands themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_clock::VirtualSpan;

use super::{ip, shell};
use crate::machine::Linux;

/// What a process writes, how it ends, and after what time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) output: String,
    pub(crate) errors: String,
    pub(crate) code: i32,
    /// None: it never ends by itself.
    pub(crate) lasts: Option<VirtualSpan>,
    /// Files it writes: paths as the container sees them, and contents.
    pub(crate) writes: Vec<(String, Arc<[u8]>)>,
}

impl Default for Finished {
    fn default() -> Self {
        Self {
            output: String::new(),
            errors: String::new(),
            code: 0,
            lasts: Some(VirtualSpan::ZERO),
            writes: Vec::new(),
        }
    }
}

impl Finished {
    fn output(output: impl Into<String>) -> Self {
        Self { output: output.into(), ..Self::default() }
    }

    fn failed(code: i32, errors: impl Into<String>) -> Self {
        Self { errors: errors.into(), code, ..Self::default() }
    }
}

/// Where a command runs.
pub(super) struct Surroundings<'a> {
    pub(super) machine: &'a Linux,
    pub(super) container: &'a str,
    pub(super) environment: BTreeMap<String, String>,
}

/// Runs a command in a container; none if it is not one of those that are modelled.
pub(crate) fn interpret(
    machine: &Linux,
    container: &str,
    arguments: &[String],
    environment: &[String],
) -> Option<Finished> {
    let mut known = machine.containers.all.get(container)?.environment.clone();
    for pair in environment {
        if let Some((name, value)) = pair.split_once('=') {
            known.insert(name.to_owned(), value.to_owned());
        }
    }
    run(&Surroundings { machine, container, environment: known }, arguments)
}

pub(super) fn run(at: &Surroundings<'_>, arguments: &[String]) -> Option<Finished> {
    let (command, rest) = arguments.split_first()?;
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    let name = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"]
        .iter()
        .find_map(|folder| command.strip_prefix(folder))
        .unwrap_or(command);
    Some(match (name, words.as_slice()) {
        ("true", _) => Finished::default(),
        ("false", _) => Finished::failed(1, ""),
        ("echo", ["-n", words @ ..]) => Finished::output(words.join(" ")),
        ("echo", words) => Finished::output(format!("{}\n", words.join(" "))),
        ("env" | "printenv", []) => Finished::output(
            at.environment
                .iter()
                .filter(|(name, _)| *name != "COMPUTERNAME")
                .map(|(name, value)| format!("{name}={value}\n"))
                .collect::<String>(),
        ),
        ("hostname", []) => {
            Finished::output(format!("{}\n", at.environment.get("HOSTNAME").cloned().unwrap_or_default()))
        }
        ("cat", paths @ [_, ..]) => cat(at, paths),
        ("cp", [options @ .., from, to]) if options.iter().all(|word| word.starts_with('-')) => {
            copy(at, "cp", from, to)
        }
        // flannel's image has this in place of cp from v0.27 on (`images/Dockerfile`).
        ("/opt/bin/install-conf", [from, to]) => copy(at, "install-conf", from, to),
        ("sleep", [time]) => sleep(time)?,
        ("sh" | "bash" | "ash", ["-c", script, ..]) => shell::run(at, script)?,
        ("ip", words) => ip::run(at, words)?,
        _ => return None,
    })
}

fn cat(at: &Surroundings<'_>, paths: &[&str]) -> Finished {
    let mut finished = Finished::default();
    for path in paths {
        let read = at.machine.place(at.container, path).and_then(|place| at.machine.files.read(&place));
        match read {
            Ok(bytes) => finished.output.push_str(&String::from_utf8_lossy(&bytes)),
            Err(fault) => {
                finished.code = 1;
                finished.errors.push_str(&format!("cat: {path}: {}\n", fault.errno.text()));
            }
        }
    }
    finished
}

/// One file to another path; one that ends in `/` is a folder.
fn copy(at: &Surroundings<'_>, command: &str, from: &str, to: &str) -> Finished {
    let read = at.machine.place(at.container, from).and_then(|place| at.machine.files.read(&place));
    match read {
        Ok(bytes) => {
            let name = from.rsplit('/').next().unwrap_or_default();
            let to = if to.ends_with('/') { format!("{to}{name}") } else { to.to_owned() };
            Finished { writes: vec![(to, bytes)], ..Finished::default() }
        }
        Err(fault) => {
            Finished::failed(1, format!("{command}: cannot stat '{from}': {}\n", fault.errno.text()))
        }
    }
}

fn sleep(time: &str) -> Option<Finished> {
    if time == "infinity" {
        return Some(Finished { lasts: None, ..Finished::default() });
    }
    let (number, unit) = match time.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) => (number, &time[number.len()..]),
        None => (time, "s"),
    };
    let lasts = format!("{number}{unit}").parse().ok();
    Some(match lasts {
        Some(lasts) => Finished { lasts: Some(lasts), ..Finished::default() },
        None => Finished::failed(1, format!("sleep: invalid time interval '{time}'\n")),
    })
}

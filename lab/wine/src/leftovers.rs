//! What a killed process left: its programs, which the kernel has told to end, and its prefixes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::environment;
use crate::faketime;
use crate::owner::Owner;
use crate::probe::Tools;
use crate::wine::nodes_folder;

/// Removes the prefixes whose makers are gone, and whatever still runs in them. What cannot be removed is left for the
/// next time.
pub(crate) fn sweep(tools: &Tools) {
    let Ok(entries) = fs::read_dir(nodes_folder(&tools.cache)) else { return };
    for entry in entries.flatten() {
        let owner = entry.file_name().to_string_lossy().parse::<Owner>();
        if owner.is_ok_and(|owner| !owner.lives()) {
            end(tools, &entry.path());
            faketime::remove_shared(&entry.path());
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Ends every program of a prefix, wineserver included, and waits for that.
pub(crate) fn end(tools: &Tools, prefix: &Path) {
    let mut server = Command::new(&tools.wine.server);
    server.arg("-k").env_clear().envs(environment::of(tools, prefix));
    // It fails where no wineserver runs, which is what is wanted.
    let _ = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

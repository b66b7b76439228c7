//! The binary, and folders and a file for it.

use std::path::Path;

use snapbox::cmd::{Command, cargo_bin};

/// A scenario of two cells with nothing wrong in it.
pub(crate) const GOOD: &str = "\
winlab: 1
name: join
about: A node joins.
covers: [Core.Network]
matrix:
  axes: {kube: [v1.36.1, v1.37.2]}
lab:
  kube: $kube
  network: flannel-vxlan
  nodes:
    lin1: {os: linux}
    win1: {os: windows}
steps:
  - name: ready
    expect: [{k8s: node/win1, count: 1}]
";

/// `winlab` in a folder, with an environment that is the same everywhere.
pub(crate) fn winlab(folder: &Path) -> Command {
    let mut command =
        Command::new(cargo_bin!("winlab")).current_dir(folder).env_clear().env("COLUMNS", "100");
    if let Some(root) = std::env::var_os("SystemRoot") {
        command = command.env("SystemRoot", root);
    }
    command
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
    std::fs::write(path, text).expect("a file can be written");
}

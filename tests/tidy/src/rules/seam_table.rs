//! Which crate may step over the seam that clippy.toml holds, and for what: the one place that says so.

use std::fmt::Write as _;

/// A crate's folder and what it may reach for, in an `expect` with a reason.
pub(super) const ALLOWED: &[(&str, &str)] = &[
    ("lab/cli", "environment, files, signals, standard streams, wall time"),
    ("lab/clock", "tokio's timers, below the one clock"),
    ("lab/control-plane", "files, processes, sockets"),
    ("lab/cri", "sockets; in tests the environment"),
    ("lab/document", "a hash table that is looked up and never iterated"),
    ("lab/engine", "files, threads that carry one world each, wall time of a case"),
    ("lab/report", "files"),
    ("lab/real", "files, processes, sockets"),
    ("lab/up", "files, sockets"),
    ("lab/wine", "environment of what it starts, files, processes"),
    ("fakes/kube-api", "sockets"),
    ("fakes/wire", "sockets"),
    ("tests/benches", "wall time and memory, to measure them"),
    ("tests/oracle", "environment, files, threads"),
    ("tests/shims", "environment, files, processes, threads"),
    ("tests/tidy", "files, git"),
    ("xtask", "environment, files, processes, standard streams, wall time"),
];

/// Whether a crate has a row.
pub(super) fn knows(folder: &str) -> bool {
    ALLOWED.iter().any(|(known, _)| *known == folder)
}

/// The table as ARCHITECTURE.md prints it.
pub(super) fn as_markdown() -> String {
    let mut table = String::from("| crate | may reach for |\n|---|---|\n");
    for (folder, what) in ALLOWED {
        let _ = writeln!(table, "| `{folder}` | {what} |");
    }
    table
}

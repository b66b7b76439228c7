//! Which cases failed when they last ran in this folder: what `--failed` runs again.
//!
//! Kept in `.winlab/failed`, a name per line, beside a `.gitignore` that hides the folder.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use winlab_events::Outcome;
use winlab_report::{CaseReport, RunReport};

use crate::files;

fn file(directory: &Path) -> PathBuf {
    directory.join(".winlab/failed")
}

/// The names of the cases that failed.
#[must_use]
pub fn read(directory: &Path) -> BTreeSet<String> {
    let text = files::read(&file(directory)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Takes note of a run: cases that failed are added, cases that ran and did not fail are removed, others stay.
///
/// # Errors
/// The file cannot be written. Nothing is written where nothing ever failed.
pub fn update(directory: &Path, report: &RunReport) -> io::Result<()> {
    let before = read(directory);
    let mut failed = before.clone();
    // Red of any repetition is red, so what passed goes first.
    for red in [false, true] {
        let ended = |case: &&CaseReport| case.outcome().is_some_and(|end| end != Outcome::NotFinished);
        for case in report.cases.iter().filter(ended) {
            let name = case.name.split_once('#').map_or(case.name.as_str(), |(name, _)| name);
            match (red, case.outcome().is_some_and(Outcome::is_red)) {
                (false, false) => drop(failed.remove(name)),
                (true, true) => drop(failed.insert(name.to_owned())),
                _ => {}
            }
        }
    }
    if failed == before {
        return Ok(());
    }
    let ignore = directory.join(".winlab/.gitignore");
    if !files::exists(&ignore) {
        files::write(&ignore, "*\n")?;
    }
    let lines: String = failed.iter().map(|name| format!("{name}\n")).collect();
    files::write(&file(directory), &lines)
}

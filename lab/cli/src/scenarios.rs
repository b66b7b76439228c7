//! Reads the scenario files of a selection, and shows what is wrong with them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::Arc;

use anyhow::Context as _;
use winlab_events::{Place, Remark};
use winlab_report::{Verbosity, github, write_diagnostic};
use winlab_scenario::{Diagnostic, LoadError, Loader, Scenario, Severity, Sources, Span};

use crate::{Environment, Streams, files};

/// A scenario file that can be run.
#[derive(Debug)]
pub struct Loaded {
    /// The file, as the command line names it.
    pub file: PathBuf,
    /// What it says.
    pub scenario: Arc<Scenario>,
}

/// Problems of one file, with the texts their places point into.
#[derive(Debug)]
pub struct Problems {
    /// The file, as the command line names it.
    pub file: PathBuf,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts.
    pub sources: Sources,
}

/// Reads every scenario that the paths stand for. A name that two files use is a problem of the second.
///
/// # Errors
/// A file or folder cannot be read at all.
pub fn load(paths: &[PathBuf], environment: &Environment) -> anyhow::Result<(Vec<Loaded>, Vec<Problems>)> {
    let (mut loaded, mut problems) = (Vec::new(), Vec::new());
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for file in files::find_scenarios(paths, &environment.directory)? {
        let path = environment.directory.join(&file);
        let bytes = files::read_bytes(&path).with_context(|| format!("cannot read `{}`", file.display()))?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                problems.push(not_text(file, &error));
                continue;
            }
        };
        let folder = Folder(path.parent().unwrap_or(Path::new("")).to_owned());
        match winlab_scenario::read(&shown(&file), &text, &folder) {
            Err((diagnostics, sources)) => problems.push(Problems { file, diagnostics, sources }),
            Ok(scenario) => match names.insert(scenario.name.value.clone(), shown(&file)) {
                None => loaded.push(Loaded { file, scenario: Arc::new(scenario) }),
                Some(other) => {
                    let message = format!("the name `{}` is taken by {other}", scenario.name.value);
                    let hint = "cases are chosen by name: give each scenario its own";
                    let diagnostic =
                        Diagnostic::error("doubled-name", scenario.name.span, message).hint(hint);
                    problems.push(Problems {
                        file,
                        diagnostics: vec![diagnostic],
                        sources: scenario.sources,
                    });
                }
            },
        }
    }
    Ok((loaded, problems))
}

/// A file that is not UTF-8: the place of the first byte that cannot be.
fn not_text(file: PathBuf, error: &FromUtf8Error) -> Problems {
    let start = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(start).copied().unwrap_or_default();
    let mut sources = Sources::default();
    // Up to there the text is the file's, and a character stands for what is none.
    let id = sources.add(&shown(&file), &String::from_utf8_lossy(error.as_bytes()));
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let replaced = char::REPLACEMENT_CHARACTER.len_utf8();
    let span = Span { file: id, start: at(start), end: at(start + replaced) };
    let message = format!("the file is not UTF-8 text: there is a byte 0x{byte:02x}");
    let diagnostic = Diagnostic::error("not-utf8", span, message).hint("save it as UTF-8");
    Problems { file, diagnostics: vec![diagnostic], sources }
}

/// A path with `/` between its parts on every system, so that messages and journals agree.
#[must_use]
pub fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() }
}

/// Shows problems on standard error and, in GitHub Actions, at their lines.
///
/// # Errors
/// Standard error cannot be written.
pub fn show(problems: &[Problems], environment: &Environment, streams: &mut Streams<'_>) -> io::Result<()> {
    let look = environment.look(environment.talk_is_terminal, Verbosity::Normal);
    for problem in problems {
        for diagnostic in &problem.diagnostics {
            write_diagnostic(&diagnostic.render(&problem.sources), &look, streams.talk)?;
            writeln!(streams.talk)?;
        }
    }
    annotate(problems, environment, streams)
}

/// Puts problems at their lines, in GitHub Actions.
pub(crate) fn annotate(
    problems: &[Problems],
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    if environment.github.is_none() {
        return Ok(());
    }
    for problem in problems {
        for diagnostic in &problem.diagnostics {
            github::write_remark(&remark(diagnostic, &problem.sources), &shown(&problem.file), streams.talk)?;
        }
    }
    Ok(())
}

/// A diagnostic as an event's data.
#[must_use]
pub fn remark(diagnostic: &Diagnostic, sources: &Sources) -> Remark {
    let place = sources.place(diagnostic.span);
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Remark {
        severity: match diagnostic.severity {
            Severity::Error => winlab_events::Severity::Error,
            Severity::Warning => winlab_events::Severity::Warning,
        },
        code: Some(diagnostic.code.to_owned()),
        message: diagnostic.message.clone(),
        hint: diagnostic.hint.clone(),
        place: Some(Place { file: place.path, line: number(place.line), column: number(place.column) }),
        excerpt: None,
    }
}

/// The files beside a scenario.
struct Folder(PathBuf);

impl Loader for Folder {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        files::read(&self.0.join(path)).map_err(|error| LoadError {
            not_found: error.kind() == io::ErrorKind::NotFound,
            reason: match error.kind() {
                io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
                io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
                _ => error.to_string(),
            },
        })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        files::names_in(&self.0.join(folder))
    }
}

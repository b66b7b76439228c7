//! Environment, working directory and terminals: read once, here.
#![expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use terminal_size::Width;
use winlab_engine::{PROGRAMS, ProgramFolders};
use winlab_report::{Look, Verbosity};

/// What the process was started with, apart from its arguments.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `NO_COLOR` is set and not empty (<https://no-color.org>), or `TERM=dumb`.
    pub no_color: bool,
    /// `CI` is set: nobody watches, even if there is a terminal.
    pub ci: bool,
    /// `GITHUB_ACTIONS=true`.
    pub github: Option<GitHub>,
    /// Columns of the terminal, `COLUMNS` before what the terminal says.
    pub columns: Option<usize>,
    /// Standard output is a terminal.
    pub out_is_terminal: bool,
    /// Standard error is a terminal.
    pub talk_is_terminal: bool,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// `KUBEBUILDER_ASSETS`: where envtest keeps its programs.
    pub kubebuilder_assets: Option<PathBuf>,
    /// `TEST_ASSET_KUBE_APISERVER` and the like: envtest's variables for single programs, by program.
    pub test_assets: BTreeMap<String, PathBuf>,
    /// winlab's own folder for what can be made again: `$XDG_CACHE_HOME/winlab`, or `~/.cache/winlab`.
    pub cache: Option<PathBuf>,
    /// `WINLAB_SHIMS`: the folder of built shims.
    pub shims: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`: where a user's programs keep sockets and the like until logout.
    pub runtime: Option<PathBuf>,
    /// Where temporary files go.
    pub temporary: PathBuf,
    /// `USER`: to tell folders of several users apart where there is no runtime folder.
    pub user: Option<String>,
    /// The working directory: what relative paths are relative to.
    pub directory: PathBuf,
}

/// What is known inside GitHub Actions.
#[derive(Clone, Debug, Default)]
pub struct GitHub {
    /// `GITHUB_STEP_SUMMARY`: the file the step's summary is appended to.
    pub step_summary: Option<PathBuf>,
}

impl Environment {
    /// Reads the process's environment.
    #[must_use]
    pub fn read() -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let is = |name: &str, value: &str| set(name).is_some_and(|found| found == value);
        let of_terminal = || terminal_size::terminal_size().map(|(Width(columns), _)| columns.into());
        let of_variable = set("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
        Self {
            no_color: set("NO_COLOR").is_some() || is("TERM", "dumb"),
            ci: set("CI").is_some_and(|value| value != "false"),
            github: is("GITHUB_ACTIONS", "true")
                .then(|| GitHub { step_summary: set("GITHUB_STEP_SUMMARY").map(PathBuf::from) }),
            columns: of_variable.or_else(of_terminal),
            out_is_terminal: io::stdout().is_terminal(),
            talk_is_terminal: io::stderr().is_terminal(),
            path: set("PATH").as_ref().map(split).unwrap_or_default(),
            kubebuilder_assets: set("KUBEBUILDER_ASSETS").map(PathBuf::from),
            test_assets: PROGRAMS
                .iter()
                .filter_map(|program| {
                    let path = set(&ProgramFolders::variable(program))?;
                    Some(((*program).to_owned(), PathBuf::from(path)))
                })
                .collect(),
            cache: set("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")))
                .map(|cache| cache.join("winlab")),
            shims: set("WINLAB_SHIMS").map(PathBuf::from),
            runtime: set("XDG_RUNTIME_DIR").map(PathBuf::from),
            temporary: env::temp_dir(),
            user: set("USER").and_then(|user| user.into_string().ok()),
            directory: env::current_dir().unwrap_or_default(),
        }
    }

    /// The folder of the labs that are up: `winlab` in the user's runtime folder, or `winlab-USER` among temporary
    /// files.
    #[must_use]
    pub fn labs_folder(&self) -> PathBuf {
        match &self.runtime {
            Some(folder) => folder.join("winlab"),
            None => self.temporary.join(format!("winlab-{}", self.user.as_deref().unwrap_or("user"))),
        }
    }

    /// How text on a stream is to look.
    #[must_use]
    pub fn look(&self, is_terminal: bool, verbosity: Verbosity) -> Look {
        Look { colour: is_terminal && !self.no_color, width: self.columns.filter(|_| is_terminal), verbosity }
    }

    /// Whether someone watches standard error, so that a progress bar makes sense.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.talk_is_terminal && !self.ci
    }
}

fn split(path: &OsString) -> Vec<PathBuf> {
    env::split_paths(path).filter(|folder| !folder.as_os_str().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_and_width_belong_to_terminals() {
        let watched = Environment { columns: Some(80), ..Environment::default() };
        let look = watched.look(true, Verbosity::Normal);
        assert!(look.colour);
        assert_eq!(look.width, Some(80));
        let look = watched.look(false, Verbosity::Normal);
        assert!(!look.colour);
        assert_eq!(look.width, None);
        let plain = Environment { no_color: true, ..watched };
        assert!(!plain.look(true, Verbosity::Normal).colour);
    }

    #[test]
    fn a_bar_needs_a_terminal_and_a_person() {
        let nobody = Environment::default();
        assert!(!nobody.is_watched());
        let person = Environment { talk_is_terminal: true, ..nobody };
        assert!(person.is_watched());
        assert!(!Environment { ci: true, ..person }.is_watched());
    }
}

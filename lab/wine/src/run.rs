//! One program to be started.

use std::io;

/// What to start, and with what.
#[derive(Clone, Debug)]
pub struct Run {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) directory: String,
    pub(crate) input: Option<Vec<u8>>,
    pub(crate) stdio: Stdio,
}

/// Where a program's standard streams lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Stdio {
    /// What [`Run::input`] gave to read, or nothing; what is written comes as [`Lines`](crate::Lines). The program has a process group of its own, so
    /// that a terminal's Ctrl-C does not reach it.
    #[default]
    Lines,
    /// This process's own, whose terminal and Ctrl-C it shares.
    Inherit,
}

/// Why a program was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program is not on the node's drive.
    #[error("there is no `{program}` on {node}")]
    NoSuchProgram {
        /// The program.
        program: String,
        /// The node.
        node: String,
    },
    /// The system does not start it.
    #[error("`{program}` does not start")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
}

impl Run {
    /// The program with this path on the node's drive, such as `C:\k\kubelet.exe`.
    #[must_use]
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: r"C:\".to_owned(),
            input: None,
            stdio: Stdio::Lines,
        }
    }

    /// Its arguments, as the program is to see them: Wine joins and quotes them as Windows' C runtime expects.
    #[must_use]
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// One more variable of its environment.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The folder it starts in; made if it is not there.
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<String>) -> Self {
        self.directory = folder.into();
        self
    }

    /// What it reads from its standard input, which ends there. With [`Stdio::Lines`] only.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Where its standard streams lead.
    #[must_use]
    pub fn stdio(mut self, stdio: Stdio) -> Self {
        self.stdio = stdio;
        self
    }
}

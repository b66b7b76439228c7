//! One run of a scenario file on one placement.

use std::path::Path;

use libtest_mimic::Failed;
use winlab_cli::{Environment, Exit, Streams};

/// A scenario file, its cells, and what of it is real.
pub(crate) struct Placed {
    pub(crate) name: String,
    words: Vec<String>,
}

impl Placed {
    /// Every cell of the file, these components real.
    pub(crate) fn new(name: &str, file: &str, real: &str) -> Self {
        let file = format!("scenarios/{file}");
        let words = ["winlab", "test", &file, "--require", "--real", real];
        Self { name: name.to_owned(), words: words.map(str::to_owned).to_vec() }
    }

    /// Only cells with this value: `kube=v1.34.4`.
    pub(crate) fn cell(mut self, cell: &str) -> Self {
        self.words.extend(["--matrix".to_owned(), cell.to_owned()]);
        self
    }

    /// On etcd and the official control plane.
    pub(crate) fn on_binaries(mut self) -> Self {
        self.words.extend(["--control-plane", "binaries"].map(str::to_owned));
        self
    }

    /// Twenty times faster than the wall clock.
    pub(crate) fn scaled(mut self) -> Self {
        self.words.extend(["--clock", "scaled=20"].map(str::to_owned));
        self
    }

    /// Runs it. What is missing fails it only where that need is required.
    pub(crate) fn run(&self, need: &str) -> Result<(), Failed> {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is two folders deep");
        let environment = Environment { directory: root.to_owned(), ..Environment::read() };
        let (mut out, mut talk) = (Vec::new(), Vec::new());
        let mut streams = Streams { out: &mut out, talk: &mut talk };
        let exit = winlab_cli::run(self.words.iter().map(Into::into), &environment, &mut streams);
        let text = format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&talk));
        match exit {
            Exit::Pass => Ok(()),
            Exit::NeedAbsent if !is_required(need) => {
                say(&format!("ignored: {text}"));
                Ok(())
            }
            _ => Err(text.into()),
        }
    }
}

/// Whether `WINLAB_REQUIRE` names it.
#[expect(clippy::disallowed_methods, reason = "CI says what must not be skipped")]
pub(crate) fn is_required(need: &str) -> bool {
    let required = std::env::var("WINLAB_REQUIRE").unwrap_or_default();
    required.split(',').any(|named| named == need)
}

/// A line for whoever reads the test's output.
#[expect(clippy::print_stderr, reason = "a test that does not run says why")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

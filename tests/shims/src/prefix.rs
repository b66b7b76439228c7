//! A node under Wine for each run of a program.
#![expect(clippy::disallowed_methods, reason = "where Wine is, is said in the environment")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt as _;
use jiff::Timestamp;
use winlab_clock::{Clock, Pace};
use winlab_wine::{Node, NodeConfig, Places, Probe, Run, Stream, Wine};

/// What is there, or what is missing.
pub type Found = Result<Arc<Prefix>, String>;

/// What makes nodes.
#[derive(Debug)]
pub struct Prefix {
    wine: Wine,
    shims: PathBuf,
}

/// Where Wine, the shims and Wine's template are, or would be.
#[must_use]
pub fn places(scratch: &str) -> Places {
    let path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect());
    let shims = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fakes/shims/target/shims");
    Places { path: path.unwrap_or_default(), shims, cache: Path::new(scratch).join("wine") }
}

impl Prefix {
    /// Looks for Wine and the shims. Wine's template will be in `scratch`, and is used again by the next run.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn find(scratch: &str) -> Found {
        let places = places(scratch);
        match Probe::look(&places).runner() {
            Ok(wine) => Ok(Arc::new(Self { wine, shims: places.shims })),
            Err(lacking) => {
                let lines: Vec<_> = lacking.iter().map(|one| format!("{one}; {}", one.hint)).collect();
                Err(lines.join(", "))
            }
        }
    }

    /// Runs the probe with these words, and gives back what it printed.
    ///
    /// # Errors
    ///
    /// What it printed, where it failed.
    pub fn probe(&self, server: &str, words: &[&str]) -> Result<String, String> {
        let (succeeded, printed) = self.run(&self.shims.join("probe.exe"), server, words)?;
        if succeeded { Ok(printed) } else { Err(printed) }
    }

    /// Runs the probe, does something once it has printed a line, and gives back what it printed in all.
    ///
    /// # Errors
    ///
    /// Wine does not start, or what the probe printed where it failed.
    pub fn probe_until(
        &self,
        server: &str,
        words: &[&str],
        line: &str,
        act: impl FnOnce(),
    ) -> Result<String, String> {
        let (probe, place) = (self.shims.join("probe.exe"), r"C:\probe.exe");
        let run = Run::new(place).arguments(words.iter().copied());
        let mut act = Some(act);
        let listen = |said: &str| {
            if said.trim() == line
                && let Some(act) = act.take()
            {
                act();
            }
        };
        let done = on_runtime(self.run_on_node(Some((&probe, place)), server, &run, listen));
        let (succeeded, printed) = done?;
        if succeeded { Ok(printed) } else { Err(printed) }
    }

    /// Runs a program that every node has, and gives back what it printed.
    ///
    /// # Errors
    ///
    /// What it printed, where it failed.
    pub fn print(&self, server: &str, run: &Run) -> Result<String, String> {
        let (succeeded, printed) = on_runtime(self.run_on_node(None, server, run, |_| {}))?;
        if succeeded { Ok(printed) } else { Err(printed) }
    }

    /// Runs a Windows program of this machine against a host's server: whether it succeeded, and what it printed.
    ///
    /// # Errors
    ///
    /// Wine does not start.
    pub fn run(&self, program: &Path, server: &str, words: &[&str]) -> Result<(bool, String), String> {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let place = format!(r"C:\{name}");
        let run = Run::new(&*place).arguments(words.iter().copied());
        on_runtime(self.run_on_node(Some((program, &place)), server, &run, |_| {}))
    }

    /// A node, against a host's server.
    ///
    /// # Errors
    ///
    /// Wine does not start.
    pub async fn node(&self, server: &str) -> Result<Node, String> {
        let config = NodeConfig {
            name: "win1".to_owned(),
            windows: "ltsc2022".parse().expect("a build"),
            server: server.to_owned(),
            host: "win1".to_owned(),
            token: None,
            clock: Clock::start(Pace::Real, Timestamp::UNIX_EPOCH),
        };
        self.wine.node(config, None).await.map_err(|error| format!("{error:?}"))
    }

    async fn run_on_node(
        &self,
        install: Option<(&Path, &str)>,
        server: &str,
        run: &Run,
        mut listen: impl FnMut(&str),
    ) -> Result<(bool, String), String> {
        let node = self.node(server).await?;
        if let Some((from, to)) = install {
            node.install(from, to).map_err(|error| error.to_string())?;
        }
        let (program, mut said) = node.start_program(run).map_err(|error| error.to_string())?;
        let mut lines = Vec::new();
        while let Some(line) = said.next().await {
            listen(&line.text);
            lines.push(line);
        }
        let status = program.wait().await.map_err(|error| error.to_string())?;
        let text = |stream: Stream| {
            let lines = lines.iter().filter(|line| line.stream == stream);
            lines.map(|line| format!("{}\n", line.text)).collect::<String>()
        };
        let mut printed = text(Stream::Stdout);
        if !status.success() {
            printed += &format!("{}\n{status}", text(Stream::Stderr));
        }
        Ok((status.success(), printed))
    }
}

/// Runs a test on a runtime of its own.
///
/// # Panics
///
/// The system has none.
pub fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

//! The unmodified kubectl, run from the thread of a lab and so in the lab's network.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "what is tested is how another program gets on with the lab"
)]

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::{env, fs, io};

use libtest_mimic::Failed;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use winlab_clock::{Clock, VirtualSpan};

/// A kubectl that takes longer than this hangs.
const WITHIN: VirtualSpan = VirtualSpan::from_secs(240);

/// kubectl at one cluster.
pub(crate) struct Kubectl {
    program: PathBuf,
    folder: tempfile::TempDir,
    clock: Clock,
}

/// The kubectl of `cargo xtask peers`, or why there is none.
pub(crate) fn find() -> Result<PathBuf, String> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let program = cache.unwrap_or_default().join("winlab/bin/linux-amd64/v1.34.4/kubectl");
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("{} is not there: `cargo xtask peers --only kubectl` makes it", program.display()))
    }
}

impl Kubectl {
    /// One that asks the cluster of a kubeconfig.
    pub(crate) fn new(program: PathBuf, config: &str, clock: Clock) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("config"), config)?;
        Ok(Self { program, folder, clock })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .env_clear()
            .env("KUBECONFIG", self.folder.path().join("config"))
            .env("HOME", self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs it to its end, with an input.
    pub(crate) async fn run(&self, words: &[&str], input: &str) -> Result<Output, Failed> {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().ok_or("its input is piped")?;
        stdin.write_all(input.as_bytes()).await?;
        drop(stdin);
        let ended = self.clock.within(WITHIN, child.wait_with_output()).await;
        Ok(ended.map_err(|elapsed| format!("kubectl {}: {elapsed}", words.join(" ")))??)
    }

    /// What it writes if it succeeds; words between blanks.
    pub(crate) async fn says(&self, words: &str) -> Result<String, Failed> {
        let split: Vec<&str> = words.split_whitespace().collect();
        let output = self.run(&split, "").await?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(format!("kubectl {words}: {}{}", text(&output.stdout), text(&output.stderr)).into())
    }

    /// Forwards a port of this network's loopback to one of a pod, for as long as it is kept.
    pub(crate) async fn forward(&self, pod: &str, port: u16) -> Result<Forward, Failed> {
        let target = format!(":{port}");
        let words = ["port-forward", "--address=127.0.0.1", pod, &target];
        let mut child = self.command(&words).stdin(Stdio::null()).spawn()?;
        let out = child.stdout.take().ok_or("its output is piped")?;
        let mut lines = BufReader::new(out).lines();
        let line = self.clock.within(WITHIN, lines.next_line()).await??;
        // Forwarding from 127.0.0.1:40123 -> 8080
        let local = line.as_deref().and_then(|line| {
            line.strip_prefix("Forwarding from 127.0.0.1:")?.split(' ').next()?.parse().ok()
        });
        match local {
            Some(local) => Ok(Forward { local, child, _told: lines }),
            None => {
                let mut text = String::new();
                if let Some(mut talk) = child.stderr.take() {
                    talk.read_to_string(&mut text).await?;
                }
                Err(format!("kubectl port-forward {pod}: {line:?} {text}").into())
            }
        }
    }
}

/// A forwarded port.
pub(crate) struct Forward {
    local: u16,
    child: Child,
    /// kubectl tells of each connection, and ends where it cannot.
    _told: Lines<BufReader<ChildStdout>>,
}

impl Forward {
    /// The answer to an HTTP request of a path.
    pub(crate) async fn get(&self, path: &str) -> Result<String, Failed> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.local)).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// Ends it; what it complained about.
    pub(crate) async fn end(mut self) -> Result<String, Failed> {
        // One whose pod refused it has ended by itself.
        self.child.start_kill().ok();
        let output = self.child.wait_with_output().await?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

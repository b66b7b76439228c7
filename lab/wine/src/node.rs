//! A Windows host for programs.
//!
//! It ends in one of three ways, and none leaves a process:
//! - it is dropped: wineserver ends every program of the prefix, and the prefix is removed;
//! - its thread ends, or the process is killed: the kernel tells the programs and wineserver, which ends the rest. The
//!   prefix stays until the next start on this machine finds its maker gone;
//! - the machine stops.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio as ChildStdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use winlab_clock::{Clock, Pace};
use winlab_profiles::WindowsVersion;

use crate::drive;
use crate::environment;
use crate::faketime::{self, Faketime};
use crate::leftovers;
use crate::line::Lines;
use crate::machine;
use crate::prefix::{Prefix, PrefixError};
use crate::process::Process;
use crate::program::Program;
use crate::run::{Run, StartError, Stdio};
use crate::server;
use crate::wine::Wine;
use crate::world::NodeNetwork;

/// What a node is.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its name, also as a computer.
    pub name: String,
    /// Its Windows.
    pub windows: WindowsVersion,
    /// Where the boundary's server listens for it, as address and port: `WINLAB_SERVER` of the shims.
    pub server: String,
    /// Under which name the server knows it: `WINLAB_HOST`.
    pub host: String,
    /// The server's token, if it has one: `WINLAB_TOKEN`.
    pub token: Option<String>,
    /// The lab's clock. With a scaled one, programs live as fast as the lab; with a real one they have the machine's
    /// date. A virtual clock has no room for programs.
    pub clock: Clock,
}

/// Why there is no node.
#[derive(Debug, thiserror::Error)]
pub enum StartNodeError {
    /// It has no prefix.
    #[error("{node} has no prefix")]
    Prefix {
        /// The node.
        node: String,
        /// Why.
        source: PrefixError,
    },
    /// A virtual clock stands still while a program runs.
    #[error("a lab with Windows programs needs a real or a scaled clock")]
    VirtualClock,
    /// Its time cannot be scaled.
    #[error("a scaled clock needs libfaketime: {0}")]
    Faketime(crate::Lacking),
    /// Its wineserver or `wineboot` does not start.
    #[error("Wine does not start for {node}")]
    Wine {
        /// The node.
        node: String,
        /// What the system says.
        source: io::Error,
    },
    /// Its services do not start.
    #[error("Wine does not boot for {node} ({status}): {said}")]
    Boot {
        /// The node.
        node: String,
        /// How `wineboot` ended.
        status: std::process::ExitStatus,
        /// Its last words.
        said: String,
    },
}

/// A Windows host for programs. See the module's text for how it ends.
#[derive(Debug)]
pub struct Node {
    config: NodeConfig,
    wine: Wine,
    prefix: Prefix,
    network: Option<NodeNetwork>,
    time: Faketime,
    /// Dropped before the prefix is removed.
    _server: Child,
}

impl Node {
    pub(crate) async fn start(
        wine: Wine,
        config: NodeConfig,
        network: Option<NodeNetwork>,
    ) -> Result<Self, StartNodeError> {
        let node = || config.name.clone();
        if config.clock.pace() == Pace::Virtual {
            return Err(StartNodeError::VirtualClock);
        }
        let mut time = Faketime::from_now(&wine, config.clock).map_err(StartNodeError::Faketime)?;
        let prefix = Prefix::make(&wine, &config.name, config.windows, config.clock.pace())
            .map_err(|source| StartNodeError::Prefix { node: node(), source })?;
        let command = |signal: &str, program: &Path, arguments: &[&str], time: &Faketime| {
            let mut command = silent(&wine.0.setpriv);
            command.args(["--pdeathsig", signal]).arg(program).args(arguments);
            command.env_clear().envs(environment::of(&wine.0, prefix.folder())).envs(time.variables());
            command
        };
        let failed = |source| StartNodeError::Wine { node: node(), source };
        // The first program would start one too, but nothing would end that with this thread. SIGINT makes it end the
        // programs that it serves; any other signal, only itself.
        let mut server = command("INT", &wine.0.wine.server, &["--foreground", "--persistent"], &time);
        let mut server = spawn(network.as_ref(), &mut server).map_err(failed)?;
        if let Some(first) = server.id() {
            time.count_from(first, prefix.folder()).map_err(failed)?;
        }
        server::until_listens(&mut server, config.clock).await.map_err(failed)?;
        let mut boot = command("KILL", &wine.0.wine.wine, &["wineboot"], &time);
        boot.kill_on_drop(true);
        let this = Self { config, wine: wine.clone(), prefix, network, time, _server: server };
        this.boot(boot).await?;
        Ok(this)
    }

    /// Starts the services that a booted Windows has, whose pipes would otherwise be those of the first program.
    async fn boot(&self, mut boot: Command) -> Result<(), StartNodeError> {
        let node = || self.config.name.clone();
        let failed = |source| StartNodeError::Wine { node: node(), source };
        let words = self.prefix.folder().join("wineboot.log");
        for last in [false, false, true] {
            // A file and no pipe: the services keep it open.
            boot.stderr(fs::File::create(&words).map_err(failed)?);
            let mut booting = spawn(self.network.as_ref(), &mut boot).map_err(failed)?;
            let status = booting.wait().await.map_err(failed)?;
            if status.success() {
                break;
            }
            // On a busy machine a process of Wine's now and then ends before it was one. Services that run already are
            // no matter to the next attempt.
            if last {
                let said = fs::read_to_string(&words).unwrap_or_default();
                let said = said.lines().last().unwrap_or("it said nothing").to_owned();
                return Err(StartNodeError::Boot { node: node(), status, said });
            }
        }
        Ok(())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Its prefix, `WINEPREFIX` of its programs.
    #[must_use]
    pub fn prefix(&self) -> &Path {
        self.prefix.folder()
    }

    /// Its network, if it has one of its own.
    #[must_use]
    pub fn network(&self) -> Option<&NodeNetwork> {
        self.network.as_ref()
    }

    /// The file of this machine that a path on its drive names, whatever the case; it need not be there.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        drive::locate(&self.prefix.drive_c(), path)
    }

    /// Writes a file, with the folders above it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let path = self.make_room(path)?;
        fs::write(path, bytes)
    }

    /// Puts a program or another large file of this machine on the drive, as a link.
    ///
    /// # Errors
    /// There is no such file, or the link cannot be made.
    pub fn install(&self, from: &Path, path: &str) -> io::Result<()> {
        let from = from.canonicalize()?;
        let path = self.make_room(path)?;
        machine::link(&from, &path)
    }

    /// Makes the folders above a path, and removes what is there.
    fn make_room(&self, path: &str) -> io::Result<PathBuf> {
        let path = self.path(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(path),
        }
    }

    /// Starts a program in the node's network and time, with the lab's server in its environment. Its lines come with
    /// [`Stdio::Lines`] only. Call it inside the tokio runtime that is to wait for it.
    ///
    /// # Errors
    /// There is no such program, or the system does not start it.
    pub fn start_program(&self, run: &Run) -> Result<(Program, Lines), StartError> {
        if !self.path(&run.program).is_file() {
            let (program, node) = (run.program.clone(), self.config.name.clone());
            return Err(StartError::NoSuchProgram { program, node });
        }
        let failed = |source| StartError::Start { program: run.program.clone(), source };
        let directory = self.path(&run.directory);
        fs::create_dir_all(&directory).map_err(failed)?;
        let tools = &self.wine.0;
        let mut command = Command::new(&tools.setpriv);
        command.args(["--pdeathsig", "KILL"]).arg(&tools.wine.wine).arg(&run.program).args(&run.arguments);
        command
            .env_clear()
            .envs(environment::of(tools, self.prefix.folder()))
            .envs(self.time.variables())
            .env("WINLAB_SERVER", &self.config.server)
            .env("WINLAB_HOST", &self.config.host)
            .envs(self.config.token.iter().map(|token| ("WINLAB_TOKEN", token)))
            .envs(run.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(directory)
            .kill_on_drop(true);
        if run.stdio == Stdio::Lines {
            machine::own_group(&mut command);
            let stdin = if run.input.is_some() { ChildStdio::piped() } else { ChildStdio::null() };
            command.stdin(stdin).stdout(ChildStdio::piped()).stderr(ChildStdio::piped());
        }
        let mut child = spawn(self.network.as_ref(), &mut command).map_err(failed)?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), run.input.clone()) {
            // A program that ends before it has read all is told so by its own exit code, if by anything.
            tokio::spawn(async move { stdin.write_all(&input).await.ok() });
        }
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let process = Process::of(child);
        let lines = Lines::of(stdout, stderr, process.ended());
        Ok((Program { process, clock: self.config.clock }, lines))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        leftovers::end(&self.wine.0, self.prefix.folder());
        faketime::remove_shared(self.prefix.folder());
    }
}

/// A command without streams, in a process group of its own.
fn silent(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(ChildStdio::null()).stdout(ChildStdio::null()).stderr(ChildStdio::null());
    machine::own_group(&mut command);
    command
}

/// Starts a child in a node's network, or in this thread's.
fn spawn(network: Option<&NodeNetwork>, command: &mut Command) -> io::Result<Child> {
    match network {
        Some(network) => network.inside(|| command.spawn())?,
        None => command.spawn(),
    }
}

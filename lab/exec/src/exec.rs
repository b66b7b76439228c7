//! The run.

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitStatus;

use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::future::{Either, select};
use winlab_clock::Clock;
use winlab_fake_wire::{Address, Limits, Listener, Server};
use winlab_host::network::CreateNetwork;
use winlab_host::{Ask as _, Fault, Guid, JournalEntry};
use winlab_profiles::WindowsVersion;
use winlab_wine::{NodeConfig, Program, Run, StartError, StartNodeError, Stdio, Wine};

use crate::lone_host;
use crate::network::NetworkSpec;

/// Where the program is on the host's drive.
const PROGRAMS: &str = r"C:\exec";
/// Where the caller's folder is.
const FOLDER: &str = r"C:\work";

/// What to run, and on which host.
#[derive(Clone, Debug)]
pub struct Exec {
    /// The host's name.
    pub name: String,
    /// The host's Windows.
    pub windows: WindowsVersion,
    /// Networks that are there before the program starts.
    pub networks: Vec<NetworkSpec>,
    /// The program, a file of this machine.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its environment, beside what the lab sets.
    pub environment: Vec<(String, String)>,
    /// A folder of this machine that the program runs in, as `C:\work`; else it runs in a folder of its own.
    pub folder: Option<PathBuf>,
    /// The host's and the program's time.
    pub clock: Clock,
}

/// How it went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How the program ended.
    pub status: ExitStatus,
    /// What it asked for that the fake host does not model: service, what, how often.
    pub unmodelled: Vec<(&'static str, &'static str, u64)>,
}

/// Why it did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The program or folder is not there, or its link cannot be made.
    #[error("cannot use `{}`", path.display())]
    Path {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// HNS refuses a network.
    #[error("HNS of this build refuses the network `{name}`")]
    Network {
        /// The network.
        name: String,
        /// Its answer.
        source: Fault,
    },
    /// No port on loopback can be listened on.
    #[error("no port for the fake host")]
    Listen(#[source] io::Error),
    /// There is no host for the program.
    #[error("no Windows host for the program")]
    Node(#[source] StartNodeError),
    /// The program does not start.
    #[error("the program does not start")]
    Start(#[source] StartError),
    /// The system cannot tell how it ended.
    #[error("the program's end cannot be waited for")]
    Wait(#[source] io::Error),
}

impl Exec {
    /// Runs the program with this process's standard streams, tells every call at the boundary as it is answered, and
    /// waits for its end. Ctrl-C is the program's; a second one kills it.
    ///
    /// # Errors
    /// [`ExecError`]. That the program fails is no error.
    pub async fn run(&self, wine: &Wine, mut tell: impl FnMut(JournalEntry)) -> Result<Outcome, ExecError> {
        let host = lone_host::make(&self.name, self.windows, self.clock);
        for network in &self.networks {
            let create = CreateNetwork { id: Guid::NIL, settings: network.settings() };
            let refused = |source| ExecError::Network { name: network.name().to_owned(), source };
            host.network().ask(create).await.map_err(refused)?;
        }
        let (sender, mut entries) = unbounded();
        let server = Server::new(self.clock, Limits::default(), None);
        server.host(&*self.name, lone_host::with_journal(&host, sender, self.clock));
        let loopback = Address::Tcp(([127, 0, 0, 1], 0).into());
        let listener = Listener::bind(&loopback).await.map_err(ExecError::Listen)?;
        let address = listener.address().to_string();
        let serving = tokio::spawn(async move { server.serve(listener).await });

        let config = NodeConfig {
            name: self.name.clone(),
            windows: self.windows,
            server: address,
            host: self.name.clone(),
            token: None,
            clock: self.clock,
        };
        let node = wine.node(config, None).await.map_err(ExecError::Node)?;
        let run = self.lay(&node)?;
        let (mut program, _) = node.start_program(&run).map_err(ExecError::Start)?;
        let status = watch(&mut program, &mut entries, &mut tell).await.map_err(ExecError::Wait)?;
        while let Ok(entry) = entries.try_recv() {
            tell(entry);
        }
        drop(node);
        serving.abort();
        Ok(Outcome { status, unmodelled: host.unmodelled() })
    }

    /// Puts the program, and the folder, on the host's drive.
    fn lay(&self, node: &winlab_wine::Node) -> Result<Run, ExecError> {
        let cannot = |path: &PathBuf| {
            let path = path.clone();
            |source| ExecError::Path { path, source }
        };
        let name = self.program.file_name().unwrap_or_default().to_string_lossy();
        let program = format!(r"{PROGRAMS}\{name}");
        node.install(&self.program, &program).map_err(cannot(&self.program))?;
        let mut run = Run::new(program).arguments(&self.arguments).stdio(Stdio::Inherit).in_folder(PROGRAMS);
        if let Some(folder) = &self.folder {
            node.install(folder, FOLDER).map_err(cannot(folder))?;
            run = run.in_folder(FOLDER);
        }
        for (name, value) in &self.environment {
            run = run.variable(name, value);
        }
        Ok(run)
    }
}

/// Tells entries until the program has ended.
async fn watch(
    program: &mut Program,
    entries: &mut UnboundedReceiver<JournalEntry>,
    tell: &mut impl FnMut(JournalEntry),
) -> io::Result<ExitStatus> {
    let mut is_interrupted = false;
    loop {
        let news = {
            let (ended, interrupt) = (pin!(program.wait()), pin!(tokio::signal::ctrl_c()));
            match select(entries.next(), select(ended, interrupt)).await {
                Either::Left((Some(entry), _)) => News::Entry(entry),
                Either::Right((Either::Left((status, _)), _)) => return status,
                Either::Left((None, _)) | Either::Right((Either::Right(_), _)) => News::Interrupt,
            }
        };
        match news {
            News::Entry(entry) => tell(entry),
            News::Interrupt if is_interrupted => program.kill().await?,
            News::Interrupt => is_interrupted = true,
        }
    }
}

/// What happens while a program runs.
enum News {
    Entry(JournalEntry),
    Interrupt,
}

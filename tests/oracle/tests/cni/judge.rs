//! Gives cases to model and program, and compares.
#![expect(
    clippy::disallowed_methods,
    reason = "a node belongs to one thread, and tests have threads of their own"
)]

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use jiff::Timestamp;
use winlab_clock::{Clock, Pace};
use winlab_document::doc;
use winlab_fake_wire::{Address, Limits, Listener, Server};
use winlab_host::network::CreateEndpoint;
use winlab_host::{Ask as _, Guid};
use winlab_oracle::{NetworkKind, Twin, container, difference};
use winlab_shims_tests::peers;
use winlab_shims_tests::prefix::{Prefix, on_runtime};

use crate::case::{Case, Container, Step};
use crate::model;
use crate::program::{NAMES, Programs};
use crate::report::Report;

/// The version that CI builds.
const VERSION: &str = "cni-v1.9.1";

/// What a plugin says where the process of another, which it started, has ended before it was one
/// (`STATUS_INTERNAL_ERROR` of Wine's `NtCreateUserProcess`): on a busy machine, once in some hundred starts. So may the
/// plugin's own process, which then answers nothing. It tells nothing of the plugin, and the case is tried again.
const NOT_STARTED: &str = "host-local.exe: Internal error.";
const ATTEMPTS: usize = 3;

type Job = (Case, mpsc::Sender<Result<(), String>>);

/// Judges cases one after the other, on a thread and a node that the first one starts.
#[derive(Debug)]
pub(crate) struct Judge {
    prefix: Arc<Prefix>,
    plugins: Vec<PathBuf>,
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
}

impl Judge {
    /// Looks for what it needs.
    pub(crate) fn find(scratch: &str) -> Result<Self, String> {
        let plugins = NAMES.map(|name| peers::windows(&format!("{VERSION}/{name}.exe")));
        let plugins = plugins.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { prefix: Prefix::find(scratch)?, plugins, jobs: Mutex::default() })
    }

    /// Whether model and program do the same.
    pub(crate) fn judge(&self, case: Case) -> Result<(), String> {
        let (answer, answered) = mpsc::channel();
        let gone = |_| "the thread of the node is gone".to_owned();
        self.jobs().send((case, answer)).map_err(|_| "the thread of the node is gone")?;
        answered.recv().map_err(gone)?
    }

    fn jobs(&self) -> mpsc::Sender<Job> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let start = || {
            let (sender, receiver) = mpsc::channel();
            let (prefix, plugins) = (self.prefix.clone(), self.plugins.clone());
            std::thread::spawn(move || on_runtime(work(&prefix, &plugins, &receiver)));
            sender
        };
        jobs.get_or_insert_with(start).clone()
    }
}

/// Works for as long as somebody asks.
async fn work(prefix: &Prefix, plugins: &[PathBuf], jobs: &mpsc::Receiver<Job>) {
    let programs = start(prefix, plugins).await;
    while let Ok((case, answer)) = jobs.recv() {
        let judged = match &programs {
            Ok((programs, clock)) => compare(programs, *clock, &case).await,
            Err(problem) => Err(problem.clone()),
        };
        // Nobody waits any more where a test was given up.
        let _ = answer.send(judged);
    }
}

async fn start(prefix: &Prefix, plugins: &[PathBuf]) -> Result<(Programs, Clock), String> {
    let clock = Clock::start(Pace::Real, Timestamp::UNIX_EPOCH);
    let server = Server::new(clock, Limits::default(), None);
    let listener = Listener::bind(&Address::Tcp(([127, 0, 0, 1], 0).into())).await;
    let listener = listener.map_err(|error| error.to_string())?;
    let address = listener.address().to_string();
    let serves = server.clone();
    tokio::spawn(async move { serves.serve(listener).await });
    let node = prefix.node(&address).await?;
    Ok((Programs::install(node, server, plugins)?, clock))
}

async fn compare(programs: &Programs, clock: Clock, case: &Case) -> Result<(), String> {
    let mut real = of_programs(programs, clock, case).await;
    for _ in 1..ATTEMPTS {
        if real.as_ref().is_ok_and(|report| !report.contains(NOT_STARTED)) {
            break;
        }
        real = of_programs(programs, clock, case).await;
    }
    let real = real?;

    let (twin, namespace) = twin(case, clock).await?;
    let mut report = Report::default();
    for step in &case.steps {
        arm(&twin, step);
        report.step(step, &model::run(&twin, step, &namespace).await, &twin);
        twin.faults.heal();
    }
    let model = report.end(&twin, &model::reserved(&twin).await);
    difference(&model, &real).map_or(Ok(()), Err)
}

async fn of_programs(programs: &Programs, clock: Clock, case: &Case) -> Result<String, String> {
    let (twin, namespace) = twin(case, clock).await?;
    programs.be(&twin)?;
    let mut report = Report::default();
    for step in &case.steps {
        arm(&twin, step);
        report.step(step, &programs.run(step, &namespace).await?, &twin);
        twin.faults.heal();
    }
    Ok(report.end(&twin, &programs.reserved()?))
}

fn arm(twin: &Twin, step: &Step) {
    if let Some(rule) = &step.fault {
        twin.faults.arm(rule.clone());
    }
}

/// A host as the case has it, and the pod's namespace.
async fn twin(case: &Case, clock: Clock) -> Result<(Twin, String), String> {
    let twin = Twin::new(case.build, clock);
    let failed = |fault: winlab_host::Fault| fault.to_string();
    twin.network("cbr0", case.network, 1).await.map_err(failed)?;
    let namespace = twin.namespace().await.map_err(failed)?;
    if !case.containers.is_empty() {
        let windows = case.build.parse().map_err(|_| format!("{} is no build", case.build))?;
        container::lay_base(&twin.host, windows).await.map_err(failed)?;
    }
    for Container { id, runs } in case.containers {
        container::create(&twin.host, id).await.map_err(failed)?;
        if *runs {
            container::start(&twin.host, id).await.map_err(failed)?;
        }
    }
    if case.elsewhere {
        let network = twin.network("other", NetworkKind::Overlay, 9).await.map_err(failed)?;
        let settings = doc!({"Name": "sb_cbr0", "SchemaVersion": {"Major": 2, "Minor": 0},
            "HostComputeNetwork": network.to_string()});
        let create = CreateEndpoint { network, id: Guid::NIL, settings };
        twin.host.network().ask(create).await.map_err(failed)?;
    }
    Ok((twin, namespace.to_string()))
}

//! The start of a plane of programs.
#![expect(clippy::disallowed_types, reason = "free ports are found by binding them")]

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use winlab_clock::{Clock, Pace, VirtualInstant, VirtualSpan};
use winlab_component::LogSink;
use winlab_kube_client::k8s::core::ServiceAccount;
use winlab_kube_client::{Api, Client, Identity};
use winlab_pki::PkiError;
use winlab_profiles::KubeVersion;

use super::command_lines::{self, CommandLine, Layout};
use super::credentials::Credentials;
use super::folder::RunFolder;
use super::plane::{Binaries, Running};
use super::process::Process;
use super::programs::{MissingPrograms, PlanePrograms, ProgramFolders};
use super::{addons, relay, versions, witness};
use crate::control_plane::Endpoint;
use crate::embedded::Switches;
use crate::spec::PlaneSetting;

/// How long the API server may take until it is ready; on a busy machine it has been seen to need 15 s.
const READY_WITHIN: VirtualSpan = VirtualSpan::from_secs(90);
const LOOK: VirtualSpan = VirtualSpan::from_millis(50);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What a plane of programs is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinariesSpec {
    /// Where the programs are.
    pub programs: ProgramFolders,
    /// A folder for what they keep while they run: the system's for temporary files.
    pub scratch: PathBuf,
    /// Where the API server listens.
    pub listen: Listen,
}

/// Where the API server listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listen {
    /// On loopback, at a free port: several labs share the machine's network.
    #[default]
    Loopback,
    /// At port 6443 of the address that nodes are told: the lab has a network namespace of its own, and the address.
    Advertised,
}

/// Why a plane of programs did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartBinariesError {
    /// The lab's clock is not the machine's.
    #[error("real programs cannot follow a clock that is {0}; they need `real`")]
    Pace(Pace),
    /// There are no such programs.
    #[error(transparent)]
    Missing(#[from] MissingPrograms),
    /// The programs are of another version.
    #[error("{program} is {found}; Kubernetes {wanted} needs {needed}")]
    Version {
        /// The program.
        program: &'static str,
        /// Its version.
        found: String,
        /// What was asked for.
        wanted: KubeVersion,
        /// What would do.
        needed: String,
    },
    /// Files or ports of the machine.
    #[error("cannot {doing}: {source}")]
    Machine {
        /// What was tried.
        doing: String,
        /// Why not.
        source: io::Error,
    },
    /// Keys and certificates.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// A program ended by itself.
    #[error("{program} ended ({how}); its last lines:\n{lines}")]
    Ended {
        /// The program.
        program: &'static str,
        /// Its exit status.
        how: String,
        /// What it wrote last.
        lines: String,
    },
    /// It did not become ready.
    #[error("not ready after {within}: {last}; the last lines of kube-apiserver:\n{lines}")]
    NotReady {
        /// How long was waited.
        within: VirtualSpan,
        /// What was seen last.
        last: String,
        /// What the API server wrote last.
        lines: String,
    },
    /// The API server refused what every cluster has.
    #[error("cannot set up the cluster: {0}")]
    SetUp(#[source] Box<winlab_kube_client::Error>),
}

pub(super) fn machine(doing: impl Into<String>) -> impl FnOnce(io::Error) -> StartBinariesError {
    let doing = doing.into();
    move |source| StartBinariesError::Machine { doing, source }
}

impl Binaries {
    /// Starts the programs, and waits until a pod can be created.
    ///
    /// # Errors
    /// What is missing, or what ended; nothing is left of a start that failed.
    pub async fn start(spec: &BinariesSpec, setting: PlaneSetting) -> Result<Self, StartBinariesError> {
        if setting.clock.pace() != Pace::Real {
            return Err(StartBinariesError::Pace(setting.clock.pace()));
        }
        let programs = spec.programs.find(setting.version)?;
        versions::check_etcd(&programs.etcd, setting.version).await?;
        let folder =
            RunFolder::make(&spec.scratch).map_err(machine("make a folder for the control plane"))?;
        let layout = layout(spec, &setting, &folder)?;
        let credentials = Credentials::new(setting.access.cluster, format!("https://{}", layout.api))?;
        let outside = setting.outside.addresses();
        write_files(&folder, &layout, &credentials, &outside)?;
        let mut starting =
            Starting { clock: setting.clock, logs: setting.logs.clone(), running: Running::default() };
        starting.running.folder = Some(folder);
        starting.start_all(&programs, &layout, setting.parts)?;
        let identity = Identity::new("winlab", setting.version.to_string());
        let remote = credentials.remote(&identity.user)?;
        let administrator = identity.remote_client(&remote).expect("the certificate is of our own making");
        starting.until_ready(&administrator).await?;
        addons::create(&administrator).await.map_err(set_up)?;
        if setting.parts == Switches::All {
            starting.until_pods_can_be_created(&administrator).await?;
        }
        let version = versions::of_server(&administrator, setting.version).await?;
        let served = witness::served(&administrator).await.map_err(set_up)?;
        starting.running.tasks.push(relay::carry(setting.outside, layout.api, setting.clock));
        let endpoint = |address| Endpoint { address, ca_pem: credentials.authority_pem() };
        Ok(Self {
            version,
            clock: setting.clock,
            seed: setting.seed,
            endpoint: endpoint(layout.api),
            outside: outside.first().copied().map(endpoint),
            credentials,
            administrator,
            served,
            running: Mutex::new(starting.running),
        })
    }
}

pub(super) fn set_up(error: winlab_kube_client::Error) -> StartBinariesError {
    StartBinariesError::SetUp(Box::new(error))
}

fn layout(
    spec: &BinariesSpec,
    setting: &PlaneSetting,
    folder: &RunFolder,
) -> Result<Layout, StartBinariesError> {
    let advertise = setting.advertise_address.unwrap_or(LOOPBACK);
    let api = match spec.listen {
        Listen::Advertised => SocketAddr::new(advertise, 6443),
        Listen::Loopback => free_port()?,
    };
    Ok(Layout {
        folder: folder.path().to_path_buf(),
        etcd: free_port()?,
        api,
        advertise,
        service_cidr: setting.service_cidr.to_owned(),
        cluster_cidr: setting.cluster_cidr.to_owned(),
    })
}

/// A port of loopback that nobody listens on at the moment.
fn free_port() -> Result<SocketAddr, StartBinariesError> {
    let listener = TcpListener::bind((LOOPBACK, 0)).map_err(machine("find a free port"))?;
    listener.local_addr().map_err(machine("find a free port"))
}

fn write_files(
    folder: &RunFolder,
    layout: &Layout,
    credentials: &Credentials,
    outside: &[SocketAddr],
) -> Result<(), StartBinariesError> {
    let mut addresses = vec![layout.api.ip(), LOOPBACK, layout.advertise];
    addresses.extend(outside.iter().map(SocketAddr::ip));
    addresses.extend(first_service_address(&layout.service_cidr));
    addresses.sort_unstable();
    addresses.dedup();
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for (name, content) in credentials.files(addresses)? {
        files.push((layout.pki(name), content));
    }
    for component in ["controller-manager", "scheduler"] {
        let config = credentials.kubeconfig(&format!("system:kube-{component}"))?;
        files.push((layout.kubeconfig(component), config));
    }
    for (path, content) in files {
        let doing = format!("write {}", path.display());
        folder.write(&path, &content).map_err(machine(doing))?;
    }
    Ok(())
}

/// The address of the service `kubernetes`: the first of the range.
fn first_service_address(cidr: &str) -> Option<IpAddr> {
    let network: IpAddr = cidr.split('/').next()?.parse().ok()?;
    match network {
        IpAddr::V4(network) => Some(IpAddr::V4(Ipv4Addr::from_bits(network.to_bits() + 1))),
        IpAddr::V6(network) => Some(IpAddr::V6(std::net::Ipv6Addr::from_bits(network.to_bits() + 1))),
    }
}

/// A plane that is being started.
struct Starting {
    clock: Clock,
    logs: Arc<dyn LogSink>,
    running: Running,
}

impl Starting {
    /// Starts all at once: each waits by itself for the one before it.
    fn start_all(
        &mut self,
        programs: &PlanePrograms,
        layout: &Layout,
        parts: Switches,
    ) -> Result<(), StartBinariesError> {
        let mut lines =
            vec![command_lines::etcd(programs, layout), command_lines::kube_apiserver(programs, layout)];
        if parts == Switches::All {
            lines.push(command_lines::kube_controller_manager(programs, layout));
            lines.push(command_lines::kube_scheduler(programs, layout));
        }
        lines.iter().try_for_each(|line| self.start_one(line, layout))
    }

    fn start_one(&mut self, line: &CommandLine, layout: &Layout) -> Result<(), StartBinariesError> {
        let doing = format!("start {}", line.program.display());
        let process = Process::start(line, &layout.folder, &self.logs).map_err(machine(doing))?;
        if let (Some(id), Some(folder)) = (process.id(), &mut self.running.folder) {
            folder.note(&id).map_err(machine("take note of a program"))?;
        }
        self.running.processes.push(process);
        Ok(())
    }

    async fn until_ready(&mut self, client: &Client) -> Result<(), StartBinariesError> {
        self.until(async || {
            let request = http::Request::get("/readyz").body(Vec::new()).expect("the path is one");
            match client.request_text(request).await {
                Ok(_) => None,
                Err(error) => Some(format!("/readyz: {}", whole(&error))),
            }
        })
        .await
    }

    /// Until the controllers have made what admission wants of a pod's namespace (`ServiceAccount`).
    async fn until_pods_can_be_created(&mut self, client: &Client) -> Result<(), StartBinariesError> {
        self.until(async || {
            for namespace in ["default", "kube-system"] {
                let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), namespace);
                if let Err(error) = accounts.get("default").await {
                    return Some(format!("service account {namespace}/default: {}", whole(&error)));
                }
            }
            None
        })
        .await
    }

    /// Waits until nothing is missing any more, or a program has ended.
    async fn until(&mut self, missing: impl AsyncFn() -> Option<String>) -> Result<(), StartBinariesError> {
        let end: VirtualInstant = self.clock.now() + READY_WITHIN;
        loop {
            let Some(last) = missing().await else { return Ok(()) };
            for process in &mut self.running.processes {
                if let Some(how) = process.ended() {
                    let lines = process.last_lines().join("\n");
                    return Err(StartBinariesError::Ended { program: process.name(), how, lines });
                }
            }
            if self.clock.now() >= end {
                let api = self.running.processes.iter().find(|process| process.name() == "kube-apiserver");
                let lines = api.map(Process::last_lines).unwrap_or_default().join("\n");
                return Err(StartBinariesError::NotReady { within: READY_WITHIN, last, lines });
            }
            self.clock.sleep(LOOK).await;
        }
    }
}

/// An error with what caused it.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

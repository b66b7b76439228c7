//! Services of nodes: SCM services on Windows, units on Linux, through the nodes' own boundaries.

use winlab_clock::VirtualSpan;
use winlab_component::Machine;
use winlab_document::{Document, doc};
use winlab_host::linux::{StartUnit, StopUnit, UnitState, UnitStatusOf};
use winlab_host::system::{ControlService, QueryServiceStatus, ServiceControl, ServiceState, StartService};
use winlab_host::{Ask, HResult};

use crate::error::LabError;
use crate::lab::Lab;
use crate::node::Node;

/// How long a service may take to stop: kubelet and containerd end at once, a hung one is told.
const STOP_WITHIN: VirtualSpan = VirtualSpan::from_secs(60);
/// How often a service that is to stop is looked at.
const LOOK: VirtualSpan = VirtualSpan::from_millis(100);

/// Starts a service; one that runs already is fine.
pub(crate) async fn start(node: &Node, service: &str) -> Result<(), LabError> {
    let what = || format!("starting {}/{service}", node.spec.name);
    match &node.machine {
        Machine::Windows(machine) => {
            let start = StartService { name: service.to_owned(), arguments: Vec::new() };
            match machine.system.ask(start).await {
                Err(fault) if fault.code != HResult::ERROR_SERVICE_ALREADY_RUNNING => {
                    Err(LabError::new(what(), fault))
                }
                _ => Ok(()),
            }
        }
        Machine::Linux(host) => host
            .ask(StartUnit { name: service.to_owned() })
            .await
            .map_err(|fault| LabError::new(what(), fault)),
    }
}

/// Stops a service and waits until it has; one that does not run is fine.
pub(crate) async fn stop(node: &Node, service: &str, lab: &Lab) -> Result<(), LabError> {
    let what = || format!("stopping {}/{service}", node.spec.name);
    match &node.machine {
        Machine::Windows(machine) => {
            let control = ControlService { name: service.to_owned(), control: ServiceControl::Stop };
            match machine.system.ask(control).await {
                Err(fault) if fault.code != HResult::ERROR_SERVICE_NOT_ACTIVE => {
                    return Err(LabError::new(what(), fault));
                }
                _ => {}
            }
        }
        Machine::Linux(host) => {
            host.ask(StopUnit { name: service.to_owned() })
                .await
                .map_err(|fault| LabError::new(what(), fault))?;
        }
    }
    let stopped = async {
        loop {
            let status = status(node, service).await;
            match status.map(|status| status.text(&["state"]).to_owned()).as_deref() {
                Ok("stopped" | "inactive" | "failed") => return,
                _ => lab.clock().sleep(LOOK).await,
            }
        }
    };
    lab.clock().within(STOP_WITHIN, stopped).await.map_err(|elapsed| LabError::new(what(), elapsed))
}

/// How a service stands: `{"name", "state", "exit_code", …}` in the words of its system.
pub(crate) async fn status(node: &Node, service: &str) -> Result<Document, LabError> {
    let what = || format!("looking at {}/{service}", node.spec.name);
    match &node.machine {
        Machine::Windows(machine) => {
            let status = machine.system.ask(QueryServiceStatus { name: service.to_owned() }).await;
            let status = status.map_err(|fault| LabError::new(what(), fault))?;
            Ok(doc!({
                "name": (status.name),
                "state": (status.state.word()),
                "exit_code": (status.exit_code),
                "specific_exit_code": (status.specific_exit_code)
            }))
        }
        Machine::Linux(host) => {
            let status = host.ask(UnitStatusOf { name: service.to_owned() }).await;
            let status = status.map_err(|fault| LabError::new(what(), fault))?;
            Ok(doc!({"name": (status.name), "state": (status.state.word()), "exit_code": (status.exit_code)}))
        }
    }
}

/// Whether a service runs.
pub(crate) async fn is_running(node: &Node, service: &str) -> bool {
    let running = [ServiceState::Running.word(), UnitState::Active.word()];
    status(node, service).await.is_ok_and(|status| running.contains(&status.text(&["state"])))
}

impl Lab {
    /// Starts a service of a node.
    ///
    /// # Errors
    /// The service manager's own words.
    pub async fn start_service(&self, node: &str, service: &str) -> Result<(), LabError> {
        let node = self.node(node)?;
        self.refuse_daemon(node, service, "starting")?;
        start(node, service).await
    }

    /// Stops a service of a node and waits until it has stopped.
    ///
    /// # Errors
    /// The service manager's own words, or that it did not stop within a minute.
    pub async fn stop_service(&self, node: &str, service: &str) -> Result<(), LabError> {
        let node = self.node(node)?;
        self.refuse_daemon(node, service, "stopping")?;
        stop(node, service, self).await
    }

    /// A DaemonSet's pod is neither started nor stopped by hand.
    fn refuse_daemon(&self, node: &Node, service: &str, verb: &str) -> Result<(), LabError> {
        if self.daemon(node, service).is_none() {
            return Ok(());
        }
        let why = "it is a pod of a DaemonSet, which makes a new one";
        Err(LabError::new(format!("{verb} {}/{service}", node.spec.name), why)
            .hint("`restart` it, or patch the DaemonSet's nodeSelector"))
    }

    /// Stops and starts a service of a node; a component that is a DaemonSet's pod is replaced by a new pod.
    ///
    /// # Errors
    /// As for stopping and starting.
    pub async fn restart_service(&self, node: &str, service: &str) -> Result<(), LabError> {
        let node = self.node(node)?;
        if let Some(daemon) = self.daemon(node, service) {
            return self.restart_daemon(node, daemon).await;
        }
        stop(node, service, self).await?;
        start(node, service).await
    }

    /// Ends a service's program without asking it.
    ///
    /// # Errors
    /// That it did not run.
    pub async fn crash_service(&self, node: &str, service: &str) -> Result<(), LabError> {
        let node = self.node(node)?;
        let killed = match self.daemon(node, service) {
            Some(_) => node.containers.kill(service),
            None => node.supervisor.kill(service).await,
        };
        if killed {
            return Ok(());
        }
        Err(LabError::new(format!("crashing {}/{service}", node.spec.name), "it does not run"))
    }

    /// Replaces a component by another version: stopped, replaced, started. Where a DaemonSet runs it, the set's image
    /// gets the version, on every node of that system.
    ///
    /// # Errors
    /// That the component has no version, or as for stopping and starting.
    pub async fn upgrade(
        &self,
        node: &str,
        component: &str,
        version: winlab_profiles::KubeVersion,
    ) -> Result<(), LabError> {
        let node = self.node(node)?;
        let what = format!("upgrading {}/{component}", node.spec.name);
        if node.versions.get(component).is_none() {
            return Err(LabError::new(what, "only kubelet and kube-proxy have a Kubernetes version"));
        }
        if let Some(daemon) = self.daemon(node, component) {
            return self.upgrade_daemon(node, daemon, version).await;
        }
        stop(node, component, self).await?;
        node.versions.set(component, version);
        crate::join::reconfigure(self, node, component).await?;
        start(node, component).await
    }

    /// How a service of a node stands.
    ///
    /// # Errors
    /// That there is no such service.
    pub async fn service(&self, node: &str, service: &str) -> Result<Document, LabError> {
        let node = self.node(node)?;
        match self.daemon(node, service) {
            Some(daemon) => {
                let what = format!("looking at {}/{service}", node.spec.name);
                let hint = format!("look at `k8s: {daemon}`, or at its pods");
                Err(LabError::new(what, "it is no service, but a pod of a DaemonSet").hint(hint))
            }
            None => status(node, service).await,
        }
    }
}

//! The service control manager, behaviour by behaviour.

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_host::system::{
    ServiceConfig, ServiceControl, ServiceState, ServiceStatus, StartType, SystemEvent,
};
use winlab_host::{Fault, HResult};

use super::{Outbox, ServiceManager};
use crate::context::{Context, Load};
use crate::effect::Effect;

pub(super) struct World {
    pub(super) now: VirtualInstant,
    pub(super) pids: u32,
}

impl Context for World {
    fn now(&self) -> VirtualInstant {
        self.now
    }

    fn pid(&mut self) -> u32 {
        self.pids += 4;
        self.pids
    }

    fn load(&self) -> Load {
        Load::default()
    }
}

struct Lab {
    scm: ServiceManager,
    world: World,
    events: Vec<SystemEvent>,
    effects: Vec<Effect>,
}

pub(super) fn config(depends_on: &[&str]) -> ServiceConfig {
    ServiceConfig {
        binary_path: r"C:\k\x.exe".into(),
        display_name: String::new(),
        start: StartType::Manual,
        depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
        account: "LocalSystem".into(),
        restart_after_secs: None,
    }
}

pub(super) fn report(state: ServiceState, exit_code: u32) -> ServiceStatus {
    ServiceStatus { name: String::new(), state, exit_code, specific_exit_code: 0, pid: 0 }
}

impl Lab {
    fn new() -> Self {
        let world = World { now: VirtualInstant::START, pids: 0 };
        Self { scm: ServiceManager::default(), world, events: Vec::new(), effects: Vec::new() }
    }

    fn with<T>(&mut self, work: impl FnOnce(&mut ServiceManager, &mut Outbox<'_>) -> T) -> T {
        let mut out = Outbox {
            now: self.world.now,
            events: &mut self.events,
            effects: &mut self.effects,
            context: &mut self.world,
        };
        work(&mut self.scm, &mut out)
    }

    fn start(&mut self, name: &str) -> Result<(), HResult> {
        self.with(|scm, out| scm.start(name, vec![], out)).map_err(code)
    }

    fn stop(&mut self, name: &str) -> Result<ServiceState, HResult> {
        self.with(|scm, out| scm.control(name, ServiceControl::Stop, out)).map(|s| s.state).map_err(code)
    }

    fn report(&mut self, name: &str, state: ServiceState, exit_code: u32) -> Result<(), HResult> {
        self.with(|scm, out| scm.report(name, &report(state, exit_code), out)).map_err(code)
    }

    fn pass(&mut self, seconds: u64) {
        self.world.now = self.world.now + VirtualSpan::from_secs(seconds);
        self.with(|scm, out| scm.tick(out));
    }

    fn state(&self, name: &str) -> (ServiceState, u32) {
        let status = self.scm.status(name).unwrap();
        (status.state, status.exit_code)
    }

    fn started(&self) -> Vec<String> {
        let name = |event: &SystemEvent| match event {
            SystemEvent::ServiceStarting { name, .. } => Some(name.clone()),
            _ => None,
        };
        self.events.iter().filter_map(name).collect()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn code(fault: Fault) -> HResult {
    fault.code
}

#[test]
fn dependencies_run_before_what_needs_them() {
    let mut lab = Lab::new();
    lab.scm.create("containerd", config(&[])).unwrap();
    lab.scm.create("kubelet", config(&["ContainerD"])).unwrap();
    lab.scm.create("kube-proxy", config(&["kubelet"])).unwrap();
    lab.start("kube-proxy").unwrap();
    assert_eq!(lab.started(), ["containerd"]);
    assert_eq!(lab.state("kube-proxy").0, ServiceState::StartPending);
    lab.report("containerd", ServiceState::Running, 0).unwrap();
    lab.report("kubelet", ServiceState::Running, 0).unwrap();
    assert_eq!(lab.started(), ["containerd", "kubelet", "kube-proxy"]);
    assert_eq!(lab.start("kubelet"), Err(HResult::ERROR_SERVICE_ALREADY_RUNNING));
    assert_eq!(lab.stop("containerd"), Err(HResult::ERROR_DEPENDENT_SERVICES_RUNNING));
}

#[test]
fn a_dependency_that_fails_takes_its_dependents_with_it() {
    let mut lab = Lab::new();
    lab.scm.create("containerd", config(&[])).unwrap();
    lab.scm.create("kubelet", config(&["containerd"])).unwrap();
    lab.start("kubelet").unwrap();
    lab.report("containerd", ServiceState::Stopped, 1).unwrap();
    assert_eq!(lab.state("kubelet"), (ServiceState::Stopped, 1068));
    lab.scm.change("containerd", ServiceConfig { start: StartType::Disabled, ..config(&[]) }).unwrap();
    assert_eq!(lab.start("kubelet"), Err(HResult::ERROR_SERVICE_DEPENDENCY_FAIL));
    assert_eq!(lab.start("containerd"), Err(HResult::ERROR_SERVICE_DISABLED));
    lab.scm.change("kubelet", config(&["nobody"])).unwrap();
    assert_eq!(lab.start("kubelet"), Err(HResult::ERROR_SERVICE_DEPENDENCY_DELETED));
}

#[test]
fn circles_are_refused_when_they_are_made() {
    let mut lab = Lab::new();
    lab.scm.create("a", config(&["b"])).unwrap();
    assert_eq!(lab.scm.create("b", config(&["A"])).unwrap_err().code, HResult::ERROR_CIRCULAR_DEPENDENCY);
    lab.scm.create("b", config(&[])).unwrap();
    assert_eq!(lab.scm.change("B", config(&["a"])).unwrap_err().code, HResult::ERROR_CIRCULAR_DEPENDENCY);
}

#[test]
fn a_silent_program_times_out_and_a_pending_one_does_not() {
    let mut lab = Lab::new();
    lab.scm.create("silent", config(&[])).unwrap();
    lab.scm.create("slow", config(&[])).unwrap();
    lab.start("silent").unwrap();
    lab.start("slow").unwrap();
    lab.report("slow", ServiceState::StartPending, 0).unwrap();
    lab.pass(30);
    assert_eq!(lab.state("silent"), (ServiceState::Stopped, 1053));
    assert_eq!(lab.state("slow").0, ServiceState::StartPending);
    assert_eq!(lab.report("silent", ServiceState::Running, 0), Err(HResult::E_HANDLE));
    assert_eq!(lab.stop("slow"), Err(HResult::ERROR_SERVICE_CANNOT_ACCEPT_CTRL));
    assert_eq!(lab.stop("silent"), Err(HResult::ERROR_SERVICE_NOT_ACTIVE));
}

#[test]
fn only_what_failed_by_itself_is_started_again() {
    let mut lab = Lab::new();
    lab.scm.create("kubelet", ServiceConfig { restart_after_secs: Some(10), ..config(&[]) }).unwrap();
    lab.start("kubelet").unwrap();
    lab.report("kubelet", ServiceState::Running, 0).unwrap();
    let pid = lab.scm.status("kubelet").unwrap().pid;
    assert!(lab.with(|scm, out| scm.process_ended(pid, out)));
    assert_eq!(lab.state("kubelet"), (ServiceState::Stopped, 1067));
    lab.pass(10);
    assert_eq!(lab.state("kubelet").0, ServiceState::StartPending);
    lab.report("kubelet", ServiceState::Running, 0).unwrap();
    assert_eq!(lab.stop("kubelet"), Ok(ServiceState::StopPending));
    lab.report("kubelet", ServiceState::Stopped, 1).unwrap();
    lab.pass(60);
    assert_eq!(lab.state("kubelet").0, ServiceState::Stopped);
}

#[test]
fn a_service_marked_for_deletion_goes_when_it_stops() {
    let mut lab = Lab::new();
    lab.scm.create("old", config(&[])).unwrap();
    lab.start("old").unwrap();
    lab.report("old", ServiceState::Running, 0).unwrap();
    lab.scm.delete("old").unwrap();
    assert_eq!(
        lab.scm.create("OLD", config(&[])).unwrap_err().code,
        HResult::ERROR_SERVICE_MARKED_FOR_DELETE
    );
    lab.stop("old").unwrap();
    lab.report("old", ServiceState::Stopped, 0).unwrap();
    assert_eq!(lab.scm.status("old").unwrap_err().code, HResult::ERROR_SERVICE_DOES_NOT_EXIST);
}

#[test]
fn services_of_windows_start_and_stop_at_once() {
    let mut lab = Lab::new();
    lab.scm.add_built_in("hns", "Host Network Service", StartType::Automatic, &[]);
    lab.with(|scm, out| scm.start_automatic(out));
    assert_eq!(lab.state("HNS").0, ServiceState::Running);
    assert_eq!(lab.stop("hns"), Ok(ServiceState::Stopped));
    assert_eq!(lab.effects, [Effect::BuiltInStarted("hns".into()), Effect::BuiltInStopped("hns".into())]);
}

#[test]
fn a_shutdown_waits_for_who_reacts_and_no_longer() {
    let mut lab = Lab::new();
    for name in ["kubelet", "stubborn"] {
        lab.scm.create(name, config(&[])).unwrap();
        lab.start(name).unwrap();
        lab.report(name, ServiceState::Running, 0).unwrap();
    }
    lab.with(|scm, out| scm.begin_shutdown(out));
    lab.report("kubelet", ServiceState::StopPending, 0).unwrap();
    lab.pass(60);
    assert!(lab.effects.is_empty(), "kubelet is still being waited for");
    lab.report("kubelet", ServiceState::Stopped, 0).unwrap();
    assert!(lab.effects.is_empty(), "the rest is told of the shutdown first");
    lab.pass(1);
    assert_eq!(lab.effects, [Effect::ServicesEnded]);
}

//! The service manager.

use futures::{FutureExt, StreamExt};
use winlab_clock::VirtualSpan;
use winlab_host::EventStream;
use winlab_host::linux::{
    Errno, InstallUnit, LinuxEvent, ReportUnit, StartUnit, StopUnit, UnitConfig, UnitState, UnitStatus,
    UnitStatusOf,
};

use super::{Lab, lab};

async fn install(lab: &Lab, name: &str, after: &[&str], restart: Option<u32>) {
    let config = UnitConfig {
        exec_start: format!("/usr/bin/{name}"),
        after: after.iter().map(ToString::to_string).collect(),
        restart_after_secs: restart,
        enabled: true,
    };
    lab.ask(InstallUnit { name: name.into(), config }).await.unwrap();
}

async fn report(lab: &Lab, name: &str, state: UnitState, exit_code: i32) {
    lab.ask(ReportUnit { status: UnitStatus { name: name.into(), state, exit_code } }).await.unwrap();
}

async fn state(lab: &Lab, name: &str) -> UnitState {
    lab.ask(UnitStatusOf { name: name.into() }).await.unwrap().state
}

/// What has been told so far: `+unit` starting, `-unit` stopping.
fn told(events: &mut EventStream<LinuxEvent>) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(Some(event)) = events.next().now_or_never() {
        match event {
            LinuxEvent::UnitStarting { name, .. } => told.push(format!("+{name}")),
            LinuxEvent::UnitStopping { name } => told.push(format!("-{name}")),
            _ => {}
        }
    }
    told
}

#[test]
fn a_unit_starts_after_what_it_requires_and_stops_before_it() {
    lab(async |lab| {
        let mut events = lab.boundary.events();
        install(&lab, "containerd", &[], None).await;
        install(&lab, "kubelet", &["containerd"], None).await;
        lab.ask(StartUnit { name: "kubelet".into() }).await.unwrap();
        assert_eq!(told(&mut events), ["+containerd"]);
        assert_eq!(state(&lab, "kubelet").await, UnitState::Inactive);
        report(&lab, "containerd", UnitState::Active, 0).await;
        assert_eq!(told(&mut events), ["+kubelet"]);
        report(&lab, "kubelet", UnitState::Active, 0).await;
        lab.ask(StopUnit { name: "containerd".into() }).await.unwrap();
        assert_eq!(told(&mut events), ["-kubelet", "-containerd"]);
        report(&lab, "kubelet", UnitState::Inactive, 0).await;
        assert_eq!(state(&lab, "kubelet").await, UnitState::Inactive);
        assert_eq!(state(&lab, "containerd").await, UnitState::Deactivating);
    });
}

#[test]
fn a_unit_that_ends_by_itself_is_started_again_after_its_time() {
    lab(async |lab| {
        let mut events = lab.boundary.events();
        install(&lab, "kubelet", &[], Some(10)).await;
        lab.ask(StartUnit { name: "kubelet".into() }).await.unwrap();
        report(&lab, "kubelet", UnitState::Active, 0).await;
        lab.host.kill_unit("kubelet").unwrap();
        assert_eq!(state(&lab, "kubelet").await, UnitState::Activating);
        assert_eq!(told(&mut events), ["+kubelet"]);
        lab.clock.sleep(VirtualSpan::from_secs(9)).await;
        assert!(told(&mut events).is_empty());
        lab.clock.sleep(VirtualSpan::from_secs(2)).await;
        assert_eq!(told(&mut events), ["+kubelet"]);
        report(&lab, "kubelet", UnitState::Active, 0).await;
        assert_eq!(state(&lab, "kubelet").await, UnitState::Active);
        lab.ask(StopUnit { name: "kubelet".into() }).await.unwrap();
        report(&lab, "kubelet", UnitState::Inactive, 0).await;
        lab.clock.sleep(VirtualSpan::from_secs(60)).await;
        assert_eq!(told(&mut events), ["-kubelet"]);
    });
}

#[test]
fn a_stop_while_a_restart_waits_is_a_stop() {
    lab(async |lab| {
        install(&lab, "kubelet", &[], Some(10)).await;
        lab.ask(StartUnit { name: "kubelet".into() }).await.unwrap();
        report(&lab, "kubelet", UnitState::Failed, 1).await;
        lab.ask(StopUnit { name: "kubelet".into() }).await.unwrap();
        lab.clock.sleep(VirtualSpan::from_secs(60)).await;
        assert_eq!(state(&lab, "kubelet").await, UnitState::Inactive);
    });
}

#[test]
fn without_restart_a_failure_stays() {
    lab(async |lab| {
        install(&lab, "flanneld", &[], None).await;
        lab.ask(StartUnit { name: "flanneld".into() }).await.unwrap();
        report(&lab, "flanneld", UnitState::Failed, 255).await;
        let status = lab.ask(UnitStatusOf { name: "flanneld".into() }).await.unwrap();
        assert_eq!((status.state, status.exit_code), (UnitState::Failed, 255));
        let fault = lab.ask(StartUnit { name: "nope".into() }).await.unwrap_err();
        assert_eq!((fault.errno, fault.message.as_str()), (Errno::ENOENT, "Unit nope not found."));
    });
}

#[test]
fn who_waits_for_a_unit_that_fails_is_called_off() {
    lab(async |lab| {
        let mut events = lab.boundary.events();
        install(&lab, "containerd", &[], None).await;
        install(&lab, "kubelet", &["containerd"], None).await;
        install(&lab, "watcher", &["kubelet"], None).await;
        lab.ask(StartUnit { name: "watcher".into() }).await.unwrap();
        report(&lab, "containerd", UnitState::Failed, 1).await;
        assert_eq!(lab.host.kill_unit("containerd").map_err(|fault| fault.errno), Err(Errno::ESRCH));
        lab.ask(StartUnit { name: "containerd".into() }).await.unwrap();
        report(&lab, "containerd", UnitState::Active, 0).await;
        assert_eq!(told(&mut events), ["+containerd", "+containerd"]);
        assert_eq!(state(&lab, "kubelet").await, UnitState::Inactive);
    });
}

#[test]
fn a_reboot_starts_what_is_enabled() {
    lab(async |lab| {
        install(&lab, "containerd", &[], None).await;
        install(&lab, "kubelet", &["containerd"], None).await;
        lab.ask(StartUnit { name: "kubelet".into() }).await.unwrap();
        report(&lab, "containerd", UnitState::Active, 0).await;
        report(&lab, "kubelet", UnitState::Active, 0).await;
        let mut events = lab.boundary.events();
        lab.host.reboot();
        assert_eq!(told(&mut events), ["+containerd"]);
        report(&lab, "containerd", UnitState::Active, 0).await;
        assert_eq!(told(&mut events), ["+kubelet"]);
    });
}

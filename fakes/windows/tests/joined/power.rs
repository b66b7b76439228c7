//! Reboots and power losses.

use futures::StreamExt as _;
use winlab_clock::{VirtualSpan, virtual_world};
use winlab_document::Document;
use winlab_fake_windows::Power;
use winlab_host::compute::EnumerateComputeSystems;
use winlab_host::network::{EnumerateNamespaces, EnumerateNetworks};
use winlab_host::system::{
    CreateKeyEx, CreateService, EnumerateKey, GetSystemInformation, QueryServiceStatus, ReadFile, Scope,
    ServiceConfig, ServiceControl, ServiceState, ServiceStatus, SetServiceStatus, StartService, StartType,
    SystemEvent, WriteFile,
};
use winlab_host::{Ask as _, Boundary as _, HResult};

use crate::lab::{Lab, web};

fn kubelet() -> ServiceConfig {
    ServiceConfig {
        binary_path: r"C:\k\kubelet.exe".into(),
        display_name: "kubelet".into(),
        start: StartType::Automatic,
        depends_on: vec!["hns".into()],
        account: "LocalSystem".into(),
        restart_after_secs: None,
    }
}

#[test]
fn a_reboot_clears_what_is_volatile_and_starts_automatic_services() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let system = lab.host.system();
        let (namespace, _) = lab.pod_network("10.244.1.5").await;
        lab.run("web", namespace).await;
        system.ask(CreateService { name: "kubelet".into(), config: kubelet() }).await.unwrap();
        let volatile = String::from(r"HKLM\SOFTWARE\Microsoft\runhcs\x");
        system.ask(CreateKeyEx { scope: Scope::Host, key: volatile.clone(), volatile: true }).await.unwrap();
        let file = || String::from(r"C:\kept");
        system.ask(WriteFile { scope: Scope::Host, path: file(), bytes: b"x"[..].into() }).await.unwrap();
        let before = lab.clock.now();
        let mut events = system.events();
        lab.host.reboot(VirtualSpan::from_secs(60)).await;
        assert!(lab.clock.now().since(before) >= VirtualSpan::from_secs(60));
        let information = system.ask(GetSystemInformation {}).await.unwrap();
        assert_eq!(information.get("BootId").and_then(Document::as_u64), Some(2));
        assert!(system.ask(EnumerateKey { scope: Scope::Host, key: volatile }).await.is_err());
        assert_eq!(&*system.ask(ReadFile { scope: Scope::Host, path: file() }).await.unwrap(), b"x");
        let systems =
            lab.host.compute().ask(EnumerateComputeSystems { query: Document::Null }).await.unwrap();
        assert_eq!(systems, Document::empty_array());
        let network = lab.host.network();
        assert_eq!(network.ask(EnumerateNetworks { query: Document::Null }).await.unwrap().len(), 1);
        assert_eq!(network.ask(EnumerateNamespaces { query: Document::Null }).await.unwrap().len(), 1);
        loop {
            if let SystemEvent::ServiceStarting { name, .. } = events.next().await.unwrap() {
                assert_eq!(name, "kubelet");
                return;
            }
        }
    });
}

#[test]
fn a_shutdown_waits_for_a_service_that_asks_for_time() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let system = lab.host.system();
        system.ask(CreateService { name: "kubelet".into(), config: kubelet() }).await.unwrap();
        system.ask(StartService { name: "kubelet".into(), arguments: vec![] }).await.unwrap();
        let report = |state| SetServiceStatus {
            name: "kubelet".into(),
            status: ServiceStatus { name: String::new(), state, exit_code: 0, specific_exit_code: 0, pid: 0 },
        };
        system.ask(report(ServiceState::Running)).await.unwrap();
        let mut events = system.events();
        let (clock, host) = (lab.clock, lab.host.clone());
        let program = async {
            while let Some(event) = events.next().await {
                if matches!(
                    event,
                    SystemEvent::ServiceControlled { control: ServiceControl::Preshutdown, .. }
                ) {
                    host.system().ask(report(ServiceState::StopPending)).await.unwrap();
                    clock.sleep(VirtualSpan::from_secs(30)).await;
                    host.system().ask(report(ServiceState::Stopped)).await.unwrap();
                    return;
                }
            }
        };
        futures::join!(program, lab.host.shut_down());
        assert!(lab.clock.now().as_nanos() >= VirtualSpan::from_secs(30).as_nanos());
        assert!(lab.host.power().is_off());
        let refused = system.ask(QueryServiceStatus { name: "kubelet".into() }).await.unwrap_err();
        assert_eq!(refused.code, HResult::RPC_S_SERVER_UNAVAILABLE);
        lab.host.power_on();
        let status = system.ask(QueryServiceStatus { name: "kubelet".into() }).await.unwrap();
        assert_eq!(status.state, ServiceState::StartPending);
    });
}

#[test]
fn a_power_loss_asks_nobody() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let (namespace, _) = lab.pod_network("10.244.1.5").await;
        lab.run("web", namespace).await;
        let mut changes = lab.host.power_changes();
        lab.host.lose_power(Some(VirtualSpan::from_secs(5)));
        assert!(changes.next().await.unwrap().is_off());
        assert!(lab.plane().compartments.is_empty());
        assert_eq!(changes.next().await, Some(Power::On));
        assert_eq!(lab.clock.now().as_nanos(), VirtualSpan::from_secs(5).as_nanos());
        assert_eq!(lab.plane().compartments.len(), 1);
        // The same id may be used again.
        lab.host
            .compute()
            .ask(winlab_host::compute::DestroyLayer { path: r"C:\scratch\web".into() })
            .await
            .unwrap();
        let (namespace, _) = lab.pod_network("10.244.1.7").await;
        lab.run("web", namespace).await;
    });
}

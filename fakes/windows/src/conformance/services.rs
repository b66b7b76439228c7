//! Services, with one of their own, and what every node has.

use winlab_host::system::{
    ControlService, CreateService, DeleteService, EnumerateServices, GetAdapters, QueryServiceConfig,
    QueryServiceStatus, ServiceConfig, ServiceControl, ServiceState, StartService, StartType, System,
};
use winlab_host::{Ask as _, Boundary, HResult};

use super::{Failure, holds, refused, same};

type Host<'a> = &'a dyn Boundary<System>;

fn name() -> String {
    String::from("winlab-conformance")
}

pub(super) async fn life(host: Host<'_>) -> Result<(), Failure> {
    let config = ServiceConfig {
        binary_path: r"C:\winlab\none.exe".into(),
        display_name: "winlab".into(),
        start: StartType::Disabled,
        depends_on: vec![],
        account: "LocalSystem".into(),
        restart_after_secs: None,
    };
    host.ask(CreateService { name: name(), config: config.clone() }).await?;
    let again = CreateService { name: name().to_uppercase(), config: config.clone() };
    refused("the same name in another case", host.ask(again).await, HResult::ERROR_SERVICE_EXISTS)?;
    same("its configuration", host.ask(QueryServiceConfig { name: name() }).await?, config)?;
    let start = StartService { name: name(), arguments: vec![] };
    refused("a disabled service", host.ask(start).await, HResult::ERROR_SERVICE_DISABLED)?;
    let stop = ControlService { name: name(), control: ServiceControl::Stop };
    refused("a stopped service", host.ask(stop).await, HResult::ERROR_SERVICE_NOT_ACTIVE)?;
    let status = host.ask(QueryServiceStatus { name: name() }).await?;
    same("its status", (status.state, status.pid), (ServiceState::Stopped, 0))?;
    host.ask(DeleteService { name: name() }).await?;
    let gone = host.ask(QueryServiceStatus { name: name() }).await;
    refused("a removed service", gone, HResult::ERROR_SERVICE_DOES_NOT_EXIST)
}

pub(super) async fn of_windows(host: Host<'_>) -> Result<(), Failure> {
    let services = host.ask(EnumerateServices {}).await?;
    for wanted in ["hns", "vmcompute"] {
        let found = services.iter().find(|service| service.name.eq_ignore_ascii_case(wanted));
        holds(
            wanted,
            found.is_some_and(|service| service.state == ServiceState::Running && service.pid != 0),
        )?;
    }
    let start = StartService { name: "hns".into(), arguments: vec![] };
    refused("a running service", host.ask(start).await, HResult::ERROR_SERVICE_ALREADY_RUNNING)
}

pub(super) async fn adapters(host: Host<'_>) -> Result<(), Failure> {
    let adapters = host.ask(GetAdapters {}).await?;
    holds("an adapter has an address", adapters.iter().any(|adapter| !adapter.addresses.is_empty()))?;
    let mut indices: Vec<u32> = adapters.iter().map(|adapter| adapter.index).collect();
    indices.dedup();
    same("indices stand once", indices.len(), adapters.len())
}

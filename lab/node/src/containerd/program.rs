//! The program `containerd`.

use std::sync::Arc;

use futures::StreamExt;
use winlab_component::{Context, Exit, HostFiles, LocalEndpoints, Machine};

use super::config::Config;
use super::core::Core;
use super::host::Runtime;
use super::linux::LinuxRuntime;
use super::options::ContainerdOptions;
use super::service::CriService;
use super::windows::WindowsRuntime;
use crate::cri::Cri;

/// Where clients of an address dial: `npipe:////./pipe/containerd-containerd`, `unix:///run/containerd/containerd.sock`.
#[must_use]
pub fn endpoint(address: &str) -> String {
    match address.strip_prefix(r"\\.\pipe\") {
        Some(pipe) => format!("npipe:////./pipe/{pipe}"),
        None => format!("unix://{address}"),
    }
}

/// Stops listening and ends all work when containerd ends, however it ends.
struct Running {
    core: Arc<Core>,
    endpoints: LocalEndpoints,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.endpoints.close(&self.address);
        self.core.events.disconnect();
        self.core.abort();
    }
}

/// Runs containerd until it is asked to stop. Containers go on without it.
pub async fn containerd(context: Context, options: ContainerdOptions) -> Exit {
    let files = HostFiles::of(&context.machine);
    let windows = context.machine.os() == "windows";
    let path = context.command.flag("config").or_else(|| context.command.flag("c"));
    let config = match Config::load(&files, path, windows, &options).await {
        Ok(config) => config,
        Err(text) => {
            context.log.fatal(text);
            return Exit::FAILURE;
        }
    };
    let runtime = match &context.machine {
        Machine::Windows(machine) => {
            let runtime = WindowsRuntime::new(machine.clone(), context.clock, &config.root).await;
            Runtime::Windows(Box::new(runtime))
        }
        Machine::Linux(host) => Runtime::Linux(LinuxRuntime::new(host.clone(), &config.root, &config.state)),
    };
    let given = context.command.flag("address").or_else(|| context.command.flag("a"));
    let address = endpoint(given.unwrap_or(&config.address));
    let mut events = runtime.events();
    let core = Core::new(&context, config, options, runtime).await;
    let running =
        Running { core: core.clone(), endpoints: context.endpoints.clone(), address: address.clone() };
    core.recover().await;
    context.endpoints.listen::<dyn Cri>(&address, Arc::new(CriService(core.clone())));
    context.log.info(format_args!("containerd successfully booted, serving at {address}"));
    let mut stop = context.stop.clone();
    while let Some(Some(event)) = stop.or(events.next()).await {
        core.task_event(event).await;
    }
    drop(running);
    Exit::SUCCESS
}

//! A machine as a program in a container of the host's network sees it: the host's network, services and registry, but
//! the container's files, that is its image with what is mounted into it.

use std::sync::Arc;

use futures::future::BoxFuture;
use winlab_host::linux::{self, Linux};
use winlab_host::system::{self, Scope, System};
use winlab_host::{Boundary, EventStream, Service};

use crate::machine::{Machine, WindowsMachine};

/// A boundary whose calls on the host's files go to a container's.
struct ContainerFiles<S: Service> {
    inner: Arc<dyn Boundary<S>>,
    container: String,
}

impl Machine {
    /// This machine as a program in a container sees it: a job object of a HostProcess container on Windows, a
    /// container of the OCI runtime on Linux.
    #[must_use]
    pub fn inside(&self, container: &str) -> Self {
        let container = container.to_owned();
        match self {
            Self::Windows(machine) => Self::Windows(WindowsMachine {
                system: Arc::new(ContainerFiles { inner: machine.system.clone(), container }),
                ..machine.clone()
            }),
            Self::Linux(host) => Self::Linux(Arc::new(ContainerFiles { inner: host.clone(), container })),
        }
    }
}

impl Boundary<System> for ContainerFiles<System> {
    fn call(&self, call: system::Call) -> BoxFuture<'_, Result<system::Answer, winlab_host::Fault>> {
        use system::Call;
        let mut call = call;
        let scope = match &mut call {
            Call::ReadFile(c) => Some(&mut c.scope),
            Call::WriteFile(c) => Some(&mut c.scope),
            Call::AppendFile(c) => Some(&mut c.scope),
            Call::DeleteFile(c) => Some(&mut c.scope),
            Call::MoveFile(c) => Some(&mut c.scope),
            Call::CreateDirectory(c) => Some(&mut c.scope),
            Call::RemoveDirectory(c) => Some(&mut c.scope),
            Call::ListDirectory(c) => Some(&mut c.scope),
            Call::StatFile(c) => Some(&mut c.scope),
            _ => None,
        };
        if let Some(scope) = scope.filter(|scope| **scope == Scope::Host) {
            *scope = Scope::Container(self.container.clone());
        }
        self.inner.call(call)
    }

    fn events(&self) -> EventStream<system::SystemEvent> {
        self.inner.events()
    }
}

impl Boundary<Linux> for ContainerFiles<Linux> {
    fn call(&self, call: linux::Call) -> BoxFuture<'_, Result<linux::Answer, linux::LinuxFault>> {
        use linux::Call;
        let mut call = call;
        let container = match &mut call {
            Call::ReadFile(c) => Some(&mut c.container),
            Call::WriteFile(c) => Some(&mut c.container),
            Call::AppendFile(c) => Some(&mut c.container),
            Call::DeleteFile(c) => Some(&mut c.container),
            Call::RemoveDirectory(c) => Some(&mut c.container),
            Call::ListDirectory(c) => Some(&mut c.container),
            _ => None,
        };
        if let Some(container) = container.filter(|container| container.is_empty()) {
            container.clone_from(&self.container);
        }
        self.inner.call(call)
    }

    fn events(&self) -> EventStream<linux::LinuxEvent> {
        self.inner.events()
    }
}

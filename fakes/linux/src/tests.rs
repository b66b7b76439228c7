//! The machine through its boundary.

mod containers;
mod model;
mod network;
mod unit_model;
mod units;

use std::sync::Arc;

use winlab_clock::{Clock, Seed, virtual_world};
use winlab_document::Document;
use winlab_host::linux::{Errno, Linux as Service, LinuxFault};
use winlab_host::{Ask, HostLinux, Request};

use crate::{LinuxConfig, LinuxHost};

/// A host `lin1` at 10.0.0.10 behind 10.0.0.1.
fn config() -> LinuxConfig {
    let mac = "02:00:00:00:00:0a".parse().unwrap();
    LinuxConfig::ubuntu("lin1", mac, "10.0.0.10/24".parse().unwrap(), "10.0.0.1".parse().ok())
}

struct Lab {
    host: Arc<LinuxHost>,
    boundary: Arc<HostLinux>,
    clock: Clock,
}

impl Lab {
    async fn ask<R: Request<Service>>(&self, request: R) -> Result<R::Output, LinuxFault> {
        self.boundary.ask(request).await
    }

    async fn errno<R: Request<Service>>(&self, request: R) -> Option<Errno> {
        self.ask(request).await.err().map(|fault| fault.errno)
    }
}

fn lab<F: Future<Output = ()>>(test: impl FnOnce(Lab) -> F) {
    virtual_world(async {
        let clock = Clock::start_virtual();
        let host = LinuxHost::new(config(), clock, Seed::new(7));
        let boundary = host.host();
        test(Lab { host, boundary, clock }).await;
    });
}

fn bytes(text: &str) -> Arc<[u8]> {
    Arc::from(text.as_bytes())
}

fn bundle(namespace: &str, arguments: &[&str]) -> Document {
    let arguments: Document = arguments.iter().copied().collect();
    winlab_document::doc!({
        "hostname": "web-0",
        "root": {"path": "/run/rootfs/web"},
        "process": {"args": arguments, "env": ["GREETING=hello"]},
        "linux": {"namespaces": [{"type": "network", "path": (format!("/var/run/netns/{namespace}"))}]},
        "mounts": [
            {"destination": "/etc/resolv.conf", "type": "bind", "source": "/var/lib/pod/resolv.conf", "options": ["ro"]},
            {"destination": "/tmp", "type": "tmpfs"},
        ],
    })
}

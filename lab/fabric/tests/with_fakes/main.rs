//! Walks over what was programmed through the boundary into the fakes, by the calls that flannel, the CNI plugins and
//! kube-proxy make.

mod host_gw;
mod linux;
mod overlay;
mod windows;

use std::net::IpAddr;
use std::sync::Arc;

use winlab_clock::{Clock, Seed, VirtualInstant, virtual_world};
use winlab_fabric::{Fabric, NoServers, Probe, Source, Underlay, Verdict};

use linux::LinuxNode;
use windows::WindowsNode;

/// `lin1` at 10.0.0.10 with the pod 10.244.0.5, and `win1` at 10.0.0.11 with the pod 10.244.1.5.
struct Lab {
    fabric: Fabric,
    lin1: LinuxNode,
    win1: Arc<WindowsNode>,
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn lab<F: Future<Output = ()>>(test: impl FnOnce(Lab) -> F) {
    virtual_world(async {
        let fabric = Fabric::new(Underlay::new(ip("10.0.0.1")), Arc::new(NoServers));
        let lin1 = LinuxNode::new(Clock::start_virtual());
        let win1 = Arc::new(WindowsNode::new());
        fabric.connect(lin1.plug());
        fabric.connect(WindowsNode::plug(&win1));
        test(Lab { fabric, lin1, win1 }).await;
    });
}

impl Lab {
    fn walk(&self, node: &str, id: &str, to: &str) -> Verdict {
        let from = Source::Container { node: node.into(), id: id.into() };
        self.fabric.walk(&Probe::to(from, to).unwrap(), Seed::new(1), VirtualInstant::START)
    }

    /// Both pods reach each other and the service with the other behind it.
    fn all_is_well(&self) {
        for (node, id, to) in [
            ("win1", "c1", "http://10.244.0.5:8080"),
            ("lin1", "c0", "http://10.244.1.5:8080"),
            ("win1", "c1", "icmp://10.244.0.5"),
            ("lin1", "c0", "icmp://10.244.1.5"),
            ("win1", "c1", "http://10.96.0.80:80"),
            ("lin1", "c0", "http://10.96.0.81:80"),
        ] {
            let verdict = self.walk(node, id, to);
            assert!(verdict.is_ok(), "{id} to {to}\n{verdict}");
        }
    }
}

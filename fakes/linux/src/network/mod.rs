//! The network stack: namespaces, and in each links, addresses, routes, neighbours, netfilter tables, parameters.

mod forwarding;
mod links;
mod namespaces;
mod routes;
mod sysctl;

pub(crate) use namespaces::Stack;

use winlab_host::linux::{Errno, LinuxFault};

/// A refusal of the kernel as `ip` prints it.
fn refused(errno: Errno) -> LinuxFault {
    LinuxFault::because(errno, format!("RTNETLINK answers: {}", errno.text()))
}

fn no_device(name: &str) -> LinuxFault {
    LinuxFault::because(Errno::ENODEV, format!("Cannot find device \"{name}\""))
}

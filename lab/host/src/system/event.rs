//! What the service control manager tells the programs of services, and the lab.

use super::scm::{ServiceControl, ServiceStatus};

/// One event of the system.
#[derive(Debug, Clone, PartialEq)]
pub enum SystemEvent {
    /// The service control manager starts a service's program; the program must report its status.
    ServiceStarting {
        /// The service.
        name: String,
        /// Its command line.
        command_line: String,
        /// Arguments of `StartService`.
        arguments: Vec<String>,
    },
    /// A control code for a service's program.
    ServiceControlled {
        /// The service.
        name: String,
        /// The code.
        control: ServiceControl,
    },
    /// A service's status changed.
    ServiceChanged {
        /// The status it has now.
        status: ServiceStatus,
    },
    /// A file of the host changed: its path. Container logs are read when this comes.
    FileChanged {
        /// The path.
        path: String,
    },
    /// The host's network adapters changed: a virtual switch took a NIC over, or gave it back.
    AdaptersChanged,
}

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
    /// A program of a HostProcess container was started on the host.
    ComponentStarted {
        /// The container.
        container: String,
        /// [`Program::component`](crate::Program::component) of its image.
        component: String,
        /// Its command line.
        command_line: String,
    },
    /// A program of a HostProcess container ended, or is to end.
    ComponentStopped {
        /// The container.
        container: String,
    },
    /// A file of the host changed: its path. Container logs are read when this comes.
    FileChanged {
        /// The path.
        path: String,
    },
    /// The host's network adapters changed: a virtual switch took a NIC over, or gave it back.
    AdaptersChanged,
    /// A process of the host outside services has ended: one of a HostProcess container, say.
    ProcessExited {
        /// Its job object; empty of none.
        job: String,
        /// The process.
        pid: u32,
        /// Its exit code.
        exit_code: u32,
    },
    /// A process of the host has written something that can be read.
    ProcessOutput {
        /// Its job object; empty of none.
        job: String,
        /// The process.
        pid: u32,
    },
}

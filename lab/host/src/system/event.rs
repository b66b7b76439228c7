//! What the service control manager tells the programs of services, and the lab.

use winlab_document::Document;

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
    /// A process of the host, outside services, has begun to run a component: that of a HostProcess container, say.
    ComponentStarted {
        /// Its job object: the [`Scope`](super::Scope) of the files that it sees.
        job: String,
        /// The process.
        pid: u32,
        /// [`Program::component`](crate::Program::component) of its image.
        component: String,
        /// [`Program::version`](crate::Program::version) of its image.
        version: String,
        /// Its command line.
        command_line: String,
        /// Its environment, an object of texts.
        environment: Document,
    },
    /// Such a process has ended.
    ComponentStopped {
        /// Its job object.
        job: String,
        /// The process.
        pid: u32,
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

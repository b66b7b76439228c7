//! What a Linux host tells.

use winlab_document::Document;

use super::unit::UnitStatus;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub enum LinuxEvent {
    /// The service manager starts a unit's program; the program must report its status.
    UnitStarting {
        /// The unit.
        name: String,
        /// Its command line.
        exec_start: String,
    },
    /// The service manager tells a unit's program to end.
    UnitStopping {
        /// The unit.
        name: String,
    },
    /// A unit's status changed.
    UnitChanged {
        /// The status it has now.
        status: UnitStatus,
    },
    /// A container's process was started.
    ContainerStarted {
        /// The container.
        id: String,
        /// [`Program::component`](crate::Program::component) of its image; empty of ordinary programs.
        component: String,
        /// [`Program::version`](crate::Program::version) of its image.
        version: String,
        /// Its network namespace; empty: the host's.
        namespace: String,
        /// Its command line, word by word.
        args: Vec<String>,
        /// Its environment, an object of texts.
        environment: Document,
    },
    /// A container's process ended.
    ContainerExited {
        /// The container.
        id: String,
        /// Its exit code; 128 + n after signal n.
        code: i32,
    },
    /// A container's process wrote something.
    ContainerOutput {
        /// The container.
        id: String,
    },
    /// A file of the host changed.
    FileChanged {
        /// The path.
        path: String,
    },
}

//! What HCS tells its listeners.

use winlab_document::Document;

use crate::HResult;

word_enum! {
    /// Kinds of event; a shim gives them the numbers of its generation of the API.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ComputeEventKind {
        /// A compute system has ended; `data` is its `SystemExitStatus`.
        SystemExited = "SystemExited",
        /// A guest reported a crash.
        CrashReport = "CrashReport",
        /// A guest began to crash.
        CrashInitiated = "CrashInitiated",
        /// A process-isolated container got its silo.
        SiloJobCreated = "SiloJobCreated",
        /// The connection to a guest was lost.
        GuestConnectionClosed = "GuestConnectionClosed",
        /// A process has ended; `data` is its `ProcessStatus`.
        ProcessExited = "ProcessExited",
        /// A process has written something that can be read.
        ProcessOutput = "ProcessOutput",
        /// The service went away; every registration with it.
        ServiceDisconnect = "ServiceDisconnect",
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputeEvent {
    /// Its kind.
    pub kind: ComputeEventKind,
    /// The compute system it is about.
    pub system: String,
    /// The process it is about; 0 for the system itself.
    pub pid: u32,
    /// How it ended: `S_OK`, or `HCS_E_UNEXPECTED_EXIT` of a crash.
    pub status: HResult,
    /// The event's document.
    pub data: Document,
}

//! A process's standard streams.

use std::sync::Arc;

word_enum! {
    /// Which of a process's outputs.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum OutputStream {
        /// Standard output
        Stdout = "stdout",
        /// Standard error
        Stderr = "stderr",
    }
}

document_struct! {
    /// What a process has written.
    #[derive(Debug, Clone, PartialEq)]
    pub struct StreamChunk {
        /// The bytes, in order.
        pub bytes: Arc<[u8]>,
        /// Whether nothing will follow.
        pub end: bool,
    }
}

document_struct! {
    /// `HCS_PROCESS_INFORMATION`: the process and which streams it has.
    #[derive(Debug, Clone, PartialEq)]
    pub struct ProcessInformation {
        /// The process id, unique on the host.
        pub pid: u32,
        /// Whether it reads input.
        pub stdin: bool,
        /// Whether its output is kept.
        pub stdout: bool,
        /// Whether its errors are kept.
        pub stderr: bool,
    }
}

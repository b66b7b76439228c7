//! Containers of an OCI runtime.

word_enum! {
    /// Status words of the OCI runtime specification.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ContainerState {
        /// Made, its process not started
        Created = "created",
        /// Its process runs
        Running = "running",
        /// Its process has ended
        Stopped = "stopped",
    }
}

document_struct! {
    /// A container's status.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ContainerStatus {
        /// Its id.
        pub id: String,
        /// Its state.
        pub state: ContainerState,
        /// Its process; 0 of none.
        pub pid: u32,
        /// Exit code once stopped.
        pub exit_code: i32,
    }
}

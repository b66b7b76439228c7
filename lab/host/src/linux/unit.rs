//! Units of the service manager.

word_enum! {
    /// `ActiveState`
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum UnitState {
        /// Not running
        Inactive = "inactive",
        /// Started, has not reported yet
        Activating = "activating",
        /// Running
        Active = "active",
        /// Told to end, has not yet
        Deactivating = "deactivating",
        /// Ended with an error
        Failed = "failed",
    }
}

document_struct! {
    /// A unit's configuration.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UnitConfig {
        /// `ExecStart`
        pub exec_start: String,
        /// `After` and `Requires`
        pub after: Vec<String>,
        /// `RestartSec` where `Restart=always`; none: never restarted.
        pub restart_after_secs: Option<u32>,
        /// Started with the system.
        pub enabled: bool,
    }
}

document_struct! {
    /// A unit's status.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct UnitStatus {
        /// The unit.
        pub name: String,
        /// Its state.
        pub state: UnitState,
        /// Exit code of its last end.
        pub exit_code: i32,
    }
}

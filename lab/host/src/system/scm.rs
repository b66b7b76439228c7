//! The service control manager's words.
//!
//! ```text
//! Stopped ──StartService──▶ StartPending ──program reports──▶ Running ──Stop──▶ StopPending ──program reports──▶ Stopped
//!                               └──────────── program ends, or reports Stopped ────────────────────────────────────▶
//! ```

word_enum! {
    /// When a service starts.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum StartType {
        /// With the system
        Automatic = "auto",
        /// When asked
        Manual = "demand",
        /// Never
        Disabled = "disabled",
    }
}

word_enum! {
    /// `dwCurrentState`
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ServiceState {
        /// Not running
        Stopped = "stopped",
        /// Its program has been started and has not reported yet
        StartPending = "start-pending",
        /// Its program has been told to stop and has not ended yet
        StopPending = "stop-pending",
        /// Running
        Running = "running",
        /// Paused
        Paused = "paused",
    }
}

word_enum! {
    /// Control codes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ServiceControl {
        /// `SERVICE_CONTROL_STOP`
        Stop = "stop",
        /// `SERVICE_CONTROL_PAUSE`
        Pause = "pause",
        /// `SERVICE_CONTROL_CONTINUE`
        Continue = "continue",
        /// `SERVICE_CONTROL_INTERROGATE`
        Interrogate = "interrogate",
        /// `SERVICE_CONTROL_SHUTDOWN`
        Shutdown = "shutdown",
        /// `SERVICE_CONTROL_PARAMCHANGE`
        ParamChange = "paramchange",
        /// `SERVICE_CONTROL_PRESHUTDOWN`
        Preshutdown = "preshutdown",
    }
}

document_struct! {
    /// A service's configuration.
    #[derive(Debug, Clone, PartialEq)]
    pub struct ServiceConfig {
        /// Its command line.
        pub binary_path: String,
        /// Its display name.
        pub display_name: String,
        /// When it starts.
        pub start: StartType,
        /// Services that must run before it.
        pub depends_on: Vec<String>,
        /// The account it runs as; `LocalSystem` by default.
        pub account: String,
        /// Seconds after which it is restarted when its program ends without having reported Stopped; none: never.
        pub restart_after_secs: Option<u32>,
    }
}

document_struct! {
    /// A service's status.
    #[derive(Debug, Clone, PartialEq)]
    pub struct ServiceStatus {
        /// The service.
        pub name: String,
        /// Its state.
        pub state: ServiceState,
        /// Exit code of its last end: a Win32 error.
        pub exit_code: u32,
        /// The service's own exit code.
        pub specific_exit_code: u32,
        /// The process it runs in; 0 of none.
        pub pid: u32,
    }
}

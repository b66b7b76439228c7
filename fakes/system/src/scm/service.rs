//! One service.

use winlab_host::system::{ServiceConfig, ServiceState, ServiceStatus, StartType};

/// A service and how it stands.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) config: ServiceConfig,
    pub(super) state: ServiceState,
    pub(super) exit_code: u32,
    pub(super) specific_exit_code: u32,
    pub(super) pid: u32,
    /// Part of Windows: the host itself is its program.
    pub(super) built_in: bool,
    /// Removed as soon as it is stopped.
    pub(super) marked_for_delete: bool,
    /// Start pending, but its program waits for services it depends on.
    pub(super) waiting: bool,
    /// Its program has reported since its start.
    pub(super) reported: bool,
    /// It was told to stop.
    pub(super) asked_to_stop: bool,
    /// Counts its starts: a timer of an earlier one means nothing.
    pub(super) starts: u32,
    /// Arguments of its latest start.
    pub(super) arguments: Vec<String>,
}

impl Service {
    pub(super) fn new(name: &str, config: ServiceConfig, built_in: bool) -> Self {
        Self {
            name: name.to_owned(),
            config,
            state: ServiceState::Stopped,
            exit_code: ERROR_SERVICE_NEVER_STARTED,
            specific_exit_code: 0,
            pid: 0,
            built_in,
            marked_for_delete: false,
            waiting: false,
            reported: false,
            asked_to_stop: false,
            starts: 0,
            arguments: Vec::new(),
        }
    }

    pub(super) fn status(&self) -> ServiceStatus {
        ServiceStatus {
            name: self.name.clone(),
            state: self.state,
            exit_code: self.exit_code,
            specific_exit_code: self.specific_exit_code,
            pid: self.pid,
        }
    }

    pub(super) fn is(&self, state: ServiceState) -> bool {
        self.state == state
    }

    pub(super) fn starts_with_the_system(&self) -> bool {
        self.config.start == StartType::Automatic
    }
}

/// `dwWin32ExitCode` of a service that has not been started since the last boot.
pub(super) const ERROR_SERVICE_NEVER_STARTED: u32 = 1077;
/// The program did not report in time.
pub(super) const ERROR_SERVICE_REQUEST_TIMEOUT: u32 = 1053;
/// The program's process ended without a word.
pub(super) const ERROR_PROCESS_ABORTED: u32 = 1067;
/// A service it depends on failed.
pub(super) const ERROR_SERVICE_DEPENDENCY_FAIL: u32 = 1068;

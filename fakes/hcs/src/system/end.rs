//! The end of a compute system: processes, network, storage, in this order.

use winlab_document::doc;
use winlab_host::HResult;
use winlab_host::compute::ComputeEventKind;

use super::compute_system::{ExitType, SystemState};
use crate::hcs::Hcs;
use crate::host::Host;
use crate::process::ERROR_PROCESS_ABORTED;

impl Hcs {
    /// Ends a system, whatever it is doing; nothing of one that has ended.
    pub(crate) fn end_system(&mut self, id: &str, how: ExitType, host: &mut dyn Host) {
        for guest in self.hosted(id) {
            self.end_system(&guest, ExitType::Unexpected, host);
        }
        let Ok(system) = self.live_mut(id) else { return };
        // Before its processes go: none of their ends may end it a second time.
        let was = std::mem::replace(&mut system.state, SystemState::Stopped);
        system.exit = Some(how);
        system.frozen.clear();
        system.compartment = 0;
        let (namespace, endpoints) = (system.namespace, system.endpoints.clone());
        let is_container = system.spec().is_some();
        for pid in self.running_processes(id) {
            self.process_exits(pid, ERROR_PROCESS_ABORTED, host);
        }
        if was != SystemState::Created || how == ExitType::Unexpected {
            match namespace {
                Some(namespace) => host.detach_namespace(namespace, id),
                None => {
                    for endpoint in endpoints {
                        // An endpoint that is gone already needs no detaching.
                        let _gone = host.detach_endpoint(endpoint, id);
                    }
                }
            }
        }
        if is_container {
            host.close_container(id);
        }
        let status = match how {
            ExitType::Graceful | ExitType::Forced => HResult::S_OK,
            ExitType::Unexpected => HResult::ERROR_VMCOMPUTE_UNEXPECTED_EXIT,
        };
        let data = doc!({"Status": status.0.cast_signed(), "ExitType": how.to_string(), "Attribution": []});
        self.system_event(ComputeEventKind::SystemExited, id, status, data);
    }
}

#[cfg(test)]
mod tests {
    use winlab_host::HResult;

    #[test]
    fn an_hresult_is_a_signed_number_in_documents() {
        assert_eq!(HResult::ERROR_VMCOMPUTE_UNEXPECTED_EXIT.0.cast_signed(), -1_070_137_082);
    }
}

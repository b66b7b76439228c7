//! What a packet would meet on this host.

use std::collections::BTreeMap;

use winlab_fake_hcs::RunningProgram;
use winlab_host::{Compartment, Guid, HostProgram, Program, WindowsDataPlane};

use super::machine::Core;

/// The host's own compartment.
const HOST_COMPARTMENT: u32 = 1;

impl Core {
    /// The data plane of this moment: HNS's objects, the host's routes, and which programs live in which compartment.
    #[must_use]
    pub fn data_plane(&self) -> WindowsDataPlane {
        if self.power.is_off() {
            return WindowsDataPlane::default();
        }
        let mut plane = self.hns.data_plane();
        plane.adapters = self.system.adapters().to_vec();
        plane.host_routes = self.system.added_routes().to_vec();
        plane.forwarding = self.system.forwarding();
        let mut compartments = BTreeMap::from([(
            HOST_COMPARTMENT,
            Compartment { number: HOST_COMPARTMENT, ..Compartment::default() },
        )]);
        for namespace in &plane.namespaces {
            let number = self.hns.compartment_of(namespace.id).unwrap_or_default();
            if number > HOST_COMPARTMENT {
                let found = Compartment { number, namespace: namespace.id, programs: Vec::new() };
                compartments.insert(number, found);
            }
        }
        for running in self.hcs.programs().filter(|running| running.compartment != 0) {
            let compartment = compartments.entry(running.compartment).or_insert_with(|| Compartment {
                number: running.compartment,
                namespace: Guid::NIL,
                programs: Vec::new(),
            });
            compartment.programs.push(self.host_program(running));
        }
        plane.compartments = compartments.into_values().collect();
        plane
    }

    fn host_program(&self, running: RunningProgram<'_>) -> HostProgram {
        let mut environment = running.environment.clone();
        if running.compartment == HOST_COMPARTMENT {
            let name = &self.system.config().computer_name;
            environment.entry("COMPUTERNAME".into()).or_insert_with(|| name.clone());
            environment.entry("HOSTNAME".into()).or_insert_with(|| name.clone());
        }
        HostProgram {
            container: running
                .container
                .strip_prefix("JobContainer_")
                .unwrap_or(running.container)
                .to_owned(),
            pid: running.pid,
            listening: running.listening,
            environment,
            program: running
                .program
                .cloned()
                .unwrap_or_else(|| Program { os: "windows".into(), ..Program::default() }),
        }
    }
}

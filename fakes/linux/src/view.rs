//! What a packet meets.

use winlab_clock::VirtualInstant;
use winlab_host::linux::ContainerState;
use winlab_host::{HostProgram, LinuxDataPlane};

use crate::machine::Linux;

impl Linux {
    /// The data plane at a moment. A machine that is off has none.
    #[must_use]
    pub fn data_plane(&self, now: VirtualInstant) -> LinuxDataPlane {
        let mut view = LinuxDataPlane::default();
        if !self.powered {
            return view;
        }
        let names = self.stack.namespaces();
        for name in std::iter::once("").chain(names.iter().map(String::as_str)) {
            let key = name.to_owned();
            view.links.insert(key.clone(), self.stack.links(name).unwrap_or_default());
            view.routes.insert(key.clone(), self.stack.routes(name).unwrap_or_default());
            view.neighbours.insert(key.clone(), self.stack.neighbours(name).unwrap_or_default());
            view.netfilter.insert(key.clone(), self.stack.tables(name));
            view.sysctls.insert(key.clone(), self.stack.sysctls(name));
            view.programs.insert(key, Vec::new());
        }
        view.fdb = self.stack.all_entries().into_iter().collect();
        view.resolv_conf.extend(self.files.text("/etc/resolv.conf").map(|text| (String::new(), text)));
        for (id, container) in &self.containers.all {
            let place = self.containers.place(id, "/etc/resolv.conf").ok();
            if let Some(text) = place.and_then(|(path, _)| self.files.text(&path)) {
                view.resolv_conf.insert(id.clone(), text);
            }
            if container.state != ContainerState::Running {
                continue;
            }
            let listening =
                if container.is_ready(now) { container.program.listen.clone() } else { Vec::new() };
            view.programs.entry(container.namespace.clone()).or_default().push(HostProgram {
                container: id.clone(),
                pid: container.pid,
                listening,
                environment: container.environment.clone(),
                program: container.program.clone(),
            });
        }
        view
    }
}

//! What only a lab can do to the machine.

use winlab_clock::VirtualInstant;
use winlab_host::linux::{Errno, LinuxEvent, LinuxFault, UnitState, UnitStatus};

use crate::containers::Containers;
use crate::context::Context;
use crate::machine::Linux;
use crate::network::Stack;

/// SIGKILL
const KILL: i32 = 9;

impl Linux {
    /// Cuts the power: programs, namespaces, links, routes, tables and what lies in memory are gone; files stay.
    pub fn power_off(&mut self) -> Vec<LinuxEvent> {
        let mut events = Vec::new();
        self.powered = false;
        self.timers.clear();
        self.units.power_off(&mut events);
        self.containers = Containers::default();
        self.files.boot();
        events
    }

    /// Boots: NICs as the installer left them, then the units that are enabled.
    pub fn boot(&mut self, context: &mut Context<'_>) -> Vec<LinuxEvent> {
        let mut events = Vec::new();
        self.powered = true;
        self.boot_id = context.guid();
        self.stack = Stack::boot(&self.config, context);
        self.units.boot(&mut events);
        events
    }

    /// Whether it is on.
    #[must_use]
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// A unit's program dies of SIGKILL.
    ///
    /// # Errors
    /// `ENOENT` where there is no such unit, `ESRCH` where its program does not run.
    pub fn kill_unit(&mut self, name: &str, now: VirtualInstant) -> Result<Vec<LinuxEvent>, LinuxFault> {
        let mut events = Vec::new();
        if !self.units.runs(name)? {
            return Err(LinuxFault::new(Errno::ESRCH));
        }
        let status = UnitStatus { name: name.to_owned(), state: UnitState::Failed, exit_code: 128 + KILL };
        let restart = self.units.report(&status, &mut events)?;
        self.schedule(restart, now);
        Ok(events)
    }

    /// A container's program dies of SIGKILL, as when memory runs out.
    ///
    /// # Errors
    /// `ENOENT` where there is no such container, `ESRCH` where it has ended.
    pub fn kill(&mut self, container: &str) -> Result<Vec<LinuxEvent>, LinuxFault> {
        let mut events = Vec::new();
        self.kill_container(container, KILL, &mut events)?;
        Ok(events)
    }

    /// A container's process, whose component runs outside, has written to its standard output.
    pub fn container_writes(&mut self, container: &str, text: &[u8]) -> Vec<LinuxEvent> {
        self.containers.write(container, text)
    }

    /// A container's process, whose component runs outside, has ended by itself.
    pub fn container_ends(&mut self, container: &str, code: i32) -> Vec<LinuxEvent> {
        let mut events = Vec::new();
        let pid = self.containers.all.get(container).map(|container| container.pid);
        if let Some(pid) = pid {
            self.containers.exit(container, pid, code, &mut events);
        }
        events
    }

    /// Whether every byte more is refused with `ENOSPC`.
    pub fn set_disk_full(&mut self, full: bool) {
        self.files.set_full(full);
    }
}

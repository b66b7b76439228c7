//! Faults of a node: services that stop, machines that restart, objects that vanish, full disks.

use winlab_clock::VirtualSpan;
use winlab_scenario::{Effect, FaultPlace};

use super::Lift;
use super::calls::Rule;
use crate::failure::ActionError;
use crate::world::World;

/// How long the service control manager takes to start HNS again after its process died.
const RECOVERY: VirtualSpan = VirtualSpan::from_secs(1);

/// How a fault is lifted, and after how long by itself.
type Struck = (Option<Lift>, Option<VirtualSpan>);

impl World<'_> {
    /// Strikes.
    pub(super) async fn strike(&self, at: &FaultPlace, effect: &Effect) -> Result<Struck, ActionError> {
        let (part, node) = (at.part.as_str(), at.node.as_str());
        match effect {
            Effect::Calls { function, effect, nth, times, rate } => {
                let (effect, nth, times, rate) = (*effect, *nth, *times, *rate);
                Ok((Some(self.arm(at, &Rule { function, effect, nth, times, rate })?), None))
            }
            _ if part == "api" => Ok((self.strike_api(effect)?, None)),
            _ if part == "underlay" => Ok((self.strike_underlay(node, effect), None)),
            Effect::Stop { lasts, then } if part == "hns" => {
                self.lab.stop_hns(node)?;
                Ok((Some(Lift::Hns { then: *then }), *lasts))
            }
            Effect::Stop { lasts, .. } => {
                self.lab.stop_service(node, part).await?;
                Ok((Some(Lift::Service(part.to_owned())), *lasts))
            }
            Effect::Crash { then } | Effect::Restart { then } if part == "hns" => {
                self.lab.stop_hns(node)?;
                Ok((Some(Lift::Hns { then: *then }), Some(RECOVERY)))
            }
            Effect::Crash { .. } => self.strike_once(self.lab.crash_service(node, part)).await,
            Effect::Restart { .. } => self.strike_once(self.lab.restart_service(node, part)).await,
            Effect::Reboot => self.strike_once(self.lab.reboot(node)).await,
            Effect::PowerLoss => self.strike_once(self.lab.power_loss(node)).await,
            Effect::DiskFull => {
                self.lab.set_disk_full(node, true)?;
                Ok((Some(Lift::Disk), None))
            }
            Effect::Unplumb(kind, name) => {
                let count = self.lab.unplumb(node, kind, name).await?;
                some(count, node, kind, name)
            }
            Effect::Delete(kind, name) => {
                let count = self.lab.delete_host_object(node, kind, name).await?;
                some(count, node, kind, name)
            }
            _ => Err(ActionError::new(format!("`{at}` has no such fault"))),
        }
    }

    /// What strikes and is over.
    async fn strike_once(
        &self,
        work: impl Future<Output = Result<(), winlab_cluster::LabError>>,
    ) -> Result<Struck, ActionError> {
        work.await?;
        Ok((None, None))
    }
}

/// A fault that hits nothing is a mistake of the file.
fn some(count: usize, node: &str, kind: &str, name: &str) -> Result<Struck, ActionError> {
    if count == 0 {
        return Err(ActionError::new(format!("{node} has no {kind} `{name}`")));
    }
    Ok((None, None))
}

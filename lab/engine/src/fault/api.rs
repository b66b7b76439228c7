//! Faults of the API server.

use winlab_scenario::Effect;

use super::Lift;
use crate::failure::ActionError;
use crate::world::World;

impl World<'_> {
    /// Strikes the API server; whoever uses it is concerned, kubectl as well.
    pub(super) fn strike_api(&self, effect: &Effect) -> Result<Option<Lift>, ActionError> {
        let faults = self.lab.api_faults()?;
        Ok(match effect {
            Effect::Refuse => Some(Lift::Api(faults.refuse())),
            Effect::Slow(span) => Some(Lift::Api(faults.slow(*span))),
            Effect::WatchDrop => {
                faults.drop_watches();
                None
            }
            // Who watches must come back to find its place gone.
            Effect::Gone => {
                faults.forget_history();
                faults.drop_watches();
                None
            }
            _ => None,
        })
    }
}

//! Faults of the API server.

use winlab_kube_api::faults::{Fault, Matching};
use winlab_scenario::Effect;

use super::Lift;
use crate::world::World;

impl World<'_> {
    /// Strikes the API server; whoever uses it is concerned, kubectl as well.
    pub(super) fn strike_api(&self, effect: &Effect) -> Option<Lift> {
        let faults = self.api().faults();
        match effect {
            Effect::Refuse => Some(Lift::Api(faults.add(Matching::default(), Fault::Refuse))),
            Effect::Slow(span) => Some(Lift::Api(faults.add(Matching::default(), Fault::Slow(*span)))),
            Effect::WatchDrop => {
                self.api().drop_watches();
                None
            }
            // Who watches must come back to find its place gone.
            Effect::Gone => {
                self.api().compact();
                self.api().drop_watches();
                None
            }
            _ => None,
        }
    }
}

//! What a step does, a file per verb.

mod apply;
mod delete;
mod drain;
mod exec;
mod nodes;
mod objects;
mod refused;

use winlab_clock::VirtualSpan;
use winlab_scenario::{Action, ManifestFile, Spanned};

use crate::failure::ActionError;
use crate::world::World;

impl World<'_> {
    /// Does an action; `within` bounds what it waits for.
    pub(crate) async fn perform(&self, action: &Action, within: VirtualSpan) -> Result<(), ActionError> {
        match action {
            Action::Apply(files) => self.apply(files).await,
            Action::Delete { objects, manifests } => self.delete(objects, manifests, within).await,
            Action::Patch(patches) => self.patch_objects(patches).await,
            Action::Scale(counts) => self.scale(counts).await,
            Action::Join(joins) => self.join(joins).await,
            Action::Start(services) => self.start(services).await,
            Action::Stop(services) => self.stop(services).await,
            Action::Restart(services) => self.restart(services).await,
            Action::Upgrade(services) => self.upgrade(services).await,
            Action::Reboot(nodes) => self.reboot(nodes).await,
            Action::Drain(nodes) => self.drain(nodes, within).await,
            Action::Uncordon(nodes) => self.uncordon(nodes).await,
            Action::Fault(faults) => self.put(faults).await,
            Action::Heal(places) => self.heal(places).await,
            Action::Exec(exec) => self.exec(exec).await,
            Action::Wait(span) => {
                self.clock.sleep(*span).await;
                Ok(())
            }
            Action::Use { .. } => unreachable!("the steps of a `use` are run one by one"),
        }
    }
}

/// What an action is done to, in a few words: `manifests/web.yaml`, `win1, win2`.
pub(crate) fn describe(action: &Action) -> String {
    let files = |files: &[ManifestFile]| -> Vec<String> {
        files.iter().map(|file| file.path.value.clone()).collect()
    };
    let names = |names: &[Spanned<String>]| names.iter().map(|name| name.value.clone()).collect();
    let services = |list: &[Spanned<winlab_scenario::ServiceRef>]| {
        list.iter().map(|service| format!("{}/{}", service.node, service.service)).collect()
    };
    let words: Vec<String> = match action {
        Action::Apply(list) => files(list),
        Action::Delete { objects, manifests } => {
            objects.iter().map(|object| object.to_string()).chain(files(manifests)).collect()
        }
        Action::Patch(list) => list.iter().map(|(object, _)| object.to_string()).collect(),
        Action::Scale(list) => {
            list.iter().map(|(object, count)| format!("{} to {count}", object.value)).collect()
        }
        Action::Join(list) => list.iter().map(|(node, _)| node.value.clone()).collect(),
        Action::Start(list) | Action::Stop(list) | Action::Restart(list) => services(list),
        Action::Upgrade(list) => list
            .iter()
            .map(|(service, version)| format!("{}/{} to {}", service.node, service.service, version.value))
            .collect(),
        Action::Reboot(list) | Action::Drain(list) | Action::Uncordon(list) => names(list),
        Action::Fault(list) => list.iter().map(|fault| crate::fault::describe(fault)).collect(),
        Action::Heal(list) if list.is_empty() => vec!["all".to_owned()],
        Action::Heal(list) => names(list),
        Action::Exec(exec) => vec![format!("{} in {}", exec.run.join(" "), exec.pod.value)],
        Action::Wait(span) => vec![span.to_string()],
        Action::Use { verb, .. } => vec![verb.value.clone()],
    };
    words.join(", ")
}

//! `delete`: what `kubectl delete` does, waiting included.

use winlab_clock::VirtualSpan;
use winlab_kube_api::kinds::Kind;
use winlab_scenario::{ManifestFile, ObjectRef, Span, Spanned};

use super::objects::kind_of;
use crate::failure::ActionError;
use crate::kinds;
use crate::world::World;

/// How often it is looked whether an object has gone.
const LOOK: VirtualSpan = VirtualSpan::from_millis(200);

/// One object to delete.
struct Doomed {
    kind: &'static Kind,
    namespace: String,
    name: String,
    span: Span,
}

impl World<'_> {
    /// Deletes all, then waits until they are gone.
    pub(super) async fn delete(
        &self,
        objects: &[Spanned<ObjectRef>],
        manifests: &[ManifestFile],
        within: VirtualSpan,
    ) -> Result<(), ActionError> {
        let mut doomed = Vec::new();
        for object in objects {
            doomed.extend(self.doomed(object).await?);
        }
        for manifest in manifests.iter().flat_map(|file| &file.objects) {
            let kind = kinds::by_manifest(&manifest.api_version, &manifest.kind).ok_or_else(|| {
                let (kind, version) = (&manifest.kind, &manifest.api_version);
                let message = format!("no matches for kind \"{kind}\" in version \"{version}\"");
                ActionError::new(message).at(manifest.span)
            })?;
            let (namespace, name) = (manifest.namespace.clone(), manifest.name.clone());
            doomed.push(Doomed { kind, namespace, name, span: manifest.span });
        }
        for Doomed { kind, namespace, name, span } in &doomed {
            let at = self.path(kind, namespace, name, "");
            self.remove(&at).await.map_err(|error| error.at(*span))?;
        }
        let deadline = self.now() + within;
        for object in &doomed {
            self.until_gone(object, deadline).await?;
        }
        Ok(())
    }

    /// The object, or all of its kind in its namespace where no name is given.
    async fn doomed(&self, object: &Spanned<ObjectRef>) -> Result<Vec<Doomed>, ActionError> {
        let kind = kind_of(object)?;
        let doomed = |namespace: &str, name: &str| Doomed {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            span: object.span,
        };
        if !object.name.is_empty() {
            return Ok(vec![doomed(&object.namespace, &object.name)]);
        }
        let all = self.stored_all(kind).await?;
        let here = all
            .iter()
            .filter(|found| !kind.namespaced || found.text(&["metadata", "namespace"]) == object.namespace);
        Ok(here.map(|found| doomed(&object.namespace, found.text(&["metadata", "name"]))).collect())
    }

    async fn until_gone(
        &self,
        object: &Doomed,
        deadline: winlab_clock::VirtualInstant,
    ) -> Result<(), ActionError> {
        let Doomed { kind, namespace, name, span } = object;
        loop {
            let Some(found) = self.stored(kind, namespace, name).await? else { return Ok(()) };
            // An object that was made anew under the same name (a StatefulSet's pod) is not the one that was deleted.
            if found.path(&["metadata", "deletionTimestamp"]).is_none() {
                return Ok(());
            }
            if self.now() >= deadline {
                let message = format!("{} \"{name}\" was asked to go and is still there", kind.singular());
                let finalizers = found.path(&["metadata", "finalizers"]);
                let error = ActionError::new(message).at(*span).on(found.text(&["spec", "nodeName"]));
                return Err(match finalizers {
                    Some(finalizers) => error.hint(format!("its finalizers are {finalizers}")),
                    None => error.hint("for a pod, the kubelet of its node must first have stopped it"),
                });
            }
            self.clock.sleep(LOOK).await;
        }
    }
}

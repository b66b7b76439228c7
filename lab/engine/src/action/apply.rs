//! `apply`: what `kubectl apply -f` does, on the client's side.
//!
//! An object that is not there is created; one that is there is patched with what the manifest says now and without what
//! it said the last time, which the annotation `kubectl.kubernetes.io/last-applied-configuration` keeps. Unlike kubectl,
//! items of lists that have vanished from a manifest stay in the object.

use winlab_document::{Document, ObjectBuilder};
use winlab_scenario::{Manifest, ManifestFile};

use crate::failure::ActionError;
use crate::kinds;
use crate::kube::PatchForm;
use crate::world::World;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl World<'_> {
    /// The objects of the files, one after the other in the files' order.
    pub(super) async fn apply(&self, files: &[ManifestFile]) -> Result<(), ActionError> {
        for manifest in files.iter().flat_map(|file| &file.objects) {
            self.apply_one(manifest).await.map_err(|error| error.at(manifest.span))?;
        }
        Ok(())
    }

    async fn apply_one(&self, manifest: &Manifest) -> Result<(), ActionError> {
        let Some(kind) = kinds::by_manifest(&manifest.api_version, &manifest.kind) else {
            return Err(no_match(manifest));
        };
        let all = self.path(kind, &manifest.namespace, "", "");
        let own_name = manifest.document.text(&["metadata", "name"]);
        if own_name.is_empty() {
            // kubectl refuses to apply what is to be named by the server; `kubectl create` does this.
            return self.create(&strictly(all), &manifest.document).await.map(drop);
        }
        let one = self.path(kind, &manifest.namespace, own_name, "");
        let annotated = annotated(&manifest.document);
        match self.read(&one).await {
            Err(error) if error.code == 404 => self.create(&strictly(all), &annotated).await.map(drop),
            Err(error) => Err(error),
            Ok(live) => {
                let patch = with_removals(&annotated, &last_applied(&live), &manifest.document);
                self.patch(&strictly(one), PatchForm::Strategic, &patch).await.map(drop)
            }
        }
    }
}

/// The request's address when fields that nobody knows are an error, which they are to kubectl unless it is told otherwise
/// (`--validate`, `staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go`).
fn strictly(at: String) -> String {
    at + "?fieldValidation=Strict"
}

fn no_match(manifest: &Manifest) -> ActionError {
    let Manifest { kind, api_version, .. } = manifest;
    let error = ActionError::new(format!("no matches for kind \"{kind}\" in version \"{api_version}\""));
    match kinds::by_word(kind) {
        Some(known) => error.hint(format!("{} is served as {}", known.kind, known.api_version())),
        None => error.hint("the lab serves the built-in kinds; custom resources are not supported yet"),
    }
}

fn annotated(manifest: &Document) -> Document {
    let mut document = manifest.clone();
    document.set_path(&["metadata", "annotations", LAST_APPLIED], format!("{manifest}\n"));
    document
}

fn last_applied(live: &Document) -> Document {
    let text = live.text(&["metadata", "annotations", LAST_APPLIED]);
    Document::parse(text).unwrap_or_else(|_| Document::empty_object())
}

/// The patch: `wanted`, and a null for every member of an object that `before` has and `now` has not.
fn with_removals(wanted: &Document, before: &Document, now: &Document) -> Document {
    if !wanted.is_object() || !before.is_object() {
        return wanted.clone();
    }
    let mut patch = ObjectBuilder::new();
    for (name, value) in wanted.members() {
        let inner = match (before.get(name), now.get(name)) {
            (Some(before), Some(now)) => with_removals(value, before, now),
            _ => value.clone(),
        };
        patch.set(name, inner);
    }
    for (name, _) in before.members().iter().filter(|(name, _)| now.get(name).is_none()) {
        if wanted.get(name).is_none() {
            patch.set(name, Document::Null);
        }
    }
    patch.build()
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::*;

    #[test]
    fn what_left_the_manifest_leaves_the_object() {
        let before = doc!({"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"x": 1, "list": [1]}});
        let now = doc!({"metadata": {"labels": {"a": "1"}}, "spec": {"list": []}});
        let patch = with_removals(&now, &before, &now);
        assert_eq!(
            patch,
            doc!({"metadata": {"labels": {"a": "1", "b": null}}, "spec": {"list": [], "x": null}})
        );
    }

    #[test]
    fn the_annotation_is_kept_and_read_back() {
        let manifest = doc!({"metadata": {"name": "web"}, "data": {"k": "v"}});
        let annotated = annotated(&manifest);
        assert_eq!(last_applied(&annotated), manifest);
        let patch = with_removals(&annotated, &manifest, &manifest);
        assert_eq!(patch, annotated, "the annotation is no removal of the next apply");
        assert_eq!(last_applied(&doc!({})), Document::empty_object());
    }
}

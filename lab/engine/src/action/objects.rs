//! `patch` and `scale`.

use winlab_document::doc;
use winlab_kube_api::kinds::{Kind, Subresource};
use winlab_scenario::{ObjectRef, PatchBody, Spanned};

use crate::failure::ActionError;
use crate::kinds;
use crate::kube::PatchForm;
use crate::world::World;

impl World<'_> {
    /// `kubectl patch` with strategic merge patches.
    pub(super) async fn patch_objects(
        &self,
        patches: &[(Spanned<ObjectRef>, PatchBody)],
    ) -> Result<(), ActionError> {
        for (object, patch) in patches {
            let at = self.path(kind_of(object)?, &object.namespace, &object.name, "");
            self.patch(&at, PatchForm::Strategic, &patch.document)
                .await
                .map_err(|error| error.at(object.span))?;
        }
        Ok(())
    }

    /// `kubectl scale`
    pub(super) async fn scale(&self, counts: &[(Spanned<ObjectRef>, u32)]) -> Result<(), ActionError> {
        for (object, count) in counts {
            let kind = kind_of(object)?;
            if !kind.has(Subresource::Scale) {
                let message = format!("{} cannot be scaled", kind.plural);
                return Err(ActionError::new(message).at(object.span));
            }
            let at = self.path(kind, &object.namespace, &object.name, "scale");
            let patch = doc!({"spec": {"replicas": (*count)}});
            self.patch(&at, PatchForm::Merge, &patch).await.map_err(|error| error.at(object.span))?;
        }
        Ok(())
    }
}

/// The kind an author means.
pub(super) fn kind_of(object: &Spanned<ObjectRef>) -> Result<&'static Kind, ActionError> {
    kinds::by_word(&object.kind)
        .ok_or_else(|| ActionError::new(format!("there is no kind `{}`", object.kind)).at(object.span))
}

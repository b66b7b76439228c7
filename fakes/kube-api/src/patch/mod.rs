//! The patch types that say what to change; an apply, which says what is wanted, is `managed`.

mod json;
mod order;
mod strategic;

#[cfg(test)]
mod strategic_tests;

use winlab_document::Document;

use crate::failure::Failure;
use crate::kinds::KindId;
use crate::request::PatchType;

/// The object as the patch makes it.
pub(crate) fn apply(
    form: PatchType,
    object: &Document,
    patch: &Document,
    kind: KindId,
) -> Result<Document, Failure> {
    match form {
        PatchType::Json => json::apply(object, patch),
        PatchType::Merge if patch.is_object() => Ok(object.merge_patch(patch)),
        PatchType::Strategic if patch.is_object() => strategic::apply(object, patch, kind),
        PatchType::Apply => Err(Failure::not_implemented("an apply of this subresource is not modelled")),
        PatchType::Merge | PatchType::Strategic => {
            Err(Failure::bad_request("error decoding patch: the patch is not an object"))
        }
    }
}

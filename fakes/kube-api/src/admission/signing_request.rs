//! `CertificateSubjectRestriction`: nobody becomes `system:masters` by a request
//! (`plugin/pkg/admission/certificates/subjectrestriction`).

use winlab_document::Document;

use crate::certificates;
use crate::failure::Failure;
use crate::meta;
use crate::request::Target;
use crate::server::State;

const CLIENT_SIGNER: &str = "kubernetes.io/kube-apiserver-client";
const MASTERS: &str = "system:masters";

/// Writes the caller into a new request, and admits it.
pub(super) fn create(state: &State, target: &Target, object: &mut Document) -> Result<(), Failure> {
    certificates::prepare(object, &state.caller);
    if object.text(&["spec", "signerName"]) != CLIENT_SIGNER {
        return Ok(());
    }
    let (kind, name) = (target.kind(), meta::text(object, "name"));
    let request = certificates::request(object)
        .map_err(|error| Failure::forbidden(kind, name, &format!("failed to parse CSR: {error}")))?;
    if request.subject().groups.iter().any(|group| group == MASTERS) {
        let why = format!("use of {CLIENT_SIGNER} signer with {MASTERS} group is not allowed");
        return Err(Failure::forbidden(kind, name, &why));
    }
    Ok(())
}

//! Certificate signing requests: who approves, who signs, who clears away (`pkg/controller/certificates`).

mod approver;
mod cleaner;
mod kubelet;
mod signer;

pub(crate) use approver::run as approve;
pub(crate) use cleaner::run as clean;
pub(crate) use signer::run as sign;

use winlab_kube_client::k8s::certificates::{
    CertificateSigningRequest, CertificateSigningRequestCondition, CertificateSigningRequestStatus,
};
use winlab_pki::{RequestError, SigningRequest};

pub(crate) const KUBELET_CLIENT: &str = "kubernetes.io/kube-apiserver-client-kubelet";
pub(crate) const KUBELET_SERVING: &str = "kubernetes.io/kubelet-serving";
pub(crate) const API_SERVER_CLIENT: &str = "kubernetes.io/kube-apiserver-client";

/// The request that an object carries.
fn request(object: &CertificateSigningRequest) -> Result<SigningRequest, RequestError> {
    SigningRequest::from_pem(&String::from_utf8_lossy(&object.spec.request.0))
}

/// A condition of an object's status.
fn condition<'a>(
    object: &'a CertificateSigningRequest,
    kind: &str,
) -> Option<&'a CertificateSigningRequestCondition> {
    let conditions = object.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// Whether the object has its certificate.
fn is_issued(object: &CertificateSigningRequest) -> bool {
    let certificate = object.status.as_ref().and_then(|status| status.certificate.as_ref());
    certificate.is_some_and(|bytes| !bytes.0.is_empty())
}

/// The same object with one more condition, whose times the server sets.
fn with_condition(
    object: &CertificateSigningRequest,
    kind: &str,
    reason: &str,
    message: String,
) -> CertificateSigningRequest {
    let mut object = object.clone();
    let status = object.status.get_or_insert_with(CertificateSigningRequestStatus::default);
    status.conditions.get_or_insert_default().push(CertificateSigningRequestCondition {
        type_: kind.to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message),
        ..CertificateSigningRequestCondition::default()
    });
    object
}

//! Signs what has been approved (`signer/signer.go`).

use std::sync::Arc;

use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::certificates::{CertificateSigningRequest, CertificateSigningRequestStatus};
use winlab_kube_client::k8s_openapi::ByteString;
use winlab_kube_client::{Api, Error, ErrorExt as _, ObjectKey, ResourceExt as _};
use winlab_pki::{Authority, SigningRequest, Usage};

use super::{
    API_SERVER_CLIENT, KUBELET_CLIENT, KUBELET_SERVING, condition, is_issued, kubelet, request,
    with_condition,
};
use crate::access::Access;
use crate::queue::{Outcome, Queue};

pub(crate) async fn run(access: Access, authority: Arc<Authority>) {
    let queue = Queue::new(access.clock, access.seed);
    let requests = access.informers.signing_requests.clone();
    let follow = queue.clone().follow(requests.changes(), |key, _, now| {
        now.filter(|object| is_due(object)).map(|_| key.clone()).into_iter().collect()
    });
    let work = queue.work(|key| sync(&access, &authority, key));
    futures::join!(follow, work);
}

/// Whether it is approved, and neither signed nor given up.
fn is_due(object: &CertificateSigningRequest) -> bool {
    let has = |kind: &str| condition(object, kind).is_some();
    has("Approved") && !has("Denied") && !has("Failed") && !is_issued(object)
}

async fn sync(access: &Access, authority: &Authority, key: ObjectKey) -> Outcome {
    let Some(object) = access.informers.signing_requests.get(&key).filter(|object| is_due(object)) else {
        return Ok(None);
    };
    let Ok(asked) = request(&object) else { return Ok(None) };
    let names = object.spec.usages.clone().unwrap_or_default();
    let signed = match check(&object.spec.signer_name, &asked, &names) {
        // Another signer's.
        None => return Ok(None),
        Some(Err(problem)) => with_condition(&object, "Failed", "SignerValidationFailure", problem),
        Some(Ok(())) => {
            let usages: Vec<Usage> = names.iter().filter_map(|name| Usage::named(name)).collect();
            match authority.sign_request(&asked, &usages) {
                Ok(certificate) => with_certificate(&object, certificate),
                Err(error) => {
                    let text = format!("error auto signing csr: {error}");
                    return Err(Error::Service(text.into()));
                }
            }
        }
    };
    let requests: Api<CertificateSigningRequest> = Api::all(access.client.clone());
    match requests.replace_status(&object.name_any(), &PostParams::default(), &signed).await {
        Ok(_) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the request may be signed under this name; `None` for a name that is nobody's here.
fn check(signer: &str, request: &SigningRequest, usages: &[String]) -> Option<Result<(), String>> {
    match signer {
        KUBELET_CLIENT => Some(kubelet::check_client(request, usages)),
        KUBELET_SERVING => Some(kubelet::check_serving(request, usages)),
        API_SERVER_CLIENT => Some(check_client(usages)),
        _ => None,
    }
}

/// `validAPIServerClientUsages`
fn check_client(usages: &[String]) -> Result<(), String> {
    const OPTIONAL: [&str; 2] = ["digital signature", "key encipherment"];
    let other = usages.iter().find(|usage| *usage != "client auth" && !OPTIONAL.contains(&usage.as_str()));
    if let Some(usage) = other {
        return Err(format!("invalid usage for client certificate: {usage}"));
    }
    if usages.iter().any(|usage| usage == "client auth") {
        Ok(())
    } else {
        Err("missing required usage for client certificate: client auth".to_owned())
    }
}

fn with_certificate(object: &CertificateSigningRequest, certificate: String) -> CertificateSigningRequest {
    let mut object = object.clone();
    let status = object.status.get_or_insert_with(CertificateSigningRequestStatus::default);
    status.certificate = Some(ByteString(certificate.into_bytes()));
    object
}

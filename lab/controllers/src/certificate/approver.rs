//! Approves what kubelets ask for, if the authorizer says that they may have it (`approver/sarapprove.go`).

use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::authorization::{
    ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use winlab_kube_client::k8s::certificates::CertificateSigningRequest;
use winlab_kube_client::{Api, Error, ErrorExt as _, ObjectKey, ResourceExt as _};

use super::{KUBELET_CLIENT, condition, is_issued, kubelet, request, with_condition};
use crate::access::Access;
use crate::queue::{Outcome, Queue};

/// A kind of request that is recognised: the subresource that is asked about, and what is said of the approval.
struct Recognised {
    subresource: &'static str,
    message: &'static str,
}

const OWN: Recognised = Recognised {
    subresource: "selfnodeclient",
    message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
};
const NODE: Recognised = Recognised {
    subresource: "nodeclient",
    message: "Auto approving kubelet client certificate after SubjectAccessReview.",
};

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let requests = access.informers.signing_requests.clone();
    let follow = queue.clone().follow(requests.changes(), |key, _, now| {
        now.filter(|object| is_open(object)).map(|_| key.clone()).into_iter().collect()
    });
    let work = queue.work(|key| sync(&access, key));
    futures::join!(follow, work);
}

/// Whether nobody has decided about it.
fn is_open(object: &CertificateSigningRequest) -> bool {
    !is_issued(object) && condition(object, "Approved").is_none() && condition(object, "Denied").is_none()
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let Some(object) = access.informers.signing_requests.get(&key).filter(|object| is_open(object)) else {
        return Ok(None);
    };
    // A request that cannot be read was refused by the API server.
    let Ok(asked) = request(&object) else { return Ok(None) };
    let usages = object.spec.usages.clone().unwrap_or_default();
    if object.spec.signer_name != KUBELET_CLIENT || kubelet::check_client(&asked, &usages).is_err() {
        return Ok(None);
    }
    let own = object.spec.username.as_deref() == Some(asked.subject().user.as_str());
    for recognised in own.then_some(OWN).into_iter().chain([NODE]) {
        if may(access, &object, recognised.subresource).await? {
            return approve(access, &object, recognised.message).await;
        }
    }
    Ok(None)
}

/// Whether whoever asked may have such a request approved.
async fn may(access: &Access, object: &CertificateSigningRequest, subresource: &str) -> Result<bool, Error> {
    let review = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: object.spec.username.clone(),
            uid: object.spec.uid.clone(),
            groups: object.spec.groups.clone(),
            extra: object.spec.extra.clone(),
            resource_attributes: Some(ResourceAttributes {
                group: Some("certificates.k8s.io".to_owned()),
                resource: Some("certificatesigningrequests".to_owned()),
                verb: Some("create".to_owned()),
                subresource: Some(subresource.to_owned()),
                version: Some("*".to_owned()),
                ..ResourceAttributes::default()
            }),
            ..SubjectAccessReviewSpec::default()
        },
        ..SubjectAccessReview::default()
    };
    let reviews: Api<SubjectAccessReview> = Api::all(access.client.clone());
    let answer = reviews.create(&PostParams::default(), &review).await?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}

async fn approve(access: &Access, object: &CertificateSigningRequest, message: &str) -> Outcome {
    let approved = with_condition(object, "Approved", "AutoApproved", message.to_owned());
    let requests: Api<CertificateSigningRequest> = Api::all(access.client.clone());
    let parameters = PostParams::default();
    match requests.replace_subresource("approval", &object.name_any(), &parameters, &approved).await {
        Ok(_) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

//! Removes requests that nobody will look at again (`cleaner/cleaner.go`).

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::DeleteParams;
use winlab_kube_client::k8s::certificates::CertificateSigningRequest;
use winlab_kube_client::{Api, ResourceExt as _};

use super::{condition, is_issued};
use crate::access::Access;

const EVERY: VirtualSpan = VirtualSpan::from_secs(3600);
/// How long a request stays that was answered, and one that was not.
const DECIDED: VirtualSpan = VirtualSpan::from_secs(3600);
const PENDING: VirtualSpan = VirtualSpan::from_secs(24 * 3600);

pub(crate) async fn run(access: Access) {
    let requests: Api<CertificateSigningRequest> = Api::all(access.client.clone());
    loop {
        access.clock.sleep(EVERY).await;
        let old: Vec<_> =
            access.informers.signing_requests.list().into_iter().filter(|one| is_old(&access, one)).collect();
        for object in old {
            // The next round tries again.
            let _gone = requests.delete(&object.name_any(), &DeleteParams::default()).await;
        }
    }
}

fn is_old(access: &Access, object: &CertificateSigningRequest) -> bool {
    let decided = |kind: &str| {
        let updated = condition(object, kind).and_then(|condition| condition.last_update_time.as_ref());
        updated.is_some_and(|time| access.since(time) > DECIDED)
    };
    let none = object.status.as_ref().and_then(|status| status.conditions.as_ref()).is_none_or(Vec::is_empty);
    let created = object.creation_timestamp();
    let waits = created.is_some_and(|time| access.since(&time) > PENDING);
    (none && waits) || (is_issued(object) && decided("Approved")) || decided("Denied") || decided("Failed")
}

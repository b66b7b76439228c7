//! Certificate signing requests: who may write what of them.

use serde_json::{Value, json};
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::authorization::SubjectAccessReview;
use winlab_kube_client::k8s::certificates::CertificateSigningRequest;
use winlab_kube_client::k8s::rbac::ClusterRoleBinding;
use winlab_kube_client::{Api, Client, Error, Identity};
use winlab_pki::{PrivateKey, SigningRequest};

use crate::world::{causes, object, refusal, server, with_client};

fn request(user: &str, group: &str, signer: &str) -> CertificateSigningRequest {
    let key = PrivateKey::of_bytes([3; 32]).unwrap();
    let text = SigningRequest::of_client(user, group, &key).unwrap();
    let mut made: CertificateSigningRequest = object(json!({
        "metadata": {"name": "node-csr-A_b"},
        "spec": {"request": "", "signerName": signer, "usages": ["digital signature", "client auth"],
                 "username": "somebody-else"}
    }));
    made.spec.request.0 = text.into_bytes();
    made
}

fn requests(client: &Client) -> Api<CertificateSigningRequest> {
    Api::all(client.clone())
}

const KUBELET: &str = "kubernetes.io/kube-apiserver-client-kubelet";

#[test]
fn who_asks_is_written_by_the_server_and_a_name_may_be_anything() {
    winlab_clock::virtual_world(async {
        let user = "system:bootstrap:abcdef";
        let client = server(34).client(Identity::new("kubelet", "v1.34.4").user(user));
        let made = requests(&client)
            .create(&PostParams::default(), &request("system:node:win1", "system:nodes", KUBELET))
            .await
            .unwrap();
        assert_eq!(made.spec.username.as_deref(), Some(user));
        let groups = [
            "system:bootstrappers",
            "system:bootstrappers:kubeadm:default-node-token",
            "system:authenticated",
        ];
        assert_eq!(made.spec.groups.unwrap(), groups);
    });
}

#[test]
fn a_decision_is_made_through_approval_and_a_certificate_set_through_status() {
    with_client(async |client| {
        let api = requests(&client);
        let made = api
            .create(&PostParams::default(), &request("system:node:win1", "system:nodes", KUBELET))
            .await
            .unwrap();
        let mut value: Value = serde_json::to_value(&made).unwrap();
        value["status"]["conditions"] =
            json!([{"type": "Approved", "status": "True", "reason": "KubectlApprove"}]);
        let decided: CertificateSigningRequest = object(value.clone());
        let name = "node-csr-A_b";
        let plain = PostParams::default();
        assert_eq!(
            causes(api.replace_status(name, &plain, &decided).await),
            ["FieldValueForbidden status.conditions"]
        );
        let approved = api.replace_subresource("approval", name, &plain, &decided).await.unwrap();
        let conditions = approved.status.clone().unwrap().conditions.unwrap();
        assert_eq!(conditions.len(), 1);
        assert!(conditions[0].last_update_time.is_some() && conditions[0].last_transition_time.is_some());
        let mut value = serde_json::to_value(&approved).unwrap();
        value["status"]["certificate"] = json!("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==");
        let signed = api.replace_status(name, &plain, &object(value.clone())).await.unwrap();
        assert!(signed.status.unwrap().certificate.is_some());
        value["status"]["certificate"] = json!("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCgo=");
        value["metadata"]["resourceVersion"] = Value::Null;
        assert_eq!(
            causes(api.replace_status(name, &plain, &object(value)).await),
            ["FieldValueForbidden status.certificate"]
        );
    });
}

#[test]
fn what_is_no_request_is_refused() {
    with_client(async |client| {
        let api = requests(&client);
        let mut broken = request("a", "b", "nowhere");
        broken.spec.request.0 = b"not a request".to_vec();
        broken.spec.usages = Some(vec!["flying".to_owned()]);
        assert_eq!(
            causes(api.create(&PostParams::default(), &broken).await),
            [
                "FieldValueInvalid spec.request",
                "FieldValueNotSupported spec.usages[0]",
                "FieldValueInvalid spec.signerName"
            ]
        );
        let masters = request("a", "system:masters", "kubernetes.io/kube-apiserver-client");
        let (code, message) = refusal(api.create(&PostParams::default(), &masters).await);
        assert_eq!(code, 403);
        assert!(message.contains("with system:masters group is not allowed"), "{message}");
    });
}

#[test]
fn whose_requests_are_approved_without_a_person_follows_from_bindings() {
    with_client(async |client| {
        let may = async |group: &str| -> Result<bool, Error> {
            let review: SubjectAccessReview = object(json!({"spec": {
                "user": "system:bootstrap:abcdef", "groups": [group],
                "resourceAttributes": {"group": "certificates.k8s.io", "resource": "certificatesigningrequests",
                                       "subresource": "nodeclient", "verb": "create"}
            }}));
            let api: Api<SubjectAccessReview> = Api::all(client.clone());
            Ok(api.create(&PostParams::default(), &review).await?.status.unwrap().allowed)
        };
        let group = "system:bootstrappers:kubeadm:default-node-token";
        assert!(!may(group).await.unwrap());
        let binding: ClusterRoleBinding = object(json!({
            "metadata": {"name": "kubeadm:node-autoapprove-bootstrap"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                        "name": "system:certificates.k8s.io:certificatesigningrequests:nodeclient"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group}]
        }));
        Api::all(client.clone()).create(&PostParams::default(), &binding).await.unwrap();
        assert!(may(group).await.unwrap() && !may("system:nodes").await.unwrap());
        assert!(may("system:masters").await.unwrap());
    });
}

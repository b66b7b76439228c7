//! Certificate signing requests, addresses and ranges of services.

use serde_json::{Value, json};
use winlab_pki::{PrivateKey, SigningRequest};

use super::Ask;

const CERTIFICATES: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const NETWORKING: &str = "/apis/networking.k8s.io/v1";

fn request(name: &str, signer: &str, usages: Value, text: &str) -> Value {
    json!({
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": name},
        "spec": {"request": base64(text), "signerName": signer, "usages": usages}
    })
}

fn base64(text: &str) -> Value {
    let bytes = winlab_kube_client::k8s_openapi::ByteString(text.as_bytes().to_vec());
    serde_json::to_value(bytes).expect("bytes are text in base 64")
}

fn of(user: &str, group: &str) -> String {
    let key = PrivateKey::of_bytes([5; 32]).expect("32 bytes are a key");
    SigningRequest::of_client(user, group, &key).expect("the key signs")
}

pub(super) fn asks() -> Vec<Ask> {
    let node = of("system:node:a", "system:nodes");
    let client = json!(["digital signature", "client auth"]);
    let kubelet = "kubernetes.io/kube-apiserver-client-kubelet";
    let one = format!("{CERTIFICATES}/node-csr-A_b");
    let decided = |conditions: Value| json!({"status": {"conditions": conditions}});
    let approved = json!([{"type": "Approved", "status": "True", "reason": "ByHand", "message": "yes"}]);
    let denied = json!([{"type": "Denied", "status": "True"}, {"type": "Approved", "status": "True"}]);
    let short = {
        let mut made = request("short", kubelet, client.clone(), &node);
        made["spec"]["expirationSeconds"] = 60.into();
        made
    };
    vec![
        Ask::post("signing request", CERTIFICATES, request("node-csr-A_b", kubelet, client.clone(), &node)),
        Ask::post("no PEM", CERTIFICATES, request("bad", kubelet, client.clone(), "nothing")),
        Ask::post("no usages", CERTIFICATES, request("bad", kubelet, json!([]), &node)),
        Ask::post(
            "unknown usage twice",
            CERTIFICATES,
            request("bad", kubelet, json!(["flying", "flying"]), &node),
        ),
        Ask::post("legacy signer", CERTIFICATES, {
            request("bad", "kubernetes.io/legacy-unknown", client.clone(), &node)
        }),
        Ask::post("short certificate", CERTIFICATES, short),
        Ask::post("masters", CERTIFICATES, {
            let text = of("a", "system:masters");
            request("bad", "kubernetes.io/kube-apiserver-client", client.clone(), &text)
        }),
        Ask::patch("approval by status", "merge", format!("{one}/status"), decided(approved.clone())),
        Ask::patch("two decisions", "merge", format!("{one}/approval"), decided(denied)),
        Ask::patch("approval", "merge", format!("{one}/approval"), decided(approved)),
        Ask::patch("approval taken back", "merge", format!("{one}/approval"), decided(json!([]))),
        Ask::patch("no certificate", "merge", format!("{one}/status"), {
            json!({"status": {"certificate": base64("nothing")}})
        }),
        Ask::patch("another specification", "merge", one.clone(), json!({"spec": {"usages": ["any"]}})),
        Ask::get("approval read", format!("{one}/approval")),
        Ask::get("service range", format!("{NETWORKING}/servicecidrs/kubernetes")),
        Ask::get("service address", format!("{NETWORKING}/ipaddresses/10.96.0.1")),
        Ask::post("wrong range", format!("{NETWORKING}/servicecidrs"), {
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "x"},
                   "spec": {"cidrs": []}})
        }),
        Ask::patch("change of a range", "merge", format!("{NETWORKING}/servicecidrs/kubernetes"), {
            json!({"spec": {"cidrs": ["10.0.0.0/24"]}})
        }),
        Ask::post("address of nobody", format!("{NETWORKING}/ipaddresses"), {
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "IPAddress", "metadata": {"name": "10.96.9.9"}, "spec": {}})
        }),
    ]
}

//! What a kubelet may ask for (`pkg/apis/certificates/helpers.go`).

use winlab_pki::SigningRequest;

const DIGITAL_SIGNATURE: &str = "digital signature";
const KEY_ENCIPHERMENT: &str = "key encipherment";

/// Whether the request is one of a kubelet for its client certificate.
pub(super) fn check_client(request: &SigningRequest, usages: &[String]) -> Result<(), String> {
    check_organisation(request)?;
    let unwanted = [
        (request.has_dns_names(), "DNS subjectAltNames are not allowed"),
        (request.has_emails(), "Email subjectAltNames are not allowed"),
        (request.has_addresses(), "IP subjectAltNames are not allowed"),
        (request.has_uris(), "URI subjectAltNames are not allowed"),
    ];
    if let Some((_, problem)) = unwanted.iter().find(|(found, _)| *found) {
        return Err((*problem).to_owned());
    }
    check_name(request)?;
    check_usages(usages, "client auth")
}

/// Whether the request is one of a kubelet for the certificate that it serves with.
pub(super) fn check_serving(request: &SigningRequest, usages: &[String]) -> Result<(), String> {
    check_organisation(request)?;
    if !request.has_dns_names() && !request.has_addresses() {
        return Err("DNS or IP subjectAltName is required".to_owned());
    }
    if request.has_emails() {
        return Err("Email subjectAltNames are not allowed".to_owned());
    }
    if request.has_uris() {
        return Err("URI subjectAltNames are not allowed".to_owned());
    }
    check_usages(usages, "server auth")?;
    check_name(request)
}

fn check_organisation(request: &SigningRequest) -> Result<(), String> {
    match request.subject().groups.as_slice() {
        [group] if group == "system:nodes" => Ok(()),
        _ => Err("subject organization is not system:nodes".to_owned()),
    }
}

fn check_name(request: &SigningRequest) -> Result<(), String> {
    let name = request.subject().user;
    let problem = "subject common name does not begin with system:node:";
    if name.starts_with("system:node:") { Ok(()) } else { Err(problem.to_owned()) }
}

/// The usages in any order; a key that cannot encipher need not ask for it.
fn check_usages(usages: &[String], purpose: &str) -> Result<(), String> {
    let all = [purpose, DIGITAL_SIGNATURE, KEY_ENCIPHERMENT];
    let has = |usage: &str| usages.iter().any(|known| known == usage);
    let fits =
        has(purpose) && has(DIGITAL_SIGNATURE) && usages.iter().all(|usage| all.contains(&usage.as_str()));
    let mut names = all;
    names.sort_unstable();
    if fits { Ok(()) } else { Err(format!("usages did not match [{}]", names.join(" "))) }
}

#[cfg(test)]
mod tests {
    use winlab_pki::{PrivateKey, SigningRequest};

    use super::{check_client, check_serving};

    fn request(user: &str, group: &str) -> SigningRequest {
        let text = SigningRequest::of_client(user, group, &PrivateKey::of_bytes([1; 32]).unwrap()).unwrap();
        SigningRequest::from_pem(&text).unwrap()
    }

    fn usages(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_kubelet_asks_as_a_node_and_for_nothing_else() {
        let plain = usages(&["digital signature", "client auth"]);
        let node = request("system:node:win1", "system:nodes");
        assert_eq!(check_client(&node, &plain), Ok(()));
        let with_rsa = usages(&["key encipherment", "client auth", "digital signature"]);
        assert_eq!(check_client(&node, &with_rsa), Ok(()));
        let problem =
            |request: &SigningRequest, names: &[&str]| check_client(request, &usages(names)).unwrap_err();
        assert_eq!(
            problem(&node, &["client auth"]),
            "usages did not match [client auth digital signature key encipherment]"
        );
        let other = request("system:node:win1", "system:masters");
        assert_eq!(problem(&other, &["client auth"]), "subject organization is not system:nodes");
        let nobody = request("win1", "system:nodes");
        assert_eq!(
            check_client(&nobody, &plain).unwrap_err(),
            "subject common name does not begin with system:node:"
        );
    }

    #[test]
    fn a_serving_certificate_needs_a_name_to_be_reached_by() {
        let node = request("system:node:win1", "system:nodes");
        let serving = usages(&["digital signature", "server auth"]);
        assert_eq!(check_serving(&node, &serving).unwrap_err(), "DNS or IP subjectAltName is required");
    }
}

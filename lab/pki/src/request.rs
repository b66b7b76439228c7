//! Certificate signing requests (PKCS #10).

use rcgen::{
    CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType, DnValue, SanType,
};

use crate::authority::PkiError;
use crate::private_key::PrivateKey;
use crate::subject::Subject;

const LABEL: &str = "CERTIFICATE REQUEST";

/// A request whose own signature is right.
#[derive(Clone, Debug)]
pub struct SigningRequest(pub(crate) CertificateSigningRequestParams);

/// A text that is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The words of `pkg/apis/certificates/helpers.go`, `ParseCSR`.
    #[error("PEM block type must be CERTIFICATE REQUEST")]
    NotPem,
    /// Not PKCS #10, signed with a wrong key, or with extensions that are not known.
    #[error("{0}")]
    Unreadable(rcgen::Error),
}

impl SigningRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// It cannot be read, or its own signature is wrong.
    pub fn from_pem(text: &str) -> Result<Self, RequestError> {
        if !text.contains(&format!("-----BEGIN {LABEL}-----")) {
            return Err(RequestError::NotPem);
        }
        CertificateSigningRequestParams::from_pem(text).map(Self).map_err(RequestError::Unreadable)
    }

    /// The request of a client, as PEM: the user is the common name, the group the organisation.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn of_client(user: &str, group: &str, key: &PrivateKey) -> Result<String, PkiError> {
        let error = PkiError::on("make a certificate signing request");
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, group);
        params.distinguished_name.push(DnType::CommonName, user);
        params.serialize_request(&key.0).and_then(|request| request.pem()).map_err(error)
    }

    /// Whom a certificate is asked for.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let mut subject = Subject { user: String::new(), groups: Vec::new() };
        for (kind, value) in self.0.params.distinguished_name.iter() {
            match kind {
                DnType::CommonName => subject.user = text(value),
                DnType::OrganizationName => subject.groups.push(text(value)),
                _ => {}
            }
        }
        subject
    }

    /// Whether it asks for DNS names.
    #[must_use]
    pub fn has_dns_names(&self) -> bool {
        self.has(|name| matches!(name, SanType::DnsName(_)))
    }

    /// Whether it asks for addresses.
    #[must_use]
    pub fn has_addresses(&self) -> bool {
        self.has(|name| matches!(name, SanType::IpAddress(_)))
    }

    /// Whether it asks for e-mail addresses.
    #[must_use]
    pub fn has_emails(&self) -> bool {
        self.has(|name| matches!(name, SanType::Rfc822Name(_)))
    }

    /// Whether it asks for URIs.
    #[must_use]
    pub fn has_uris(&self) -> bool {
        self.has(|name| matches!(name, SanType::URI(_)))
    }

    fn has(&self, is: impl Fn(&SanType) -> bool) -> bool {
        self.0.params.subject_alt_names.iter().any(is)
    }
}

fn text(value: &DnValue) -> String {
    match value {
        DnValue::Utf8String(text) => text.clone(),
        DnValue::PrintableString(text) => text.as_str().to_owned(),
        DnValue::Ia5String(text) => text.as_str().to_owned(),
        DnValue::TeletexString(text) => text.as_str().to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{RequestError, SigningRequest};
    use crate::{Authority, PrivateKey, Usage};

    const USAGES: [&str; 2] = ["digital signature", "client auth"];

    #[test]
    fn a_request_is_signed_for_the_subject_it_names() {
        let authority = Authority::new("kubernetes").unwrap();
        let key = PrivateKey::generate().unwrap();
        let text = SigningRequest::of_client("system:node:win1", "system:nodes", &key).unwrap();
        let request = SigningRequest::from_pem(&text).unwrap();
        let subject = request.subject();
        assert_eq!(
            (subject.user.as_str(), subject.groups.as_slice()),
            ("system:node:win1", &["system:nodes".to_owned()][..])
        );
        assert!(!request.has_dns_names() && !request.has_addresses());
        let usages: Vec<Usage> = USAGES.into_iter().filter_map(Usage::named).collect();
        let signed = authority.sign_request(&request, &usages).unwrap();
        assert!(signed.starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn what_is_no_request_is_told_apart() {
        assert_eq!(SigningRequest::from_pem("no request").unwrap_err(), RequestError::NotPem);
        let broken = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
        assert!(matches!(SigningRequest::from_pem(broken), Err(RequestError::Unreadable(_))));
    }

    #[test]
    fn the_same_bytes_give_the_same_certificate() {
        let certificate = || {
            let authority =
                Authority::with_key("kubernetes", PrivateKey::of_bytes([7; 32]).unwrap()).unwrap();
            let text = SigningRequest::of_client("a", "b", &PrivateKey::of_bytes([8; 32]).unwrap()).unwrap();
            let request = SigningRequest::from_pem(&text).unwrap();
            let usages: Vec<Usage> = USAGES.into_iter().filter_map(Usage::named).collect();
            authority.sign_request(&request, &usages).unwrap()
        };
        assert_eq!(certificate(), certificate());
    }
}

//! A certificate authority, and what it signs.

use std::fmt;
use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};

use crate::private_key::PrivateKey;
use crate::request::SigningRequest;
use crate::subject::Subject;
use crate::usage::Usage;

/// A certificate that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing}")]
pub struct PkiError {
    doing: &'static str,
    #[source]
    cause: rcgen::Error,
}

impl PkiError {
    pub(crate) fn on(doing: &'static str) -> impl Fn(rcgen::Error) -> Self {
        move |cause| Self { doing, cause }
    }
}

/// A certificate and its private key, both as PEM.
#[derive(Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate_pem: String,
    /// Its private key (PKCS #8).
    pub key_pem: String,
    /// The certificate as DER.
    pub certificate_der: Vec<u8>,
    /// The private key as DER.
    pub key_der: Vec<u8>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("certificate_pem", &self.certificate_pem).finish_non_exhaustive()
    }
}

/// What a server is reached as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerNames {
    /// DNS names.
    pub names: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authority").field(&self.certificate_pem()).finish()
    }
}

impl Authority {
    /// A new one: `kubernetes`, `etcd-ca`, `kubernetes-front-proxy-ca` are kubeadm's names.
    ///
    /// # Errors
    /// The machine has no randomness to give.
    pub fn new(common_name: &str) -> Result<Self, PkiError> {
        Self::with_key(common_name, PrivateKey::generate()?)
    }

    /// One with this key.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn with_key(common_name: &str, key: PrivateKey) -> Result<Self, PkiError> {
        let error = PkiError::on("make a certificate authority");
        let mut params = params(common_name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyCertSign,
        ];
        CertifiedIssuer::self_signed(params, key.0).map(Self).map_err(error)
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.0.pem()
    }

    /// Its certificate as DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        self.0.der()
    }

    /// Its private key, for a controller that signs in its name.
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.0.key().serialize_pem()
    }

    /// A server's certificate. It can be a client's too, as etcd wants it of its own peers.
    ///
    /// # Errors
    /// A name is not one of DNS.
    pub fn server(&self, common_name: &str, reached_as: &ServerNames) -> Result<Issued, PkiError> {
        let error = PkiError::on("make a server's certificate");
        let mut params = params(common_name);
        for name in &reached_as.names {
            let name = name.as_str().try_into().map_err(&error)?;
            params.subject_alt_names.push(SanType::DnsName(name));
        }
        params.subject_alt_names.extend(reached_as.addresses.iter().copied().map(SanType::IpAddress));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params).map_err(error)
    }

    /// A client's certificate: the common name is the user, the organisation its group
    /// (apiserver, `pkg/authentication/request/x509`).
    ///
    /// # Errors
    /// The machine has no randomness to give.
    pub fn client(&self, user: &str, group: Option<&str>) -> Result<Issued, PkiError> {
        let mut params = params(user);
        if let Some(group) = group {
            params.distinguished_name.push(DnType::OrganizationName, group);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params).map_err(PkiError::on("make a client's certificate"))
    }

    /// Signs what a client asks for, for these usages and no others: names as the request has them, no authority
    /// (kubernetes, `pkg/controller/certificates/authority`: `PermissiveSigningPolicy`).
    ///
    /// # Errors
    /// The authority's key cannot sign.
    pub fn sign_request(&self, request: &SigningRequest, usages: &[Usage]) -> Result<String, PkiError> {
        let mut request = request.0.clone();
        let shown = params("");
        (request.params.not_before, request.params.not_after) = (shown.not_before, shown.not_after);
        request.params.is_ca = IsCa::ExplicitNoCa;
        request.params.key_usages = usages.iter().filter_map(|usage| usage.key_usage()).collect();
        request.params.extended_key_usages =
            usages.iter().filter_map(|usage| usage.extended_key_usage()).collect();
        let signed = request.signed_by(&self.0);
        Ok(signed.map_err(PkiError::on("sign a certificate signing request"))?.pem())
    }

    fn sign(&self, params: &CertificateParams) -> Result<Issued, rcgen::Error> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?;
        Ok(Issued {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            certificate_der: certificate.der().to_vec(),
            key_der: key.serialize_der(),
        })
    }
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// A new private key as PEM, and its public key: what a real control plane signs service-account tokens with.
///
/// # Errors
/// The machine has no randomness to give.
pub fn signing_key() -> Result<(String, String), PkiError> {
    let key = KeyPair::generate().map_err(PkiError::on("make a key"))?;
    Ok((key.serialize_pem(), key.public_key_pem()))
}

impl Issued {
    /// Who the certificate stands for.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        crate::subject_of(&self.certificate_der)
    }
}

#[cfg(test)]
mod tests {
    use super::{Authority, ServerNames};
    use crate::Subject;

    #[test]
    fn a_client_is_its_common_name_and_its_group_the_organisation() {
        let authority = Authority::new("kubernetes").unwrap();
        let kubelet = authority.client("system:node:win1", Some("system:nodes")).unwrap();
        let expected =
            Subject { user: "system:node:win1".to_owned(), groups: vec!["system:nodes".to_owned()] };
        assert_eq!(kubelet.subject(), Some(expected));
        let proxy = authority.client("system:kube-proxy", None).unwrap();
        assert_eq!(proxy.subject().unwrap().groups, Vec::<String>::new());
    }

    #[test]
    fn a_server_is_reached_by_names_and_addresses() {
        let authority = Authority::new("kubernetes").unwrap();
        let reached_as = ServerNames {
            names: vec!["kubernetes.default.svc".to_owned()],
            addresses: vec!["192.168.0.2".parse().unwrap()],
        };
        let server = authority.server("kube-apiserver", &reached_as).unwrap();
        assert_eq!(server.subject().unwrap().user, "kube-apiserver");
        let bad = ServerNames { names: vec!["größe".to_owned()], addresses: vec![] };
        assert!(authority.server("kube-apiserver", &bad).is_err());
    }
}

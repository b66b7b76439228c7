//! Who a client certificate stands for.

use x509_parser::prelude::{FromDer, X509Certificate};

/// A user as a certificate names it (apiserver, `pkg/authentication/request/x509`: `CommonNameUserConversion`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The common name.
    pub user: String,
    /// The organisations.
    pub groups: Vec<String>,
}

/// Reads a certificate's subject; `None` if it is no certificate or has no common name.
#[must_use]
pub fn subject_of(certificate_der: &[u8]) -> Option<Subject> {
    let (_, certificate) = X509Certificate::from_der(certificate_der).ok()?;
    let subject = certificate.subject();
    let user = subject.iter_common_name().next()?.as_str().ok()?.to_owned();
    if user.is_empty() {
        return None;
    }
    let groups = subject.iter_organization().filter_map(|group| group.as_str().ok());
    Some(Subject { user, groups: groups.map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_no_certificate_names_nobody() {
        assert_eq!(super::subject_of(b"no certificate"), None);
    }
}

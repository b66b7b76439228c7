//! What a certificate may be used for (`k8s.io/api/certificates/v1`, `KeyUsage`).

use rcgen::{ExtendedKeyUsagePurpose as Extended, KeyUsagePurpose as Key};

/// A usage by the name that a `CertificateSigningRequest` has it under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// `digital signature`
    pub name: &'static str,
    kind: Kind,
}

/// Where a certificate says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Key(Key),
    Extended(Which),
    /// One of those that Go's `crypto/x509` knows and hardly anybody asks for.
    Oid(&'static [u64]),
}

/// The extended usages with a name of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Any,
    Server,
    Client,
    Code,
    Email,
    Time,
    Ocsp,
}

const fn key(name: &'static str, usage: Key) -> Usage {
    Usage { name, kind: Kind::Key(usage) }
}

const fn extended(name: &'static str, usage: Which) -> Usage {
    Usage { name, kind: Kind::Extended(usage) }
}

const fn oid(name: &'static str, oid: &'static [u64]) -> Usage {
    Usage { name, kind: Kind::Oid(oid) }
}

/// `pkg/apis/certificates/v1/helpers.go`, `keyUsageDict` and `extKeyUsageDict`, by name.
static KNOWN: [Usage; 23] = [
    extended("any", Which::Any),
    key("cert sign", Key::KeyCertSign),
    extended("client auth", Which::Client),
    extended("code signing", Which::Code),
    key("content commitment", Key::ContentCommitment),
    key("crl sign", Key::CrlSign),
    key("data encipherment", Key::DataEncipherment),
    key("decipher only", Key::DecipherOnly),
    key("digital signature", Key::DigitalSignature),
    extended("email protection", Which::Email),
    key("encipher only", Key::EncipherOnly),
    oid("ipsec end system", &[1, 3, 6, 1, 5, 5, 7, 3, 5]),
    oid("ipsec tunnel", &[1, 3, 6, 1, 5, 5, 7, 3, 6]),
    oid("ipsec user", &[1, 3, 6, 1, 5, 5, 7, 3, 7]),
    key("key agreement", Key::KeyAgreement),
    key("key encipherment", Key::KeyEncipherment),
    oid("microsoft sgc", &[1, 3, 6, 1, 4, 1, 311, 10, 3, 3]),
    oid("netscape sgc", &[2, 16, 840, 1, 113_730, 4, 1]),
    extended("ocsp signing", Which::Ocsp),
    extended("s/mime", Which::Email),
    extended("server auth", Which::Server),
    key("signing", Key::DigitalSignature),
    extended("timestamping", Which::Time),
];

impl Usage {
    /// Every usage, by name.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &KNOWN
    }

    /// The usage of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        KNOWN.iter().find(|usage| usage.name == name).copied()
    }

    pub(crate) fn key_usage(self) -> Option<Key> {
        match self.kind {
            Kind::Key(usage) => Some(usage),
            Kind::Extended(_) | Kind::Oid(_) => None,
        }
    }

    pub(crate) fn extended_key_usage(self) -> Option<Extended> {
        Some(match self.kind {
            Kind::Key(_) => return None,
            Kind::Oid(oid) => Extended::Other(oid.to_vec()),
            Kind::Extended(which) => match which {
                Which::Any => Extended::Any,
                Which::Server => Extended::ServerAuth,
                Which::Client => Extended::ClientAuth,
                Which::Code => Extended::CodeSigning,
                Which::Email => Extended::EmailProtection,
                Which::Time => Extended::TimeStamping,
                Which::Ocsp => Extended::OcspSigning,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Usage;

    #[test]
    fn usages_are_found_by_name_and_listed_in_order() {
        assert_eq!(Usage::named("client auth").unwrap().name, "client auth");
        assert_eq!(Usage::named("flying"), None);
        assert!(Usage::all().is_sorted_by_key(|usage| usage.name));
    }
}

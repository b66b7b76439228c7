//! Kubeconfig files (`k8s.io/client-go/tools/clientcmd/api/v1`).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::authority::Issued;

/// How a client says who it is.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// By a client certificate.
    Certificate(Issued),
    /// By a bearer token.
    Token(String),
}

/// A kubeconfig of one cluster, one user and one context, which is the current one. Its text form is YAML.
#[derive(Clone, Debug)]
pub struct Kubeconfig {
    /// The name of the cluster and the context: `winlab-first`.
    pub name: String,
    /// The name of the user entry.
    pub user: String,
    /// The server's URL: `https://192.168.0.2:6443`.
    pub server: String,
    /// The certificate authority's certificate.
    pub authority_pem: String,
    /// Who the client is.
    pub credentials: Credentials,
}

impl fmt::Display for Kubeconfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, user, server, authority_pem, credentials } = self;
        let authority = STANDARD.encode(authority_pem);
        writeln!(f, "apiVersion: v1\nkind: Config\npreferences: {{}}\ncurrent-context: {name:?}")?;
        writeln!(f, "clusters:\n- name: {name:?}\n  cluster:")?;
        writeln!(f, "    server: {server:?}\n    certificate-authority-data: {authority}")?;
        writeln!(f, "contexts:\n- name: {name:?}\n  context:\n    cluster: {name:?}\n    user: {user:?}")?;
        writeln!(f, "users:\n- name: {user:?}\n  user:")?;
        match credentials {
            Credentials::Certificate(issued) => {
                writeln!(f, "    client-certificate-data: {}", STANDARD.encode(&issued.certificate_pem))?;
                writeln!(f, "    client-key-data: {}", STANDARD.encode(&issued.key_pem))
            }
            Credentials::Token(token) => writeln!(f, "    token: {token:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Kubeconfig};

    #[test]
    fn the_text_is_what_clients_read() {
        let config = Kubeconfig {
            name: "winlab-first".to_owned(),
            user: "kubernetes-admin".to_owned(),
            server: "https://127.0.0.1:6443".to_owned(),
            authority_pem: "PEM".to_owned(),
            credentials: Credentials::Token("abc".to_owned()),
        };
        let text = config.to_string();
        assert!(text.contains("    certificate-authority-data: UEVN\n"), "{text}");
        assert!(text.contains("current-context: \"winlab-first\"\n"), "{text}");
        assert!(text.ends_with("    token: \"abc\"\n"), "{text}");
    }
}

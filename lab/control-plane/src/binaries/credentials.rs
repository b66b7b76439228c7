//! Certificates and kubeconfigs of the plane, as `kubeadm init phase certs` and `kubeconfig` make them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use winlab_kube_client::Remote;
use winlab_pki::{Authority, Credentials as With, Issued, Kubeconfig, PkiError, ServerNames, signing_key};

/// The authority of a plane, and the certificates of its clients.
pub(super) struct Credentials {
    /// What kubeconfigs call the cluster.
    cluster: String,
    url: String,
    authority: Authority,
    /// By user; one user has one certificate for as long as the plane lives.
    issued: Mutex<BTreeMap<String, Issued>>,
}

impl Credentials {
    /// A new authority for the API server at `url`, which is where the lab's own programs find it.
    pub(super) fn new(cluster: String, url: String) -> Result<Self, PkiError> {
        Ok(Self { cluster, url, authority: Authority::new("kubernetes")?, issued: Mutex::default() })
    }

    /// The files of `/etc/kubernetes/pki` that the programs read, by name; `reached_as` are the API server's addresses.
    pub(super) fn files(&self, reached_as: Vec<IpAddr>) -> Result<Vec<(&'static str, String)>, PkiError> {
        let names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"];
        let mut names: Vec<String> = names.map(str::to_owned).into();
        names.push("kubernetes.default.svc.cluster.local".to_owned());
        let server =
            self.authority.server("kube-apiserver", &ServerNames { names, addresses: reached_as })?;
        let kubelet_client = self.issue("kube-apiserver-kubelet-client", Some("system:masters"))?;
        let front = Authority::new("front-proxy-ca")?;
        let front_client = front.client("front-proxy-client", None)?;
        let (private, public) = signing_key()?;
        Ok(vec![
            ("ca.crt", self.authority.certificate_pem()),
            ("ca.key", self.authority.key_pem()),
            ("apiserver.crt", server.certificate_pem),
            ("apiserver.key", server.key_pem),
            ("apiserver-kubelet-client.crt", kubelet_client.certificate_pem),
            ("apiserver-kubelet-client.key", kubelet_client.key_pem),
            ("front-proxy-ca.crt", front.certificate_pem()),
            ("front-proxy-client.crt", front_client.certificate_pem),
            ("front-proxy-client.key", front_client.key_pem),
            ("sa.key", private),
            ("sa.pub", public),
        ])
    }

    pub(super) fn authority_pem(&self) -> String {
        self.authority.certificate_pem()
    }

    /// How a user reaches the API server.
    pub(super) fn remote(&self, user: &str) -> Result<Remote, PkiError> {
        let issued = self.of_user(user)?;
        Ok(Remote {
            url: self.url.clone(),
            authority_der: self.authority.certificate_der().to_vec(),
            certificate_pem: issued.certificate_pem,
            key_pem: issued.key_pem,
        })
    }

    /// A user's kubeconfig.
    pub(super) fn kubeconfig(&self, user: &str) -> Result<String, PkiError> {
        self.kubeconfig_at(user, &self.url)
    }

    /// A user's kubeconfig for another address of the API server.
    pub(super) fn kubeconfig_at(&self, user: &str, url: &str) -> Result<String, PkiError> {
        let config = Kubeconfig {
            name: self.cluster.clone(),
            user: user.to_owned(),
            server: url.to_owned(),
            authority_pem: self.authority_pem(),
            credentials: With::Certificate(self.of_user(user)?),
        };
        Ok(config.to_string())
    }

    fn of_user(&self, user: &str) -> Result<Issued, PkiError> {
        self.issue(user, group_of(user))
    }

    fn issue(&self, user: &str, group: Option<&str>) -> Result<Issued, PkiError> {
        let mut known = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(issued) = known.get(user) {
            return Ok(issued.clone());
        }
        let issued = self.authority.client(user, group)?;
        known.insert(user.to_owned(), issued.clone());
        Ok(issued)
    }
}

/// The group that a user's certificate names. A service account is known to RBAC by its user name; its token would name
/// the group of its namespace as well.
fn group_of(user: &str) -> Option<&'static str> {
    match user {
        // kubeadm's super-admin.conf: an administrator that needs no binding.
        "kubernetes-admin" => Some("system:masters"),
        _ if user.starts_with("system:bootstrap:") => Some("system:bootstrappers:kubeadm:default-node-token"),
        _ if user.starts_with("system:node:") => Some("system:nodes"),
        _ if user.starts_with("system:serviceaccount:") => Some("system:serviceaccounts"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_one_certificate_which_names_its_group() {
        let credentials = Credentials::new("lab".to_owned(), "https://127.0.0.1:6443".to_owned()).unwrap();
        let kubelet = credentials.of_user("system:node:win1").unwrap();
        assert_eq!(kubelet.subject().unwrap().groups, ["system:nodes"]);
        assert_eq!(credentials.remote("system:node:win1").unwrap().certificate_pem, kubelet.certificate_pem);
        let config = credentials.kubeconfig("system:kube-scheduler").unwrap();
        assert!(config.contains("server: \"https://127.0.0.1:6443\""), "{config}");
        let elsewhere = credentials.kubeconfig_at("system:kube-scheduler", "https://127.0.0.1:8443").unwrap();
        assert_eq!(elsewhere, config.replace(":6443", ":8443"));
    }
}

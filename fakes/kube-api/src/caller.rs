//! Who sends a request.

use http::{HeaderMap, header};
use winlab_kube_client::Identity;

/// Everybody who has shown who they are.
pub(crate) const AUTHENTICATED: &str = "system:authenticated";
/// Everybody who has not.
pub(crate) const UNAUTHENTICATED: &str = "system:unauthenticated";
/// The user that stands for nobody.
pub(crate) const ANONYMOUS: &str = "system:anonymous";

/// A user with their groups, and the program they use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) identity: Identity,
    pub(crate) groups: Vec<String>,
}

impl Caller {
    /// A caller in this process, in the groups that a cluster made by kubeadm has such a user in.
    pub(crate) fn local(identity: Identity) -> Self {
        let mut groups = implied_groups(&identity.user);
        groups.push(AUTHENTICATED.to_owned());
        Self { identity, groups }
    }

    /// A caller whose user is known, and whose program is what the user agent says.
    pub(crate) fn remote(user: String, mut groups: Vec<String>, headers: &HeaderMap) -> Self {
        if user != ANONYMOUS && !groups.iter().any(|group| group == AUTHENTICATED) {
            groups.push(AUTHENTICATED.to_owned());
        }
        Self { identity: program(headers).user(user), groups }
    }

    /// Nobody in particular.
    pub(crate) fn anonymous(headers: &HeaderMap) -> Self {
        Self::remote(ANONYMOUS.to_owned(), vec![UNAUTHENTICATED.to_owned()], headers)
    }
}

/// Groups that follow from a user's name.
pub(crate) fn implied_groups(user: &str) -> Vec<String> {
    if let Some(account) = user.strip_prefix("system:serviceaccount:") {
        let namespace = account.split(':').next().unwrap_or_default();
        return vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")];
    }
    if user.starts_with("system:bootstrap:") {
        // What kubeadm writes into its tokens (`auth-extra-groups`).
        return ["system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token"]
            .map(str::to_owned)
            .into();
    }
    if user.starts_with("system:node:") {
        return vec!["system:nodes".to_owned()];
    }
    if user == "kubernetes-admin" { vec!["system:masters".to_owned()] } else { Vec::new() }
}

/// The program a user agent names: `kubelet.exe/v1.34.4 (windows/amd64) kubernetes/1234567`.
fn program(headers: &HeaderMap) -> Identity {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (name, rest) = agent.split_once('/').unwrap_or((agent, ""));
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let version = rest.split([' ', '(']).next().unwrap_or_default();
    let platform =
        rest.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(platform, _)| platform);
    let identity = Identity::new(if name.is_empty() { "unknown" } else { name }, version);
    match platform {
        Some(platform) => identity.platform(platform),
        None => identity,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{Caller, Identity};

    #[test]
    fn the_user_agent_names_the_program() {
        let mut headers = HeaderMap::new();
        let agent = "kubelet.exe/v1.34.4 (windows/amd64) kubernetes/1234567";
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        let caller = Caller::remote("system:node:win1".to_owned(), vec!["system:nodes".to_owned()], &headers);
        let expected = Identity::new("kubelet", "v1.34.4").platform("windows/amd64").user("system:node:win1");
        assert_eq!(caller.identity, expected);
        assert_eq!(caller.groups, ["system:nodes", "system:authenticated"]);
    }

    #[test]
    fn a_user_of_this_process_is_in_the_groups_its_name_implies() {
        let account =
            Identity::new("flanneld", "v0.28.10").user("system:serviceaccount:kube-flannel:flannel");
        let groups = Caller::local(account).groups;
        let expected =
            ["system:serviceaccounts", "system:serviceaccounts:kube-flannel", "system:authenticated"];
        assert_eq!(groups, expected);
        assert_eq!(Caller::anonymous(&HeaderMap::new()).groups, ["system:unauthenticated"]);
    }
}

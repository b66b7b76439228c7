//! The version skew policy.
//!
//! That kube-proxy is at most three minors (two, below 1.25) away from the kubelet beside it is no rule of its own here:
//! it follows once both keep to the API server's.

use std::fmt;

use crate::kube_version::KubeVersion;

/// Where the policy is written down.
pub const SKEW_POLICY: &str = "https://kubernetes.io/releases/version-skew-policy/";
/// Where that of kubeadm is.
pub const KUBEADM_SKEW_POLICY: &str = "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/#version-skew-policy";

/// Components whose version is bound to the API server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// kubelet
    Kubelet,
    /// kube-proxy
    KubeProxy,
    /// kube-controller-manager, kube-scheduler
    ControlPlane,
    /// kubectl
    Kubectl,
    /// kubeadm when it joins a node
    Kubeadm,
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kubelet => "kubelet",
            Self::KubeProxy => "kube-proxy",
            Self::ControlPlane => "kube-controller-manager",
            Self::Kubectl => "kubectl",
            Self::Kubeadm => "kubeadm",
        })
    }
}

/// A version outside the policy. Nothing stops it from running; it is only unsupported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkewProblem {
    /// The component
    pub component: Component,
    /// Its version
    pub version: KubeVersion,
    /// The API server's
    pub server: KubeVersion,
    /// The broken rule in words
    pub rule: String,
}

impl SkewProblem {
    /// The document that has the rule.
    #[must_use]
    pub const fn reference(&self) -> &'static str {
        match self.component {
            Component::Kubeadm => KUBEADM_SKEW_POLICY,
            _ => SKEW_POLICY,
        }
    }
}

impl fmt::Display for SkewProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} with kube-apiserver {}: {}", self.component, self.version, self.server, self.rule)
    }
}

impl std::error::Error for SkewProblem {}

/// Whether a component of `version` is supported beside an API server of `server`.
///
/// # Errors
/// [`SkewProblem`] with the rule that it breaks.
pub fn skew(component: Component, version: KubeVersion, server: KubeVersion) -> Result<(), SkewProblem> {
    let (own, api) = (version.minor(), server.minor());
    let problem = |rule: String| Err(SkewProblem { component, version, server, rule });
    let (newer, older) = match component {
        Component::Kubelet | Component::KubeProxy if own < 25 => (0, 2),
        Component::Kubelet | Component::KubeProxy => (0, 3),
        Component::ControlPlane => (0, 1),
        Component::Kubectl => (1, 1),
        // A cluster of its own minor or of the one before (`MinimumControlPlaneVersion` in
        // `cmd/kubeadm/app/constants/constants.go`).
        Component::Kubeadm => (1, 0),
    };
    if own > api + newer {
        return problem(match newer {
            0 => format!("{component} must not be newer than kube-apiserver"),
            _ => format!("{component} may be at most {newer} minor newer than kube-apiserver"),
        });
    }
    if own + older < api {
        if older == 0 {
            return problem(format!("{component} must not be older than kube-apiserver"));
        }
        let plural = if older == 1 { "minor" } else { "minors" };
        return problem(format!("{component} may be at most {older} {plural} older than kube-apiserver"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Component, KUBEADM_SKEW_POLICY, SKEW_POLICY, skew};
    use crate::{KubeVersion, NEWEST_MINOR, OLDEST_MINOR};

    #[test]
    fn the_policy() {
        let v = |text: &str| text.parse().unwrap();
        for (component, version, server, legal) in [
            (Component::Kubelet, "v1.36.0", "v1.36.1", true),
            (Component::Kubelet, "v1.33.0", "v1.36.1", true),
            (Component::Kubelet, "v1.32.0", "v1.36.1", false),
            (Component::Kubelet, "v1.37.0", "v1.36.1", false),
            (Component::Kubelet, "v1.24.0", "v1.27.0", false),
            (Component::Kubelet, "v1.24.0", "v1.26.0", true),
            (Component::KubeProxy, "v1.33.0", "v1.36.1", true),
            (Component::ControlPlane, "v1.35.0", "v1.36.1", true),
            (Component::ControlPlane, "v1.34.0", "v1.36.1", false),
            (Component::Kubectl, "v1.37.0", "v1.36.1", true),
            (Component::Kubeadm, "v1.37.0", "v1.36.1", true),
            (Component::Kubeadm, "v1.36.0", "v1.36.1", true),
            (Component::Kubeadm, "v1.35.0", "v1.36.1", false),
        ] {
            assert_eq!(
                skew(component, v(version), v(server)).is_ok(),
                legal,
                "{component} {version} at {server}"
            );
        }
        let error = skew(Component::Kubeadm, v("v1.35.0"), v("v1.36.1")).unwrap_err();
        assert_eq!(error.rule, "kubeadm must not be older than kube-apiserver");
        assert_eq!(error.reference(), KUBEADM_SKEW_POLICY);
        let error = skew(Component::Kubelet, v("v1.32.0"), v("v1.36.1")).unwrap_err();
        assert_eq!(error.reference(), SKEW_POLICY);
        assert_eq!(
            error.to_string(),
            "kubelet v1.32.0 with kube-apiserver v1.36.1: kubelet may be at most 3 minors older than kube-apiserver"
        );
    }

    #[test]
    fn who_keeps_to_the_servers_rule_keeps_to_the_one_beside() {
        let every = || (OLDEST_MINOR..=NEWEST_MINOR).filter_map(|minor| KubeVersion::new(minor, 0));
        for server in every() {
            let legal = |component| every().filter(move |version| skew(component, *version, server).is_ok());
            for (kubelet, proxy) in legal(Component::Kubelet)
                .flat_map(|kubelet| legal(Component::KubeProxy).map(move |proxy| (kubelet, proxy)))
            {
                let allowed = if proxy.minor() < 25 { 2 } else { 3 };
                assert!(kubelet.minor().abs_diff(proxy.minor()) <= allowed, "{kubelet} beside {proxy}");
            }
        }
    }
}

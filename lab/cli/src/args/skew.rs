//! `winlab skew`.

use std::str::FromStr;

use clap::Args;
use winlab_profiles::{Component, KubeVersion};

use super::Output;

/// The names a component may be given by.
const COMPONENTS: [(&str, Component); 6] = [
    ("kubelet", Component::Kubelet),
    ("kube-proxy", Component::KubeProxy),
    ("kube-controller-manager", Component::ControlPlane),
    ("kube-scheduler", Component::ControlPlane),
    ("kubectl", Component::Kubectl),
    ("kubeadm", Component::Kubeadm),
];

/// The arguments of `winlab skew`.
#[derive(Debug, Args)]
pub struct Skew {
    /// The API server's version, such as v1.36.1
    #[arg(value_name = "KUBE")]
    pub server: KubeVersion,
    /// Components to check, such as kubelet=v1.33.0; exit code 1 if the policy forbids one
    #[arg(value_name = "COMPONENT=VERSION")]
    pub components: Vec<ComponentVersion>,
    /// How data are written to standard output
    #[arg(long, value_enum, value_name = "text|json", hide_possible_values = true, default_value_t)]
    pub output: Output,
}

/// `kubelet=v1.33.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentVersion {
    /// The component.
    pub component: Component,
    /// Its version.
    pub version: KubeVersion,
}

impl ComponentVersion {
    /// Every component, with the name it is given by.
    pub fn components() -> impl Iterator<Item = (&'static str, Component)> {
        COMPONENTS.into_iter()
    }
}

impl FromStr for ComponentVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, version) =
            text.split_once('=').ok_or("a component is given as NAME=VERSION, such as kubelet=v1.33.0")?;
        let known = COMPONENTS.iter().find(|(known, _)| *known == name);
        let (_, component) = known.ok_or_else(|| {
            let names = COMPONENTS.map(|(name, _)| name).join(", ");
            format!("unknown component `{name}`; known are {names}")
        })?;
        let version = version.parse().map_err(|error: winlab_profiles::VersionError| error.to_string())?;
        Ok(Self { component: *component, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_read_or_refused_by_name() {
        let read: ComponentVersion = "kube-proxy=v1.35.4".parse().unwrap();
        assert_eq!(read.component, Component::KubeProxy);
        assert_eq!(read.version.to_string(), "v1.35.4");
        for (text, word) in
            [("kubelet", "NAME=VERSION"), ("kublet=v1.35.4", "known are kubelet"), ("kubelet=9", "`9`")]
        {
            let error = text.parse::<ComponentVersion>().unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}

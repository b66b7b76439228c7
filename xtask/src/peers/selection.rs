//! Which programs the command line asked for.

use anyhow::{Result, bail};

use super::table::{self, KUBERNETES, NEWER_CONTROL_PLANE, Peer, Program, USUAL_KUBERNETES};

/// The words of the command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// Programs or peers; none means every one.
    pub(crate) only: Vec<String>,
    /// Versions of Kubernetes, or `all`; none means the usual one.
    pub(crate) kube: Vec<String>,
}

/// One program of one peer.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    /// Where it is built.
    pub(crate) peer: Peer,
    /// What is built.
    pub(crate) program: Program,
}

impl Selection {
    /// Everything there is, whether or not a test runs it.
    pub(crate) fn everything() -> Self {
        Self { only: Vec::new(), kube: vec!["all".to_owned()] }
    }

    /// What CI builds and runs: one real minor, and what goes with it.
    pub(crate) fn of_ci() -> Self {
        const ONLY: &[&str] = &[
            "kube-proxy",
            "kubelet",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kubectl",
            "cni-v1.9.1",
            "hcsshim-v0.13.0/hcn.test",
            "hcs-client.test",
            "containerd-v2.4.2",
            "streams",
        ];
        Self { only: ONLY.iter().map(|&word| word.to_owned()).collect(), kube: Vec::new() }
    }

    /// What the long suites run: of the usual minor everything, of the others what a Windows node runs, and of one of them
    /// the control plane. Those of all would take most of an hour to build, and no test starts them.
    pub(crate) fn of_full() -> Result<Vec<Chosen>> {
        const OF_A_NODE: &[&str] = &["kube-proxy", "kubelet"];
        const OF_A_CONTROL_PLANE: &[&str] = &["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
        let is_run = |chosen: &Chosen| {
            let (version, program) = (chosen.peer.upstream.version, &chosen.program.name);
            !chosen.peer.is_kubernetes()
                || version == USUAL_KUBERNETES
                || OF_A_NODE.contains(program)
                || version == NEWER_CONTROL_PLANE && OF_A_CONTROL_PLANE.contains(program)
        };
        Ok(Self::everything().programs()?.into_iter().filter(is_run).collect())
    }

    /// The peers of the wanted versions.
    pub(crate) fn peers(&self) -> Result<Vec<Peer>> {
        if let Some(unknown) =
            self.kube.iter().find(|word| *word != "all" && !KUBERNETES.contains(&word.as_str()))
        {
            bail!(
                "there is no module for Kubernetes {unknown}, only for {} and `all`",
                KUBERNETES.join(", ")
            );
        }
        let is_wanted = |version: &str| match self.kube.as_slice() {
            [] => version == USUAL_KUBERNETES,
            words => words.iter().any(|word| word == "all" || word == version),
        };
        let wanted = |peer: &Peer| !peer.is_kubernetes() || is_wanted(peer.upstream.version);
        Ok(table::all().into_iter().filter(wanted).collect())
    }

    /// The wanted programs, in the order in which they are built.
    pub(crate) fn programs(&self) -> Result<Vec<Chosen>> {
        let peers = self.peers()?;
        let of = |peer: Peer| {
            peer.programs
                .iter()
                .map(move |&program| Chosen { peer: peer.clone(), program })
                .collect::<Vec<_>>()
        };
        let all: Vec<Chosen> = peers.into_iter().flat_map(of).collect();
        if let Some(unknown) = self.only.iter().find(|word| !all.iter().any(|chosen| chosen.is(word))) {
            let mut names: Vec<_> = all.iter().map(|chosen| chosen.program.name).collect();
            names.sort_unstable();
            names.dedup();
            bail!(
                "nothing is called `{unknown}`: there are {}, and the folders below tests/peers",
                names.join(", ")
            );
        }
        let is_wanted =
            |chosen: &Chosen| self.only.is_empty() || self.only.iter().any(|word| chosen.is(word));
        Ok(all.into_iter().filter(is_wanted).collect())
    }
}

impl Chosen {
    /// Whether a word names it: `kubelet`, `kubelet.exe`, `cni-v1.9.1`, `hcsshim-v0.13.0/hcn.test`.
    fn is(&self, word: &str) -> bool {
        let (folder, name) = word.split_once('/').map_or((None, word), |(folder, name)| (Some(folder), name));
        match folder {
            Some(folder) => self.peer.folder == folder && self.program.name == name,
            None => name == self.peer.folder || name == self.program.name || name == self.program.file(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str], kube: &[&str]) -> Vec<String> {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let selection = Selection { only: owned(only), kube: owned(kube) };
        let chosen = selection.programs().unwrap();
        chosen.iter().map(|chosen| format!("{}/{}", chosen.peer.release, chosen.program.file())).collect()
    }

    #[test]
    fn without_a_version_it_is_the_usual_one() {
        assert_eq!(names(&["kubelet"], &[]), ["v1.34.4/kubelet.exe"]);
        assert_eq!(
            names(&["kubelet.exe"], &["v1.36.1", "v1.31.0"]),
            ["v1.36.1/kubelet.exe", "v1.31.0/kubelet.exe"]
        );
        assert_eq!(names(&["kube-proxy"], &["all"]).len(), KUBERNETES.len());
    }

    #[test]
    fn a_folder_names_all_its_programs_and_one_of_them() {
        assert_eq!(
            names(&["hcn.test"], &[]),
            ["hcsshim-v0.13.0/hcn.test.exe", "hcsshim-v0.15.0/hcn.test.exe"]
        );
        assert_eq!(names(&["hcsshim-v0.13.0/hcn.test"], &[]), ["hcsshim-v0.13.0/hcn.test.exe"]);
        assert_eq!(names(&["flannel-v0.28.10"], &[]), ["flannel-v0.28.10/flanneld.exe"]);
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let refused = |only: &str, kube: &str| {
            let words = |word: &str| if word.is_empty() { vec![] } else { vec![word.to_owned()] };
            Selection { only: words(only), kube: words(kube) }.programs().unwrap_err().to_string()
        };
        assert!(refused("kubelt", "").starts_with("nothing is called `kubelt`: there are agnhost, "));
        assert!(refused("", "v1.2.3").starts_with("there is no module for Kubernetes v1.2.3"));
    }

    #[test]
    fn the_long_suites_have_two_control_planes_and_every_kubelet() {
        let programs = Selection::of_full().unwrap();
        let count = |name: &str| programs.iter().filter(|chosen| chosen.program.name == name).count();
        assert_eq!((count("kube-apiserver"), count("etcd"), count("kubectl")), (2, 1, 1));
        assert_eq!((count("kubelet"), count("hcn.test")), (KUBERNETES.len(), 2));
    }

    #[test]
    fn ci_builds_programs_that_there_are() {
        assert!(Selection::of_ci().programs().is_ok_and(|programs| programs.len() > 9));
    }
}

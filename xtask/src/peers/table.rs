//! Which programs of others there are, and what each is built from.

/// The Kubernetes versions that have a module, CI's first.
pub(crate) const KUBERNETES: &[&str] =
    &["v1.34.4", "v1.34.0", "v1.35.4", "v1.36.1", "v1.36.3", "v1.37.2", "v1.31.0", "v1.31.14"];

/// The version besides that whose control plane the long suites run: the newest but one, as one upgrades to.
pub(crate) const NEWER_CONTROL_PLANE: &str = "v1.36.3";

/// The version CI builds, and a developer who names none.
pub(crate) const USUAL_KUBERNETES: &str = KUBERNETES[0];

/// A Go module of ours below `tests/peers`, and the programs that are built in it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its folder below `tests/peers`.
    pub(crate) folder: String,
    /// The folder of its programs, below `bin/<os>-<arch>`.
    pub(crate) release: String,
    /// What it builds.
    pub(crate) upstream: Upstream,
    /// Staging modules whose own release the proxy does not have, with the newest of that minor that it has.
    pub(crate) twins: &'static [(&'static str, &'static str)],
    /// The release of Go that builds it, where another one would make a program that behaves otherwise.
    pub(crate) toolchain: Option<&'static str>,
    /// Variables that the linker sets, as upstream's own build sets them.
    pub(crate) variables: Vec<(String, String)>,
    /// The programs.
    pub(crate) programs: &'static [Program],
}

/// Somebody else's module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upstream {
    /// Its path.
    pub(crate) module: &'static str,
    /// Its version.
    pub(crate) version: &'static str,
    /// Whether packages for other systems need a module that the proxy does not have.
    pub(crate) is_partial: bool,
}

/// One program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    /// Its name, without `.exe`.
    pub(crate) name: &'static str,
    /// Where it runs.
    pub(crate) os: Os,
    /// The package it is built from.
    pub(crate) source: Source,
}

/// What a program is built from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// The upstream package with its `main`.
    Main(&'static str),
    /// The tests of an upstream package, with a build tag.
    Tests(&'static str, &'static str),
    /// A `main` of ours, in the peer's own folder.
    Ours,
    /// Tests of ours, in the peer's own folder.
    OurTests,
}

/// Where a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Os {
    /// Under Wine.
    Windows,
    /// On the machine that runs the lab.
    Linux,
}

impl Os {
    /// `GOOS`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Linux => "linux",
        }
    }
}

impl Program {
    /// Its file's name.
    pub(crate) fn file(&self) -> String {
        match self.os {
            Os::Windows => format!("{}.exe", self.name),
            Os::Linux => self.name.to_owned(),
        }
    }
}

const fn windows(name: &'static str, package: &'static str) -> Program {
    Program { name, os: Os::Windows, source: Source::Main(package) }
}

const fn linux(name: &'static str, package: &'static str) -> Program {
    Program { name, os: Os::Linux, source: Source::Main(package) }
}

/// What others wait for comes first.
const OF_KUBERNETES: &[Program] = &[
    windows("kube-proxy", "k8s.io/kubernetes/cmd/kube-proxy"),
    windows("kubelet", "k8s.io/kubernetes/cmd/kubelet"),
    linux("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    linux("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
    linux("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
    linux("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
    windows("agnhost", "k8s.io/kubernetes/test/images/agnhost"),
];
/// kubelet.exe v1.31.0's second start fails as Go 1.22 built it, and as no newer one does (kubernetes/kubernetes#126965).
const GO_OF_1_31_0: &str = "go1.22.12";
/// Of v1.31.14 only what regressions need, and what is whole: [`TYPES_OF_1_31_14`] are API types, which a patch release
/// does not change.
const OF_1_31_14: &[Program] = &[OF_KUBERNETES[0], OF_KUBERNETES[1]];
const TYPES_OF_1_31_14: &[(&str, &str)] =
    &[("k8s.io/kube-proxy", "v0.31.11"), ("k8s.io/kube-scheduler", "v0.31.13")];
const OF_CNI: &[Program] = &[
    windows("win-bridge", "github.com/containernetworking/plugins/plugins/main/windows/win-bridge"),
    windows("win-overlay", "github.com/containernetworking/plugins/plugins/main/windows/win-overlay"),
    windows("host-local", "github.com/containernetworking/plugins/plugins/ipam/host-local"),
];
const HCN_TESTS: Program = Program {
    name: "hcn.test",
    os: Os::Windows,
    source: Source::Tests("github.com/Microsoft/hcsshim/hcn", "integration"),
};
const OF_HCSSHIM: &[Program] = &[
    HCN_TESTS,
    windows("containerd-shim-runhcs-v1", "github.com/Microsoft/hcsshim/cmd/containerd-shim-runhcs-v1"),
];
// The shim of v0.15.0 needs a module that the proxy does not have.
const OF_NEWER_HCSSHIM: &[Program] = &[HCN_TESTS];
const OF_FLANNEL: &[Program] = &[windows("flanneld", "github.com/flannel-io/flannel")];
const OF_CONTAINERD: &[Program] = &[
    windows("containerd", "github.com/containerd/containerd/v2/cmd/containerd"),
    windows("ctr", "github.com/containerd/containerd/v2/cmd/ctr"),
];
const OF_HCS_CLIENT: &[Program] =
    &[Program { name: "hcs-client.test", os: Os::Windows, source: Source::OurTests }];
const OF_ETCD: &[Program] = &[Program { name: "etcd", os: Os::Linux, source: Source::Ours }];
/// A client of a runtime's streams, of client-go's own executors.
const OF_CLIENT_GO: &[Program] = &[Program { name: "streams", os: Os::Linux, source: Source::Ours }];

/// Every peer, in the order in which they are built.
pub(crate) fn all() -> Vec<Peer> {
    let usual = KUBERNETES.iter().take(1).map(|version| kubernetes(version));
    let others = KUBERNETES.iter().skip(1).map(|version| kubernetes(version));
    usual.chain(independent()).chain(others).collect()
}

/// Those whose versions are not Kubernetes'.
fn independent() -> Vec<Peer> {
    const HCSSHIM: &str = "github.com/Microsoft/hcsshim";
    vec![
        peer("cni", "github.com/containernetworking/plugins", "v1.9.1", OF_CNI)
            .with_version_in("github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion"),
        peer("hcsshim", HCSSHIM, "v0.13.0", OF_HCSSHIM).with_version_in("main.version"),
        peer("hcs-client", HCSSHIM, "v0.13.0", OF_HCS_CLIENT),
        peer("flannel", "github.com/flannel-io/flannel", "v0.28.10", OF_FLANNEL)
            .with_version_in("github.com/flannel-io/flannel/pkg/version.Version")
            .partial(),
        peer("containerd", "github.com/containerd/containerd/v2", "v2.4.2", OF_CONTAINERD)
            .with_version_in("github.com/containerd/containerd/v2/version.Version"),
        peer("etcd", "go.etcd.io/etcd/server/v3", "v3.6.16", OF_ETCD),
        peer("client-go", "k8s.io/client-go", "v0.34.4", OF_CLIENT_GO),
        peer("hcsshim", HCSSHIM, "v0.15.0", OF_NEWER_HCSSHIM),
    ]
}

fn peer(name: &str, module: &'static str, version: &'static str, programs: &'static [Program]) -> Peer {
    let folder = format!("{name}-{version}");
    let upstream = Upstream { module, version, is_partial: false };
    Peer {
        release: folder.clone(),
        folder,
        upstream,
        twins: &[],
        toolchain: None,
        variables: Vec::new(),
        programs,
    }
}

/// The variables are those of hack/lib/version.sh. The commit and the date of a release are not in its module, and
/// stay unsaid.
fn kubernetes(version: &'static str) -> Peer {
    let mut peer = peer("kubernetes", "k8s.io/kubernetes", version, OF_KUBERNETES);
    peer.release = version.to_owned();
    match version {
        "v1.31.0" => peer.toolchain = Some(GO_OF_1_31_0),
        "v1.31.14" => (peer.programs, peer.twins) = (OF_1_31_14, TYPES_OF_1_31_14),
        _ => {}
    }
    let mut numbers = version.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let values =
        [("gitVersion", version), ("gitMajor", major), ("gitMinor", minor), ("gitTreeState", "clean")];
    for package in ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] {
        let of_package =
            values.iter().map(|(name, value)| (format!("{package}.{name}"), (*value).to_owned()));
        peer.variables.extend(of_package);
    }
    peer
}

impl Peer {
    fn with_version_in(mut self, variable: &str) -> Self {
        self.variables.push((variable.to_owned(), self.upstream.version.to_owned()));
        self
    }

    fn partial(mut self) -> Self {
        self.upstream.is_partial = true;
        self
    }

    /// Whether its version is one of Kubernetes.
    pub(crate) fn is_kubernetes(&self) -> bool {
        self.upstream.module == "k8s.io/kubernetes"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_peer_has_a_folder_of_its_own() {
        let mut folders: Vec<_> = all().into_iter().map(|peer| peer.folder).collect();
        folders.sort();
        let count = folders.len();
        folders.dedup();
        assert_eq!(folders.len(), count);
    }

    #[test]
    fn a_program_of_kubernetes_says_its_version() {
        let peers = all();
        assert_eq!(peers[0].release, "v1.34.4");
        let is_said = |name: &str, value: &str| {
            let wanted = (format!("k8s.io/component-base/version.{name}"), value.to_owned());
            peers[0].variables.contains(&wanted)
        };
        assert!(is_said("gitVersion", "v1.34.4") && is_said("gitMajor", "1") && is_said("gitMinor", "34"));
    }
}

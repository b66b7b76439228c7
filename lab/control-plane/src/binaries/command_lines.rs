//! Command lines of the programs, as kubeadm writes them into its manifests
//! (`cmd/kubeadm/app/phases/controlplane/manifests.go`, the same from 1.31 to 1.37), less what a plane of one member on
//! loopback has no use for: leader election, serving of health by the controllers, TLS between API server and etcd.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::programs::PlanePrograms;

/// What the command lines are made from.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The folder of this run: `pki/`, `etcd/`, kubeconfigs.
    pub(super) folder: PathBuf,
    /// Where etcd serves clients.
    pub(super) etcd: SocketAddr,
    /// Where the API server listens.
    pub(super) api: SocketAddr,
    /// Where nodes are told to reach it.
    pub(super) advertise: IpAddr,
    /// `10.96.0.0/12`
    pub(super) service_cidr: String,
    /// `10.244.0.0/16`
    pub(super) cluster_cidr: String,
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommandLine {
    pub(super) name: &'static str,
    pub(super) program: PathBuf,
    pub(super) args: Vec<String>,
}

impl Layout {
    pub(super) fn pki(&self, file: &str) -> PathBuf {
        self.folder.join("pki").join(file)
    }

    pub(super) fn kubeconfig(&self, component: &str) -> PathBuf {
        self.folder.join(format!("{component}.conf"))
    }

    fn pki_text(&self, file: &str) -> String {
        text(&self.pki(file))
    }
}

/// etcd with one member. What it keeps is gone with the lab, so it need not reach the disk.
pub(super) fn etcd(programs: &PlanePrograms, layout: &Layout) -> CommandLine {
    let clients = format!("http://{}", layout.etcd);
    let peers = format!("http://{}", SocketAddr::new(layout.etcd.ip(), 0));
    let args = [
        ("name", "winlab".to_owned()),
        ("data-dir", text(&layout.folder.join("etcd"))),
        ("listen-client-urls", clients.clone()),
        ("advertise-client-urls", clients),
        ("listen-peer-urls", peers.clone()),
        ("initial-advertise-peer-urls", peers.clone()),
        ("initial-cluster", format!("winlab={peers}")),
        ("unsafe-no-fsync", "true".to_owned()),
    ];
    command_line("etcd", &programs.etcd, args)
}

/// The API server.
pub(super) fn kube_apiserver(programs: &PlanePrograms, layout: &Layout) -> CommandLine {
    let args = [
        ("advertise-address", layout.advertise.to_string()),
        ("allow-privileged", "true".to_owned()),
        ("authorization-mode", "Node,RBAC".to_owned()),
        ("bind-address", layout.api.ip().to_string()),
        ("client-ca-file", layout.pki_text("ca.crt")),
        ("enable-admission-plugins", "NodeRestriction".to_owned()),
        ("enable-bootstrap-token-auth", "true".to_owned()),
        ("etcd-servers", format!("http://{}", layout.etcd)),
        ("kubelet-client-certificate", layout.pki_text("apiserver-kubelet-client.crt")),
        ("kubelet-client-key", layout.pki_text("apiserver-kubelet-client.key")),
        ("kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname".to_owned()),
        ("proxy-client-cert-file", layout.pki_text("front-proxy-client.crt")),
        ("proxy-client-key-file", layout.pki_text("front-proxy-client.key")),
        ("requestheader-allowed-names", "front-proxy-client".to_owned()),
        ("requestheader-client-ca-file", layout.pki_text("front-proxy-ca.crt")),
        ("requestheader-extra-headers-prefix", "X-Remote-Extra-".to_owned()),
        ("requestheader-group-headers", "X-Remote-Group".to_owned()),
        ("requestheader-username-headers", "X-Remote-User".to_owned()),
        ("secure-port", layout.api.port().to_string()),
        ("service-account-issuer", "https://kubernetes.default.svc.cluster.local".to_owned()),
        ("service-account-key-file", layout.pki_text("sa.pub")),
        ("service-account-signing-key-file", layout.pki_text("sa.key")),
        ("service-cluster-ip-range", layout.service_cidr.clone()),
        ("tls-cert-file", layout.pki_text("apiserver.crt")),
        ("tls-private-key-file", layout.pki_text("apiserver.key")),
    ];
    command_line("kube-apiserver", &programs.kube_apiserver, args)
}

/// The controllers.
pub(super) fn kube_controller_manager(programs: &PlanePrograms, layout: &Layout) -> CommandLine {
    let kubeconfig = text(&layout.kubeconfig("controller-manager"));
    let args = [
        ("allocate-node-cidrs", "true".to_owned()),
        ("cluster-cidr", layout.cluster_cidr.clone()),
        ("cluster-name", "kubernetes".to_owned()),
        ("cluster-signing-cert-file", layout.pki_text("ca.crt")),
        ("cluster-signing-key-file", layout.pki_text("ca.key")),
        ("controllers", "*,bootstrapsigner,tokencleaner".to_owned()),
        ("kubeconfig", kubeconfig),
        ("leader-elect", "false".to_owned()),
        ("root-ca-file", layout.pki_text("ca.crt")),
        ("secure-port", "0".to_owned()),
        ("service-account-private-key-file", layout.pki_text("sa.key")),
        ("service-cluster-ip-range", layout.service_cidr.clone()),
        ("use-service-account-credentials", "true".to_owned()),
    ];
    command_line("kube-controller-manager", &programs.kube_controller_manager, args)
}

/// The scheduler.
pub(super) fn kube_scheduler(programs: &PlanePrograms, layout: &Layout) -> CommandLine {
    let args = [
        ("kubeconfig", text(&layout.kubeconfig("scheduler"))),
        ("leader-elect", "false".to_owned()),
        ("secure-port", "0".to_owned()),
    ];
    command_line("kube-scheduler", &programs.kube_scheduler, args)
}

fn command_line<const N: usize>(
    name: &'static str,
    program: &Path,
    args: [(&str, String); N],
) -> CommandLine {
    let args = args.into_iter().map(|(flag, value)| format!("--{flag}={value}")).collect();
    CommandLine { name, program: program.to_path_buf(), args }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

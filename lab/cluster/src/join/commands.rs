//! Command lines of a node's services, by version (sig-windows-tools `PrepareNode.ps1`, microsoft/SDN
//! `Kubernetes/flannel/start.ps1`, kubeadm's flags).

use winlab_real::RealComponent;

use crate::address_plan::{CLUSTER_CIDR, CLUSTER_DNS, CRI_PORT};
use crate::lab::Lab;
use crate::node::Node;
use crate::spec::ClusterSetup;

/// The command line of a service.
pub(super) fn command_line(lab: &Lab, node: &Node, component: &str, source_vip: Option<&str>) -> String {
    match component {
        "containerd" if node.is_windows() => {
            r"C:\Program Files\containerd\containerd.exe --run-service".replace("Program Files", "PROGRA~1")
        }
        "containerd" => "/usr/bin/containerd".to_owned(),
        "kubelet" if lab.setup() == ClusterSetup::Kubeadm => kubeadm_kubelet(node),
        "kubelet" => kubelet(node),
        "flanneld" => flanneld(node),
        _ => kube_proxy(lab, node, source_vip),
    }
}

/// The kubeconfig of a component that is a model: nobody reads what is in it.
fn kubeconfig(node: &Node) -> &'static str {
    if node.is_windows() { r"C:\k\config" } else { "/etc/kubernetes/kubelet.conf" }
}

/// The kubeconfig of a real component: with its own credentials.
pub(super) fn own_kubeconfig(component: RealComponent) -> String {
    format!(r"C:\k\{component}.kubeconfig")
}

fn kubelet(node: &Node) -> String {
    let real = node.spec.real.contains(&RealComponent::Kubelet);
    let own = real.then(|| own_kubeconfig(RealComponent::Kubelet));
    let config = own.as_deref().unwrap_or(kubeconfig(node));
    // Windows' pipes are nothing that another program could open here; the other form that kubelet takes is TCP.
    let tcp = real.then(|| format!("tcp://127.0.0.1:{CRI_PORT}"));
    let runtime = tcp.as_deref().unwrap_or(node.runtime_endpoint());

    let minor = node.versions.get("kubelet").map_or(u32::MAX, winlab_profiles::KubeVersion::minor);
    let spec = &node.spec;
    let mut words = vec![if node.is_windows() { r"C:\k\kubelet.exe" } else { "/usr/bin/kubelet" }.to_owned()];
    let mut flag = |name: &str, value: &str| words.push(format!("--{name}={value}"));
    flag("kubeconfig", config);
    flag("hostname-override", &spec.name);
    flag("node-ip", &node.address.to_string());
    flag("cluster-dns", CLUSTER_DNS);
    flag("cluster-domain", "cluster.local");
    if minor < 27 {
        flag("container-runtime", "remote");
    }
    flag("container-runtime-endpoint", runtime);
    if node.is_windows() {
        flag("windows-service", "true");
        flag("resolv-conf", "\"\"");
        flag("cgroups-per-qos", "false");
        flag("enforce-node-allocatable", "\"\"");
    }
    if !spec.taints.is_empty() {
        flag("register-with-taints", &spec.taints.join(","));
    }
    if !spec.labels.is_empty() {
        let labels: Vec<String> = spec.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        flag("node-labels", &labels.join(","));
    }
    words.join(" ")
}

/// The kubelet as kubeadm's packages and `PrepareNode.ps1` install it: the words before the last are kubeadm's flags.
fn kubeadm_kubelet(node: &Node) -> String {
    let files = "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml";
    if !node.is_windows() {
        return format!("/usr/bin/kubelet {files} $KUBELET_KUBEADM_ARGS");
    }
    let minor = node.versions.get("kubelet").map_or(u32::MAX, winlab_profiles::KubeVersion::minor);
    let mut words = vec![
        r"C:\k\kubelet.exe $global:KubeletArgs --cert-dir=C:\var\lib\kubelet\pki".to_owned(),
        files.to_owned(),
        format!("--hostname-override={}", node.spec.name),
        "--enable-debugging-handlers --cgroups-per-qos=false".to_owned(),
        r#"--enforce-node-allocatable="" --resolv-conf="""#.to_owned(),
    ];
    if minor < 24 {
        words.push("--network-plugin=cni --image-pull-progress-deadline=20m".to_owned());
    }
    if minor < 26 {
        words.push("--log-dir=/var/log/kubelet --logtostderr=false".to_owned());
    }
    words.join(" ")
}

fn flanneld(node: &Node) -> String {
    let program = if node.is_windows() { r"C:\k\flanneld.exe" } else { "/opt/bin/flanneld" };
    let address = node.address;
    let real = node.spec.real.contains(&RealComponent::Flanneld);
    let own = real.then(|| own_kubeconfig(RealComponent::Flanneld));
    let config = own.as_deref().unwrap_or(kubeconfig(node));
    format!("{program} --kubeconfig-file={config} --iface={address} --ip-masq=1 --kube-subnet-mgr=1")
}

fn kube_proxy(lab: &Lab, node: &Node, source_vip: Option<&str>) -> String {
    let real = node.spec.real.contains(&RealComponent::KubeProxy);
    let own = real.then(|| own_kubeconfig(RealComponent::KubeProxy));
    let config = own.as_deref().unwrap_or(kubeconfig(node));
    let name = &node.spec.name;
    if !node.is_windows() {
        return format!(
            "/usr/bin/kube-proxy --kubeconfig={config} --hostname-override={name} --proxy-mode=iptables --cluster-cidr={CLUSTER_CIDR}"
        );
    }
    let minor = node.versions.get("kube-proxy").map_or(u32::MAX, winlab_profiles::KubeVersion::minor);
    let mut gates = Vec::new();
    let mut words = format!(
        r"C:\k\kube-proxy.exe --windows-service=true --kubeconfig={config} --hostname-override={name} --proxy-mode=kernelspace --cluster-cidr={CLUSTER_CIDR} --network-name={}",
        network_name(lab)
    );
    if let Some(source_vip) = source_vip {
        words.push_str(&format!(" --source-vip={source_vip}"));
        if minor < 34 {
            gates.push("WinOverlay=true");
        }
    }
    if node.spec.dsr {
        words.push_str(" --enable-dsr=true");
        if minor < 34 {
            gates.push("WinDSR=true");
        }
    }
    if !gates.is_empty() {
        words.push_str(&format!(" --feature-gates={}", gates.join(",")));
    }
    words
}

/// The name of the HNS network that flannel makes.
pub(super) fn network_name(lab: &Lab) -> &'static str {
    if lab.network().hns_type() == "Overlay" { "flannel.4096" } else { "cbr0" }
}

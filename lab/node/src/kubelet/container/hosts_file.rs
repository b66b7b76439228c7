//! The hosts file that the kubelet keeps for a pod (`pkg/kubelet/kubelet_pods.go`).

use std::fmt::Write as _;

use winlab_kube_client::k8s::core::Pod;

use crate::cri::Mount;
use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::PodFacts;

/// Where a container sees it.
pub(crate) fn container_path(windows: bool) -> &'static str {
    if windows { r"C:\Windows\System32\drivers\etc\hosts" } else { "/etc/hosts" }
}

/// Whether a pod gets one: once it has an address, and no HostProcess pod of Windows, which would write the node's own.
pub(crate) fn wanted(pod: &Pod, ips: &[String], windows: bool) -> bool {
    let host_process = windows && pod.has_host_process();
    !ips.is_empty() && !host_process
}

/// Its content.
pub(crate) fn content(pod: &Pod, ips: &[String], hostname: &str, domain: &str) -> String {
    let mut text = String::from(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n",
    );
    for ip in ips {
        let _ = match domain {
            "" => writeln!(text, "{ip}\t{hostname}"),
            domain => writeln!(text, "{ip}\t{hostname}.{domain}\t{hostname}"),
        };
    }
    aliases(pod, &mut text);
    text
}

fn aliases(pod: &Pod, text: &mut String) {
    let aliases = pod.spec().host_aliases.as_deref().unwrap_or_default();
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
    }
    for alias in aliases {
        let names = alias.hostnames.as_deref().unwrap_or_default().join("\t");
        let _ = writeln!(text, "{}\t{names}", alias.ip);
    }
}

impl Kubelet {
    /// Writes the file and mounts it.
    ///
    /// # Errors
    /// The file system's text.
    pub(crate) async fn hosts_mount(&self, pod: &Pod, ips: &[String]) -> Result<Option<Mount>, String> {
        let windows = self.config.windows;
        let inside = container_path(windows);
        if self.options.hollow || !wanted(pod, ips, windows) {
            return Ok(None);
        }
        let text = if pod.host_network() {
            let mut text = String::from("# Kubernetes-managed hosts file (host network).\n");
            text += &self.files.read_text(inside).await.unwrap_or_default();
            aliases(pod, &mut text);
            text
        } else {
            let (hostname, domain) = self.hostname_and_domain(pod);
            content(pod, ips, &hostname, &domain)
        };
        let path = format!("{}/etc-hosts", self.pod_dir(pod.uid()));
        self.files.write(&path, text.into_bytes()).await.map_err(|error| error.to_string())?;
        Ok(Some(Mount { container_path: inside.to_owned(), host_path: path, ..Mount::default() }))
    }

    /// A pod's host name and domain (`GeneratePodHostNameAndDomain`).
    pub(crate) fn hostname_and_domain(&self, pod: &Pod) -> (String, String) {
        let spec = pod.spec();
        let mut hostname =
            spec.hostname.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| pod.name().to_owned());
        hostname.truncate(63);
        let hostname = hostname.trim_end_matches(['-', '.']).to_owned();
        let domain = match spec.subdomain.as_deref().filter(|subdomain| !subdomain.is_empty()) {
            Some(sub) => format!("{sub}.{}.svc.{}", pod.namespace(), self.config.cluster_domain),
            None => String::new(),
        };
        (hostname, domain)
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::Pod;

    use super::{content, wanted};

    #[test]
    fn the_file_names_the_pod_and_its_aliases() {
        let pod: Pod =
            doc!({"spec": {"containers": [], "hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a", "b"]}]}})
                .decode()
                .unwrap();
        let text = content(&pod, &["10.244.1.5".into()], "web", "");
        assert!(
            text.ends_with("10.244.1.5\tweb\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n"),
            "{text}"
        );
        assert!(!wanted(&pod, &[], true) && wanted(&pod, &["10.244.1.5".into()], true));
    }
}

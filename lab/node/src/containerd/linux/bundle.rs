//! The OCI runtime configuration of a container.

use winlab_document::{ArrayBuilder, Document, ObjectBuilder, doc};

use crate::containerd::task::TaskSpec;

/// `config.json` of a container whose root file system is at `root`.
pub(super) fn document(spec: &TaskSpec, root: &str, resolv_conf: &str) -> Document {
    let env: Document = spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cwd = if spec.working_dir.is_empty() { "/" } else { &spec.working_dir };
    let mut linux = ObjectBuilder::new();
    linux.set("namespaces", namespaces(spec)).set("resources", resources(spec));
    let mut bundle = doc!({
        "ociVersion": "1.2.0",
        "root": {"path": root},
        "process": {
            "terminal": spec.tty, "args": spec.args.iter().collect::<Document>(), "env": env, "cwd": cwd,
            "user": user(&spec.user),
        },
        "mounts": mounts(spec, resolv_conf),
        "linux": linux.build(),
    });
    if !spec.hostname.is_empty() {
        bundle.set("hostname", &spec.hostname);
    }
    bundle
}

fn user(user: &str) -> Document {
    let (uid, gid) = user.split_once(':').unwrap_or((user, "0"));
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    doc!({"uid": number(uid), "gid": number(gid)})
}

/// The pod's network namespace by its path; a container of the host's network names none.
fn namespaces(spec: &TaskSpec) -> Document {
    let mut list = ArrayBuilder::new();
    for kind in ["pid", "ipc", "uts", "mount"] {
        list.push(doc!({"type": kind}));
    }
    if !spec.netns.is_empty() {
        list.push(doc!({"type": "network", "path": &spec.netns}));
    }
    list.build()
}

fn resources(spec: &TaskSpec) -> Document {
    let mut resources = ObjectBuilder::new();
    if spec.memory_limit > 0 {
        resources.set("memory", doc!({"limit": spec.memory_limit}));
    }
    if let Some((quota, period)) = spec.cpu_quota.filter(|(quota, _)| *quota > 0) {
        resources.set("cpu", doc!({"quota": quota, "period": period}));
    }
    resources.build()
}

fn mounts(spec: &TaskSpec, resolv_conf: &str) -> Document {
    let mut list = ArrayBuilder::new();
    for (destination, kind) in [("/proc", "proc"), ("/dev", "tmpfs"), ("/sys", "sysfs")] {
        list.push(doc!({"destination": destination, "type": kind, "source": kind}));
    }
    let mounted = |path: &str| spec.mounts.iter().any(|mount| mount.container_path == path);
    if !resolv_conf.is_empty() && !mounted("/etc/resolv.conf") {
        list.push(bind("/etc/resolv.conf", resolv_conf, false));
    }
    for mount in &spec.mounts {
        list.push(bind(&mount.container_path, &mount.host_path, mount.readonly));
    }
    list.build()
}

fn bind(destination: &str, source: &str, readonly: bool) -> Document {
    let mode = if readonly { "ro" } else { "rw" };
    doc!({"destination": destination, "type": "bind", "source": source, "options": ["rbind", "rprivate", mode]})
}

#[cfg(test)]
mod tests {
    use super::document;
    use crate::containerd::task::TaskSpec;

    #[test]
    fn a_pod_of_the_host_network_names_no_network_namespace() {
        let spec = TaskSpec { netns: "/var/run/netns/cni-1".into(), ..TaskSpec::default() };
        let text = document(&spec, "/r", "/x/resolv.conf").to_string();
        assert!(text.contains(r#"{"type":"network","path":"/var/run/netns/cni-1"}"#), "{text}");
        assert!(text.contains(r#""destination":"/etc/resolv.conf""#), "{text}");
        let host = document(&TaskSpec::default(), "/r", "").to_string();
        assert!(!host.contains("network") && !host.contains("resolv"), "{host}");
    }
}

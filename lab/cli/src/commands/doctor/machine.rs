//! What is looked at. Files only: no program is started and nothing is changed.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::Environment;
use crate::files;

/// envtest's folder when `KUBEBUILDER_ASSETS` does not name one (controller-runtime `pkg/internal/testing/process/bin_path_finder.go`).
const ENVTEST_FOLDER: &str = "/usr/local/kubebuilder/bin";

const CONTROL_PLANE: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// Everything, in the order in which it is shown.
pub(super) fn examine(environment: &Environment) -> Vec<Finding> {
    let mut findings = vec![models(), wine(environment), network_namespaces(Path::new("/proc"))];
    findings.extend(CONTROL_PLANE.map(|name| control_plane(name, environment)));
    findings
}

fn models() -> Finding {
    Finding {
        name: "models",
        found: true,
        detail: "built in".to_owned(),
        purpose: "every scenario without `real` or `host`: nothing has to be installed",
        used: true,
        install: None,
    }
}

fn wine(environment: &Environment) -> Finding {
    let program = files::find_program("wine", &environment.path)
        .or_else(|| files::find_program("wine64", &environment.path));
    Finding {
        name: "Wine",
        found: program.is_some(),
        detail: program.map_or("no `wine` in PATH".to_owned(), |path| path.display().to_string()),
        purpose: "unmodified Windows programs on a node",
        used: false,
        install: Some(
            "apt-get install wine64 (Debian, Ubuntu), dnf install wine-core (Fedora), or https://gitlab.winehq.org/wine/wine/-/wikis/Download",
        ),
    }
}

/// Whether a user without privileges may make network namespaces. The switches are those of `user_namespaces(7)`, of Debian's kernel
/// and of Ubuntu's AppArmor.
fn network_namespaces(proc: &Path) -> Finding {
    let switch = |path: &str| files::read(&proc.join(path)).ok().map(|text| text.trim().to_owned());
    let obstacle = if !files::exists(&proc.join("self/ns/net")) {
        Some("this system has no network namespaces".to_owned())
    } else if switch("sys/user/max_user_namespaces").is_none_or(|limit| limit == "0") {
        Some("user namespaces are switched off (user.max_user_namespaces)".to_owned())
    } else if switch("sys/kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        Some("switched off for users (kernel.unprivileged_userns_clone=0)".to_owned())
    } else if switch("sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1") {
        Some("restricted by AppArmor (kernel.apparmor_restrict_unprivileged_userns=1)".to_owned())
    } else {
        None
    };
    Finding {
        name: "network namespaces",
        found: obstacle.is_none(),
        detail: obstacle.unwrap_or_else(|| "available to users".to_owned()),
        purpose: "several nodes with Windows programs on one machine",
        used: false,
        install: Some("on Linux, set the switch with sysctl as root; no other system has them"),
    }
}

fn control_plane(name: &'static str, environment: &Environment) -> Finding {
    let mut folders: Vec<PathBuf> = environment.kubebuilder_assets.iter().cloned().collect();
    folders.extend(environment.path.iter().cloned());
    folders.push(ENVTEST_FOLDER.into());
    let program = files::find_program(name, &folders);
    Finding {
        name,
        found: program.is_some(),
        detail: program.map_or_else(
            || format!("not in KUBEBUILDER_ASSETS, PATH or {ENVTEST_FOLDER}"),
            |path| path.display().to_string(),
        ),
        purpose: match name {
            "etcd" | "kube-apiserver" => "a real API server instead of the embedded one",
            _ => "real controllers and scheduler instead of the models",
        },
        used: false,
        install: Some(match name {
            "etcd" | "kube-apiserver" => {
                "go run sigs.k8s.io/controller-runtime/tools/setup-envtest@latest use -p env"
            }
            _ => "https://kubernetes.io/releases/download/ (server binaries)",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proc(switches: &[(&str, &str)]) -> Finding {
        let folder = tempfile::tempdir().unwrap();
        for (path, value) in switches {
            files::write(&folder.path().join(path), value).unwrap();
        }
        network_namespaces(folder.path())
    }

    #[test]
    fn each_switch_against_network_namespaces_is_named() {
        let (net, max) = (("self/ns/net", ""), ("sys/user/max_user_namespaces", "15000\n"));
        assert!(proc(&[net, max]).found);
        assert!(proc(&[net, max, ("sys/kernel/unprivileged_userns_clone", "1\n")]).found);
        let refused = [
            (vec![], "no network namespaces"),
            (vec![net], "max_user_namespaces"),
            (vec![net, ("sys/user/max_user_namespaces", "0\n")], "max_user_namespaces"),
            (vec![net, max, ("sys/kernel/unprivileged_userns_clone", "0\n")], "unprivileged_userns_clone=0"),
            (vec![net, max, ("sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")], "AppArmor"),
        ];
        for (switches, word) in refused {
            let finding = proc(&switches);
            assert!(!finding.found);
            assert!(finding.detail.contains(word), "{}", finding.detail);
        }
    }
}

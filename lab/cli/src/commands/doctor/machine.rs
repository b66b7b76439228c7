//! What is looked at. Nothing is changed; of programs, only `wine --version` is run.

use std::path::PathBuf;

use winlab_wine::{Lacking, Probe};

use super::Finding;
use crate::Environment;
use crate::files;
use crate::wine_places;

/// envtest's folder when `KUBEBUILDER_ASSETS` does not name one (controller-runtime `pkg/internal/testing/process/bin_path_finder.go`).
const ENVTEST_FOLDER: &str = "/usr/local/kubebuilder/bin";

const CONTROL_PLANE: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// Everything, in the order in which it is shown.
pub(super) fn examine(environment: &Environment) -> Vec<Finding> {
    let mut findings = vec![models()];
    findings.extend(windows_programs(environment));
    findings.extend(CONTROL_PLANE.map(|name| control_plane(name, environment)));
    findings
}

fn models() -> Finding {
    Finding {
        name: "models",
        found: true,
        detail: "built in".to_owned(),
        purpose: "every scenario without `real` or `host`: nothing has to be installed",
        install: None,
    }
}

/// What Windows programs need, as the runner sees it.
fn windows_programs(environment: &Environment) -> Vec<Finding> {
    const PROGRAMS: &str = "unmodified Windows programs, as `winlab exec` runs them";
    const NODES: &str = "several nodes with Windows programs in one lab";
    let probe = Probe::look(&wine_places::of(environment, None));
    let text = |path: &PathBuf| path.display().to_string();
    let finding = |name, purpose, found: Result<String, Lacking>| match found {
        Ok(detail) => Finding { name, found: true, detail, purpose, install: None },
        Err(lacking) => {
            Finding { name, found: false, detail: lacking.detail, purpose, install: Some(lacking.hint) }
        }
    };
    vec![
        finding("Wine", PROGRAMS, probe.wine.as_ref().map(|wine| wine.version.clone()).map_err(Clone::clone)),
        finding("shims", PROGRAMS, probe.shims.as_ref().map(text).map_err(Clone::clone)),
        finding("setpriv", PROGRAMS, probe.setpriv.as_ref().map(text).map_err(Clone::clone)),
        finding(
            "network namespaces",
            NODES,
            probe.network().map(|_| "this process may make them".to_owned()),
        ),
        finding(
            "libfaketime",
            "a scaled clock for Windows programs",
            probe.faketime.as_ref().map(text).map_err(Clone::clone),
        ),
    ]
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
        install: Some(match name {
            "etcd" | "kube-apiserver" => {
                "go run sigs.k8s.io/controller-runtime/tools/setup-envtest@latest use -p env"
            }
            _ => "https://kubernetes.io/releases/download/ (server binaries)",
        }),
    }
}

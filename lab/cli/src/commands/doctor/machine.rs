//! What is looked at. Nothing is changed; of programs, only `wine --version` is run.

use std::path::PathBuf;

use winlab_engine::{Means, ProgramFolders, RealComponent};
use winlab_profiles::KubeVersion;
use winlab_wine::{Lacking, Probe};

use super::Finding;
use crate::args::Placement;
use crate::{Environment, files, wine_places};

/// Everything, in the order in which it is shown.
pub(super) fn examine(environment: &Environment) -> Vec<Finding> {
    let mut findings = vec![models()];
    findings.extend(windows_programs(environment));
    let placement = Placement::default().engine(environment);
    let of_kubernetes = [
        (RealComponent::Kubelet, "kubelet.exe", "`winlab test --real kubelet` at that version"),
        (RealComponent::KubeProxy, "kube-proxy.exe", "`winlab test --real kube-proxy` at that version"),
    ];
    findings.extend(of_kubernetes.map(|it| component(it, &placement.means)));
    findings.push(control_plane(&placement.binaries.programs));
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

/// In which versions a component of Kubernetes is there as a Windows program.
fn component(
    (component, name, purpose): (RealComponent, &'static str, &'static str),
    means: &Means,
) -> Finding {
    let there = files::versions(&means.layouts, "windows-amd64");
    let there = there.into_iter().filter(|version| means.program(component, *version).is_ok());
    programs(name, purpose, there, &means.layouts)
}

/// In which versions all four programs of a control plane are there. Programs that the environment names count for any
/// version.
fn control_plane(programs_of: &ProgramFolders) -> Finding {
    const PURPOSE: &str = "`winlab test --control-plane binaries` at that version";
    let platform = ProgramFolders::platform();
    let there = files::versions(&programs_of.layouts, &platform);
    let there = there.into_iter().filter(|version| programs_of.find(*version).is_ok());
    match programs_of.of_any_version() {
        Some(found) => Finding {
            name: "control plane",
            found: true,
            detail: found.kube_apiserver.display().to_string(),
            purpose: "`winlab test --control-plane binaries` at its version",
            install: None,
        },
        None => programs("control plane", PURPOSE, there, &programs_of.layouts),
    }
}

/// Programs that are there in some versions, or in none.
fn programs(
    name: &'static str,
    purpose: &'static str,
    versions: impl Iterator<Item = KubeVersion>,
    layouts: &[PathBuf],
) -> Finding {
    let versions: Vec<String> = versions.map(|version| version.to_string()).collect();
    let folders: Vec<String> = layouts.iter().map(|folder| folder.display().to_string()).collect();
    let folders = folders.join(", ");
    let found = !versions.is_empty();
    Finding {
        name,
        found,
        detail: if found {
            format!("{} in {folders}", versions.join(", "))
        } else {
            format!("in no version in {folders}")
        },
        purpose,
        install: Some("`cargo xtask peers` in a clone of winlab builds it, --kube names the version"),
    }
}

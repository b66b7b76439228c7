//! What Windows pods may not say: `spec.os` and the fields that go with it, and HostProcess containers
//! (`pkg/apis/core/validation/validation.go`, `validateWindows`, `validateLinux`, `validateWindowsHostProcessPod`).
//!
//! A field that a minor does not know has been dropped before it gets here, so that the lists below hold for all.

use winlab_document::Document;

use super::container::user_ids;
use super::{FieldErrors, FieldPath, is_set, is_true, items, windows_user};
use crate::config::Profile;

const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Fields of a pod's security context that have no meaning on Windows, in the order in which they are reported.
const POD_CONTEXT: [(&str, &[&str]); 15] = [
    ("appArmorProfile", &["securityContext", "appArmorProfile"]),
    ("seLinuxOptions", &["securityContext", "seLinuxOptions"]),
    ("hostUsers", &["hostUsers"]),
    ("hostPID", &["hostPID"]),
    ("hostIPC", &["hostIPC"]),
    ("seccompProfile", &["securityContext", "seccompProfile"]),
    ("fsGroup", &["securityContext", "fsGroup"]),
    ("fsGroupChangePolicy", &["securityContext", "fsGroupChangePolicy"]),
    ("sysctls", &["securityContext", "sysctls"]),
    ("shareProcessNamespace", &["shareProcessNamespace"]),
    ("runAsUser", &["securityContext", "runAsUser"]),
    ("runAsGroup", &["securityContext", "runAsGroup"]),
    ("supplementalGroups", &["securityContext", "supplementalGroups"]),
    ("supplementalGroupsPolicy", &["securityContext", "supplementalGroupsPolicy"]),
    ("seLinuxChangePolicy", &["securityContext", "seLinuxChangePolicy"]),
];

/// The same for containers.
const CONTAINER_CONTEXT: [&str; 10] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

const NOT_ON_WINDOWS: &str = "cannot be set for a windows pod";
const NOT_ON_LINUX: &str = "windows options cannot be set for a linux pod";

/// Checks `spec.os` and what it forbids.
pub(super) fn os(spec: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    if let Some(context) = spec.get("securityContext").filter(|context| context.is_object()) {
        let path = path.child("securityContext");
        user_ids(context, &path, errors);
        windows_user::options(context.get("windowsOptions"), &path.child("windowsOptions"), errors);
    }
    let Some(os) = spec.get("os").filter(|os| os.is_object()) else { return };
    match os.text(&["name"]) {
        "" => errors.required(&path.child("os").child("name"), ""),
        "linux" => linux(spec, path, errors),
        "windows" => windows(spec, path, errors),
        other => errors.not_supported(&path.child("os"), other, &["linux", "windows"]),
    }
}

fn linux(spec: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let options = ["securityContext", "windowsOptions"];
    if spec.path(&options).is_some_and(Document::is_object) {
        errors.forbidden(&path.child("securityContext").child("windowsOptions"), NOT_ON_LINUX);
    }
    each_container(spec, path, |container, path| {
        if container.path(&options).is_some_and(Document::is_object) {
            errors.forbidden(&path.child("securityContext").child("windowsOptions"), NOT_ON_LINUX);
        }
    });
}

fn windows(spec: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    if is_set(spec, "resources") {
        errors.forbidden(&path.child("resources"), "may not be set for a windows pod");
    }
    for (name, place) in POD_CONTEXT {
        let Some(value) = spec.path(place).filter(|value| !value.is_null()) else { continue };
        // These are plain booleans and lists in Go: false and empty cannot be told from unset.
        let unset = match name {
            "hostPID" | "hostIPC" => value.as_bool() != Some(true),
            "sysctls" => value.items().is_empty(),
            _ => false,
        };
        if unset {
            continue;
        }
        match place {
            [parent, _] => errors.forbidden(&path.child(parent).child(name), NOT_ON_WINDOWS),
            _ => errors.forbidden(&path.child(name), NOT_ON_WINDOWS),
        }
    }
    each_container(spec, path, |container, path| {
        let Some(context) = container.get("securityContext") else { return };
        let path = path.child("securityContext");
        for name in CONTAINER_CONTEXT.iter().filter(|name| is_set(context, name)) {
            errors.forbidden(&path.child(name), NOT_ON_WINDOWS);
        }
    });
}

/// The gate of HostProcess containers. While it is off, their field is refused rather than dropped.
const HOST_PROCESS_GATE: &str = "WindowsHostProcessContainers";
const NOT_WITHOUT_GATE: &str = "not allowed when feature gate 'WindowsHostProcessContainers' is not enabled";

/// Checks that HostProcess containers are alone among themselves, on the host's network, and allowed.
pub(super) fn host_process(
    spec: &Document,
    path: &FieldPath<'_>,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    let asked = |object: &Document| {
        object.path(&["securityContext", "windowsOptions", "hostProcess"]).and_then(Document::as_bool)
    };
    let pod = asked(spec);
    let is_off = !profile.gate(HOST_PROCESS_GATE, 23);
    if is_off && pod.is_some() {
        refuse_host_process(path, errors);
        return;
    }
    let (mut all, mut host) = (0, 0);
    each_container(spec, path, |container, path| {
        all += 1;
        let own = asked(container);
        if is_off && own.is_some() {
            refuse_host_process(path, errors);
        }
        if let (Some(pod), Some(own)) = (pod, own)
            && pod != own
        {
            let detail = format!("pod hostProcess value must be identical if both are specified, was {pod}");
            let context = path.child("securityContext");
            let options = context.child("windowsOptions");
            errors.invalid(&options.child("hostProcess"), own, detail);
        }
        host += u32::from(own.or(pod) == Some(true));
    });
    if host == 0 {
        return;
    }
    if is_off {
        let detail = "pod must not contain Windows hostProcess containers when feature gate 'WindowsHostProcessContainers' is not enabled";
        errors.forbidden(path, detail);
        return;
    }
    if host != all {
        let detail =
            "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        errors.invalid(path, "", detail);
    }
    if !is_true(spec, "hostNetwork") {
        let detail = "hostNetwork must be true if pod contains any hostProcess containers";
        errors.invalid(&path.child("hostNetwork"), false, detail);
    }
    if !profile.allow_privileged {
        errors.forbidden(path, "hostProcess containers are disallowed by cluster policy");
    }
}

/// The field of a pod or a container at `path`, while its gate is off.
fn refuse_host_process(path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let context = path.child("securityContext");
    let options = context.child("windowsOptions");
    errors.forbidden(&options.child("hostProcess"), NOT_WITHOUT_GATE);
}

fn each_container(spec: &Document, path: &FieldPath<'_>, mut visit: impl FnMut(&Document, &FieldPath<'_>)) {
    for list in LISTS {
        let list_path = path.child(list);
        for (at, container) in items(spec, list).iter().enumerate() {
            visit(container, &list_path.index(at));
        }
    }
}

//! Containers and their probes.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use super::fill::{Defaults, change, each};

static CONTAINER: LazyLock<Defaults> = LazyLock::new(|| {
    Defaults::new(&doc!({
        "resources": {}, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent"
    }))
});
static LATEST: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"imagePullPolicy": "Always"})));
static PORT: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"protocol": "TCP"})));
static PROBE: LazyLock<Defaults> = LazyLock::new(|| {
    Defaults::new(
        &doc!({"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}),
    )
});
static HTTP_GET: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"path": "/", "scheme": "HTTP"})));
static FIELD_REF: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"apiVersion": "v1"})));

/// Fills in a container, an init container or an ephemeral one.
pub(super) fn container(container: &mut Document) {
    if is_latest(container.text(&["image"])) {
        LATEST.fill(container);
    }
    CONTAINER.fill(container);
    each(container, "ports", |port| PORT.fill(port));
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        change(container, name, probe);
    }
    change(container, "lifecycle", |lifecycle| {
        for name in ["postStart", "preStop"] {
            change(lifecycle, name, |handler| change(handler, "httpGet", |get| HTTP_GET.fill(get)));
        }
    });
    if container
        .get("env")
        .is_some_and(|env| env.items().iter().any(|var| var.path(&["valueFrom", "fieldRef"]).is_some()))
    {
        each(container, "env", |var| change(var, "valueFrom", field_ref));
    }
}

/// Fills in the API version of a `fieldRef`.
pub(super) fn field_ref(source: &mut Document) {
    change(source, "fieldRef", |reference| FIELD_REF.fill(reference));
}

fn probe(probe: &mut Document) {
    PROBE.fill_zero(probe);
    change(probe, "httpGet", |get| HTTP_GET.fill(get));
    change(probe, "grpc", |grpc| {
        if grpc.get("service").is_none() {
            grpc.set("service", "");
        }
    });
}

/// Whether an image is pulled every time: no tag and no digest, or the tag `latest`.
fn is_latest(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    match last.split_once(':') {
        None => !last.is_empty(),
        Some((_, tag)) => tag == "latest",
    }
}

#[cfg(test)]
mod tests {
    use super::is_latest;

    #[test]
    fn which_images_are_latest() {
        for image in ["web", "registry:5000/web", "web:latest", "mcr.microsoft.com/windows/nanoserver"] {
            assert!(is_latest(image), "{image}");
        }
        for image in ["web:1", "registry:5000/web:ltsc2022", "web@sha256:0123", "web:latest@sha256:0123", ""]
        {
            assert!(!is_latest(image), "{image}");
        }
    }
}

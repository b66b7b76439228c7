//! Probes and lifecycle handlers.

use winlab_document::Document;

use super::container::port_name_problem;
use super::{FieldErrors, FieldPath, is_set, non_negative, port_number};

const HANDLERS: [&str; 5] = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/// Checks the three probes of a container.
pub(super) fn probes(container: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get(name).filter(|probe| probe.is_object()) else { continue };
        let path = path.child(name);
        handler(probe, &path, errors);
        for field in
            ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            non_negative(probe, field, &path, errors);
        }
        let successes = probe.get("successThreshold").and_then(Document::as_i64).unwrap_or(1);
        if name != "readinessProbe" && successes != 1 {
            errors.invalid(&path.child("successThreshold"), successes, "must be 1");
        }
        if name == "readinessProbe" && is_set(probe, "terminationGracePeriodSeconds") {
            let value = probe.get("terminationGracePeriodSeconds").cloned().unwrap_or_default();
            errors.invalid(
                &path.child("terminationGracePeriodSeconds"),
                value,
                "must not be set for readinessProbes",
            );
        }
    }
}

/// Checks what runs after start and before stop.
pub(super) fn lifecycle(container: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let path = path.child("lifecycle");
    for name in ["postStart", "preStop"] {
        if let Some(action) = container.path(&["lifecycle", name]).filter(|action| action.is_object()) {
            handler(action, &path.child(name), errors);
        }
    }
}

fn handler(action: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let mut first = true;
    for name in HANDLERS {
        let Some(handler) = action.get(name).filter(|handler| handler.is_object()) else { continue };
        if !first {
            errors.forbidden(&path.child(name), "may not specify more than 1 handler type");
            continue;
        }
        first = false;
        let path = path.child(name);
        match name {
            "exec" if handler.get("command").is_none_or(|command| command.items().is_empty()) => {
                errors.required(&path.child("command"), "");
            }
            "httpGet" => {
                if handler.text(&["path"]).is_empty() {
                    errors.required(&path.child("path"), "");
                }
                port(handler, &path, errors);
                let scheme = handler.text(&["scheme"]);
                if !matches!(scheme, "HTTP" | "HTTPS") {
                    errors.not_supported(&path.child("scheme"), scheme, &["HTTP", "HTTPS"]);
                }
            }
            "tcpSocket" | "grpc" => port(handler, &path, errors),
            _ => {}
        }
    }
    if first {
        errors.required(path, "must specify a handler type");
    }
}

fn port(handler: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let path = path.child("port");
    match handler.get("port") {
        Some(Document::String(name)) => {
            if let Some(problem) = port_name_problem(name) {
                errors.invalid(&path, &**name, problem);
            }
        }
        other => port_number(other.and_then(Document::as_i64).unwrap_or(0), &path, errors),
    }
}

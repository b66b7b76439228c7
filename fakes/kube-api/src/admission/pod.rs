//! What admission adds to pods.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use crate::config::Config;
use crate::failure::Failure;
use crate::kinds::{self, KINDS};
use crate::meta;
use crate::request::Target;
use crate::server::State;

pub(super) fn create(
    state: &mut State,
    config: &Config,
    target: &Target,
    pod: &mut Document,
) -> Result<(), Failure> {
    if config.admits("Priority") {
        set_priority(state, target, pod)?;
    }
    if config.admits("RuntimeClass") {
        set_runtime_class(state, target, pod)?;
    }
    if config.admits("ServiceAccount") {
        set_service_account(state, target, pod)?;
    }
    add_default_tolerations(config, pod);
    Ok(())
}

/// `Priority` (`plugin/pkg/admission/priority`).
fn set_priority(state: &State, target: &Target, pod: &mut Document) -> Result<(), Failure> {
    let classes = kinds::by_name("scheduling.k8s.io", "PriorityClass");
    let wanted = pod.text(&["spec", "priorityClassName"]).to_owned();
    let found = if wanted.is_empty() {
        let default = |class: &&std::sync::Arc<crate::store::Stored>| {
            class.document.get("globalDefault").and_then(Document::as_bool) == Some(true)
        };
        state.store.kind(classes).iter().find(default).cloned()
    } else {
        let class = state.store.kind(classes).get(&wanted).cloned();
        if class.is_none() {
            let why = format!("no PriorityClass with name {wanted} was found");
            return Err(Failure::forbidden(target.kind(), meta::text(pod, "name"), &why));
        }
        class
    };
    let (value, policy) = match &found {
        Some(class) => {
            if wanted.is_empty() {
                pod.set_path(&["spec", "priorityClassName"], meta::text(&class.document, "name"));
            }
            let value = class.document.get("value").and_then(Document::as_i64).unwrap_or(0);
            (value, class.document.text(&["preemptionPolicy"]).to_owned())
        }
        None => (0, String::new()),
    };
    let given = pod.path(&["spec", "priority"]).and_then(Document::as_i64);
    if given.is_some_and(|given| given != value) {
        let why = "the integer value of priority must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name"
            .replace("%d", &value.to_string());
        return Err(Failure::forbidden(target.kind(), meta::text(pod, "name"), &why));
    }
    pod.set_path(&["spec", "priority"], value);
    let policy = if policy.is_empty() { "PreemptLowerPriority" } else { &policy };
    if pod.text(&["spec", "preemptionPolicy"]).is_empty() {
        pod.set_path(&["spec", "preemptionPolicy"], policy);
    }
    Ok(())
}

/// `RuntimeClass`: its overhead, node selector and tolerations (`plugin/pkg/admission/runtimeclass`).
fn set_runtime_class(state: &State, target: &Target, pod: &mut Document) -> Result<(), Failure> {
    let name = pod.text(&["spec", "runtimeClassName"]).to_owned();
    if name.is_empty() {
        return Ok(());
    }
    let pod_name = meta::text(pod, "name").to_owned();
    let forbidden = |why: String| Err(Failure::forbidden(target.kind(), &pod_name, &why));
    let classes = kinds::by_name("node.k8s.io", "RuntimeClass");
    let Some(class) = state.store.kind(classes).get(&name).cloned() else {
        return forbidden(format!("pod rejected: RuntimeClass {name:?} not found"));
    };
    if let Some(overhead) = class.document.path(&["overhead", "podFixed"]) {
        match pod.path(&["spec", "overhead"]) {
            Some(given) if given != overhead => {
                return forbidden(
                    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead".to_owned(),
                );
            }
            _ => pod.set_path(&["spec", "overhead"], overhead),
        }
    }
    for (key, value) in
        class.document.path(&["scheduling", "nodeSelector"]).map(Document::members).unwrap_or_default()
    {
        match pod.path(&["spec", "nodeSelector", key]) {
            Some(given) if given != value => {
                return forbidden(format!(
                    "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {}; pod.spec.nodeSelector[{key}] = {}",
                    value.as_str().unwrap_or_default(),
                    given.as_str().unwrap_or_default()
                ));
            }
            _ => pod.set_path(&["spec", "nodeSelector", key], value),
        }
    }
    let mut tolerations = pod.path(&["spec", "tolerations"]).cloned().unwrap_or_else(Document::empty_array);
    for toleration in
        class.document.path(&["scheduling", "tolerations"]).map(Document::items).unwrap_or_default()
    {
        if !tolerations.items().contains(toleration) {
            tolerations.push(toleration);
        }
    }
    if !tolerations.items().is_empty() {
        pod.set_path(&["spec", "tolerations"], tolerations);
    }
    Ok(())
}

/// `ServiceAccount`: the default account, if none is named; it has to exist
/// (`plugin/pkg/admission/serviceaccount`). Pods of this server carry no token volume.
fn set_service_account(state: &State, target: &Target, pod: &mut Document) -> Result<(), Failure> {
    if pod.path(&["metadata", "annotations", "kubernetes.io/config.mirror"]).is_some() {
        return Ok(());
    }
    if pod.text(&["spec", "serviceAccountName"]).is_empty() {
        pod.set_path(&["spec", "serviceAccountName"], "default");
    }
    let name = pod.text(&["spec", "serviceAccountName"]).to_owned();
    pod.set_path(&["spec", "serviceAccount"], name.as_str());
    let accounts = kinds::by_name("", "ServiceAccount");
    let key = crate::request::key(&target.namespace, &name);
    let Some(account) = state.store.kind(accounts).get(&key) else {
        // The words are those of the informer's lister, which knows the resource in the singular.
        let why = format!(
            "error looking up service account {}/{name}: {} {name:?} not found",
            target.namespace,
            KINDS[accounts].singular()
        );
        return Err(Failure::forbidden(target.kind(), meta::text(pod, "name"), &why));
    };
    let secrets = pod.path(&["spec", "imagePullSecrets"]);
    if secrets.is_none_or(|secrets| secrets.items().is_empty())
        && let Some(secrets) =
            account.document.get("imagePullSecrets").filter(|list| !list.items().is_empty())
    {
        pod.set_path(&["spec", "imagePullSecrets"], secrets);
    }
    Ok(())
}

/// The tolerations that every pod gets: made once, and shared by all pods.
static DEFAULT_TOLERATIONS: LazyLock<[(&'static str, Document); 2]> = LazyLock::new(|| {
    ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].map(|key| {
        let toleration =
            doc!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
        (key, toleration)
    })
});

/// `DefaultTolerationSeconds`: pods stay five minutes on a node that is not ready or not reachable.
pub(super) fn add_default_tolerations(config: &Config, pod: &mut Document) {
    if !config.admits("DefaultTolerationSeconds") {
        return;
    }
    let known = pod.path(&["spec", "tolerations"]).map(Document::items).unwrap_or_default();
    let tolerates = |key: &str| {
        known.iter().any(|toleration| {
            let (found, effect) = (toleration.text(&["key"]), toleration.text(&["effect"]));
            (found == key || found.is_empty()) && matches!(effect, "" | "NoExecute")
        })
    };
    let missing: Vec<&Document> = DEFAULT_TOLERATIONS
        .iter()
        .filter(|(key, _)| !tolerates(key))
        .map(|(_, toleration)| toleration)
        .collect();
    if !missing.is_empty() {
        let all: Document = known.iter().chain(missing).collect();
        pod.set_path(&["spec", "tolerations"], all);
    }
}

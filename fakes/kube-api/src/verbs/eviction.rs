//! `eviction`: a deletion that asks disruption budgets first (`pkg/registry/core/pod/storage/eviction.go`).

use http::StatusCode;
use winlab_document::{Document, doc};

use super::binding::set_condition;
use super::delete::{Options, remove};
use super::{Done, Keep, commit};
use crate::config::Config;
use crate::failure::{Cause, Failure};
use crate::kinds;
use crate::meta;
use crate::request::Target;
use crate::select::LabelSelector;
use crate::server::State;

pub(super) fn evict(
    state: &mut State,
    config: &Config,
    target: &Target,
    eviction: &Document,
    dry_run: bool,
) -> Result<Done, Failure> {
    let kind = target.kind();
    if meta::text(eviction, "name") != target.name {
        return Err(Failure::bad_request("name in URL does not match name in Eviction object"));
    }
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    let stored = stored.ok_or_else(|| Failure::not_found(kind, &target.name))?;
    let pod = &stored.document;
    let keep = Keep::from(dry_run);
    if needs_budget(pod) {
        spend_budget(state, config, target, pod, keep)?;
    }
    let mut doomed = pod.clone();
    if config.profile.minor >= 26 && !meta::is_deleting(pod) {
        let now = meta::timestamp(config.clock.timestamp());
        let condition = doc!({
            "type": "DisruptionTarget", "status": "True", "lastProbeTime": null, "lastTransitionTime": now,
            "reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting"
        });
        set_condition(doomed.member_mut("status"), condition);
        doomed = commit(state, config, target.kind, &target.key(), doomed, keep).stored.document.clone();
    }
    let empty = Document::empty_object();
    let options = Options::from_document(eviction.get("deleteOptions").unwrap_or(&empty))?;
    remove(state, config, target, &doomed, &options, keep)?;
    let status =
        doc!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Done::document(StatusCode::CREATED, &status))
}

/// Pods that have finished, have not begun or are already going need nobody's leave.
fn needs_budget(pod: &Document) -> bool {
    !matches!(pod.text(&["status", "phase"]), "Succeeded" | "Failed" | "Pending") && !meta::is_deleting(pod)
}

fn spend_budget(
    state: &mut State,
    config: &Config,
    target: &Target,
    pod: &Document,
    keep: Keep,
) -> Result<(), Failure> {
    let kind = kinds::by_name("policy", "PodDisruptionBudget");
    let budgets: Vec<_> = state
        .store
        .kind(kind)
        .in_namespace(&target.namespace)
        .filter(|budget| {
            LabelSelector::of_object(budget.document.path(&["spec", "selector"]))
                .is_some_and(|selector| selector.matches(pod))
        })
        .cloned()
        .collect();
    let budget = match budgets.as_slice() {
        [] => return Ok(()),
        [budget] => budget,
        _ => {
            return Err(Failure::internal_plain(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            ));
        }
    };
    let number = |name: &str| budget.document.path(&["status", name]).and_then(Document::as_i64).unwrap_or(0);
    let generation =
        budget.document.path(&["metadata", "generation"]).and_then(Document::as_i64).unwrap_or(0);
    let denied = "Cannot evict pod as it would violate the pod's disruption budget.";
    let name = meta::text(&budget.document, "name");
    let cause = |message: String| Cause { reason: "DisruptionBudget", message, field: String::new() };
    if number("observedGeneration") < generation {
        let message = format!("The disruption budget {name} is still being processed by the server.");
        return Err(Failure::too_many_requests(denied, 10).cause(cause(message)));
    }
    if number("disruptionsAllowed") <= 0 {
        let message = format!(
            "The disruption budget {name} needs {} healthy pods and has {} currently",
            number("desiredHealthy"),
            number("currentHealthy")
        );
        return Err(Failure::too_many_requests(denied, 0).cause(cause(message)));
    }
    let mut spent = budget.document.clone();
    spent.set_path(&["status", "disruptionsAllowed"], number("disruptionsAllowed") - 1);
    let now = meta::timestamp(config.clock.timestamp());
    spent.set_path(&["status", "disruptedPods", &target.name], now);
    let key = budget.key.to_string();
    commit(state, config, kind, &key, spent, keep);
    Ok(())
}

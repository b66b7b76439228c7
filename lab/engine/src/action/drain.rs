//! `drain` and `uncordon`: `kubectl drain --ignore-daemonsets --delete-emptydir-data --force`.

use winlab_clock::VirtualSpan;
use winlab_document::{Document, doc};
use winlab_events::{Remark, Severity};
use winlab_scenario::Spanned;

use crate::failure::ActionError;
use crate::kube::PatchForm;
use crate::pods::{Pod, controller, pod_kind, read};
use crate::world::World;

/// How long kubectl waits before it tries an eviction again that a disruption budget refused.
const TRY_AGAIN: VirtualSpan = VirtualSpan::from_secs(5);
/// How often it looks whether the pods have gone.
const LOOK: VirtualSpan = VirtualSpan::from_secs(1);

impl World<'_> {
    pub(super) async fn drain(
        &self,
        nodes: &[Spanned<String>],
        within: VirtualSpan,
    ) -> Result<(), ActionError> {
        for node in nodes {
            self.cordon(node, true).await?;
            let pods = self.to_evict(node).await?;
            let deadline = self.now() + within;
            for pod in &pods {
                self.evict(pod, deadline).await.map_err(|error| error.at(node.span).on(node))?;
            }
            self.until_left(node, &pods, deadline).await?;
        }
        Ok(())
    }

    pub(super) async fn uncordon(&self, nodes: &[Spanned<String>]) -> Result<(), ActionError> {
        for node in nodes {
            self.cordon(node, false).await?;
        }
        Ok(())
    }

    async fn cordon(&self, node: &Spanned<String>, unschedulable: bool) -> Result<(), ActionError> {
        let value = if unschedulable { Document::Bool(true) } else { Document::Null };
        let patch = doc!({"spec": {"unschedulable": value}});
        let at = format!("/api/v1/nodes/{}", node.value);
        self.patch(&at, PatchForm::Strategic, &patch).await.map(drop).map_err(|error| error.at(node.span))
    }

    /// Pods of the node but those of DaemonSets and those that only mirror a static pod.
    async fn to_evict(&self, node: &Spanned<String>) -> Result<Vec<(Pod, String)>, ActionError> {
        let mut found = Vec::new();
        for pod in self.stored_all(pod_kind()).await? {
            let owner = controller(&pod);
            let mirror = pod.path(&["metadata", "annotations", "kubernetes.io/config.mirror"]).is_some();
            if pod.text(&["spec", "nodeName"]) != node.value
                || mirror
                || owner.is_some_and(|(kind, _)| kind == "DaemonSet")
            {
                continue;
            }
            let of = read(&pod);
            if owner.is_none() {
                self.recorder.emit(Remark {
                    severity: Severity::Warning,
                    code: Some("unmanaged-pod".to_owned()),
                    message: format!("drain of {} deletes {of}, which no controller brings back", node.value),
                    hint: None,
                    place: Some(self.place(node.span)),
                    excerpt: None,
                });
            }
            found.push((of, pod.text(&["metadata", "uid"]).to_owned()));
        }
        Ok(found)
    }

    async fn evict(
        &self,
        (pod, _): &(Pod, String),
        deadline: winlab_clock::VirtualInstant,
    ) -> Result<(), ActionError> {
        let Pod { namespace, name, .. } = pod;
        let at = format!("/api/v1/namespaces/{namespace}/pods/{name}/eviction");
        let eviction = doc!({
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name.as_str(), "namespace": namespace.as_str()}
        });
        loop {
            match self.create(&at, &eviction).await {
                Ok(_) => return Ok(()),
                Err(error) if error.code == 404 => return Ok(()),
                Err(error) if error.code == 429 && self.now() + TRY_AGAIN < deadline => {
                    self.clock.sleep(TRY_AGAIN).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn until_left(
        &self,
        node: &Spanned<String>,
        pods: &[(Pod, String)],
        deadline: winlab_clock::VirtualInstant,
    ) -> Result<(), ActionError> {
        loop {
            let mut left = Vec::new();
            for (pod, uid) in pods {
                let stored = self.stored(pod_kind(), &pod.namespace, &pod.name).await?;
                if stored.is_some_and(|stored| stored.text(&["metadata", "uid"]) == uid) {
                    left.push(pod.to_string());
                }
            }
            if left.is_empty() {
                return Ok(());
            }
            if self.now() >= deadline {
                let message = format!("evicted and still there: {}", left.join(", "));
                return Err(ActionError::new(message).at(node.span).on(node));
            }
            self.clock.sleep(LOOK).await;
        }
    }
}

//! Taint eviction: deletes pods that do not tolerate a NoExecute taint, at once or when their toleration runs out
//! (`pkg/controller/tainteviction`); and pods whose node is gone (`pkg/controller/podgc`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_kube_client::api::DeleteParams;
use winlab_kube_client::k8s::core::{Pod, Taint, Toleration};
use winlab_kube_client::{Error, ErrorExt, ObjectKey, ResourceExt, tolerates};

use crate::access::Access;
use crate::queue::{Outcome, Queue};

/// Pods of a node that is gone are kept this long (`podgc` looks every 20 s and waits 40 s before it believes it).
const GONE_NODE: VirtualSpan = VirtualSpan::from_secs(40);

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.pods.changes(), |key, before, now| {
        (relevant(before) != relevant(now)).then(|| key.clone()).into_iter().collect()
    });
    let pods = stores.pods.clone();
    let nodes = queue.clone().follow(stores.nodes.changes(), move |key, before, now| {
        let taints = |node: Option<&winlab_kube_client::k8s::core::Node>| node.map(evicting);
        if taints(before) == taints(now)
            || (before.is_none() && taints(now).is_some_and(|list| list.is_empty()))
        {
            return Vec::new();
        }
        let on_node =
            |pod: &Pod| pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref()) == Some(&key.name);
        pods.select(on_node).iter().map(|pod| ObjectKey::of(&**pod)).collect()
    });
    let evictions = Evictions::default();
    let work = queue.work(|key| sync(&access, &evictions, key));
    futures::join!(own, nodes, work);
}

fn evicting(node: &winlab_kube_client::k8s::core::Node) -> Vec<Taint> {
    let taints = node.spec.iter().flat_map(|spec| spec.taints.iter().flatten());
    taints.filter(|taint| taint.effect == "NoExecute").cloned().collect()
}

/// What of a pod decides whether it has to go.
fn relevant(pod: Option<&Pod>) -> Option<(Option<&str>, Option<&[Toleration]>)> {
    let spec = pod?.spec.as_ref()?;
    Some((spec.node_name.as_deref(), spec.tolerations.as_deref()))
}

/// When pods that tolerate their node's taints for a while go, by uid (`taintEvictionQueue`).
#[derive(Default)]
struct Evictions(Mutex<BTreeMap<String, (ObjectKey, VirtualInstant)>>);

impl Evictions {
    /// The moment a pod goes: counted from when that was first found out, and kept however the taints change, until they are
    /// all gone or all tolerated for ever (`processPodOnNode`).
    fn plan(&self, key: &ObjectKey, uid: &str, at: VirtualInstant) -> VirtualInstant {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(uid.to_owned()).or_insert_with(|| (key.clone(), at)).1
    }

    fn cancel(&self, uid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }

    fn forget(&self, key: &ObjectKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (known, _)| known != key);
    }
}

/// What a node's NoExecute taints mean for a pod.
#[derive(Debug, PartialEq)]
enum Verdict<'a> {
    Stays,
    Goes(&'a Taint),
    GoesAfter(VirtualSpan, &'a Taint),
}

/// The first toleration of each taint counts (`GetMatchingTolerations`), and of these the shortest (`getMinTolerationTime`).
fn judge<'a>(taints: &'a [Taint], tolerations: &[Toleration]) -> Verdict<'a> {
    let mut shortest: Option<(i64, &Taint)> = None;
    for taint in taints {
        let Some(toleration) = tolerations.iter().find(|toleration| tolerates(toleration, taint)) else {
            return Verdict::Goes(taint);
        };
        if let Some(secs) = toleration.toleration_seconds
            && shortest.is_none_or(|(known, _)| secs < known)
        {
            shortest = Some((secs, taint));
        }
    }
    match shortest {
        None => Verdict::Stays,
        Some((secs, taint)) => match u64::try_from(secs) {
            Ok(secs @ 1..) => Verdict::GoesAfter(VirtualSpan::from_secs(secs), taint),
            _ => Verdict::Goes(taint),
        },
    }
}

async fn sync(access: &Access, evictions: &Evictions, key: ObjectKey) -> Outcome {
    let Some(pod) = access.informers.pods.get(&key) else {
        evictions.forget(&key);
        return Ok(None);
    };
    let spec = pod.spec.clone().unwrap_or_default();
    let Some(name) = spec.node_name.filter(|name| !name.is_empty()) else { return Ok(None) };
    if pod.metadata.deletion_timestamp.is_some() && access.informers.nodes.get_cluster(&name).is_some() {
        return Ok(None);
    }
    let Some(node) = access.informers.nodes.get_cluster(&name) else {
        return collect(access, &pod).await;
    };
    let (uid, taints) = (pod.uid().unwrap_or_default(), evicting(&node));
    match judge(&taints, &spec.tolerations.unwrap_or_default()) {
        Verdict::Stays => {
            evictions.cancel(&uid);
            Ok(None)
        }
        Verdict::Goes(taint) => evict(access, &pod, taint).await,
        Verdict::GoesAfter(span, taint) => {
            let now = access.clock.now();
            let at = evictions.plan(&key, &uid, now + span);
            if at <= now { evict(access, &pod, taint).await } else { Ok(Some(at.since(now))) }
        }
    }
}

async fn evict(access: &Access, pod: &Pod, taint: &Taint) -> Outcome {
    let message = format!(
        "Marking for deletion Pod {}/{} (taint {}:{})",
        pod.namespace().unwrap_or_default(),
        pod.name_any(),
        taint.key,
        taint.effect
    );
    access.recorder.normal(pod, "TaintManagerEviction", &message).await;
    delete(access, pod, &DeleteParams::default()).await?;
    Ok(None)
}

/// A pod without a node: nobody will ever finish its deletion, so it goes by force.
async fn collect(access: &Access, pod: &Pod) -> Outcome {
    let age = pod.metadata.creation_timestamp.as_ref().map_or(VirtualSpan::ZERO, |time| access.since(time));
    if age < GONE_NODE {
        return Ok(Some(GONE_NODE));
    }
    delete(access, pod, &DeleteParams::default().grace_period(0)).await?;
    Ok(None)
}

async fn delete(access: &Access, pod: &Pod, params: &DeleteParams) -> Result<(), Error> {
    let pods = access.of::<Pod>(&pod.namespace().unwrap_or_default());
    match pods.delete(&pod.name_any(), params).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::VirtualSpan;
    use winlab_kube_client::k8s::core::{Taint, Toleration};

    use super::{Verdict, judge};

    #[test]
    fn the_shortest_of_the_first_tolerations_counts() {
        let taint = |key: &str| Taint { key: key.into(), effect: "NoExecute".into(), ..Taint::default() };
        let toleration = |key: &str, secs: Option<i64>| Toleration {
            key: (!key.is_empty()).then(|| key.to_owned()),
            operator: Some("Exists".into()),
            toleration_seconds: secs,
            ..Toleration::default()
        };
        let (a, b) = (taint("a"), taint("b"));
        let both = [a.clone(), b.clone()];
        let after = |secs, taint| Verdict::GoesAfter(VirtualSpan::from_secs(secs), taint);
        assert_eq!(judge(&both, &[toleration("a", Some(60))]), Verdict::Goes(&b));
        assert_eq!(judge(&both, &[toleration("a", Some(60)), toleration("b", None)]), after(60, &a));
        assert_eq!(judge(&both, &[toleration("a", Some(60)), toleration("b", Some(30))]), after(30, &b));
        assert_eq!(judge(&both, &[toleration("", None), toleration("b", Some(30))]), Verdict::Stays);
        assert_eq!(judge(&both, &[toleration("", Some(0))]), Verdict::Goes(&a));
        assert_eq!(judge(&[], &[]), Verdict::Stays);
    }
}

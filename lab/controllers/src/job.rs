//! Job: pods that run to their end (`pkg/controller/job`).
//!
//! Left out: the tracking finalizer on pods, pod failure and success policies, elastic indexed jobs, suspension with
//! mutable templates. Pods are counted from what is there, as before `JobTrackingWithFinalizers`.

use std::collections::BTreeSet;
use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::{DeleteParams, PostParams};
use winlab_kube_client::k8s::batch::{Job, JobCondition, JobStatus};
use winlab_kube_client::k8s::core::{EnvVar, Pod};
use winlab_kube_client::{Error, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::conditions;
use crate::control::{create_pod, delete_pod, pod_from};
use crate::ownership::{claim_pods, controller_key};
use crate::pod_state::{is_active, is_ready, phase};
use crate::queue::{Outcome, Queue};

const INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// After a failure new pods wait, doubling from here (`DefaultJobPodFailureBackOff`).
const FIRST_BACKOFF: VirtualSpan = VirtualSpan::from_secs(10);
const LONGEST_BACKOFF: VirtualSpan = VirtualSpan::from_secs(600);

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.jobs.changes(), |key, _, _| vec![key.clone()]);
    let pods = queue.clone().follow(stores.pods.changes(), |_, before, now| {
        before.into_iter().chain(now).filter_map(|pod| controller_key(pod, "Job")).collect()
    });
    let work = queue.work(|key| sync(&access, key));
    futures::join!(own, pods, work);
}

/// What a job's pods amount to.
struct Tally {
    active: Vec<Arc<Pod>>,
    succeeded: usize,
    failed: usize,
    last_failure: Option<VirtualSpan>,
    done_indexes: BTreeSet<usize>,
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let Some(job) = access.informers.jobs.get(&key) else { return Ok(None) };
    let finished = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let finished =
        finished.filter(|c| c.status == "True").any(|c| c.type_ == "Complete" || c.type_ == "Failed");
    if job.metadata.deletion_timestamp.is_some() {
        return Ok(None);
    }
    if finished {
        return expire(access, &job).await;
    }
    let spec = job.spec.clone().unwrap_or_default();
    let pods = claim_pods(access, &*job, &spec.selector.clone().unwrap_or_default()).await?;
    let tally = tally(access, &pods);
    let verdict = judge(access, &job, &tally);
    let mut again = verdict.as_ref().err().copied().flatten();
    match &verdict {
        Ok(_) => {
            for pod in &tally.active {
                delete_pod(access, &*job, pod).await?;
            }
        }
        Err(_) => again = earliest(again, manage(access, &job, &tally).await?),
    }
    update_status(access, &job, &tally, verdict.ok()).await?;
    Ok(again)
}

fn earliest(a: Option<VirtualSpan>, b: Option<VirtualSpan>) -> Option<VirtualSpan> {
    a.into_iter().chain(b).min()
}

fn tally(access: &Access, pods: &[Arc<Pod>]) -> Tally {
    let index = |pod: &Pod| pod.annotations().get(INDEX).and_then(|text| text.parse().ok());
    let ended = |pod: &Pod| {
        let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
        let times =
            statuses.iter().filter_map(|s| s.state.as_ref()?.terminated.as_ref()?.finished_at.clone());
        times.max().map(|time| access.since(&time))
    };
    let failed = || pods.iter().filter(|pod| phase(pod) == "Failed");
    Tally {
        active: pods.iter().filter(|pod| is_active(pod)).cloned().collect(),
        succeeded: pods.iter().filter(|pod| phase(pod) == "Succeeded").count(),
        failed: failed().count(),
        last_failure: failed().map(|pod| ended(pod).unwrap_or(VirtualSpan::ZERO)).min(),
        done_indexes: pods
            .iter()
            .filter(|pod| phase(pod) == "Succeeded")
            .filter_map(|pod| index(pod))
            .collect(),
    }
}

/// `Ok`: the job has ended, with this condition. `Err`: it goes on; look again after a while.
fn judge(access: &Access, job: &Job, tally: &Tally) -> Result<JobCondition, Option<VirtualSpan>> {
    let spec = job.spec.clone().unwrap_or_default();
    let condition = |kind: &str, reason: &str, message: &str| JobCondition {
        type_: kind.to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_probe_time: Some(access.time()),
        last_transition_time: Some(access.time()),
    };
    let limit = usize::try_from(spec.backoff_limit.unwrap_or(6)).unwrap_or_default();
    if tally.failed > limit {
        let message = "Job has reached the specified backoff limit";
        return Ok(condition("Failed", "BackoffLimitExceeded", message));
    }
    let wanted = spec.completions.and_then(|n| usize::try_from(n).ok());
    let complete = match wanted {
        Some(wanted) => completed(job, tally) >= wanted,
        None => tally.succeeded > 0 && tally.active.is_empty(),
    };
    if complete {
        let message = "Reached expected number of succeeded pods";
        return Ok(condition("Complete", "CompletionsReached", message));
    }
    let start = job.status.as_ref().and_then(|status| status.start_time.clone());
    let Some(deadline) = spec.active_deadline_seconds.and_then(|secs| u64::try_from(secs).ok()) else {
        return Err(None);
    };
    let passed = start.map_or(VirtualSpan::ZERO, |start| access.since(&start));
    let deadline = VirtualSpan::from_secs(deadline);
    if passed >= deadline {
        let message = "Job was active longer than specified deadline";
        return Ok(condition("Failed", "DeadlineExceeded", message));
    }
    Err(Some(VirtualSpan::from_nanos(deadline.as_nanos() - passed.as_nanos())))
}

fn is_indexed(job: &Job) -> bool {
    job.spec.as_ref().is_some_and(|spec| spec.completion_mode.as_deref() == Some("Indexed"))
}

fn completed(job: &Job, tally: &Tally) -> usize {
    if is_indexed(job) { tally.done_indexes.len() } else { tally.succeeded }
}

/// Makes or removes pods until as many run as may; the answer is when a failure's back-off ends.
async fn manage(access: &Access, job: &Job, tally: &Tally) -> Result<Option<VirtualSpan>, Error> {
    let spec = job.spec.clone().unwrap_or_default();
    let parallelism = usize::try_from(spec.parallelism.unwrap_or(1)).unwrap_or_default();
    let completions = spec.completions.and_then(|n| usize::try_from(n).ok());
    let wanted = match completions {
        _ if spec.suspend == Some(true) => 0,
        Some(completions) => parallelism.min(completions.saturating_sub(completed(job, tally))),
        None if tally.succeeded > 0 => tally.active.len(),
        None => parallelism,
    };
    for pod in tally.active.iter().skip(wanted) {
        delete_pod(access, job, pod).await?;
    }
    if tally.active.len() >= wanted {
        return Ok(None);
    }
    if let Some(since) = tally.last_failure {
        let doublings = u32::try_from(tally.failed.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
        let backoff = (FIRST_BACKOFF * 2_u64.pow(doublings)).min(LONGEST_BACKOFF);
        if since < backoff {
            return Ok(Some(VirtualSpan::from_nanos(backoff.as_nanos() - since.as_nanos())));
        }
    }
    let mut free = free_indexes(job, tally, completions.unwrap_or_default());
    let mut last = None;
    for _ in tally.active.len()..wanted {
        let pod = job_pod(job, free.pop_first());
        match create_pod(access, job, &pod).await {
            Ok(created) => last = Some(created),
            Err(error) if error.is_forbidden() => break,
            Err(error) => return Err(error),
        }
    }
    if let Some(last) = last {
        access.seen(&access.informers.pods, &last).await;
    }
    Ok(None)
}

fn free_indexes(job: &Job, tally: &Tally, completions: usize) -> BTreeSet<usize> {
    if !is_indexed(job) {
        return BTreeSet::new();
    }
    let taken: BTreeSet<usize> =
        tally.active.iter().filter_map(|pod| pod.annotations().get(INDEX)?.parse().ok()).collect();
    (0..completions).filter(|index| !taken.contains(index) && !tally.done_indexes.contains(index)).collect()
}

fn job_pod(job: &Job, index: Option<usize>) -> Pod {
    let template = job.spec.clone().unwrap_or_default().template;
    let mut pod = pod_from(job, &template);
    let Some(index) = index else { return pod };
    pod.metadata.annotations.get_or_insert_default().insert(INDEX.to_owned(), index.to_string());
    pod.metadata.labels.get_or_insert_default().insert(INDEX.to_owned(), index.to_string());
    pod.metadata.generate_name = Some(format!("{}-{index}-", job.name_any()));
    let spec = pod.spec.get_or_insert_default();
    spec.hostname = Some(format!("{}-{index}", job.name_any()));
    for container in &mut spec.containers {
        container.env.get_or_insert_default().push(EnvVar {
            name: "JOB_COMPLETION_INDEX".to_owned(),
            value: Some(index.to_string()),
            value_from: None,
        });
    }
    pod
}

async fn update_status(
    access: &Access,
    job: &Job,
    tally: &Tally,
    verdict: Option<JobCondition>,
) -> Result<(), Error> {
    let old = job.status.clone().unwrap_or_default();
    let count = |n: usize| (n > 0).then(|| i32::try_from(n).unwrap_or(i32::MAX));
    let mut list = old.conditions.clone().unwrap_or_default();
    let mut status = JobStatus {
        start_time: old.start_time.clone().or_else(|| Some(access.time())),
        active: if verdict.is_some() { None } else { count(tally.active.len()) },
        ready: Some(
            i32::try_from(tally.active.iter().filter(|pod| is_ready(pod)).count()).unwrap_or(i32::MAX),
        ),
        succeeded: count(tally.succeeded),
        failed: count(tally.failed),
        ..old.clone()
    };
    if is_indexed(job) {
        status.completed_indexes = Some(ranges(&tally.done_indexes));
    }
    if let Some(condition) = verdict {
        let (reason, complete) =
            (condition.reason.clone().unwrap_or_default(), condition.type_ == "Complete");
        let message = condition.message.clone().unwrap_or_default();
        if complete {
            status.completion_time = Some(access.time());
            access.recorder.normal(job, "Completed", "Job completed").await;
        } else {
            access.recorder.warning(job, &reason, &message).await;
        }
        conditions::set(&mut list, condition);
    }
    status.conditions = (!list.is_empty()).then_some(list);
    if status == old {
        return Ok(());
    }
    let mut changed = job.clone();
    changed.status = Some(status);
    let jobs = access.of::<Job>(&job.namespace().unwrap_or_default());
    match jobs.replace_status(&job.name_any(), &PostParams::default(), &changed).await {
        Ok(written) => access.seen(&access.informers.jobs, &written).await,
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Completed indexes as `1,3-5,7`.
fn ranges(indexes: &BTreeSet<usize>) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for index in indexes {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => parts.push((*index, *index)),
        }
    }
    let text = parts.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
    text.collect::<Vec<_>>().join(",")
}

/// Removes a finished job after `ttlSecondsAfterFinished` (`pkg/controller/ttlafterfinished`).
async fn expire(access: &Access, job: &Job) -> Outcome {
    let Some(ttl) = job.spec.as_ref().and_then(|spec| spec.ttl_seconds_after_finished) else {
        return Ok(None);
    };
    let ttl = VirtualSpan::from_secs(u64::try_from(ttl).unwrap_or_default());
    let ended = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let ended = ended.filter_map(|condition| condition.last_transition_time.clone()).max();
    let passed = ended.map_or(VirtualSpan::ZERO, |time| access.since(&time));
    if passed < ttl {
        return Ok(Some(VirtualSpan::from_nanos(ttl.as_nanos() - passed.as_nanos())));
    }
    let jobs = access.of::<Job>(&job.namespace().unwrap_or_default());
    match jobs.delete(&job.name_any(), &DeleteParams::foreground()).await {
        Ok(_) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn completed_indexes_are_written_as_ranges() {
        assert_eq!(ranges(&[1, 3, 4, 5, 7].into()), "1,3-5,7");
        assert_eq!(ranges(&[].into()), "");
    }
}

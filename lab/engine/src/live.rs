//! A lab that stays: started as a scenario's is, and then left to whoever asks it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::{fmt, io};

use futures::future::{Either, select};
use winlab_clock::{Clock, Pace, Seed, VirtualSpan, run_world};
use winlab_cluster::{ApiAccess, Lab, LabError, LabObserver, Side};
use winlab_document::Document;
use winlab_events::{Detail, Walk};
use winlab_kube_client::Identity;
use winlab_scenario::{NodeOs, read_flow};

use crate::case::joining;
use crate::failure::ActionError;
use crate::job::{Job, Mode};
use crate::outbox::Outbox;
use crate::placement::{self, Placement};
use crate::recorder::Recorder;
use crate::spec::{join_method, lab_spec};
use crate::world::World;

/// How often [`LiveLab::tidy`] is worth calling.
pub const TIDY_EVERY: VirtualSpan = VirtualSpan::from_secs(10);

/// A running lab, as other terminals see it.
pub struct LiveLab<'w> {
    world: &'w World<'w>,
}

/// Why a lab did not come up.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// Time cannot go by as demanded.
    #[error("{0}")]
    Pace(String),
    /// The machine lacks what it needs.
    #[error("{0}")]
    Absent(String),
    /// The machine gives no runtime.
    #[error("the lab has no runtime")]
    Runtime(#[source] io::Error),
    /// A part of the lab could not be started.
    #[error("{0}")]
    Start(String),
}

/// Starts the lab of a job, lets its nodes join, and hands it over; when `stay` is done, the lab ends. It also ends when
/// `until` comes, be it still on its way up: the answer is none then. Its steps are not run. Time goes by as the wall clock
/// does unless `placement` says otherwise. What cannot be has been refused before
/// ([`refuse_lab`](crate::refuse_lab)).
///
/// # Errors
/// The lab did not come up.
pub fn with_live_lab<T>(
    job: &Job,
    placement: &Placement,
    access: ApiAccess,
    until: impl Future<Output = ()>,
    stay: impl AsyncFnOnce(&LiveLab<'_>) -> T,
) -> Result<Option<T>, UpError> {
    let pace = match placement.clock {
        None => Pace::Real,
        Some(_) => placement::pace(&job.scenario, &job.case, placement)
            .map_err(|problem| UpError::Pace(problem.message))?,
    };
    if pace == Pace::Virtual {
        return Err(UpError::Pace("a lab that is up cannot live in virtual time: it has sockets".to_owned()));
    }
    let absent = winlab_cluster::absent(&lab_spec(&job.case, placement), pace);
    if !absent.is_empty() {
        let reasons: Vec<String> = absent.iter().map(ToString::to_string).collect();
        return Err(UpError::Absent(reasons.join("; ")));
    }
    run_world(pace, live(job, placement, pace, access, until, stay)).map_err(UpError::Runtime)?
}

async fn live<T>(
    job: &Job,
    placement: &Placement,
    pace: Pace,
    access: ApiAccess,
    until: impl Future<Output = ()>,
    stay: impl AsyncFnOnce(&LiveLab<'_>) -> T,
) -> Result<Option<T>, UpError> {
    let mut until = pin!(until);
    let begun = pin!(begin(job, placement, pace, access));
    // `until` first, so that it is listened for before anything starts; what was started ends when it is dropped.
    let Either::Right((world, _)) = select(until.as_mut(), begun).await else { return Ok(None) };
    let world = world?;
    let lab = LiveLab { world: &world };
    let answer = match select(pin!(stay(&lab)), until).await {
        Either::Left((answer, _)) => Some(answer),
        Either::Right(_) => None,
    };
    world.lab.stop().await;
    Ok(answer)
}

/// The lab with its nodes in it.
async fn begin<'j>(
    job: &'j Job,
    placement: &Placement,
    pace: Pace,
    access: ApiAccess,
) -> Result<World<'j>, UpError> {
    let recorder = Arc::new(Recorder::new(job.name.clone(), Detail::Outcomes, nobody()));
    let clock = Clock::start_world(pace);
    recorder.start(clock);
    let seed = Seed::new(job.seed).child(&job.case.name);
    let mut spec = lab_spec(&job.case, placement);
    spec.access = access;
    let observer: Arc<dyn LabObserver> = recorder.clone();
    let lab = Lab::start(spec, clock, seed.child("lab"), observer).await.map_err(started)?;
    let world = World::new(lab, seed.child("engine"), job, Mode::Test, recorder);
    for node in joining(&job.case.lab.nodes) {
        if let Some(method) = node.join.as_ref().map(join_method) {
            world.lab.join(&node.name, &method).await.map_err(started)?;
        }
    }
    Ok(world)
}

fn started(error: LabError) -> UpError {
    UpError::Start(ActionError::from(error).text())
}

/// Nobody reads the events of a lab that stays.
fn nobody() -> Outbox {
    Outbox { case: 0, to: sync_channel(0).0 }
}

impl LiveLab<'_> {
    /// Its nodes, each with its system: `linux`, or the name of a build of Windows.
    #[must_use]
    pub fn nodes(&self) -> Vec<(String, String)> {
        let system = |os: &NodeOs| match os {
            NodeOs::Linux => "linux".to_owned(),
            NodeOs::Windows(version) => version.to_string(),
        };
        let nodes = self.world.job.case.lab.nodes.iter();
        nodes.map(|node| (node.name.value.clone(), system(&node.os.value))).collect()
    }

    /// The API server's URL as other terminals have it, and the kubeconfig of its administrator.
    ///
    /// # Errors
    /// It listens nowhere.
    pub fn kubeconfig(&self) -> Result<(String, String), String> {
        let plane = self.world.lab.control_plane();
        let endpoint = plane.endpoint(Side::Outside).ok_or("the control plane listens nowhere")?;
        let administrator = Identity::new("kubectl", plane.version().to_string());
        let text = plane.kubeconfig(&administrator, Side::Outside).map_err(|error| error.to_string())?;
        Ok((endpoint.url(), text))
    }

    /// HNS objects of a Windows node.
    ///
    /// # Errors
    /// The node or the kind is not there.
    pub async fn hns(&self, node: &str, kind: &str) -> Result<Vec<Document>, String> {
        known(kind, &["networks", "endpoints", "namespaces", "loadbalancers", "routes"])?;
        self.world.lab.hns(node, kind).await.map_err(|error| ActionError::from(error).text())
    }

    /// HCS objects of a Windows node.
    ///
    /// # Errors
    /// The node or the kind is not there.
    pub async fn hcs(&self, node: &str, kind: &str) -> Result<Vec<Document>, String> {
        known(kind, &["systems", "processes"])?;
        self.world.lab.hcs(node, kind).await.map_err(|error| ActionError::from(error).text())
    }

    /// A flow in the words of a reach table: one walk for each pair of ends that the words stand for.
    ///
    /// # Errors
    /// The words cannot be read, or what they name is not there.
    pub async fn flow(&self, from: &str, to: &str) -> Result<Vec<Walk>, String> {
        let (source, flow) = read_flow(from, to).map_err(|problems| {
            let texts: Vec<String> = problems
                .into_iter()
                .map(|problem| match problem.hint {
                    Some(hint) => format!("{}; {hint}", problem.message),
                    None => problem.message,
                })
                .collect();
            texts.join("\n")
        })?;
        self.world.walks(&source, &flow, to).await
    }

    /// What components wrote: node, component and lines, oldest first.
    #[must_use]
    pub fn logs(&self) -> Vec<(String, String, Vec<Document>)> {
        let components = self.world.lab.logged_components().into_iter();
        components
            .map(|(node, component)| {
                let lines = self.world.lab.log_lines(&node, &component);
                (node, component, lines)
            })
            .collect()
    }

    /// Lets go of what the lab told and nobody reads. To be called now and then.
    pub fn tidy(&self) {
        self.world.recorder.flush();
    }

    /// The lab's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.world.clock
    }
}

impl fmt::Debug for LiveLab<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveLab").field("name", &self.world.job.name).finish_non_exhaustive()
    }
}

fn known(kind: &str, kinds: &[&str]) -> Result<(), String> {
    if kinds.contains(&kind) {
        Ok(())
    } else {
        Err(format!("there is no `{kind}`: there is {}", kinds.join(", ")))
    }
}

//! Faults: put, standing, lifted.
//!
//! A fault that lasts a given time is over when its action is; any other stands until `heal`, or to the case's end.

mod api;
mod calls;
mod host;
mod idle;
mod underlay;

pub(crate) use idle::Strikes;

use futures::future::{LocalBoxFuture, join_all};
use winlab_cluster::{ApiFaultId, Rehydration};
use winlab_events::Fault as FaultEvent;
use winlab_host::FaultSwitch;
use winlab_scenario::{Effect, Fault, FaultPlace, Memory, Span, Spanned};

use crate::failure::ActionError;
use crate::world::World;

/// A fault that has not been lifted.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    at: FaultPlace,
    words: String,
    lift: Lift,
    /// Where the file has it.
    span: Span,
}

/// How a fault is lifted.
#[derive(Clone, Debug)]
pub(crate) enum Lift {
    /// A rule over calls.
    Rule(FaultSwitch, u64),
    /// A rule of the API server.
    Api(ApiFaultId),
    /// Trouble on the ways between hosts: from, to, what.
    Ways(Vec<(String, String)>, underlay::Trouble),
    /// A service that was stopped.
    Service(String),
    /// HNS that was stopped, and what it is to remember.
    Hns { then: Option<Memory> },
    /// A full disk.
    Disk,
}

impl World<'_> {
    /// Puts faults, all at the same time, and waits for those that end by themselves.
    pub(crate) async fn put(&self, faults: &[Spanned<Fault>]) -> Result<(), ActionError> {
        let each: Vec<LocalBoxFuture<'_, Result<(), ActionError>>> = faults
            .iter()
            .flat_map(|fault| self.nodes_of(fault).into_iter().map(move |node| (fault, node.to_owned())))
            .map(|(fault, node)| -> LocalBoxFuture<'_, Result<(), ActionError>> {
                Box::pin(async move {
                    self.put_on(fault, &node).await.map_err(|error| error.at(fault.span).on(&node))
                })
            })
            .collect();
        join_all(each).await.into_iter().collect()
    }

    /// Puts a fault that is there all the time.
    pub(crate) async fn put_ambient(&self, fault: &Spanned<Fault>) -> Result<(), ActionError> {
        self.put(std::slice::from_ref(fault)).await
    }

    /// The nodes that a fault is put on; one without a name for the API server.
    fn nodes_of<'f>(&'f self, fault: &'f Fault) -> Vec<&'f str> {
        self.job.case.lab.nodes_at(&fault.at)
    }

    async fn put_on(&self, fault: &Spanned<Fault>, node: &str) -> Result<(), ActionError> {
        let at = FaultPlace { part: fault.at.part.clone(), node: node.to_owned() };
        let words = words(&fault.effect);
        self.tell_fault(&at, &words, true);
        let (lift, lasts) = self.strike(&at, &fault.effect).await?;
        let span = fault.span;
        let standing =
            lift.into_iter().map(|lift| Standing { at: at.clone(), words: words.clone(), lift, span });
        let standing: Vec<Standing> = standing.collect();
        self.note_calls(fault);
        match lasts.or(fault.lasts) {
            None => self.standing().extend(standing),
            Some(span) => {
                self.clock.sleep(span).await;
                for standing in standing {
                    self.lift(&standing).await?;
                }
            }
        }
        Ok(())
    }

    /// Lifts the standing faults at these places; all, if none is named.
    pub(crate) async fn heal(&self, places: &[Spanned<String>]) -> Result<(), ActionError> {
        let all = std::mem::take(&mut *self.standing());
        let (lifted, kept): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|standing| places.is_empty() || places.iter().any(|place| is_at(&standing.at, place)));
        *self.standing() = kept;
        for place in places {
            if !lifted.iter().any(|standing| is_at(&standing.at, place)) {
                let message = format!("no fault stands at `{}`", place.value);
                return Err(ActionError::new(message).at(place.span));
            }
        }
        for standing in &lifted {
            self.lift(standing).await?;
        }
        Ok(())
    }

    async fn lift(&self, standing: &Standing) -> Result<(), ActionError> {
        let node = &standing.at.node;
        match &standing.lift {
            Lift::Rule(switch, number) => {
                self.note_struck(standing);
                switch.lift(*number);
            }
            Lift::Api(id) => self.lab.api_faults()?.lift(*id),
            Lift::Ways(ways, trouble) => self.lift_trouble(ways, *trouble),
            Lift::Service(service) => self.lab.start_service(node, service).await?,
            Lift::Hns { then } => self.lab.start_hns(node, then.map(rehydration))?,
            Lift::Disk => self.lab.set_disk_full(node, false)?,
        }
        self.tell_fault(&standing.at, &standing.words, false);
        Ok(())
    }

    fn tell_fault(&self, at: &FaultPlace, words: &str, active: bool) {
        self.recorder.emit(FaultEvent { at: at.to_string(), fault: words.to_owned(), active });
    }
}

/// What HNS finds, in the cluster's words.
fn rehydration(memory: Memory) -> Rehydration {
    match memory {
        Memory::Rehydrate => Rehydration::Rehydrate,
        Memory::Forget => Rehydration::Forget,
    }
}

/// `hns/win1`, `hns/*`, `api`
fn is_at(at: &FaultPlace, place: &str) -> bool {
    let (part, node) = place.split_once('/').unwrap_or((place, "*"));
    at.part == part && (node == "*" || at.node == node)
}

/// `stop 20s at hns/win1`
pub(crate) fn describe(fault: &Fault) -> String {
    let lasts = fault.lasts.map(|span| format!(" for {span}")).unwrap_or_default();
    format!("{} at {}{lasts}", words(&fault.effect), fault.at)
}

/// The fault in the file's words.
fn words(effect: &Effect) -> String {
    let then = |then: Option<Memory>| then.map(|then| format!(" then {}", then.name())).unwrap_or_default();
    match effect {
        Effect::Calls { function, effect, nth, times, rate } => {
            calls::words(function, *effect, *nth, *times, *rate)
        }
        Effect::Stop { lasts: Some(span), then: memory } => format!("stop {span}{}", then(*memory)),
        Effect::Stop { lasts: None, then: memory } => format!("stop{}", then(*memory)),
        Effect::Crash { then: memory } => format!("crash{}", then(*memory)),
        Effect::Restart { then: memory } => format!("restart{}", then(*memory)),
        Effect::Reboot => "reboot".to_owned(),
        Effect::PowerLoss => "power-loss".to_owned(),
        Effect::Replace => "replace".to_owned(),
        Effect::ClockJump(span) => format!("clock-jump {span}"),
        Effect::Partition { from, one_way } => {
            let way = if *one_way { " one-way" } else { "" };
            format!(
                "partition from {}{way}",
                if from.is_empty() { "all".to_owned() } else { from.join(", ") }
            )
        }
        Effect::Loss(share) => format!("loss {}%", share * 100.0),
        Effect::UnderlayDelay(span) => format!("delay {span}"),
        Effect::Mtu(bytes) => format!("mtu {bytes}"),
        Effect::DuplicateIp(address) => format!("duplicate-ip {address}"),
        Effect::DiskFull => "disk-full".to_owned(),
        Effect::SlowDisk(span) => format!("slow-disk {span}"),
        Effect::Unplumb(kind, name) => format!("unplumb {kind}/{name}"),
        Effect::Delete(kind, name) => format!("delete {kind}/{name}"),
        Effect::WatchDrop => "watch-drop".to_owned(),
        Effect::Gone => "gone".to_owned(),
        Effect::Stale => "stale".to_owned(),
        Effect::Slow(span) => format!("slow {span}"),
        Effect::Refuse => "refuse".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_heal() {
        let at = FaultPlace { part: "hns".into(), node: "win1".into() };
        for (place, is) in
            [("hns/win1", true), ("hns/*", true), ("hns", true), ("hns/win2", false), ("hcs/win1", false)]
        {
            assert_eq!(is_at(&at, place), is, "{place}");
        }
    }
}

//! The service control manager against a plain model of one service without dependencies, and its invariants with them.

use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_host::system::{ServiceControl, ServiceState};

use super::tests::{World, config, report};
use super::{Outbox, ServiceManager};

#[derive(Debug, Clone)]
enum Action {
    Start(usize),
    Stop(usize),
    Report(usize, ServiceState),
    Pass(u64),
    Crash(usize),
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
/// `b` needs `a`, `c` needs `b`, `d` stands alone.
const NEEDS: [&[&str]; 4] = [&[], &["a"], &["b"], &[]];

fn action() -> impl Strategy<Value = Action> {
    let state = prop_oneof![
        proptest::strategy::Just(ServiceState::Running),
        proptest::strategy::Just(ServiceState::Stopped),
        proptest::strategy::Just(ServiceState::StopPending),
    ];
    prop_oneof![
        (0..4usize).prop_map(Action::Start),
        (0..4usize).prop_map(Action::Stop),
        (0..4usize, state).prop_map(|(n, s)| Action::Report(n, s)),
        (1..40u64).prop_map(Action::Pass),
        (0..4usize).prop_map(Action::Crash),
    ]
}

/// `d` by the plain rules: its state, and seconds since a start nobody has reported about.
#[derive(Debug, PartialEq)]
struct Model {
    state: ServiceState,
    silent_for: Option<u64>,
}

impl Model {
    fn step(&mut self, action: &Action) {
        match action {
            Action::Start(3) if self.state == ServiceState::Stopped => {
                *self = Self { state: ServiceState::StartPending, silent_for: Some(0) };
            }
            Action::Stop(3) if self.state == ServiceState::Running => self.state = ServiceState::StopPending,
            Action::Report(3, state) if self.state != ServiceState::Stopped => {
                *self = Self { state: *state, silent_for: None };
            }
            Action::Crash(3) => *self = Self { state: ServiceState::Stopped, silent_for: None },
            Action::Pass(seconds) => {
                self.silent_for = self.silent_for.map(|silent| silent + seconds);
                if self.silent_for.is_some_and(|silent| silent >= 30) {
                    *self = Self { state: ServiceState::Stopped, silent_for: None };
                }
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn states_follow_the_rules(actions in proptest::collection::vec(action(), 1..60)) {
        let mut world = World { now: VirtualInstant::START, pids: 0 };
        let (mut events, mut effects) = (Vec::new(), Vec::new());
        let mut scm = ServiceManager::default();
        for (name, needs) in NAMES.iter().zip(NEEDS) {
            scm.create(name, config(needs)).unwrap();
        }
        let mut model = Model { state: ServiceState::Stopped, silent_for: None };
        for action in &actions {
            if let Action::Pass(seconds) = action {
                world.now = world.now + VirtualSpan::from_secs(*seconds);
            }
            let mut out =
                Outbox { now: world.now, events: &mut events, effects: &mut effects, context: &mut world };
            match action {
                Action::Start(n) => drop(scm.start(NAMES[*n], vec![], &mut out)),
                Action::Stop(n) => drop(scm.control(NAMES[*n], ServiceControl::Stop, &mut out)),
                Action::Report(n, state) => drop(scm.report(NAMES[*n], &report(*state, 0), &mut out)),
                Action::Pass(_) => scm.tick(&mut out),
                Action::Crash(n) => {
                    let pid = scm.status(NAMES[*n]).unwrap().pid;
                    scm.process_ended(pid, &mut out);
                }
            }
            model.step(action);
            prop_assert_eq!(scm.status("d").unwrap().state, model.state, "{:?}", action);
            let mut pids: Vec<u32> = scm.enumerate().iter().map(|s| s.pid).filter(|pid| *pid != 0).collect();
            let count = pids.len();
            pids.sort_unstable();
            pids.dedup();
            prop_assert_eq!(pids.len(), count, "a process id stands for one service");
            for status in scm.enumerate() {
                prop_assert!(status.state != ServiceState::Stopped || status.pid == 0);
            }
        }
    }
}

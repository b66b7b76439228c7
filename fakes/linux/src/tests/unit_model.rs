//! The service manager under any order of calls: what must hold after every one.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use winlab_clock::{Seed, VirtualInstant, VirtualSpan};
use winlab_host::linux::{
    Answer, Call, InstallUnit, LinuxEvent, ListUnits, ReportUnit, StartUnit, StopUnit, UnitConfig, UnitState,
    UnitStatus,
};

use super::config;
use crate::{Context, Linux};

/// `b` requires `a`, `c` requires `b`; `d` and `e` require each other. `a` and `c` are restarted.
const UNITS: [(&str, &[&str], Option<u32>); 5] = [
    ("a", &[], Some(5)),
    ("b", &["a"], None),
    ("c", &["b"], Some(1)),
    ("d", &["e"], None),
    ("e", &["d"], None),
];

#[derive(Debug, Clone)]
enum Step {
    Start(usize),
    Stop(usize),
    Report(usize, UnitState),
    Pass(u64),
    Reboot,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let unit = 0..UNITS.len();
    let state = (0..4_usize)
        .prop_map(|n| [UnitState::Activating, UnitState::Active, UnitState::Inactive, UnitState::Failed][n]);
    let step = prop_oneof![
        4 => unit.clone().prop_map(Step::Start),
        2 => unit.clone().prop_map(Step::Stop),
        6 => (unit, state).prop_map(|(unit, state)| Step::Report(unit, state)),
        2 => (0..8_u64).prop_map(Step::Pass),
        1 => any::<()>().prop_map(|()| Step::Reboot),
    ];
    proptest::collection::vec(step, 0..80)
}

/// The reference: which programs run, from nothing but what was told and reported.
#[derive(Debug, Default)]
struct Programs([bool; 5]);

impl Programs {
    fn at(&mut self, name: &str) -> &mut bool {
        let at = UNITS.iter().position(|(known, ..)| *known == name).unwrap();
        &mut self.0[at]
    }
}

fn units(machine: &mut Linux, context: &mut Context<'_>) -> Vec<UnitStatus> {
    match machine.handle(Call::ListUnits(ListUnits {}), context).answer {
        Ok(Answer::ListUnits(units)) => units,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn programs_start_once_and_after_what_they_require(steps in steps()) {
        let mut rng = Seed::new(3).rng();
        let mut now = VirtualInstant::START;
        let mut machine = Linux::new(config(), &mut Context { now, rng: &mut rng });
        for (name, after, restart) in UNITS {
            let after = after.iter().map(ToString::to_string).collect();
            let config =
                UnitConfig { exec_start: name.into(), after, restart_after_secs: restart, enabled: true };
            let call = Call::InstallUnit(InstallUnit { name: name.into(), config });
            machine.handle(call, &mut Context { now, rng: &mut rng });
        }
        let mut programs = Programs::default();
        for step in &steps {
            let before = units(&mut machine, &mut Context { now, rng: &mut rng });
            let context = &mut Context { now, rng: &mut rng };
            let events = match step {
                Step::Start(unit) => {
                    machine.handle(Call::StartUnit(StartUnit { name: UNITS[*unit].0.into() }), context).events
                }
                Step::Stop(unit) => {
                    machine.handle(Call::StopUnit(StopUnit { name: UNITS[*unit].0.into() }), context).events
                }
                Step::Report(unit, state) => {
                    let name = UNITS[*unit].0;
                    // Only a program that runs can report.
                    if !*programs.at(name) {
                        continue;
                    }
                    if matches!(state, UnitState::Inactive | UnitState::Failed) {
                        *programs.at(name) = false;
                    }
                    let status = UnitStatus { name: name.into(), state: *state, exit_code: 0 };
                    machine.handle(Call::ReportUnit(ReportUnit { status }), context).events
                }
                Step::Pass(secs) => {
                    now = now + VirtualSpan::from_secs(*secs);
                    machine.advance(now)
                }
                Step::Reboot => {
                    machine.power_off();
                    programs = Programs::default();
                    machine.boot(context)
                }
            };
            for event in events {
                match event {
                    LinuxEvent::UnitStarting { name, .. } => {
                        prop_assert!(!*programs.at(&name), "{} was told to start twice", name);
                        *programs.at(&name) = true;
                    }
                    LinuxEvent::UnitStopping { name } => {
                        prop_assert!(*programs.at(&name), "{} was told to stop and does not run", name);
                    }
                    _ => {}
                }
            }
            let after = units(&mut machine, &mut Context { now, rng: &mut rng });
            for unit in &after {
                let runs = *programs.at(&unit.name);
                let dead = matches!(unit.state, UnitState::Inactive | UnitState::Failed);
                prop_assert!(!(runs && dead), "{} runs and is {}", unit.name, unit.state);
                let alive = matches!(unit.state, UnitState::Active | UnitState::Deactivating);
                prop_assert!(runs || !alive, "{} does not run and is {}", unit.name, unit.state);
                let (_, required, _) = UNITS.iter().find(|(name, ..)| *name == unit.name).unwrap();
                let was = before.iter().find(|old| old.name == unit.name).unwrap();
                let fresh = runs && unit.state == UnitState::Activating && was.state != UnitState::Activating;
                for other in required.iter().filter(|_| fresh) {
                    let other = after.iter().find(|unit| unit.name == **other).unwrap();
                    prop_assert_eq!(other.state, UnitState::Active);
                }
            }
        }
    }
}

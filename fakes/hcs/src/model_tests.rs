//! Compute systems against a plain model of their states, with invariants over processes and namespaces.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use winlab_clock::VirtualSpan;
use winlab_document::{Document, doc};
use winlab_host::compute::{
    Call, CloseComputeSystem, CreateComputeSystem, CreateProcess, ShutdownComputeSystem, StartComputeSystem,
    TerminateComputeSystem, TerminateProcess,
};
use winlab_host::{Exit, Guid, Program};

use crate::test_host::{container, lab, web};

#[derive(Debug, Clone)]
enum Action {
    Create(u8),
    Start(u8),
    Run(u8),
    Kill(u8),
    Shutdown(u8),
    Terminate(u8),
    Close(u8),
    Pass(u64),
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        (0..3u8).prop_map(Action::Create),
        (0..3u8).prop_map(Action::Start),
        (0..3u8).prop_map(Action::Run),
        (0..3u8).prop_map(Action::Kill),
        (0..3u8).prop_map(Action::Shutdown),
        (0..3u8).prop_map(Action::Terminate),
        (0..3u8).prop_map(Action::Close),
        (1..6u64).prop_map(Action::Pass),
    ]
}

/// A system by the plain rules.
#[derive(Debug, Clone, PartialEq)]
enum Model {
    Created,
    /// Running, with the seconds each process has still to live.
    Running(Vec<u64>),
    Stopped,
}

/// Whether the action succeeds.
fn step(models: &mut BTreeMap<u8, Model>, action: &Action) -> bool {
    match action {
        Action::Create(n) => {
            let free = matches!(models.get(n), None | Some(Model::Stopped));
            if free {
                models.insert(*n, Model::Created);
            }
            free
        }
        Action::Start(n) => match models.get_mut(n) {
            Some(model @ Model::Created) => {
                *model = Model::Running(vec![]);
                true
            }
            _ => false,
        },
        Action::Run(n) => match models.get_mut(n) {
            Some(Model::Running(processes)) => {
                processes.push(7);
                true
            }
            _ => false,
        },
        Action::Kill(n) => match models.get_mut(n) {
            Some(Model::Running(processes)) => processes.pop().is_some(),
            _ => false,
        },
        Action::Shutdown(n) | Action::Terminate(n) => match models.get_mut(n) {
            Some(model) if *model != Model::Stopped => {
                *model = Model::Stopped;
                true
            }
            _ => false,
        },
        Action::Close(n) => {
            models.remove(n);
            true
        }
        Action::Pass(seconds) => {
            for model in models.values_mut() {
                if let Model::Running(processes) = model {
                    processes.retain(|left| left > seconds);
                    for left in processes {
                        *left -= seconds;
                    }
                }
            }
            true
        }
    }
}

proptest! {
    #[test]
    fn states_processes_and_namespaces_agree(actions in proptest::collection::vec(action(), 1..60)) {
        let program = Program { exit: Some(Exit { code: 0, after_ms: 7000 }), ..web() };
        let (mut hcs, mut host) = lab(&program);
        let mut models = BTreeMap::new();
        let mut pids: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for action in &actions {
            let id = |n: &u8| format!("s{n}");
            let options = Document::Null;
            let call = match action {
                Action::Create(n) => {
                    pids.remove(n);
                    Call::CreateComputeSystem(CreateComputeSystem { id: id(n), configuration: container() })
                }
                Action::Start(n) => Call::StartComputeSystem(StartComputeSystem { id: id(n), options }),
                Action::Run(n) => {
                    Call::CreateProcess(CreateProcess { id: id(n), parameters: doc!({"CommandLine": "web"}) })
                }
                Action::Kill(n) => {
                    let running = hcs.running_processes(&id(n));
                    let pid = running.last().copied().unwrap_or_default();
                    Call::TerminateProcess(TerminateProcess { id: id(n), pid })
                }
                Action::Shutdown(n) => Call::ShutdownComputeSystem(ShutdownComputeSystem { id: id(n), options }),
                Action::Terminate(n) => {
                    Call::TerminateComputeSystem(TerminateComputeSystem { id: id(n), options })
                }
                Action::Close(n) => Call::CloseComputeSystem(CloseComputeSystem { id: id(n) }),
                Action::Pass(seconds) => {
                    host.pass(&mut hcs, VirtualSpan::from_secs(*seconds));
                    step(&mut models, action);
                    continue;
                }
            };
            let answer = hcs.handle(call, &mut host);
            let expected = step(&mut models, action);
            prop_assert_eq!(answer.is_ok(), expected, "{:?}: {:?}", action, answer);
            if let Ok(winlab_host::compute::Answer::CreateProcess(information)) = &answer {
                prop_assert!(seen.insert(information.pid), "a process id is given once");
            }
            for n in 0..3u8 {
                let count = match models.get(&n) {
                    Some(Model::Running(processes)) => processes.len(),
                    _ => 0,
                };
                prop_assert_eq!(hcs.running_processes(&id(&n)).len(), count, "after {:?}", action);
            }
            let inside: BTreeSet<String> = host.namespaces[&Guid::from_bits(9)].iter().cloned().collect();
            let running: BTreeSet<String> = models.iter()
                .filter(|(_, model)| matches!(model, Model::Running(_)))
                .map(|(n, _)| id(n))
                .collect();
            prop_assert_eq!(&inside, &running, "a running container is in its namespace, and no other");
            prop_assert_eq!(&host.open, &running);
        }
    }
}

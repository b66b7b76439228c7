//! The ends of tasks.

use std::sync::Arc;

use super::core::Core;
use super::records::Task;
use super::task::TaskEvent;
use crate::cri::{ContainerEventType, ContainerState, PodSandboxState};

/// A task that ended, and whose it was.
enum Owner {
    Sandbox(Task),
    Container(Task),
}

impl Core {
    /// Takes one event of the platform's runtime in.
    pub(crate) async fn task_event(self: &Arc<Self>, event: TaskEvent) {
        match event {
            TaskEvent::Output { id } => {
                self.pump_output(&id).await;
                self.changed();
            }
            TaskEvent::Exited { id, pid, code } => {
                let first = self.task_of(&id).is_some_and(|task| pid.is_none_or(|pid| pid == task.pid));
                if first {
                    self.task_exited(&id, code);
                }
                self.changed();
            }
        }
    }

    fn task_of(&self, id: &str) -> Option<Task> {
        let state = self.state();
        let container = state.containers.get(id).and_then(|container| container.task.clone());
        container.or_else(|| state.sandboxes.get(id).and_then(|sandbox| sandbox.task.clone()))
    }

    /// A first process ended: releases what its task held, then lets it show. The state changes only after that, so
    /// that whoever saw the end finds the namespace free.
    pub(crate) fn task_exited(self: &Arc<Self>, id: &str, code: i32) {
        let owner = {
            let mut state = self.state();
            let owner = match (state.containers.get(id), state.sandboxes.get(id)) {
                (Some(container), _) if container.state == ContainerState::Running => {
                    container.task.clone().map(Owner::Container)
                }
                (_, Some(sandbox)) if sandbox.state == PodSandboxState::Ready => {
                    sandbox.task.clone().map(Owner::Sandbox)
                }
                _ => None,
            };
            let Some(owner) = owner else { return };
            if !state.ending.insert(id.to_owned()) {
                return;
            }
            owner
        };
        let (core, id, at) = (self.clone(), id.to_owned(), self.now());
        self.spawn(async move {
            match owner {
                Owner::Container(task) => core.end_container(&id, &task, code, at).await,
                Owner::Sandbox(task) => core.end_sandbox(&id, &task).await,
            }
        });
    }

    async fn end_container(&self, id: &str, task: &Task, code: i32, at: i64) {
        self.close_log(id).await;
        self.runtime.clean_up(task, None).await;
        {
            let mut state = self.state();
            state.ending.remove(id);
            state.attached.remove(id);
            if let Some(container) = state.containers.get_mut(id) {
                container.exited(code, at);
                container.task = None;
            }
        }
        self.save_container(id).await;
        self.publish_container(id, ContainerEventType::Stopped);
    }

    async fn end_sandbox(&self, id: &str, task: &Task) {
        self.runtime.clean_up(task, Some(id)).await;
        let record = {
            let mut state = self.state();
            state.ending.remove(id);
            state.sandboxes.get_mut(id).map(|sandbox| {
                sandbox.state = PodSandboxState::NotReady;
                sandbox.task = None;
                sandbox.clone()
            })
        };
        if let Some(record) = record {
            self.save_sandbox(&record).await;
            self.publish(id, ContainerEventType::Stopped, &record);
        }
    }
}

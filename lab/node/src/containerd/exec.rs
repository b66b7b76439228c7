//! Running a command in a container and waiting for it (containerd `container_execsync.go`).

use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_host::compute::OutputStream;

use super::containers::state_name;
use super::core::Core;
use super::records::{Task, TaskKind};
use super::task::Signal;
use crate::cri::{Code, ContainerState, CriError, ExecSyncResponse};

impl Core {
    pub(crate) async fn exec(
        self: &Arc<Self>,
        id: &str,
        command: &[String],
        timeout: Option<VirtualSpan>,
    ) -> Result<ExecSyncResponse, CriError> {
        let record = self.container(id)?;
        let (ContainerState::Running, Some(task)) = (record.state, record.task.clone()) else {
            return Err(CriError::unknown(format!("container is in {} state", state_name(record.state))));
        };
        let sandbox = self.sandbox(&record.sandbox_id)?;
        let image = self.image(&record.image_id).unwrap_or_default();
        let mut spec = self.task_spec(&record, &sandbox, &image);
        command.clone_into(&mut spec.args);
        (spec.stdin, spec.tty) = (false, false);
        let failed = |text: String| CriError::unknown(format!("failed to exec in container: {text}"));
        let started = self.runtime.exec(&task, &spec).await;
        let pid = started
            .map_err(|text| failed(format!("failed to start exec {:?}: {text}: unknown", record.id)))?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = self.follow(&task, pid, &mut stdout, &mut stderr);
        let exit_code = match timeout {
            None => ended.await,
            Some(timeout) => match self.clock.within(timeout, ended).await {
                Ok(code) => code,
                Err(_) => {
                    self.kill_exec(&task, pid).await;
                    return Err(CriError::new(
                        Code::DeadlineExceeded,
                        format!(
                            "failed to exec in container: timeout {timeout} exceeded: context deadline exceeded"
                        ),
                    ));
                }
            },
        };
        Ok(ExecSyncResponse { stdout, stderr, exit_code: exit_code.map_err(failed)? })
    }

    /// Reads a process's output until its end; its exit code.
    async fn follow(
        &self,
        task: &Task,
        pid: u32,
        stdout: &mut Vec<u8>,
        stderr: &mut Vec<u8>,
    ) -> Result<i32, String> {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            let ended = self.runtime.exit_code(task, pid).await;
            stdout.extend(self.runtime.read(task, pid, OutputStream::Stdout).await);
            stderr.extend(self.runtime.read(task, pid, OutputStream::Stderr).await);
            match ended {
                Ok(Some(code)) => return Ok(code),
                Ok(None) => drop(changes.changed().await),
                Err(text) => return Err(text),
            }
        }
    }

    /// Ends a process that took too long. A Linux process of `runc exec` has no handle at the boundary: it runs on
    /// until its container ends.
    async fn kill_exec(&self, task: &Task, pid: u32) {
        if task.kind != TaskKind::Runc {
            let process = Task { pid, ..task.clone() };
            self.runtime.signal(&process, Signal::Kill).await.ok();
        }
    }
}

//! Commands and containers with a client at their streams (containerd `container_exec.go`, `container_attach.go`).

use std::sync::Arc;

use futures::channel::mpsc;
use futures::future::{self, Either};
use futures::{SinkExt, StreamExt};
use winlab_host::compute::OutputStream;

use super::containers::state_name;
use super::core::Core;
use super::records::{ContainerRecord, Task};
use crate::cri::{
    AttachRequest, ContainerState, CriError, ExecRequest, Session, SessionInput, SessionOutput, WAITING,
};

/// Which outputs a client wants.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    stdout: bool,
    stderr: bool,
}

impl Wanted {
    fn pick(self, stream: OutputStream, bytes: Vec<u8>) -> Option<SessionOutput> {
        match stream {
            OutputStream::Stdout => self.stdout.then_some(SessionOutput::Stdout(bytes)),
            OutputStream::Stderr => self.stderr.then_some(SessionOutput::Stderr(bytes)),
        }
    }
}

/// One client that is attached to a container.
#[derive(Debug)]
pub(crate) struct Attached {
    wanted: Wanted,
    output: mpsc::UnboundedSender<SessionOutput>,
}

impl Core {
    /// A container that runs, with its task.
    fn running(&self, id: &str) -> Result<(ContainerRecord, Task), CriError> {
        let record = self.container(id)?;
        match (record.state, record.task.clone()) {
            (ContainerState::Running, Some(task)) => Ok((record, task)),
            (state, _) => Err(CriError::unknown(format!("container is in {} state", state_name(state)))),
        }
    }

    pub(crate) async fn exec_session(self: &Arc<Self>, request: ExecRequest) -> Result<Session, CriError> {
        let (record, task) = self.running(&request.container_id)?;
        let sandbox = self.sandbox(&record.sandbox_id)?;
        let image = self.image(&record.image_id).unwrap_or_default();
        let mut spec = self.task_spec(&record, &sandbox, &image);
        spec.args = request.cmd;
        (spec.stdin, spec.tty) = (request.stdin, request.tty);
        if request.tty {
            spec.env.retain(|(name, _)| name != "TERM");
            spec.env.push(("TERM".to_owned(), "xterm".to_owned()));
        }
        let pid = self.runtime.exec(&task, &spec).await.map_err(|text| {
            CriError::unknown(format!(
                "failed to exec in container: failed to start exec {:?}: {text}: unknown",
                record.id
            ))
        })?;
        let wanted = Wanted { stdout: request.stdout, stderr: request.stderr };
        let (input, from_client) = mpsc::channel(WAITING);
        let (to_client, output) = mpsc::channel(WAITING);
        let core = self.clone();
        self.spawn(async move { core.drive(&task, pid, wanted, from_client, to_client).await });
        Ok(Session { input, output: output.boxed() })
    }

    /// Carries input and output of a process until it ends. It goes on although its client is gone.
    async fn drive(
        &self,
        task: &Task,
        pid: u32,
        wanted: Wanted,
        mut input: mpsc::Receiver<SessionInput>,
        mut output: mpsc::Sender<SessionOutput>,
    ) {
        let mut changes = self.changes();
        let mut is_open = true;
        loop {
            changes.mark_unchanged();
            let ended = self.runtime.exit_code(task, pid).await;
            for stream in [OutputStream::Stdout, OutputStream::Stderr] {
                let bytes = self.runtime.read(task, pid, stream).await;
                if let Some(part) = wanted.pick(stream, bytes).filter(|part| !part.is_empty()) {
                    output.send(part).await.ok();
                }
            }
            match ended {
                Ok(Some(code)) => return drop(output.send(SessionOutput::Exited(code)).await),
                Err(text) => {
                    let error = CriError::unknown(format!("failed to exec in container: {text}"));
                    return drop(output.send(SessionOutput::Failed(error)).await);
                }
                Ok(None) if is_open => {}
                Ok(None) => {
                    drop(changes.changed().await);
                    continue;
                }
            }
            let (change, given) = (std::pin::pin!(changes.changed()), input.next());
            if let Either::Right((given, _)) = future::select(change, given).await {
                is_open = self.give(task, pid, given).await;
            }
        }
    }

    /// Gives a process what its client gave; whether more may follow. A process that has ended takes nothing.
    async fn give(&self, task: &Task, pid: u32, given: Option<SessionInput>) -> bool {
        match given {
            Some(SessionInput::Bytes(bytes)) => {
                if let Err(text) = self.runtime.write(task, pid, bytes).await {
                    self.log.debug(format_args!("failed to pipe stdin of {:?}: {text}", task.id));
                }
                true
            }
            Some(SessionInput::Resize(size)) => {
                if let Err(text) = self.runtime.resize(task, pid, size).await {
                    self.log.error(format_args!("Failed to resize process {pid} of {:?}: {text}", task.id));
                }
                true
            }
            // A size may still follow the end of the input.
            Some(SessionInput::End) => {
                self.runtime.close_input(task, pid).await.ok();
                true
            }
            None => {
                self.runtime.close_input(task, pid).await.ok();
                false
            }
        }
    }

    pub(crate) fn attach_session(self: &Arc<Self>, request: &AttachRequest) -> Result<Session, CriError> {
        let (record, task) = self.running(&request.container_id)?;
        let (sender, output) = mpsc::unbounded();
        let attached =
            Attached { wanted: Wanted { stdout: request.stdout, stderr: request.stderr }, output: sender };
        self.state().attached.entry(record.id.clone()).or_default().push(attached);
        let (input, mut from_client) = mpsc::channel(WAITING);
        let (core, takes_input) = (self.clone(), request.stdin && record.config.stdin);
        self.spawn(async move {
            while let Some(given) = from_client.next().await {
                match given {
                    SessionInput::Bytes(_) if !takes_input => {}
                    // The container's input stays open for the next client unless it is for one alone.
                    SessionInput::End => {}
                    given => drop(core.give(&task, task.pid, Some(given)).await),
                }
            }
            if takes_input && record.config.stdin_once {
                core.runtime.close_input(&task, task.pid).await.ok();
            }
        });
        Ok(Session { input, output: output.boxed() })
    }

    /// Shows clients that are attached to a container what it wrote.
    pub(crate) fn show_attached(&self, id: &str, stream: OutputStream, bytes: &[u8]) {
        let mut state = self.state();
        let Some(clients) = state.attached.get_mut(id) else { return };
        clients.retain(|client| match client.wanted.pick(stream, bytes.to_vec()) {
            Some(part) => client.output.unbounded_send(part).is_ok(),
            None => !client.output.is_closed(),
        });
    }
}

impl SessionOutput {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Stdout(bytes) | Self::Stderr(bytes) if bytes.is_empty())
    }
}

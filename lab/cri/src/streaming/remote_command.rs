//! Carrying streams between a client and a session (`remotecommand/exec.go`, `attach.go`).

use std::sync::Arc;

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt, future};
use winlab_node::cri::{AttachRequest, Cri, CriError, ExecRequest, Session, SessionOutput};

use super::peer::{Peer, ToClient};
use super::request::Wanted;
use super::status::Ending;

/// A command or a container's own process.
#[derive(Debug, Clone)]
pub(super) enum Command {
    Exec(ExecRequest),
    Attach(AttachRequest),
}

impl Command {
    pub(super) fn wanted(&self) -> Wanted {
        match self {
            Self::Exec(exec) => Wanted::of_exec(exec),
            Self::Attach(attach) => Wanted::of_attach(attach),
        }
    }

    async fn start(&self, cri: &dyn Cri) -> Result<Session, CriError> {
        match self {
            Self::Exec(exec) => cri.exec(exec.clone()).await,
            Self::Attach(attach) => cri.attach(attach.clone()).await,
        }
    }

    /// The library's words around the runtime's error.
    fn failed(&self, error: &CriError) -> Ending {
        Ending::Failed(match self {
            Self::Exec(_) => format!("error executing command in container: {error}"),
            Self::Attach(_) => format!("error attaching to container: {error}"),
        })
    }

    fn exited(&self, code: i32) -> Ending {
        match self {
            Self::Exec(exec) if code != 0 => {
                // Exit codes of Windows have no sign.
                Ending::ExitCode { command: exec.cmd.clone(), code: code.cast_unsigned() }
            }
            _ => Ending::Success,
        }
    }
}

/// Runs a command for a client until it ends. A runtime that is stopped meanwhile leaves the client without a word, as the
/// connection to it is gone then.
pub(super) async fn run(cri: Arc<dyn Cri>, command: Command, peer: Peer) {
    let (mut given, mut output) = peer.split();
    let Session { mut input, output: mut told } = match command.start(&*cri).await {
        Ok(session) => session,
        Err(error) => {
            Peer::send(&mut output, ToClient::Ended(command.failed(&error))).await;
            return;
        }
    };
    let forward = async move {
        while let Some(part) = given.next().await {
            if input.send(part).await.is_err() {
                break;
            }
        }
        drop(input);
        future::pending::<()>().await;
    };
    let show = async {
        let mut ending = matches!(command, Command::Attach(_)).then_some(Ending::Success);
        while let Some(part) = told.next().await {
            if let Some(told) = show(&command, part, &mut output).await {
                ending = Some(told);
                break;
            }
        }
        if let Some(ending) = ending {
            Peer::send(&mut output, ToClient::Ended(ending)).await;
        }
    };
    let _first = future::select(std::pin::pin!(show), std::pin::pin!(forward)).await;
}

async fn show(command: &Command, part: SessionOutput, output: &mut mpsc::Sender<ToClient>) -> Option<Ending> {
    let part = match part {
        SessionOutput::Stdout(bytes) => ToClient::Stdout(bytes),
        SessionOutput::Stderr(bytes) => ToClient::Stderr(bytes),
        SessionOutput::Exited(code) => return Some(command.exited(code)),
        SessionOutput::Failed(error) => return Some(command.failed(&error)),
    };
    Peer::send(output, part).await;
    None
}

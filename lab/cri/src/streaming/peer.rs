//! A client of a command's streams, whichever protocol it speaks.

use futures::SinkExt;
use futures::channel::mpsc;
use futures::stream::BoxStream;
use winlab_node::cri::SessionInput;

use super::status::Ending;

/// How much may wait for a client.
const WAITING: usize = 32;

/// What goes to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ToClient {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// The last of all.
    Ended(Ending),
}

/// A client.
pub(super) struct Peer {
    /// What it gives, until it gives nothing more.
    pub(super) input: BoxStream<'static, SessionInput>,
    output: mpsc::Sender<ToClient>,
}

impl Peer {
    /// A client that gives `input`, and where what goes to it comes out.
    pub(super) fn new(input: BoxStream<'static, SessionInput>) -> (Self, mpsc::Receiver<ToClient>) {
        let (output, outgoing) = mpsc::channel(WAITING);
        (Self { input, output }, outgoing)
    }

    /// Sends something; whether the client is still there.
    pub(super) async fn send(output: &mut mpsc::Sender<ToClient>, part: ToClient) -> bool {
        output.send(part).await.is_ok()
    }

    /// Both directions.
    pub(super) fn split(self) -> (BoxStream<'static, SessionInput>, mpsc::Sender<ToClient>) {
        (self.input, self.output)
    }
}

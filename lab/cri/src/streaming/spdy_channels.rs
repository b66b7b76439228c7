//! A command's streams over SPDY (`remotecommand/httpstream.go`): the client opens a stream for each, its `streamType`
//! says which.

use std::sync::Arc;

use futures::channel::mpsc;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, future};
use winlab_clock::{Clock, VirtualSpan};
use winlab_document::Document;
use winlab_node::cri::{Cri, SessionInput, TerminalSize};

use super::peer::{Peer, ToClient};
use super::remote_command::{self, Command};
use crate::spdy::{Stream, Writer};

/// The subprotocols of commands, the newest first.
pub(super) const PROTOCOLS: [&str; 3] = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io"];

/// How long a client may take to open its streams (`DefaultStreamCreationTimeout`).
pub(super) const CREATION: VirtualSpan = VirtualSpan::from_secs(30);

/// The streams of one command.
#[derive(Debug, Default)]
struct Channels {
    error: Option<u32>,
    stdin: Option<Stream>,
    stdout: Option<u32>,
    stderr: Option<u32>,
    resize: Option<Stream>,
}

/// Runs a command for a client whose streams come from `streams`.
pub(super) async fn run(
    clock: Clock,
    cri: Arc<dyn Cri>,
    command: Command,
    protocol: &'static str,
    mut streams: mpsc::Receiver<Stream>,
    writer: Writer,
) {
    let expected = expected(&command, protocol);
    let Ok(Some(channels)) = clock.within(CREATION, collect(&mut streams, expected)).await else { return };
    let Channels { error, stdin, stdout, stderr, resize } = channels;
    let (peer, outgoing) = Peer::new(input(stdin, resize));
    let targets = Targets { error, stdout, stderr, has_json: protocol == PROTOCOLS[0] };
    // More streams are for nobody; they end with the connection.
    future::join(remote_command::run(cri, command, peer), targets.carry(outgoing, writer)).await;
}

/// How many streams a client opens: one for errors, and one for each that it wants.
fn expected(command: &Command, protocol: &str) -> usize {
    let wanted = command.wanted();
    let resizes = wanted.tty && protocol != "v2.channel.k8s.io";
    1 + [wanted.stdin, wanted.stdout, wanted.stderr, resizes].into_iter().filter(|one| *one).count()
}

/// Waits for so many streams; none where the client leaves before. A stream of an unknown type does not count.
async fn collect(streams: &mut mpsc::Receiver<Stream>, expected: usize) -> Option<Channels> {
    let (mut channels, mut count) = (Channels::default(), 0);
    while count < expected {
        let stream = streams.next().await?;
        match stream.header("streamtype").unwrap_or_default() {
            "error" => channels.error = Some(stream.id),
            "stdin" => channels.stdin = Some(stream),
            "stdout" => channels.stdout = Some(stream.id),
            "stderr" => channels.stderr = Some(stream.id),
            "resize" => channels.resize = Some(stream),
            _ => continue,
        }
        count += 1;
    }
    Some(channels)
}

/// Input and sizes, as they come.
fn input(stdin: Option<Stream>, resize: Option<Stream>) -> BoxStream<'static, SessionInput> {
    let stdin = stdin.map(|stream| {
        stream.bytes.map(SessionInput::Bytes).chain(stream::once(future::ready(SessionInput::End))).boxed()
    });
    let sizes = resize.map(|stream| {
        let mut text = Vec::new();
        let sizes = stream.bytes.flat_map(move |bytes| {
            text.extend_from_slice(&bytes);
            stream::iter(take_sizes(&mut text).into_iter().map(SessionInput::Resize))
        });
        sizes.boxed()
    });
    stream::select_all(stdin.into_iter().chain(sizes)).boxed()
}

/// The sizes at the beginning of a text that grows: JSON objects one after another.
pub(super) fn take_sizes(text: &mut Vec<u8>) -> Vec<TerminalSize> {
    /// Longer than any size: what has no end by then is none.
    const LONGEST: usize = 1024;
    let mut sizes = Vec::new();
    while let Some(end) = text.iter().position(|byte| *byte == b'}') {
        let object: Vec<u8> = text.drain(..=end).collect();
        sizes.extend(size(&object));
    }
    if text.len() > LONGEST {
        text.clear();
    }
    sizes
}

/// `{"Width":80,"Height":24}`; one of nothing is none.
pub(super) fn size(object: &[u8]) -> Option<TerminalSize> {
    let object = Document::from_slice(object).ok()?;
    let number = |name: &str| object.get(name).and_then(Document::as_u64).and_then(|n| u16::try_from(n).ok());
    let size = TerminalSize { width: number("Width")?, height: number("Height")? };
    (size.width > 0 && size.height > 0).then_some(size)
}

/// Which streams go to the client.
struct Targets {
    error: Option<u32>,
    stdout: Option<u32>,
    stderr: Option<u32>,
    has_json: bool,
}

impl Targets {
    /// Carries output until the command's end, which is the last that comes.
    async fn carry(self, mut outgoing: mpsc::Receiver<ToClient>, mut writer: Writer) {
        while let Some(part) = outgoing.next().await {
            let (stream, bytes) = match part {
                ToClient::Stdout(bytes) => (self.stdout, bytes),
                ToClient::Stderr(bytes) => (self.stderr, bytes),
                ToClient::Ended(ending) => {
                    let bytes = if self.has_json { ending.as_json() } else { ending.as_text() };
                    (self.error, bytes)
                }
            };
            if let Some(stream) = stream.filter(|_| !bytes.is_empty()) {
                writer.data(stream, bytes).await;
            }
        }
        for stream in [self.stdout, self.stderr, self.error].into_iter().flatten() {
            writer.end(stream).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TerminalSize, take_sizes};

    #[test]
    fn sizes_are_found_however_they_are_cut() {
        let mut text = br#"{"Width":80,"Height":24}{"Width":0,"Height":1}{"Wid"#.to_vec();
        assert_eq!(take_sizes(&mut text), [TerminalSize { width: 80, height: 24 }]);
        text.extend_from_slice(br#"th":100,"Height":30}x}"#);
        assert_eq!(take_sizes(&mut text), [TerminalSize { width: 100, height: 30 }]);
        text.extend_from_slice(&[b'x'; 2000]);
        assert!(take_sizes(&mut text).is_empty() && text.is_empty());
    }
}

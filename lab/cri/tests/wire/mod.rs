//! Clients of the server's sockets.
#![expect(clippy::disallowed_types, reason = "the client's side of a socket")]
#![expect(dead_code, reason = "each test file uses another part of it")]

use std::collections::BTreeMap;
use std::net::SocketAddr;

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;
use winlab_cri::proto::image_service_client::ImageServiceClient;
use winlab_cri::proto::runtime_service_client::RuntimeServiceClient;
use winlab_cri::spdy::{Decoder, Encoder, Frame};

/// A connection for gRPC.
async fn channel(address: &SocketAddr) -> Channel {
    let address = *address;
    let dial = service_fn(move |_: Uri| async move {
        Ok::<_, std::io::Error>(TokioIo::new(TcpStream::connect(address).await?))
    });
    Endpoint::from_static("http://containerd").connect_with_connector(dial).await.unwrap()
}

/// The runtime's client.
pub(crate) async fn runtime(address: &SocketAddr) -> RuntimeServiceClient<Channel> {
    RuntimeServiceClient::new(channel(address).await)
}

/// The images' client.
pub(crate) async fn images(address: &SocketAddr) -> ImageServiceClient<Channel> {
    ImageServiceClient::new(channel(address).await)
}

/// Address and path of a URL.
pub(crate) fn split(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split_at(rest.find('/').unwrap())
}

/// A connection to the host of a URL.
pub(crate) async fn connect(url: &str) -> TcpStream {
    TcpStream::connect(split(url).0).await.unwrap()
}

/// Sends a request by hand; the head of the answer.
pub(crate) async fn ask(socket: &mut TcpStream, url: &str, headers: &[(&str, &str)]) -> String {
    let (host, path) = split(url);
    let mut request = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    socket.write_all((request + "\r\n").as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// The headers of a change to SPDY.
pub(crate) fn spdy_headers(protocol: &str) -> [(&str, &str); 3] {
    [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", protocol)]
}

/// A client that speaks SPDY.
pub(crate) struct Spdy {
    socket: TcpStream,
    encoder: Encoder,
    decoder: Decoder,
    next: u32,
    /// What came on each stream.
    pub(crate) came: BTreeMap<u32, Vec<u8>>,
    /// Streams that the server has ended or reset.
    pub(crate) ended: Vec<u32>,
}

impl Spdy {
    pub(crate) async fn open(url: &str, protocol: &str) -> Self {
        let mut socket = connect(url).await;
        let head = ask(&mut socket, url, &spdy_headers(protocol)).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(
            head.to_ascii_lowercase().contains(&format!("x-stream-protocol-version: {protocol}")),
            "{head}"
        );
        let (encoder, decoder) = (Encoder::default(), Decoder::default());
        Self { socket, encoder, decoder, next: 1, came: BTreeMap::new(), ended: Vec::new() }
    }

    pub(crate) async fn send(&mut self, frame: &Frame) {
        let bytes = self.encoder.encode(frame);
        self.socket.write_all(&bytes).await.unwrap();
    }

    /// Bytes that are no frame.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
    }

    /// Opens a stream and waits until the server has taken it.
    pub(crate) async fn stream(&mut self, headers: &[(&str, &str)]) -> u32 {
        let stream = self.next;
        self.next += 2;
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.send(&Frame::SynStream { stream, headers, fin: false }).await;
        loop {
            match self.read().await {
                Some(Frame::SynReply { stream: taken, .. }) if taken == stream => return stream,
                Some(_) => {}
                None => panic!("the server left before it took stream {stream}"),
            }
        }
    }

    pub(crate) async fn data(&mut self, stream: u32, bytes: &[u8], fin: bool) {
        self.send(&Frame::Data { stream, bytes: bytes.to_vec(), fin }).await;
    }

    /// The next frame; none where the server has left.
    pub(crate) async fn read(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                match &frame {
                    Frame::Data { stream, bytes, fin } => {
                        self.came.entry(*stream).or_default().extend_from_slice(bytes);
                        self.ended.extend(fin.then_some(*stream));
                    }
                    Frame::RstStream { stream, .. } => self.ended.push(*stream),
                    _ => {}
                }
                return Some(frame);
            }
            let mut buffer = [0; 4096];
            match self.socket.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.decoder.push(&buffer[..read]),
            }
        }
    }

    /// Reads until something holds, or the server has left.
    pub(crate) async fn until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) && self.read().await.is_some() {}
    }

    /// What came on a stream, as text.
    pub(crate) fn text(&self, stream: u32) -> String {
        String::from_utf8(self.came.get(&stream).cloned().unwrap_or_default()).unwrap()
    }
}

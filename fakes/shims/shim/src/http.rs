//! As much of HTTP/1.1 as a client of one server needs: one exchange after the other on a connection that stays.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A server on the same machine answers at once or not at all.
const CONNECT: Duration = Duration::from_secs(2);
/// The longest a call may take: hcsshim waits four minutes for its slowest (`internal/timeout/timeout.go`).
const ANSWER: Duration = Duration::from_secs(300);
/// How long a connection may lie unused before it is looked at again.
const FRESH: Duration = Duration::from_secs(1);
/// More than any answer's head.
const HEAD: usize = 64 * 1024;

/// An answer whose body has been read.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    /// What has been read and not used.
    rest: Vec<u8>,
    used: Instant,
    keep: bool,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, CONNECT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.set_write_timeout(Some(ANSWER))?;
        Ok(Self { stream, rest: Vec::new(), used: Instant::now(), keep: true })
    }

    /// Whether it can carry another exchange: the server has not said or done otherwise.
    pub(crate) fn is_usable(&self) -> bool {
        self.keep && self.rest.is_empty() && (self.used.elapsed() < FRESH || self.is_silent())
    }

    fn is_silent(&self) -> bool {
        let peek = |stream: &TcpStream| {
            stream.set_nonblocking(true)?;
            let seen = stream.peek(&mut [0]);
            stream.set_nonblocking(false)?;
            seen
        };
        matches!(peek(&self.stream), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// One exchange; `request` is the whole of it, head and body.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Response> {
        self.send(request)?;
        self.answer()
    }

    /// Starts an answer that goes on for as long as the server likes; what comes is read with [`Connection::chunk`].
    /// A server that answers at once with something else gives that.
    pub(crate) fn stream(&mut self, request: &[u8]) -> io::Result<Option<Response>> {
        self.stream.write_all(request)?;
        let (status, framing) = self.head()?;
        match framing {
            Framing::Chunked if status == 200 => {
                self.stream.set_read_timeout(None)?;
                Ok(None)
            }
            framing => self.body(framing).map(|body| Some(Response { status, body })),
        }
    }

    /// Sends part of a request, or a chunk that [`chunk`] made of it.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The answer to a request that was sent in parts.
    pub(crate) fn answer(&mut self) -> io::Result<Response> {
        let (status, framing) = self.head()?;
        let body = self.body(framing)?;
        self.used = Instant::now();
        Ok(Response { status, body })
    }

    fn body(&mut self, framing: Framing) -> io::Result<Vec<u8>> {
        match framing {
            Framing::Length(length) => self.take(length),
            Framing::Chunked => {
                let mut body = Vec::new();
                while let Some(chunk) = self.chunk()? {
                    body.extend_from_slice(&chunk);
                }
                Ok(body)
            }
        }
    }

    /// The next chunk of a chunked body, or `None` at its end.
    pub(crate) fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = self.line()?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| malformed("a chunk without a size"))?;
        if size == 0 {
            while !self.line()?.is_empty() {}
            return Ok(None);
        }
        let chunk = self.take(size)?;
        self.line()?;
        Ok(Some(chunk))
    }

    fn head(&mut self) -> io::Result<(u16, Framing)> {
        let first = self.line()?;
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        let status = status.ok_or_else(|| malformed("not an HTTP answer"))?;
        let mut framing = Framing::Length(0);
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok((status, framing));
            }
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("a header without a colon"))?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    framing = Framing::Length(value.parse().map_err(|_| malformed("a length that is none"))?);
                }
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => framing = Framing::Chunked,
                "connection" => self.keep = !value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
    }

    /// The next line, without its end.
    fn line(&mut self) -> io::Result<String> {
        let mut looked_at = 0;
        loop {
            if let Some(at) = self.rest[looked_at..].iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=looked_at + at).collect();
                let line = String::from_utf8(line).map_err(|_| malformed("a head that is no text"))?;
                return Ok(line.trim_end().to_owned());
            }
            looked_at = self.rest.len();
            if looked_at > HEAD {
                return Err(malformed("a head without an end"));
            }
            self.more()?;
        }
    }

    /// The next `length` bytes.
    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.rest.len() < length {
            self.more()?;
        }
        let rest = self.rest.split_off(length);
        Ok(std::mem::replace(&mut self.rest, rest))
    }

    fn more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.rest.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }
}

/// A chunk of a chunked body; the empty one ends it.
pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

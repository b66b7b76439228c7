//! A client of some lines over plain sockets, as another language would have it.
#![expect(clippy::disallowed_types, reason = "a client beside this crate's own has its own sockets")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use winlab_document::Document;
use winlab_fake_wire::Address;

/// A connection that is kept.
pub(crate) struct Raw {
    reader: BufReader<TcpStream>,
}

/// An answer's head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl Raw {
    pub(crate) fn connect(address: &Address) -> Self {
        let Address::Tcp(address) = address else { panic!("a TCP address") };
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        // A test that waits for what never comes fails instead of hanging.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { reader: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.reader.get_mut().write_all(bytes).unwrap();
    }

    /// Sends a request; headers as lines.
    pub(crate) fn request(&mut self, method: &str, path: &str, headers: &[&str], body: &[u8]) {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        if !body.is_empty() || method == "POST" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut message = head.into_bytes();
        message.extend_from_slice(body);
        self.send(&message);
    }

    /// Begins a request whose body comes in pieces.
    pub(crate) fn request_head_of_a_stream(&mut self, path: &str) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        self.send(head.as_bytes());
    }

    /// A piece of that body; an empty one ends it.
    pub(crate) fn send_piece(&mut self, bytes: &[u8]) {
        let piece = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.send(&piece);
    }

    pub(crate) fn head(&mut self) -> Head {
        let status = self.text_line();
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.text_line();
            if line.is_empty() {
                return Head { status, headers };
            }
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    /// The body of an answer that has a length.
    pub(crate) fn body(&mut self, head: &Head) -> String {
        let length = head.header("content-length").unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }

    /// The next piece of a body that is a stream; `None` at its end.
    pub(crate) fn piece(&mut self) -> Option<Vec<u8>> {
        let length = usize::from_str_radix(&self.text_line(), 16).unwrap();
        let mut piece = vec![0; length + 2];
        self.reader.read_exact(&mut piece).unwrap();
        piece.truncate(length);
        if length == 0 { None } else { Some(piece) }
    }

    /// The next line of a stream whose pieces are lines.
    pub(crate) fn line(&mut self) -> String {
        String::from_utf8(self.piece().unwrap()).unwrap().trim_end().to_owned()
    }

    /// A whole exchange with a JSON body.
    pub(crate) fn post(&mut self, path: &str, body: &[u8]) -> (u16, String) {
        self.request("POST", path, &["content-type: application/json"], body);
        let head = self.head();
        (head.status, self.body(&head))
    }

    /// A call whose answer must be a result.
    pub(crate) fn call(&mut self, path: &str, body: &str) -> Document {
        let (status, answer) = self.post(path, body.as_bytes());
        assert_eq!(status, 200, "{answer}");
        Document::parse(&answer).unwrap().get("result").unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// Whether the other side has closed the connection.
    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.reader.fill_buf(), Ok([]) | Err(_))
    }

    fn text_line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

//! A peer that answers over TLS with what it is told to, byte by byte.
#![expect(clippy::disallowed_types, reason = "the peer is a socket of this test's own")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;
use winlab_kube_client::Remote;
use winlab_pki::{Authority, ServerNames};

/// What the peer does with a request.
pub(crate) enum Does {
    /// Sends these bytes and closes the connection.
    Sends(String),
    /// Sends these bytes, and goes on with blanks for ever.
    Drips(String),
}

/// What the peer was asked, in order: the first line of each request.
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

/// A listening peer: how a client reaches it, and what it was asked.
pub(crate) struct Peer {
    pub(crate) remote: Remote,
    pub(crate) asked: Asked,
}

/// The bytes of an answer with a body of its length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Sends(format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

/// Listens; requests get the answers one after the other, and none when they have run out.
pub(crate) async fn listen(answers: impl IntoIterator<Item = Does>, trusted: Trusted) -> Peer {
    let authority = Authority::new("kubernetes").unwrap();
    let addresses = vec!["127.0.0.1".parse().unwrap()];
    let server = authority.server("kube-apiserver", &ServerNames { names: Vec::new(), addresses }).unwrap();
    let chain = vec![CertificateDer::from(server.certificate_der)];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server.key_der));
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
    let seen = asked.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, answers, seen) = (acceptor.clone(), answers.clone(), seen.clone());
            tokio::spawn(async move {
                // A client that does not trust the certificate ends the handshake.
                if let Ok(stream) = acceptor.accept(socket).await {
                    serve(stream, &answers, &seen).await;
                }
            });
        }
    });
    let trusted = match trusted {
        Trusted::Its => authority.certificate_der().to_vec(),
        Trusted::Another => Authority::new("kubernetes").unwrap().certificate_der().to_vec(),
    };
    let user = authority.client("kubernetes-admin", Some("system:masters")).unwrap();
    let remote =
        Remote { url, authority_der: trusted, certificate_pem: user.certificate_pem, key_pem: user.key_pem };
    Peer { remote, asked }
}

/// Which authority the client trusts.
#[derive(Clone, Copy)]
pub(crate) enum Trusted {
    /// The peer's own.
    Its,
    /// One of the same name, with another key.
    Another,
}

async fn serve(
    mut stream: TlsStream<tokio::net::TcpStream>,
    answers: &Mutex<VecDeque<Does>>,
    asked: &Mutex<Vec<String>>,
) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8_lossy(&request);
    asked.lock().unwrap().push(text.lines().next().unwrap_or_default().to_owned());
    let next = answers.lock().unwrap().pop_front();
    match next {
        None => std::future::pending().await,
        Some(Does::Sends(bytes)) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Some(Does::Drips(bytes)) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            // As fast as the client reads: the scenario's time runs many times faster than the wall's.
            while stream.write_all(b"1\r\n \r\n").await.is_ok() && stream.flush().await.is_ok() {
                tokio::task::yield_now().await;
            }
        }
    }
}

//! One request and its answer.

use std::error::Error as _;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use winlab_clock::Clock;
use winlab_document::Document;

use super::connector::Connector;
use super::{Timeouts, Trouble};
use crate::address::Address;
use crate::media;
use crate::refusal::Refusal;
use crate::session_header::SESSION;

/// The way to one server: its address and the connections that stand.
pub(super) struct Exchange {
    pub(super) address: Address,
    http: legacy::Client<Connector, Full<Bytes>>,
    base: String,
    clock: Clock,
    timeouts: Timeouts,
    authorization: Option<String>,
}

/// No answer; with the server's own word, if it gave one.
pub(super) struct Failure {
    pub(super) refusal: Option<Refusal>,
    trouble: Trouble,
}

impl Failure {
    pub(super) fn into_trouble(self) -> Trouble {
        self.trouble
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { refusal: None, trouble }
    }
}

impl Exchange {
    pub(super) fn new(address: Address, clock: Clock, timeouts: Timeouts, token: Option<&str>) -> Self {
        let connector = Connector { address: address.clone(), clock, within: timeouts.connect };
        // The server never closes an idle connection, so neither does this side: a call never meets one that is closing.
        let http = legacy::Client::builder(TokioExecutor::new()).pool_idle_timeout(None).build(connector);
        let base = match &address {
            Address::Tcp(address) => format!("http://{address}"),
            Address::Unix(_) => "http://localhost".to_owned(),
        };
        let authorization = token.map(|token| format!("Bearer {token}"));
        Self { address, http, base, clock, timeouts, authorization }
    }

    /// The longest line of a stream, in bytes.
    pub(super) fn longest_line(&self) -> usize {
        self.timeouts.answer_bytes
    }

    /// The whole answer, as a document.
    pub(super) async fn answer(
        &self,
        method: Method,
        path: &str,
        session: Option<&str>,
        body: Option<Bytes>,
    ) -> Result<Document, Failure> {
        let whole = async {
            let (status, response) = self.send(method, path, session, body).await?;
            self.read(status, response).await
        };
        let within = self.timeouts.call;
        let answered = self.clock.within(within, whole).await;
        answered.unwrap_or_else(|_| Err(Trouble::TimedOut(within.to_string()).into()))
    }

    /// The head of an answer that is a stream of lines.
    pub(super) async fn open_lines(&self, method: Method, path: &str) -> Result<Incoming, Failure> {
        let head = async {
            let (status, response) = self.send(method, path, None, None).await?;
            if status == StatusCode::OK && media::is(response.headers(), media::LINES) {
                return Ok(response.into_body());
            }
            self.read(status, response).await?;
            Err(Trouble::Protocol("not a stream of lines".to_owned()).into())
        };
        let within = self.timeouts.call;
        let answered = self.clock.within(within, head).await;
        answered.unwrap_or_else(|_| Err(Trouble::TimedOut(within.to_string()).into()))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        session: Option<&str>,
        body: Option<Bytes>,
    ) -> Result<(StatusCode, Response<Incoming>), Failure> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(session) = session {
            request = request.header(SESSION, session);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, media::JSON);
        }
        let request = request.body(Full::new(body.unwrap_or_default()));
        let request = request.map_err(|error| Trouble::Protocol(error.to_string()))?;
        let response = self.http.request(request).await.map_err(|error| not_sent(&error))?;
        Ok((response.status(), response))
    }

    async fn read(&self, status: StatusCode, response: Response<Incoming>) -> Result<Document, Failure> {
        let is_json = media::is(response.headers(), media::JSON);
        let body = Limited::new(response.into_body(), self.timeouts.answer_bytes);
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let message = format!("an answer of more than {} bytes", self.timeouts.answer_bytes);
                return Err(Trouble::TooLarge(message).into());
            }
            Err(error) => return Err(Trouble::Broken(reason(&*error)).into()),
        };
        let document = if is_json { Document::from_slice(&body).ok() } else { None };
        match document {
            Some(document) if status == StatusCode::OK => Ok(document),
            None if status == StatusCode::OK && is_json => {
                Err(Trouble::Protocol("its body is not JSON".to_owned()).into())
            }
            None if status == StatusCode::OK => {
                Err(Trouble::Protocol("its body is of another type".to_owned()).into())
            }
            document => Err(refused(status, &document.unwrap_or_default())),
        }
    }
}

/// A request that got no answer: whether it was sent at all decides what it is.
fn not_sent(error: &legacy::Error) -> Trouble {
    if error.is_connect() {
        return Trouble::Unreachable(reason(error));
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return Trouble::Protocol(reason(error));
        }
        cause = error.source();
    }
    Trouble::Broken(reason(error))
}

/// The innermost cause's text.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

/// Any status but 200: by the server's word, or by the status where something in between answered.
fn refused(status: StatusCode, body: &Document) -> Failure {
    let refusal = Refusal::by_word(body.text(&["error"]));
    let message = match body.text(&["message"]) {
        "" => format!("status {status}"),
        message => message.to_owned(),
    };
    let trouble = match (refusal, status.as_u16()) {
        (Some(Refusal::UnknownHost), _) => Trouble::NoHost(message),
        (Some(Refusal::UnknownService), _) => Trouble::NoService(message),
        (Some(Refusal::UnknownFunction), _) => Trouble::NoFunction(message),
        (_, 401 | 403) => Trouble::Denied(message),
        (_, 408) => Trouble::TimedOut(message),
        (_, 413) => Trouble::TooLarge(message),
        (_, 429 | 503) => Trouble::Busy(message),
        _ => Trouble::Protocol(message),
    };
    Failure { refusal, trouble }
}

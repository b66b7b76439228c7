//! Requests in, responses out: the tower service below a client.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::BodyExt;
use tower::{BoxError, Service};
use winlab_document::Document;
use winlab_kube_client::Identity;

use crate::body::ApiBody;
use crate::caller::Caller;
use crate::discovery;
use crate::events_v1;
use crate::failure::Failure;
use crate::faults::Verdict;
use crate::kubelet;
use crate::observe::Write;
use crate::request::{Params, Route, Target, decode_protobuf, is_protobuf, route};
use crate::reviews;
use crate::server::ApiServer;
use crate::verbs::{self, Done};

/// The server as one caller sees it.
#[derive(Clone, Debug)]
pub struct ApiService {
    server: Arc<ApiServer>,
    caller: Arc<Caller>,
}

/// A request whose body has arrived.
pub(crate) struct Call {
    pub(crate) parts: http::request::Parts,
    pub(crate) params: Params,
    pub(crate) body: bytes::Bytes,
    /// How stored objects are shown, if not as they are.
    pub(crate) view: Option<View>,
}

/// Another form of the objects of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) api_version: &'static str,
    pub(crate) show: fn(&Document) -> Document,
}

impl ApiService {
    pub(crate) fn of_caller(server: Arc<ApiServer>, caller: Arc<Caller>) -> Self {
        Self { server, caller }
    }
}

impl<B> Service<Request<B>> for ApiService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<ApiBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<ApiBody>, BoxError>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (server, caller) = (Arc::clone(&self.server), Arc::clone(&self.caller));
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(Into::into)?.to_bytes();
            match server.faults.verdict(&caller.identity, &parts.method, parts.uri.path()) {
                Verdict::Pass => {}
                Verdict::Slow(span) => server.config.clock.sleep(span).await,
                Verdict::Refuse(failure) => return Ok(refusal(&failure)),
                Verdict::Unreachable => return Err("connection refused".into()),
            }
            let params = Params::parse(parts.uri.query());
            let call = match read(Call { parts, params, body, view: None }) {
                Ok(call) => call,
                Err(failure) => return Ok(refusal(&failure)),
            };
            if let Route::Resource(target) = route(call.parts.uri.path())
                && let Some(part) = kubelet::asks_kubelet(&target)
            {
                let answered = kubelet::answer(&server, &target, part, call).await;
                return Ok(answered.unwrap_or_else(|failure| refusal(&failure)));
            }
            Ok(answer(&server, &caller, call))
        })
    }
}

/// The call with its body as JSON.
fn read(mut call: Call) -> Result<Call, Failure> {
    if is_protobuf(&call.parts.headers) && !call.body.is_empty() {
        let object = decode_protobuf(&call.body).map_err(|malformed| {
            Failure::bad_request(format!("couldn't get version/kind; protobuf parse error: {}", malformed.0))
        })?;
        call.body = object.to_bytes().into();
        call.parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(call)
}

fn answer(server: &Arc<ApiServer>, caller: &Arc<Caller>, call: Call) -> Response<ApiBody> {
    let path = call.parts.uri.path();
    if let Some(review) = reviews::route(path) {
        return match reviews::answer(server, caller, review, &call) {
            Ok((code, document)) => json(code, &document),
            Err(failure) => refusal(&failure),
        };
    }
    if events_v1::is_asked(path) {
        return match events_v1::to_core(call) {
            Ok(call) => events_v1::from_core(answer(server, caller, call)),
            Err(failure) => refusal(&failure),
        };
    }
    match route(call.parts.uri.path()) {
        Route::Unknown => refusal(&Failure::no_such_resource()),
        Route::Other => discovery::answer(&server.config.profile, &call)
            .unwrap_or_else(|| refusal(&Failure::no_such_resource())),
        Route::Resource(target) if target.kind().since > server.config.profile.minor => {
            refusal(&Failure::no_such_resource())
        }
        Route::Resource(target) => resource(server, caller, &target, &call),
    }
}

fn resource(
    server: &Arc<ApiServer>,
    caller: &Arc<Caller>,
    target: &Target,
    call: &Call,
) -> Response<ApiBody> {
    let mut response = answered(server, caller, target, call);
    let kind = target.kind();
    // A deprecation is told with every answer, refusals included.
    if (kind.group, kind.kind) == ("", "Endpoints") && server.config.profile.minor >= 33 {
        let text = "299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\"";
        response.headers_mut().append(header::WARNING, HeaderValue::from_static(text));
    }
    response
}

fn answered(
    server: &Arc<ApiServer>,
    caller: &Arc<Caller>,
    target: &Target,
    call: &Call,
) -> Response<ApiBody> {
    let verb = match (call.parts.method.as_str(), target.name.is_empty()) {
        ("GET", _) => {
            return verbs::read(server, target, call).unwrap_or_else(|failure| refusal(&failure));
        }
        ("POST", _) => "create",
        ("PUT", false) => "update",
        ("PATCH", false) => "patch",
        ("DELETE", false) => "delete",
        ("DELETE", true) => "deletecollection",
        _ => return refusal(&Failure::method_not_allowed()),
    };
    let mut state = server.state();
    state.caller = Arc::clone(caller);
    let done = verbs::write(&mut state, &server.config, target, call);
    let changes = std::mem::take(&mut state.changes);
    let warnings = std::mem::take(&mut state.warnings);
    drop(state);
    report(server, &caller.identity, verb, target, call, &done, &changes);
    let mut response = match done {
        Ok(Done { code, text }) => respond(code, text),
        Err(failure) => refusal(&failure),
    };
    for warning in warnings {
        let text = format!("299 - {}", Document::from(warning));
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::WARNING, value);
        }
    }
    response
}

fn report(
    server: &ApiServer,
    identity: &Identity,
    verb: &'static str,
    target: &Target,
    call: &Call,
    done: &Result<Done, Failure>,
    changes: &[crate::observe::ObjectChange],
) {
    let observers = server.observers();
    if observers.is_empty() {
        return;
    }
    let (code, message) = match done {
        Ok(done) => (done.code.as_u16(), ""),
        Err(failure) => (failure.code, failure.message.as_str()),
    };
    // A create names its object in the body, or lets the server make a name.
    let sent = (verb == "create" && target.name.is_empty() && changes.is_empty())
        .then(|| Document::from_slice(&call.body).unwrap_or_default());
    let made = changes.first().map(|change| &change.after).or(sent.as_ref());
    let made = made.map(|object| crate::meta::text(object, "name")).unwrap_or_default();
    let write = Write {
        identity,
        verb,
        kind: target.kind(),
        namespace: &target.namespace,
        name: if target.name.is_empty() && verb == "create" { made } else { &target.name },
        subresource: &target.subresource,
        code,
        message,
        changes,
    };
    for observer in observers {
        observer.write(&write);
    }
}

fn respond(code: StatusCode, text: bytes::Bytes) -> Response<ApiBody> {
    let mut response = Response::new(ApiBody::whole(text));
    *response.status_mut() = code;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A document as a response.
pub(crate) fn json(code: StatusCode, document: &Document) -> Response<ApiBody> {
    respond(code, document.to_bytes().into())
}

/// A refusal as a response.
pub(crate) fn refusal(failure: &Failure) -> Response<ApiBody> {
    let code = StatusCode::from_u16(failure.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(code, &failure.to_document());
    if failure.retry_after_seconds() > 0 {
        response.headers_mut().insert(header::RETRY_AFTER, failure.retry_after_seconds().into());
    }
    response
}

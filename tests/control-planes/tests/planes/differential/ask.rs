//! One request.

use serde_json::Value;
use winlab_kube_client::{Body, Client};

use super::answer::Answer;

/// A request as data. `{{name:/pointer}}` in path and body stands for a value of an earlier answer.
pub(super) struct Ask {
    pub(super) name: &'static str,
    method: &'static str,
    path: String,
    media: &'static str,
    body: String,
}

const JSON: &str = "application/json";

impl Ask {
    fn new(name: &'static str, method: &'static str, path: impl Into<String>, body: Value) -> Self {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        Self { name, method, path: path.into(), media: JSON, body }
    }

    pub(super) fn get(name: &'static str, path: impl Into<String>) -> Self {
        Self::new(name, "GET", path, Value::Null)
    }

    pub(super) fn post(name: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self::new(name, "POST", path, body)
    }

    pub(super) fn put(name: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self::new(name, "PUT", path, body)
    }

    pub(super) fn delete(name: &'static str, path: impl Into<String>, options: Value) -> Self {
        Self::new(name, "DELETE", path, options)
    }

    pub(super) fn patch(
        name: &'static str,
        form: &'static str,
        path: impl Into<String>,
        body: Value,
    ) -> Self {
        let media = match form {
            "merge" => "application/merge-patch+json",
            "strategic" => "application/strategic-merge-patch+json",
            "json" => "application/json-patch+json",
            other => other,
        };
        Self { media, ..Self::new(name, "PATCH", path, body) }
    }

    /// The same with a body as it stands.
    pub(super) fn text(self, media: &'static str, body: &str) -> Self {
        Self { media, body: body.to_owned(), ..self }
    }

    pub(super) async fn send(&self, client: &Client, before: &[Answer]) -> Answer {
        let (path, body) = (filled(&self.path, before), filled(&self.body, before));
        let request = http::Request::builder().method(self.method).uri(&path);
        let request = if body.is_empty() { request } else { request.header("content-type", self.media) };
        let request = request.body(Body::from(body.into_bytes())).expect("the request is one");
        let response = client.send(request).await.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let (parts, body) = response.into_parts();
        let bytes = body.collect_bytes().await.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let warnings = parts.headers.get_all("warning").iter();
        let warnings = warnings.filter_map(|value| Some(value.to_str().ok()?.to_owned())).collect();
        Answer::new(self.name, parts.status.as_u16(), warnings, &bytes)
    }
}

fn filled(text: &str, before: &[Answer]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("{{") {
        let (place, tail) = tail.split_once("}}").expect("a place ends");
        let (name, pointer) = place.split_once(':').expect("a place has a pointer");
        let answer = before.iter().find(|answer| answer.name == name);
        let value = answer.and_then(|answer| answer.raw.pointer(pointer)).and_then(Value::as_str);
        out.push_str(head);
        out.push_str(value.unwrap_or("0"));
        rest = tail;
    }
    out.push_str(rest);
    out
}

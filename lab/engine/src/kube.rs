//! Requests to the API server, as kubectl sends them.

use http::{Method, Request};
use winlab_cluster::LabError;
use winlab_document::Document;
use winlab_kube_api::kinds::Kind;

use crate::failure::ActionError;
use crate::kinds::path;
use crate::world::World;

/// What a patch is.
#[derive(Clone, Copy)]
pub(crate) enum PatchForm {
    /// RFC 7396
    Merge,
    /// Kubernetes' own
    Strategic,
}

impl PatchForm {
    fn media_type(self) -> &'static str {
        match self {
            Self::Merge => "application/merge-patch+json",
            Self::Strategic => "application/strategic-merge-patch+json",
        }
    }
}

impl World<'_> {
    pub(crate) async fn create(&self, at: &str, body: &Document) -> Result<Document, ActionError> {
        self.send(Method::POST, at, "application/json", Some(body)).await
    }

    pub(crate) async fn patch(
        &self,
        at: &str,
        form: PatchForm,
        body: &Document,
    ) -> Result<Document, ActionError> {
        self.send(Method::PATCH, at, form.media_type(), Some(body)).await
    }

    pub(crate) async fn read(&self, at: &str) -> Result<Document, ActionError> {
        self.send(Method::GET, at, "", None).await
    }

    pub(crate) async fn remove(&self, at: &str) -> Result<Document, ActionError> {
        self.send(Method::DELETE, at, "application/json", None).await
    }

    async fn send(
        &self,
        method: Method,
        at: &str,
        media_type: &str,
        body: Option<&Document>,
    ) -> Result<Document, ActionError> {
        let mut request = Request::builder().method(method).uri(at);
        if !media_type.is_empty() {
            request = request.header(http::header::CONTENT_TYPE, media_type);
        }
        let body = body.map(Document::to_bytes).unwrap_or_default();
        let request = request.body(body).map_err(|error| ActionError::new(format!("`{at}`: {error}")))?;
        Ok(self.lab.client().request(request).await?)
    }

    /// An object as it is stored, whatever becomes of requests.
    pub(crate) async fn stored(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Document>, LabError> {
        self.lab.stored(kind, namespace, name).await
    }

    /// The stored objects of a kind, by namespace and name.
    pub(crate) async fn stored_all(&self, kind: &'static Kind) -> Result<Vec<Document>, LabError> {
        self.lab.stored_all(kind).await
    }

    /// The path of an object, or of its subresource.
    pub(crate) fn path(&self, kind: &Kind, namespace: &str, name: &str, subresource: &str) -> String {
        path(kind, namespace, name, subresource)
    }
}

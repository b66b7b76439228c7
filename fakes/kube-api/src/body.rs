//! Response bodies: one chunk, or the lines of a watch.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use http_body::{Body, Frame};

use crate::store::Stored;
use crate::verbs::WatchBody;

/// A response's body. Text is made when it is read: a client in this process that takes the shared feed never reads it.
pub enum ApiBody {
    /// All there is, or what is left of it.
    Whole(Option<Bytes>),
    /// A list whose text is not made yet.
    List(Option<ListText>),
    /// A watch.
    Watch(Pin<Box<WatchBody>>),
    /// Text as it comes.
    Stream(Pin<Box<dyn Stream<Item = Bytes> + Send>>),
}

impl ApiBody {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }

    pub(crate) fn stream(parts: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self::Stream(Box::pin(parts))
    }
}

impl Body for ApiBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::List(list) => {
                Poll::Ready(list.take().map(|list| Ok(Frame::data(Bytes::from(list.to_text())))))
            }
            Self::Stream(stream) => {
                stream.as_mut().poll_next(cx).map(|part| part.map(|part| Ok(Frame::data(part))))
            }
            Self::Watch(watch) => {
                watch.as_mut().poll_next(cx).map(|line| line.map(|line| Ok(Frame::data(line))))
            }
        }
    }
}

/// What a list's text is made of.
pub struct ListText {
    pub(crate) kind: String,
    pub(crate) api_version: String,
    pub(crate) revision: u64,
    pub(crate) continue_token: Option<String>,
    pub(crate) remaining: Option<usize>,
    pub(crate) items: Arc<[Arc<Stored>]>,
}

impl ListText {
    /// The list's own metadata.
    pub(crate) fn metadata(&self) -> winlab_document::Document {
        let mut metadata = winlab_document::ObjectBuilder::new();
        metadata.set("resourceVersion", self.revision.to_string());
        if let Some(token) = &self.continue_token {
            metadata.set("continue", token.as_str());
        }
        if let Some(remaining) = self.remaining {
            metadata.set("remainingItemCount", remaining);
        }
        metadata.build()
    }

    /// The list as JSON. As from a real server, items of a typed list do not repeat their kind and API version.
    pub(crate) fn to_text(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256 + self.items.len() * 512);
        out.extend_from_slice(
            format!(
                r#"{{"kind":"{}","apiVersion":"{}","metadata":{},"items":["#,
                self.kind,
                self.api_version,
                self.metadata()
            )
            .as_bytes(),
        );
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let members = item.document.members().iter();
            let rest: Vec<_> =
                members.filter(|(key, _)| !matches!(key.as_str(), "kind" | "apiVersion")).cloned().collect();
            winlab_document::Document::Object(rest.into()).write_to(&mut out);
        }
        out.extend_from_slice(b"]}");
        out
    }
}

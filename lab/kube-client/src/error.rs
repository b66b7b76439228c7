//! What can go wrong, and what a component wants to know about it.

use kube::core::Status;

/// What is worth asking of a failed request.
pub trait ErrorExt {
    /// The server's own words, if it was the server that said no.
    fn status(&self) -> Option<&Status>;

    /// Whether the request may succeed later without a change: no answer, overload, server fault.
    fn is_transient(&self) -> bool;

    /// HTTP status code of the refusal; 0 if there was no answer.
    fn code(&self) -> u16 {
        self.status().map_or(0, |status| status.code)
    }

    /// 404.
    fn is_not_found(&self) -> bool {
        self.status().is_some_and(Status::is_not_found)
    }

    /// 409 because an object of that name is there.
    fn is_already_exists(&self) -> bool {
        self.status().is_some_and(Status::is_already_exists)
    }

    /// 409 because the object changed since it was read.
    fn is_conflict(&self) -> bool {
        self.status().is_some_and(Status::is_conflict)
    }

    /// 403.
    fn is_forbidden(&self) -> bool {
        self.status().is_some_and(Status::is_forbidden)
    }

    /// 422.
    fn is_invalid(&self) -> bool {
        self.status().is_some_and(Status::is_invalid)
    }

    /// 410: the resource version asked for is no longer kept.
    fn is_gone(&self) -> bool {
        self.status().is_some_and(StatusExt::is_gone)
    }
}

impl ErrorExt for kube::Error {
    fn status(&self) -> Option<&Status> {
        if let Self::Api(status) = self { Some(status) } else { None }
    }

    fn is_transient(&self) -> bool {
        match self {
            Self::Api(status) => status.is_transient(),
            Self::HyperError(_) | Self::Service(_) | Self::ReadEvents(_) => true,
            _ => false,
        }
    }
}

/// What kube's own `Status` does not answer.
pub trait StatusExt {
    /// 410: `Expired` or `Gone`.
    fn is_gone(&self) -> bool;

    /// Whether the request may succeed later without a change: 429 and 5xx.
    fn is_transient(&self) -> bool;
}

impl StatusExt for Status {
    fn is_gone(&self) -> bool {
        self.code == 410 || self.reason == "Expired" || self.reason == "Gone"
    }

    fn is_transient(&self) -> bool {
        self.code == 429 || self.code >= 500
    }
}

/// Why a watch was interrupted. The watch goes on by itself; this is for logs.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The list failed.
    #[error("failed to list")]
    List(#[source] kube::Error),
    /// The watch could not be opened.
    #[error("failed to watch")]
    Watch(#[source] kube::Error),
    /// The server ended the watch with an error event.
    #[error("watch ended: {0}")]
    Ended(#[source] Box<Status>),
    /// The connection broke while events came in.
    #[error("watch broke off: {0}")]
    Broken(String),
    /// An object did not have the shape of its type.
    #[error("failed to decode: {0}")]
    Decode(String),
    /// The server closed the watch at once, without a single event.
    #[error("very short watch: closed within a second and without events")]
    VeryShort,
}

impl WatchError {
    /// Whether the resource version to resume from is no longer kept, so that only a new list helps.
    pub fn is_gone(&self) -> bool {
        match self {
            Self::List(error) | Self::Watch(error) => error.is_gone(),
            Self::Ended(status) => status.is_gone(),
            Self::Broken(_) | Self::Decode(_) | Self::VeryShort => false,
        }
    }

    /// The server's own words, if it was the server that said no.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Self::List(error) | Self::Watch(error) => error.status(),
            Self::Ended(status) => Some(status),
            Self::Broken(_) | Self::Decode(_) | Self::VeryShort => None,
        }
    }
}

//! Media types: what the body is, and what the answer may be.

use http::{HeaderMap, header};

use crate::failure::Failure;

const JSON: &str = "application/json";

/// How a patch is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchType {
    /// RFC 6902
    Json,
    /// RFC 7396
    Merge,
    /// Kubernetes' own
    Strategic,
    /// Server-side apply
    Apply,
}

/// What the client wants back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The object.
    Whole,
    /// Its metadata only, as `PartialObjectMetadata`.
    Metadata,
    /// A row of a table.
    Table,
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether the body is in Kubernetes' protobuf form.
pub(crate) fn is_protobuf(headers: &HeaderMap) -> bool {
    content_type(headers) == super::protobuf::MEDIA
}

/// Bodies are JSON; a missing type counts as that.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Failure> {
    match content_type(headers) {
        "" | JSON => Ok(()),
        _ => Err(Failure::unsupported_media_type(JSON)),
    }
}

/// The patch's type.
pub(crate) fn patch_type(headers: &HeaderMap) -> Result<PatchType, Failure> {
    match content_type(headers) {
        "application/json-patch+json" => Ok(PatchType::Json),
        "application/merge-patch+json" => Ok(PatchType::Merge),
        "application/strategic-merge-patch+json" => Ok(PatchType::Strategic),
        "application/apply-patch+yaml" => Ok(PatchType::Apply),
        other if !other.starts_with("application/apply-patch") => Err(Failure::unknown_patch_type()),
        _ => Err(Failure::unsupported_media_type(
            "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
        )),
    }
}

/// What the client wants, as far as it can be had.
pub(crate) fn acceptable(headers: &HeaderMap) -> Result<Answer, Failure> {
    let Some(accept) = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()) else {
        return Ok(Answer::Whole);
    };
    for choice in accept.split(',').map(str::trim) {
        let mut parts = choice.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        if !matches!(media, JSON | "application/*" | "*/*") {
            continue;
        }
        let form = parts.find_map(|part| part.strip_prefix("as="));
        match form {
            None => return Ok(Answer::Whole),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") => return Ok(Answer::Metadata),
            Some("Table") if !choice.contains("v1beta1") => return Ok(Answer::Table),
            Some(_) => {}
        }
    }
    Err(Failure::not_acceptable(JSON))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{Answer, acceptable};

    fn accept(value: &'static str) -> Option<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(value));
        acceptable(&headers).ok()
    }

    #[test]
    fn the_first_form_that_is_known_wins() {
        assert_eq!(accept("application/json"), Some(Answer::Whole));
        assert_eq!(
            accept("application/json;as=Table;v=v1;g=meta.k8s.io,application/json"),
            Some(Answer::Table)
        );
        assert_eq!(
            accept("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
            Some(Answer::Metadata)
        );
        assert_eq!(accept("application/vnd.kubernetes.protobuf"), None);
        assert_eq!(accept("application/vnd.kubernetes.protobuf, */*"), Some(Answer::Whole));
    }
}

//! What is stored, seen through an administrator's client.

use winlab_document::Document;
use winlab_kube_api::kinds::Kind;
use winlab_kube_client::{Client, Error, ErrorExt};

/// An object; none if there is no such object, or its kind is not served.
pub(super) async fn object(
    client: &Client,
    kind: &Kind,
    namespace: &str,
    name: &str,
) -> Result<Option<Document>, Error> {
    let scope = if namespace.is_empty() { String::new() } else { format!("/namespaces/{namespace}") };
    let path = format!("{}{scope}/{}/{name}", prefix(kind), kind.plural);
    found(client.request(request(&path)?).await)
}

/// All objects of a kind, in the order of the store's keys: by namespace and name. A list leaves the kind of its items
/// out; they get it back.
pub(super) async fn objects(client: &Client, kind: &Kind) -> Result<Vec<Document>, Error> {
    let path = format!("{}/{}", prefix(kind), kind.plural);
    let Some(list) = found(client.request::<Document>(request(&path)?).await)? else { return Ok(Vec::new()) };
    let items = list.get("items").map(Document::items).unwrap_or_default();
    let typed = |item: &Document| {
        let mut item = item.clone();
        item.set_path(&["apiVersion"], kind.api_version());
        item.set_path(&["kind"], kind.kind);
        item
    };
    Ok(items.iter().map(typed).collect())
}

fn prefix(kind: &Kind) -> String {
    match kind.group {
        "" => format!("/api/{}", kind.version),
        group => format!("/apis/{group}/{}", kind.version),
    }
}

fn request(path: &str) -> Result<http::Request<Vec<u8>>, Error> {
    http::Request::get(path).body(Vec::new()).map_err(Error::HttpError)
}

fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

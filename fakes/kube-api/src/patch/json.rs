//! JSON patch (RFC 6902).

use winlab_document::Document;

use crate::failure::Failure;

/// The object after the operations of `patch`.
pub(super) fn apply(object: &Document, patch: &Document) -> Result<Document, Failure> {
    let decode_error =
        |error: &dyn std::fmt::Display| Failure::bad_request(format!("error decoding patch: {error}"));
    if patch.is_object() {
        let error = "json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp";
        return Err(decode_error(&error));
    }
    let patch: json_patch::Patch = patch.decode().map_err(|error| decode_error(&error))?;
    let mut value: serde_json::Value = object.decode().map_err(|error| decode_error(&error))?;
    json_patch::patch(&mut value, &patch).map_err(|_| Failure::unprocessable_patch())?;
    Document::encode(&value).map_err(|error| decode_error(&error))
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::apply;

    #[test]
    fn operations_and_their_failures() {
        let object = doc!({"metadata": {"labels": {"a": "1"}}, "list": [1, 2]});
        let patch = doc!([
            {"op": "test", "path": "/metadata/labels/a", "value": "1"},
            {"op": "replace", "path": "/metadata/labels/a", "value": "2"},
            {"op": "add", "path": "/list/-", "value": 3},
            {"op": "remove", "path": "/list/0"}
        ]);
        assert_eq!(
            apply(&object, &patch).unwrap(),
            doc!({"metadata": {"labels": {"a": "2"}}, "list": [2, 3]})
        );
        let failed = apply(&object, &doc!([{"op": "test", "path": "/list/0", "value": 9}])).unwrap_err();
        assert_eq!(failed.code, 422);
        let broken = apply(&object, &doc!([{"op": "hop", "path": "/a"}])).unwrap_err();
        assert_eq!(broken.code, 400);
    }
}

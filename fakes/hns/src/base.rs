//! The members that every HNS object has.

use winlab_document::{Document, ObjectBuilder, doc};

/// What all documents of one HNS share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base {
    /// Major version in the upper half, minor in the lower.
    pub(crate) version: u64,
}

impl Base {
    /// Ends a V2 document: state, version, schema, then members that HNS does not know.
    pub(crate) fn finish_v2(self, mut object: ObjectBuilder, state: u16, unknown: &Document) -> Document {
        object.set("State", state);
        object.set("Version", self.version);
        object.set("SchemaVersion", schema_version());
        with_unknown(object.build(), unknown)
    }

    /// Ends a V1 document.
    pub(crate) fn finish_v1(
        self,
        mut object: ObjectBuilder,
        state: u16,
        since: u64,
        unknown: &Document,
    ) -> Document {
        object.set("Health", health_v1(since));
        object.set("State", state);
        object.set("Version", self.version);
        let parameters = unknown.get("AdditionalParams").cloned();
        object.set("AdditionalParams", parameters.unwrap_or_else(Document::empty_object));
        with_unknown(object.build(), unknown)
    }
}

/// Members that HNS does not know are shown as they came; what it knows is its own, also where a client posts back a
/// document it has read.
fn with_unknown(mut document: Document, unknown: &Document) -> Document {
    for (name, value) in unknown.members() {
        if document.get_ignore_case(name).is_none() {
            document.set(name, value.clone());
        }
    }
    document
}

/// `Health` as V1 dumps show it: no error, and the FILETIME of the last change.
pub(crate) fn health_v1(since: u64) -> Document {
    doc!({"LastErrorCode": 0, "LastUpdateTime": since})
}

fn schema_version() -> Document {
    doc!({"Major": 2, "Minor": 0})
}

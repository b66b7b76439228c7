//! Queries: which objects, and in which schema.
//!
//! A query is `{"SchemaVersion":{"Major":2,"Minor":0},"Flags":0,"Filter":"<JSON text>"}`; the filter is an object whose
//! every member must match (hcsshim `hcn/hcn.go`, `hcn/hcnendpoint.go`).

use std::sync::LazyLock;

use winlab_document::{Document, Key};
use winlab_host::{Guid, HResult};

use crate::members::{Members, Outcome, refuse};

/// A query that has been read.
#[derive(Debug, Default)]
pub(crate) struct Query {
    filter: Vec<(Key, Document)>,
    /// Whether the V1 schema is asked for.
    pub(crate) v1: bool,
    /// Whether details are asked for: what was allocated for an object.
    pub(crate) detailed: bool,
}

impl Query {
    /// Reads a query; `null`, `""` and `{}` ask for everything.
    ///
    /// # Errors
    /// `HCN_E_INVALID_JSON` where the query or its filter is not an object.
    pub(crate) fn read(query: &Document) -> Outcome<Self> {
        match query {
            Document::Null => Ok(Self::default()),
            Document::String(text) if text.trim().is_empty() => Ok(Self::default()),
            Document::Object(_) => {
                let v1 = query.member("SchemaVersion").integer("Major") == Some(1);
                let detailed = query.integer("Flags") == Some(1) || query.string("Flags") == "Detailed";
                Ok(Self { filter: read_filter(query.member("Filter"))?, v1, detailed })
            }
            _ => refuse(HResult::HCN_E_INVALID_JSON),
        }
    }

    /// Takes one member out of the filter, for a look-up by index.
    pub(crate) fn take(&mut self, names: &[&str]) -> Option<Document> {
        let named = |(name, _): &(Key, Document)| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        let at = self.filter.iter().position(named)?;
        Some(self.filter.remove(at).1)
    }

    /// Takes the filter's id: outer none where there is none, inner none where nothing can have that id.
    pub(crate) fn take_id(&mut self, names: &[&str]) -> Option<Option<Guid>> {
        Some(self.take(names)?.as_str().and_then(|text| text.parse().ok()))
    }

    /// Whether no member is left to look at.
    pub(crate) fn is_open(&self) -> bool {
        self.filter.is_empty()
    }

    /// Whether an object matches what is left of the filter; a member that its V2 form lacks is looked for in its V1
    /// form.
    pub(crate) fn matches(&self, v2: &Document, v1: impl FnOnce() -> Document) -> bool {
        let v1 = LazyLock::new(v1);
        self.filter.iter().all(|(name, wanted)| {
            let found = v2.get_ignore_case(name).or_else(|| v1.get_ignore_case(name));
            found.is_some_and(|found| is_same(found, wanted))
        })
    }
}

/// Filters are text; an object is taken as well.
fn read_filter(filter: &Document) -> Outcome<Vec<(Key, Document)>> {
    match filter {
        Document::Null => Ok(Vec::new()),
        Document::Object(members) => Ok(members.to_vec()),
        Document::String(text) if text.trim().is_empty() => Ok(Vec::new()),
        Document::String(text) => match Document::parse(text) {
            Ok(Document::Object(members)) => Ok(members.to_vec()),
            _ => refuse(HResult::HCN_E_INVALID_JSON),
        },
        _ => refuse(HResult::HCN_E_INVALID_JSON),
    }
}

/// Equal, ids whatever their case; an empty text is nobody's.
fn is_same(found: &Document, wanted: &Document) -> bool {
    match (found.as_str(), wanted.as_str()) {
        (_, Some("")) => false,
        (Some(found), Some(wanted)) => {
            found == wanted
                || matches!((found.parse::<Guid>(), wanted.parse::<Guid>()), (Ok(a), Ok(b)) if a == b)
        }
        _ => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_host::HResult;

    use super::Query;

    fn matches(filter: &str) -> bool {
        let object =
            doc!({"ID": "5f0b1190-63be-4e0c-b974-bd0f55675a42", "Name": "cbr0", "State": 1, "Dns": {}});
        let query = Query::read(&doc!({"Filter": filter})).unwrap();
        query.matches(&object, || doc!({"IsRemoteEndpoint": true}))
    }

    #[test]
    fn every_member_must_match() {
        assert!(matches("") && matches("{}"));
        assert!(matches(r#"{"Name":"cbr0","State":1}"#));
        assert!(!matches(r#"{"Name":"cbr0","State":2}"#));
        assert!(!matches(r#"{"Name":"CBR0"}"#));
        assert!(!matches(r#"{"Nonsense":1}"#));
        assert!(matches(r#"{"IsRemoteEndpoint":true}"#));
    }

    #[test]
    fn ids_match_in_either_case_and_empty_text_matches_nothing() {
        assert!(matches(r#"{"ID":"5F0B1190-63BE-4E0C-B974-BD0F55675A42"}"#));
        assert!(!matches(r#"{"ID":""}"#));
    }

    #[test]
    fn a_query_that_is_no_json_is_refused() {
        for query in [doc!("nonsense"), doc!({"Filter": "{"}), doc!({"Filter": "[]"}), doc!(7)] {
            let refusal = Query::read(&query).unwrap_err();
            assert_eq!(refusal.code, HResult::HCN_E_INVALID_JSON, "{query}");
        }
        assert!(Query::read(&Document::Null).unwrap().is_open());
    }
}

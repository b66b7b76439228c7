//! What a V1 update of an existing object leaves as it is.

use winlab_document::Document;

use crate::hns::Hns;
use crate::members::Members;
use crate::unmodelled;

/// Members of a network that V1's update takes.
pub(super) const OF_NETWORK: &[&str] = &["Policies", "Extensions", "DNSSuffix", "DNSServerList"];
/// Members of an endpoint that V1's update takes.
pub(super) const OF_ENDPOINT: &[&str] = &["Policies", "DNSSuffix", "DNSServerList", "DNSDomain"];

/// What HNS counts and measures: a copy that a client has read is soon older, and nobody means to change it.
const MEASURED: &[&str] = &[
    "ActivityId",
    "AdditionalParams",
    "CreateProcessingStartTime",
    "CurrentEndpointCount",
    "Health",
    "MaxConcurrentEndpoints",
    "Resources",
    "StartTime",
    "State",
    "TotalEndpoints",
    "Version",
];

impl Hns {
    /// Counts each member of an update that would change the object, and does not.
    pub(super) fn count_passed_over(&mut self, body: &Document, shown: &Document, taken: &[&str]) {
        for (member, value) in body.members() {
            let is_one_of = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(member));
            if !is_one_of(taken) && !is_one_of(MEASURED) && !says_the_same(value, shown.member(member)) {
                self.gaps.count(unmodelled::V1_UPDATE);
            }
        }
    }
}

/// Whether nothing in `given` is other than what is shown: nothing given asks for nothing, and ids have no case.
fn says_the_same(given: &Document, shown: &Document) -> bool {
    match given {
        Document::Null | Document::Bool(false) => !shown.as_bool().unwrap_or_default(),
        Document::Object(members) => {
            members.iter().all(|(member, value)| says_the_same(value, shown.member(member)))
        }
        Document::Array(items) => {
            items.is_empty()
                || (items.len() == shown.items().len()
                    && items.iter().zip(shown.items()).all(|(given, shown)| says_the_same(given, shown)))
        }
        _ => match given.as_str() {
            Some(text) => {
                text.is_empty() || shown.as_str().is_some_and(|shown| shown.eq_ignore_ascii_case(text))
            }
            None => given == shown || given.as_u64() == Some(0),
        },
    }
}

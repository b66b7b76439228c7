//! IP sets of a network.

use winlab_document::Document;
use winlab_host::HResult;

use crate::members::{Members, Outcome, require};

/// Checks sets that are added beside known ones: ids are single, and a set of sets names sets that are there.
///
/// # Errors
/// `HCN_E_POLICY_ALREADY_EXISTS` for a doubled id, `HCN_E_INVALID_POLICY` for an unknown member.
pub(crate) fn check_sets(known: &[Document], given: &[Document]) -> Outcome<()> {
    let mut ids: Vec<&str> = known.iter().filter_map(set_id).collect();
    for id in given.iter().filter_map(set_id) {
        require(!ids.contains(&id), HResult::HCN_E_POLICY_ALREADY_EXISTS)?;
        ids.push(id);
    }
    for policy in given.iter().filter(|policy| set_id(policy).is_some()) {
        let settings = policy.member("Settings");
        if settings.string("PolicyType") == "NESTEDIPSET" {
            let mut members = settings.string("Values").split(',').map(str::trim).filter(|m| !m.is_empty());
            require(members.all(|member| ids.contains(&member)), HResult::HCN_E_INVALID_POLICY)?;
        }
    }
    Ok(())
}

fn set_id(policy: &Document) -> Option<&str> {
    policy.string("Type").eq_ignore_ascii_case("SetPolicy").then(|| policy.member("Settings").string("Id"))
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_host::HResult;

    use super::check_sets;

    #[test]
    fn members_are_there_and_ids_are_single() {
        let set = |id: &str, kind: &str, values: &str| -> Document {
            doc!({"Type": "SetPolicy", "Settings": {"Id": id, "Name": id, "PolicyType": kind, "Values": values}})
        };
        let a = set("a", "IPSET", "10.0.0.1");
        let nested = set("n", "NESTEDIPSET", "a");
        assert!(check_sets(&[], &[a.clone(), nested.clone()]).is_ok());
        assert_eq!(check_sets(&[], &[nested]).unwrap_err().code, HResult::HCN_E_INVALID_POLICY);
        assert_eq!(
            check_sets(std::slice::from_ref(&a), std::slice::from_ref(&a)).unwrap_err().code,
            HResult::HCN_E_POLICY_ALREADY_EXISTS
        );
    }
}

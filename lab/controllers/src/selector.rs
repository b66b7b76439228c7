//! Label selectors.

use std::collections::BTreeMap;

use winlab_kube_client::k8s::meta::LabelSelector;

/// Labels of an object.
pub(crate) type Labels = BTreeMap<String, String>;

/// Whether `labels` has every pair of `wanted`. Nothing wanted matches nothing: a service without a selector has no
/// endpoints of its own.
#[must_use]
pub fn matches_labels(wanted: &Labels, labels: Option<&Labels>) -> bool {
    let has = |(key, value): (&String, &String)| labels.and_then(|labels| labels.get(key)) == Some(value);
    !wanted.is_empty() && wanted.iter().all(has)
}

/// Whether a selector selects `labels`. An empty selector selects everything, as apimachinery's
/// `LabelSelectorAsSelector` says.
#[must_use]
pub fn selector_matches(selector: &LabelSelector, labels: Option<&Labels>) -> bool {
    let value_of = |key: &str| labels.and_then(|labels| labels.get(key));
    let exact = selector.match_labels.iter().flatten().all(|(key, value)| value_of(key) == Some(value));
    exact
        && selector.match_expressions.iter().flatten().all(|requirement| {
            let found = value_of(&requirement.key);
            let listed = |value: &String| requirement.values.iter().flatten().any(|listed| listed == value);
            match requirement.operator.as_str() {
                "In" => found.is_some_and(listed),
                "NotIn" => !found.is_some_and(listed),
                "Exists" => found.is_some(),
                "DoesNotExist" => found.is_none(),
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use winlab_kube_client::k8s::meta::{LabelSelector, LabelSelectorRequirement};

    use super::{Labels, matches_labels, selector_matches};

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn expressions() {
        let web = labels(&[("app", "web"), ("tier", "front")]);
        for (operator, values, matches) in [
            ("In", vec!["web", "api"], true),
            ("NotIn", vec!["web"], false),
            ("Exists", vec![], true),
            ("DoesNotExist", vec![], false),
            ("Near", vec![], false),
        ] {
            let requirement = LabelSelectorRequirement {
                key: "app".into(),
                operator: operator.into(),
                values: Some(values.into_iter().map(str::to_owned).collect()),
            };
            let selector =
                LabelSelector { match_expressions: Some(vec![requirement]), ..LabelSelector::default() };
            assert_eq!(selector_matches(&selector, Some(&web)), matches, "{operator}");
        }
        assert!(selector_matches(&LabelSelector::default(), None));
        assert!(matches_labels(&labels(&[("app", "web")]), Some(&web)));
        assert!(!matches_labels(&Labels::new(), Some(&web)));
    }
}

//! The quality-of-service class of a pod (`pkg/apis/core/v1/helper/qos`).

use winlab_document::Document;

use crate::quantity::Quantity;

/// `Guaranteed`, `Burstable` or `BestEffort`.
pub(super) fn class(spec: &Document) -> &'static str {
    let mut any = false;
    let mut guaranteed = true;
    for list in ["containers", "initContainers"] {
        for container in spec.get(list).map(Document::items).unwrap_or_default() {
            let amount = |part: &str, name: &str| {
                let text = container.path(&["resources", part, name]);
                text.and_then(Quantity::of_document).filter(|quantity| !quantity.is_zero())
            };
            for name in ["cpu", "memory"] {
                let (request, limit) = (amount("requests", name), amount("limits", name));
                any |= request.is_some() || limit.is_some();
                guaranteed &= limit.is_some() && request.is_none_or(|request| Some(request) == limit);
            }
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};

    use super::class;

    fn with(resources: Document) -> &'static str {
        class(&doc!({"containers": [{"resources": resources}]}))
    }

    #[test]
    fn classes() {
        assert_eq!(with(doc!({})), "BestEffort");
        assert_eq!(with(doc!({"requests": {"cpu": "0"}})), "BestEffort");
        assert_eq!(with(doc!({"requests": {"cpu": "1"}})), "Burstable");
        assert_eq!(
            with(
                doc!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1000m", "memory": "1024Mi"}})
            ),
            "Guaranteed"
        );
        assert_eq!(
            with(doc!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Mi"}})),
            "Burstable"
        );
    }
}

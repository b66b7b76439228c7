//! Taints and tolerations (`k8s.io/component-helpers/scheduling/corev1`).

use crate::k8s::core::{Taint, Toleration};

/// Whether one toleration tolerates a taint.
#[must_use]
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = given(toleration.effect.as_ref()).is_none_or(|effect| effect == taint.effect);
    let key = given(toleration.key.as_ref()).is_none_or(|key| key == taint.key);
    let value = match toleration.operator.as_deref() {
        Some("Exists") => true,
        None | Some("" | "Equal") => {
            toleration.value.as_deref().unwrap_or_default() == taint.value.as_deref().unwrap_or_default()
        }
        Some(_) => false,
    };
    effect && key && value
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::k8s::core::{Taint, Toleration};

    use super::tolerates;

    #[test]
    fn keys_values_operators_and_effects() {
        let taint = Taint {
            key: "os".into(),
            value: Some("windows".into()),
            effect: "NoSchedule".into(),
            time_added: None,
        };
        let toleration = |key: &str, operator: &str, value: &str, effect: &str| Toleration {
            key: Some(key.into()),
            operator: Some(operator.into()),
            value: Some(value.into()),
            effect: Some(effect.into()),
            toleration_seconds: None,
        };
        assert!(tolerates(&toleration("os", "Equal", "windows", "NoSchedule"), &taint));
        assert!(tolerates(&toleration("os", "Exists", "", ""), &taint));
        assert!(tolerates(&toleration("", "Exists", "", ""), &taint));
        assert!(!tolerates(&toleration("os", "Equal", "linux", "NoSchedule"), &taint));
        assert!(!tolerates(&toleration("os", "Equal", "windows", "NoExecute"), &taint));
    }
}

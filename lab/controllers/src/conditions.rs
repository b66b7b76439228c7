//! Setting a condition in a list of conditions.

use winlab_kube_client::k8s::meta::Time;

/// What the condition types of the API groups have in common.
pub(crate) trait Condition: Clone {
    fn kind(&self) -> &str;
    fn status(&self) -> &str;
    fn same_but_for_time(&self, other: &Self) -> bool;
    fn set_transition(&mut self, time: Option<Time>);
    fn transition(&self) -> Option<Time>;
}

/// Required strings are optional in the types of the `apps` group: its schema marks nothing as required.
macro_rules! condition {
    ($kind:ty, optional) => {
        condition!($kind, |text| text.as_deref().unwrap_or_default());
    };
    ($kind:ty) => {
        condition!($kind, |text| text.as_str());
    };
    ($kind:ty, |$text:ident| $value:expr) => {
        impl Condition for $kind {
            fn kind(&self) -> &str {
                let $text = &self.type_;
                $value
            }

            fn status(&self) -> &str {
                let $text = &self.status;
                $value
            }

            fn same_but_for_time(&self, other: &Self) -> bool {
                self.status == other.status && self.reason == other.reason && self.message == other.message
            }

            fn set_transition(&mut self, time: Option<Time>) {
                self.last_transition_time = time;
            }

            fn transition(&self) -> Option<Time> {
                self.last_transition_time.clone()
            }
        }
    };
}

condition!(winlab_kube_client::k8s::core::NodeCondition);
condition!(winlab_kube_client::k8s::core::PodCondition);
condition!(winlab_kube_client::k8s::apps::DeploymentCondition, optional);
condition!(winlab_kube_client::k8s::apps::ReplicaSetCondition, optional);
condition!(winlab_kube_client::k8s::batch::JobCondition);

/// Adds or replaces a condition; one whose status, reason and message are as before stays, and the transition time
/// moves only with the status.
pub(crate) fn set<C: Condition>(conditions: &mut Vec<C>, mut condition: C) {
    match conditions.iter_mut().find(|known| known.kind() == condition.kind()) {
        Some(known) if known.same_but_for_time(&condition) => {}
        Some(known) => {
            if known.status() == condition.status() {
                condition.set_transition(known.transition());
            }
            *known = condition;
        }
        None => conditions.push(condition),
    }
}

//! `join`, `start`, `stop`, `restart`, `upgrade`, `reboot`.

use std::future::Future;

use winlab_clock::VirtualSpan;
use winlab_cluster::LabError;
use winlab_profiles::{Component, KubeVersion};
use winlab_scenario::{JoinMethod, ServiceRef, Spanned};

use crate::failure::ActionError;
use crate::skew;
use crate::spec::join_method;
use crate::world::World;

/// Nothing a node does takes longer; what does never ends.
const LONGEST: VirtualSpan = VirtualSpan::from_secs(1800);

impl World<'_> {
    pub(super) async fn join(&self, joins: &[(Spanned<String>, JoinMethod)]) -> Result<(), ActionError> {
        for (node, method) in joins {
            self.of_node(node, self.lab.join(node, &join_method(method))).await?;
        }
        Ok(())
    }

    pub(super) async fn start(&self, services: &[Spanned<ServiceRef>]) -> Result<(), ActionError> {
        for service in services {
            let of = Spanned::new(service.node.clone(), service.span);
            self.of_node(&of, self.lab.start_service(&service.node, &service.service)).await?;
        }
        Ok(())
    }

    pub(super) async fn stop(&self, services: &[Spanned<ServiceRef>]) -> Result<(), ActionError> {
        for service in services {
            let of = Spanned::new(service.node.clone(), service.span);
            self.of_node(&of, self.lab.stop_service(&service.node, &service.service)).await?;
        }
        Ok(())
    }

    pub(super) async fn restart(&self, services: &[Spanned<ServiceRef>]) -> Result<(), ActionError> {
        for service in services {
            let of = Spanned::new(service.node.clone(), service.span);
            self.of_node(&of, self.lab.restart_service(&service.node, &service.service)).await?;
        }
        Ok(())
    }

    pub(super) async fn upgrade(
        &self,
        services: &[(Spanned<ServiceRef>, Spanned<KubeVersion>)],
    ) -> Result<(), ActionError> {
        for (service, version) in services {
            self.tell_skew(service, version);
            let of = Spanned::new(service.node.clone(), service.span);
            let upgrade = self.lab.upgrade(&service.node, &service.service, version.value);
            self.of_node(&of, upgrade).await?;
        }
        Ok(())
    }

    fn tell_skew(&self, service: &Spanned<ServiceRef>, version: &Spanned<KubeVersion>) {
        let component = match service.service.as_str() {
            "kubelet" => Component::Kubelet,
            "kube-proxy" => Component::KubeProxy,
            _ => return,
        };
        let server = self.job.case.lab.kube.value;
        let (node, version, span) = (&service.node, version.value, version.span);
        if let Some(remark) = skew::remark(node, component, version, server, self.sources(), span) {
            self.recorder.emit(remark);
        }
    }

    pub(super) async fn reboot(&self, nodes: &[Spanned<String>]) -> Result<(), ActionError> {
        for node in nodes {
            self.of_node(node, self.lab.reboot(node)).await?;
        }
        Ok(())
    }

    /// Something that is done to a node, bounded, its error put at the node's place.
    pub(crate) async fn of_node(
        &self,
        node: &Spanned<String>,
        work: impl Future<Output = Result<(), LabError>>,
    ) -> Result<(), ActionError> {
        let result = match self.clock.within(LONGEST, work).await {
            Ok(result) => result.map_err(ActionError::from),
            Err(elapsed) => Err(ActionError::new(format!("{}: {elapsed}", node.value))),
        };
        result.map_err(|error| error.at(node.span).on(node))
    }
}

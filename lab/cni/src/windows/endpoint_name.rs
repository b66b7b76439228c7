//! How the plugins name a pod's endpoint.

use crate::runner::CniArgs;

/// What dockershim passed as network namespace of the pause container.
pub(crate) const PAUSE_NETNS: &str = "none";

/// The sandbox that a container belongs to: dockershim passed `container:<sandbox>` for the others.
pub(crate) fn sandbox_container_id(args: &CniArgs) -> &str {
    match args.netns.split_once(':') {
        Some((_, sandbox)) if args.netns != PAUSE_NETNS => sandbox,
        _ => &args.container_id,
    }
}

/// `<sandbox>_<network>` (`pkg/hns/endpoint_windows.go`, ConstructEndpointName).
pub(crate) fn endpoint_name(args: &CniArgs, network: &str) -> String {
    format!("{}_{network}", sandbox_container_id(args))
}

#[cfg(test)]
mod tests {
    use super::{CniArgs, endpoint_name};

    #[test]
    fn shared_containers_use_the_sandbox_name() {
        let args =
            |netns: &str| CniArgs { container_id: "c1".into(), netns: netns.into(), ..CniArgs::default() };
        assert_eq!(endpoint_name(&args("b2c3-guid"), "cbr0"), "c1_cbr0");
        assert_eq!(endpoint_name(&args("none"), "cbr0"), "c1_cbr0");
        assert_eq!(endpoint_name(&args("container:sb"), "cbr0"), "sb_cbr0");
    }
}

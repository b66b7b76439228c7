//! What is done to a host, at random.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use winlab_fake_hns::Rehydration;

/// A call or what happens to the service; objects by small numbers, so that calls meet.
#[derive(Debug, Clone)]
pub(super) enum Step {
    CreateNetwork { net: u8, v1: bool },
    DeleteNetwork { net: u8 },
    AddRemoteSubnet { net: u8, subnet: u8 },
    RemoveRemoteSubnet { net: u8, subnet: u8 },
    CreateEndpoint { net: u8, ep: u8, host: u8, remote: bool, v1: bool },
    DeleteEndpoint { ep: u8, v1: bool },
    ChangeRules { ep: u8, change: Change, rule: u8 },
    CreateNamespace { ns: u8 },
    DeleteNamespace { ns: u8 },
    AddEndpoint { ns: u8, ep: u8 },
    RemoveEndpoint { ns: u8, ep: u8 },
    AddContainer { ns: u8, container: u8 },
    RemoveContainer { ns: u8, container: u8 },
    CreateBalancer { lb: u8, eps: Vec<u8>, port: u8 },
    ModifyBalancer { lb: u8, eps: Vec<u8>, port: u8 },
    DeleteBalancer { lb: u8 },
    CreateRoute { route: u8, eps: Vec<u8> },
    ModifyRoute { route: u8, eps: Vec<u8> },
    DeleteRoute { route: u8 },
    Stop,
    Start { finds: Rehydration },
    Reboot,
}

/// What becomes of an endpoint's ACLs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Add,
    Remove,
    /// V2's update: these are all.
    Update,
    /// V1's update, which says the same.
    Post,
}

/// Whether a network is an Overlay; the others are L2Bridges on the same switch.
pub(super) fn is_overlay(net: u8) -> bool {
    net == 2
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = || 0_u8..3;
    let ep = || 0_u8..6;
    let eps = || proptest::collection::vec(0_u8..3, 0..3);
    let change =
        || prop_oneof![Just(Change::Add), Just(Change::Remove), Just(Change::Update), Just(Change::Post),];
    let finds = || {
        prop_oneof![Just(Rehydration::Rehydrate), Just(Rehydration::Forget), Just(Rehydration::Unplumbed),]
    };
    let of_networks = prop_oneof![
        2 => (n(), any::<bool>()).prop_map(|(net, v1)| Step::CreateNetwork { net, v1 }),
        1 => n().prop_map(|net| Step::DeleteNetwork { net }),
        2 => (1_u8..3, n()).prop_map(|(net, subnet)| Step::AddRemoteSubnet { net, subnet }),
        2 => (1_u8..3, n()).prop_map(|(net, subnet)| Step::RemoveRemoteSubnet { net, subnet }),
    ];
    let of_endpoints = prop_oneof![
        5 => (n(), ep(), 1_u8..5, any::<bool>(), any::<bool>())
            .prop_map(|(net, ep, host, remote, v1)| Step::CreateEndpoint { net, ep, host, remote, v1 }),
        2 => (ep(), any::<bool>()).prop_map(|(ep, v1)| Step::DeleteEndpoint { ep, v1 }),
        3 => (n(), change(), n()).prop_map(|(ep, change, rule)| Step::ChangeRules { ep, change, rule }),
    ];
    let of_namespaces = prop_oneof![
        2 => n().prop_map(|ns| Step::CreateNamespace { ns }),
        1 => n().prop_map(|ns| Step::DeleteNamespace { ns }),
        4 => (n(), ep()).prop_map(|(ns, ep)| Step::AddEndpoint { ns, ep }),
        2 => (n(), ep()).prop_map(|(ns, ep)| Step::RemoveEndpoint { ns, ep }),
        2 => (n(), 0_u8..2).prop_map(|(ns, container)| Step::AddContainer { ns, container }),
        2 => (n(), 0_u8..2).prop_map(|(ns, container)| Step::RemoveContainer { ns, container }),
    ];
    let of_lists = prop_oneof![
        3 => (n(), eps(), 1_u8..4).prop_map(|(lb, eps, port)| Step::CreateBalancer { lb, eps, port }),
        2 => (n(), eps(), 1_u8..4).prop_map(|(lb, eps, port)| Step::ModifyBalancer { lb, eps, port }),
        2 => n().prop_map(|lb| Step::DeleteBalancer { lb }),
        2 => (n(), eps()).prop_map(|(route, eps)| Step::CreateRoute { route, eps }),
        1 => (n(), eps()).prop_map(|(route, eps)| Step::ModifyRoute { route, eps }),
        1 => n().prop_map(|route| Step::DeleteRoute { route }),
    ];
    let of_service = prop_oneof![
        2 => Just(Step::Stop),
        4 => finds().prop_map(|finds| Step::Start { finds }),
        1 => Just(Step::Reboot),
    ];
    let step = prop_oneof![
        6 => of_networks,
        9 => of_endpoints,
        11 => of_namespaces,
        9 => of_lists,
        2 => of_service,
    ];
    // A network with three endpoints to begin with: without them most calls would meet nothing.
    let endpoint = |ep| Step::CreateEndpoint { net: 0, ep, host: 1 + ep, remote: false, v1: false };
    let begin = [Step::CreateNetwork { net: 0, v1: false }, endpoint(0), endpoint(1), endpoint(2)];
    proptest::collection::vec(step, 1..60).prop_map(move |steps| begin.iter().cloned().chain(steps).collect())
}

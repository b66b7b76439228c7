//! Cases by hand: what a runtime does in the life of a pod, and what goes wrong in it.

use winlab_cni::Command::{Add, Check, Del};
use winlab_document::{Document, doc};
use winlab_host::{CallMatch, FaultEffect, FaultRule};
use winlab_oracle::NetworkKind::{self, Bridge, Overlay};

use crate::case::{Case, Container, Step};

/// Builds with different versions of HNS: before and after DSR, and today's.
pub(crate) const BUILDS: [&str; 3] = ["ltsc2019", "ltsc2022", "ltsc2025"];

/// Every case, with its name.
pub(crate) fn all() -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for build in BUILDS {
        for (plugin, network) in [("win-bridge", Bridge), ("win-overlay", Overlay)] {
            for api in [1, 2] {
                let name = format!("{plugin}::v{api}::{build}::a_pod_comes_and_goes");
                cases.push((name, life(build, plugin, network, api)));
            }
        }
    }
    for (plugin, network) in [("win-bridge", Bridge), ("win-overlay", Overlay)] {
        let running = running(plugin, network);
        cases.extend(running.into_iter().map(|(name, case)| (format!("{plugin}::v1::{name}"), case)));
        for api in [1, 2] {
            let of = |name: &str| format!("{plugin}::v{api}::{name}");
            cases.extend(faults(plugin, network, api).map(|(name, case)| (of(name), case)));
            cases.extend(refusals(plugin, network, api).map(|(name, case)| (of(name), case)));
        }
    }
    cases.extend(host_local().map(|(name, case)| (format!("host-local::{name}"), case)));
    cases
}

/// flannel's configuration of a pod, as its plugin delegates it.
fn config(plugin: &str, api: u32) -> Document {
    let nat = if api == 2 {
        doc!({"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.244.0.0/16", "10.96.0.0/12"]}})
    } else {
        doc!({"Type": "OutBoundNAT", "ExceptionList": ["10.244.0.0/16", "10.96.0.0/12"]})
    };
    doc!({
        "cniVersion": "1.0.0", "name": "cbr0", "type": plugin, "apiVersion": api,
        "ipMasq": true, "ipMasqNetwork": "10.244.0.0/16", "loopbackDSR": true,
        "ipam": {"type": "host-local", "subnet": "10.244.1.0/24"},
        "policies": [{"name": "EndpointPolicy", "value": nat}],
        "runtimeConfig": {
            "dns": {"servers": ["10.96.0.10"], "searches": ["default.svc.cluster.local", "svc.cluster.local"]},
            "portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": ""}],
        },
    })
}

/// A namespace for HCN, dockershim's word for V1.
fn at(step: Step, api: u32) -> Step {
    if api == 2 { step } else { step.netns("none") }
}

fn life(build: &'static str, plugin: &'static str, network: NetworkKind, api: u32) -> Case {
    let config = config(plugin, api);
    let step = |command| at(Step::new(plugin, command, &config), api);
    let shared = step(Add).container("app").netns("container:sb");
    let steps = vec![
        step(Add),
        step(Check),
        step(Add),
        shared,
        step(Add).container("sb2"),
        step(Del),
        step(Del),
        step(Add),
        step(Del).netns(""),
        step(Del),
    ];
    Case::new(build, network, steps)
}

/// dockershim's pods: their containers run before their network is made, and share the endpoint of the first.
fn running(plugin: &'static str, network: NetworkKind) -> Vec<(&'static str, Case)> {
    const BOTH: &[Container] = &[Container { id: "sb", runs: true }, Container { id: "app", runs: true }];
    const CREATED: &[Container] = &[Container { id: "sb", runs: false }, Container { id: "app", runs: true }];
    let config = config(plugin, 1);
    let step = |command| Step::new(plugin, command, &config).netns("none");
    let app = |command| Step::new(plugin, command, &config).container("app").netns("container:sb");
    let case = |containers, steps| Case { containers, ..Case::new("ltsc2019", network, steps) };
    let lost = |function| {
        let rule = FaultRule::every(CallMatch::function(function), FaultEffect::LoseReply(None));
        FaultRule { nth: Some(1), ..rule }
    };
    let life =
        vec![step(Add), step(Check), app(Add), step(Add), app(Add), app(Del), app(Del), step(Del), step(Del)];
    vec![
        ("running_containers_share_an_endpoint", case(BOTH, life)),
        ("the_first_goes_before_the_others", case(BOTH, vec![step(Add), app(Add), step(Del), app(Del)])),
        ("a_container_that_is_not_started", case(CREATED, vec![step(Add), app(Add), step(Del)])),
        (
            "others_come_without_the_first",
            case(BOTH, vec![app(Add), step(Add), app(Add), app(Del), step(Del)]),
        ),
        (
            "the_answer_of_a_running_container_s_endpoint_is_lost",
            case(
                BOTH,
                vec![step(Add).fault(lost("HNSCall")), step(Add), app(Add).fault(lost("HNSCall")), step(Del)],
            ),
        ),
    ]
}

/// Each call of an ADD and a DEL fails, or its answer is lost; the runtime tries again.
fn faults(
    plugin: &'static str,
    network: NetworkKind,
    api: u32,
) -> impl Iterator<Item = (&'static str, Case)> {
    let config = config(plugin, api);
    let step = move |command| at(Step::new(plugin, command, &config), api);
    let case = move |steps| Case::new("ltsc2022", network, steps);
    let rule = |function: &str, nth, effect| FaultRule {
        nth: Some(nth),
        ..FaultRule::every(CallMatch::function(function), effect)
    };
    let (lost, fails) = (FaultEffect::LoseReply(None), FaultEffect::Fail(Some(0x8007_0057)));
    let create = if api == 2 { "HcnCreateEndpoint" } else { "HNSCall" };
    // Of V1's calls, which have one function, the fourth of an overlay's ADD creates, and the fifth of a bridge's, which
    // looks twice for the endpoint.
    let nth = match (api, network) {
        (2, _) => 1,
        (_, Overlay) => 4,
        (_, Bridge) => 5,
    };
    let attach = if api == 2 { "HcnModifyNamespace" } else { "HNSCall" };
    let after = if api == 2 { 1 } else { nth + 1 };
    [
        (
            "the_answer_to_create_is_lost",
            case(vec![step(Add).fault(rule(create, nth, lost)), step(Add), step(Del)]),
        ),
        ("create_fails", case(vec![step(Add).fault(rule(create, nth, fails)), step(Add), step(Del)])),
        ("attach_fails", case(vec![step(Add).fault(rule(attach, after, fails)), step(Add), step(Del)])),
        ("attach_is_lost", case(vec![step(Add).fault(rule(attach, after, lost)), step(Add), step(Del)])),
        (
            "the_look_at_the_network_fails",
            case(vec![step(Add).fault(rule("*", 1, fails)), step(Del).fault(rule("*", 1, fails))]),
        ),
        (
            "the_look_at_the_endpoint_fails",
            case(vec![step(Add), step(Add).fault(rule("HcnEnumerateEndpoints", 1, fails)), step(Del)]),
        ),
        (
            "the_answer_to_delete_is_lost",
            case(vec![
                step(Add),
                step(Del).fault(rule(if api == 2 { "HcnDeleteEndpoint" } else { "HNSCall" }, 1, lost)),
                step(Del),
            ]),
        ),
        (
            "the_namespace_cannot_be_left",
            case(vec![step(Add), step(Del).fault(rule("HcnModifyNamespace", 1, fails)), step(Del)]),
        ),
    ]
    .into_iter()
}

/// What the plugins refuse, or HNS for them.
fn refusals(
    plugin: &'static str,
    network: NetworkKind,
    api: u32,
) -> impl Iterator<Item = (&'static str, Case)> {
    let config = config(plugin, api);
    let other = if network == Bridge { Overlay } else { Bridge };
    let case = move |steps| Case::new("ltsc2022", network, steps);
    let with = |name: &str, value: Document| config.clone().with(name, value);
    let add = |config: &Document| at(Step::new(plugin, Add, config), api);
    let both = |config: &Document| vec![add(config), at(Step::new(plugin, Del, config), api)];
    let host_local = |ipam: Document| with("ipam", ipam);
    let versions = ["", "0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.1.0", "2.0.0", "nonsense"];
    let of_versions = versions.iter().flat_map(|version| {
        let config = with("cniVersion", (*version).into());
        [Add, Check, Del].map(|command| at(Step::new(plugin, command, &config), api))
    });
    let elsewhere = Case { elsewhere: true, ..case(both(&config)) };
    let policies = doc!([
        {"name": "endpointpolicy", "value": {"Type": "L4WFPPROXY", "Settings": {"X": 1}, "More": true}},
        {"name": "EndpointPolicy", "value": {"Type": "OutBoundNAT", "ExceptionList": ["10.0.0.0/8"]}},
        {"name": "NetworkPolicy", "value": {"Type": "OutBoundNAT"}},
    ]);
    vec![
        ("versions_of_the_specification", case(of_versions.collect())),
        ("no_network_of_that_name", case(both(&with("name", "nothing".into())))),
        ("a_network_of_another_type", Case::new("ltsc2022", other, both(&config))),
        ("a_name_that_is_none", case(both(&with("name", "-x".into())))),
        ("no_name", case(both(&with("name", "".into())))),
        (
            "an_address_outside_of_the_network",
            case(both(&host_local(doc!({"type": "host-local", "subnet": "10.9.0.0/24"})))),
        ),
        ("an_ipv6_range", case(both(&host_local(doc!({"type": "host-local", "subnet": "fd00::/64"}))))),
        ("no_ipam", case(both(&host_local(doc!({}))))),
        ("an_ipam_plugin_that_is_not_there", case(both(&host_local(doc!({"type": "dhcp"}))))),
        ("ipam_without_ranges", case(both(&host_local(doc!({"type": "host-local"}))))),
        ("a_mac_prefix", case(both(&with("endpointMacPrefix", "0A-0B".into())))),
        ("a_mac_prefix_that_is_none", case(both(&with("endpointMacPrefix", "0A:0B".into())))),
        ("policies_of_every_form", case(both(&with("policies", policies)))),
        ("no_container_id", case(vec![add(&config).container("")])),
        ("a_container_id_that_is_none", case(vec![add(&config).container("a b")])),
        ("no_interface", case(vec![add(&config).ifname("")])),
        ("an_interface_with_a_long_name", case(vec![add(&config).ifname("0123456789abcdef")])),
        ("no_namespace", case(vec![add(&config).netns("")])),
        (
            "a_namespace_that_is_not_there",
            case(vec![add(&config).netns("12345678-0000-0000-0000-000000000000")]),
        ),
        ("a_namespace_that_is_none", case(vec![add(&config).netns("web")])),
        ("an_endpoint_of_that_name_elsewhere", elsewhere),
    ]
    .into_iter()
}

/// host-local by itself.
fn host_local() -> impl Iterator<Item = (&'static str, Case)> {
    let case = |steps| Case::new("ltsc2022", Bridge, steps);
    let config =
        |ipam: Document| doc!({"cniVersion": "1.0.0", "name": "cbr0", "type": "host-local", "ipam": ipam});
    let step = |command, config: &Document, id: &str| Step::new("host-local", command, config).container(id);
    let refused = [
        doc!({"subnet": "10.0.0.1/24"}),
        doc!({"subnet": "10.0.0.0/31"}),
        doc!({"ranges": [[]]}),
        doc!({"ranges": [[{"subnet": "10.0.0.0/24"}, {"subnet": "fd00::/64"}]]}),
        doc!({"ranges": [[{"subnet": "10.0.0.0/24"}, {"subnet": "10.0.0.0/25"}]]}),
        doc!({"ranges": [[{"subnet": "10.0.0.0/24"}], [{"subnet": "10.0.0.0/25"}]]}),
        doc!({"subnet": "10.0.0.0/24", "rangeStart": "10.0.1.1"}),
        doc!({"subnet": "10.0.0.0/24", "rangeEnd": "10.0.1.1"}),
        doc!({"subnet": "10.0.0.0/24", "resolvConf": "/nothing"}),
    ];
    let refused = refused.into_iter().map(|ipam| step(Add, &config(ipam), "a"));
    let full = config(
        doc!({"ranges": [[{"subnet": "10.0.0.0/30"}, {"subnet": "10.0.1.0/30", "rangeStart": "10.0.1.2"}]]}),
    );
    let turns = ["a", "b", "c"].map(|id| step(Add, &full, id)).into_iter();
    let turns = turns.chain([
        step(Del, &full, "a"),
        step(Add, &full, "d"),
        step(Add, &full, "d"),
        step(Check, &full, "x"),
    ]);
    let dual = config(doc!({
        "ranges": [[{"subnet": "10.0.0.0/29", "gateway": "10.0.0.3"}], [{"subnet": "fd00::/64", "rangeStart": "fd00::5"}]],
        "routes": [{"dst": "0.0.0.0/0", "gw": "10.0.0.3"}, {"dst": "::/0"}],
    }));
    let dual = [Add, Add, Check, Del, Del].map(|command| step(command, &dual, "a"));
    vec![
        ("ranges_that_are_none", case(refused.collect())),
        ("addresses_run_out_and_come_back", case(turns.collect())),
        ("both_families", case(dual.to_vec())),
    ]
    .into_iter()
}

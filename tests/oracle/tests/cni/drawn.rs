//! Cases that are drawn.
#![expect(clippy::disallowed_methods, reason = "how many are drawn is said in the environment")]

use std::env;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use winlab_cni::Command;
use winlab_document::{Document, doc};
use winlab_oracle::NetworkKind;

use crate::case::{Case, Step};
use crate::cases::BUILDS;
use crate::judge::Judge;

/// As many as CI has time for: each is a handful of Windows programs.
const FEW: u32 = 6;

/// Judges as many cases as the environment says.
pub(crate) fn judge(judge: &Judge) -> Result<(), String> {
    let cases = env::var("WINLAB_ORACLE_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(FEW);
    let config = Config { cases, max_shrink_iters: 24, failure_persistence: None, ..Config::default() };
    let judged = TestRunner::new(config).run(&case(), |case| judge.judge(case).map_err(TestCaseError::fail));
    judged.map_err(|error| error.to_string())
}

fn case() -> impl Strategy<Value = Case> {
    let plugin = select(vec![("win-bridge", NetworkKind::Bridge), ("win-overlay", NetworkKind::Overlay)]);
    (select(BUILDS.to_vec()), plugin, 1_u32..=2).prop_flat_map(|(build, (plugin, network), api)| {
        (config(plugin, api), commands()).prop_map(move |(config, commands)| {
            let steps = commands.into_iter().map(|(command, id)| {
                let step = Step::new(plugin, command, &config).container(id);
                if api == 2 { step } else { step.netns("none") }
            });
            Case::new(build, network, steps.collect())
        })
    })
}

fn commands() -> impl Strategy<Value = Vec<(Command, &'static str)>> {
    let command = select(vec![Command::Add, Command::Add, Command::Check, Command::Del]);
    let later = vec((command, select(vec!["sb", "sb2"])), 1..5);
    later.prop_map(|mut later| {
        later.insert(0, (Command::Add, "sb"));
        later
    })
}

/// Members that may be there or not.
fn config(plugin: &'static str, api: u32) -> impl Strategy<Value = Document> {
    let dns = option::of((words(SERVERS), words(SUFFIXES), option::of(Just("example.com"))));
    let runtime_dns = option::of((words(SERVERS), words(SUFFIXES)));
    let policies = vec(policy(), 0..3);
    let mappings = vec(mapping(), 0..3);
    let version = select(vec!["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]);
    let switches = (any::<bool>(), any::<bool>(), option::of(select(vec!["10.244.0.0/16", "10.0.0.0/8"])));
    (version, ipam(), dns, runtime_dns, policies, mappings, switches).prop_map(
        move |(version, ipam, dns, runtime_dns, policies, mappings, (masq, dsr, masq_network))| {
            let mut config = doc!({"cniVersion": version, "name": "cbr0", "type": plugin,
                "apiVersion": api, "ipMasq": masq, "loopbackDSR": dsr, "ipam": ipam});
            if let Some(network) = masq_network {
                config.set("ipMasqNetwork", network);
            }
            if let Some((servers, search, domain)) = dns {
                let mut dns = doc!({"nameservers": servers, "search": search});
                domain.into_iter().for_each(|domain| dns.set("domain", domain));
                config.set("dns", dns);
            }
            if let Some((servers, searches)) = runtime_dns {
                config.set_path(&["runtimeConfig", "dns"], doc!({"servers": servers, "searches": searches}));
            }
            if !mappings.is_empty() {
                config.set_path(&["runtimeConfig", "portMappings"], mappings);
            }
            config.with("policies", policies)
        },
    )
}

const SERVERS: &[&str] = &["10.96.0.10", "1.1.1.1"];
const SUFFIXES: &[&str] = &["default.svc.cluster.local", "svc.cluster.local", "cluster.local"];

fn words(from: &'static [&'static str]) -> impl Strategy<Value = Document> {
    (0..=from.len()).prop_map(move |count| from[..count].iter().copied().collect())
}

fn ipam() -> impl Strategy<Value = Document> {
    prop_oneof![
        6 => (option::of(2_u8..200), option::of(200_u8..=255), option::of(1_u8..20)).prop_map(|(start, end, gateway)| {
            let mut ipam = doc!({"type": "host-local", "subnet": "10.244.1.0/24"});
            for (name, last) in [("rangeStart", start), ("rangeEnd", end), ("gateway", gateway)] {
                last.into_iter().for_each(|last| ipam.set(name, format!("10.244.1.{last}")));
            }
            ipam
        }),
        1 => Just(doc!({"type": "host-local", "ranges": [[{"subnet": "10.244.1.128/29"}, {"subnet": "10.244.1.64/29"}]]})),
        1 => Just(doc!({"type": "host-local", "subnet": "10.244.2.0/24"})),
        1 => Just(doc!({})),
    ]
}

fn policy() -> impl Strategy<Value = Document> {
    let name = select(vec!["EndpointPolicy", "endpointPolicy", "NetworkPolicy"]);
    let value = select(vec![
        doc!({"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.244.0.0/16"]}}),
        doc!({"Type": "OutBoundNAT", "ExceptionList": ["10.244.0.0/16"]}),
        doc!({"Type": "SDNRoute", "Settings": {"DestinationPrefix": "10.96.0.0/12", "NeedEncap": true}}),
        doc!({"Type": "ROUTE", "DestinationPrefix": "10.96.0.0/12", "NeedEncap": true}),
        doc!({"Type": "ACL", "Settings": {"Protocols": "6", "Action": "Allow", "Direction": "Out", "Priority": 100}}),
        doc!({"Type": "PA", "PA": "192.168.1.11"}),
        doc!({"Type": "ProviderAddress", "Settings": {"ProviderAddress": "192.168.1.11"}}),
    ]);
    (name, value).prop_map(|(name, value)| doc!({"name": name, "value": value}))
}

fn mapping() -> impl Strategy<Value = Document> {
    let protocol = select(vec!["tcp", "UDP", "icmpv4", "17", "sctp", ""]);
    let host_ip = select(vec!["", "192.168.1.11"]);
    (1_u16..3, 8000_u16..8003, protocol, host_ip).prop_map(|(inside, outside, protocol, host_ip)| {
        doc!({"hostPort": outside, "containerPort": inside * 80, "protocol": protocol, "hostIP": host_ip})
    })
}

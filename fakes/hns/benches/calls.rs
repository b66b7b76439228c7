//! Calls a second in process, and how much memory remote endpoints take.

use criterion::{BatchSize, Criterion, Throughput};
use winlab_clock::Seed;
use winlab_document::{Document, doc};
use winlab_fake_hns::{Hns, HnsConfig, SeededContext};
use winlab_host::network::{
    Answer, Call, CreateEndpoint, CreateLoadBalancer, CreateNetwork, DeleteEndpoint, DeleteLoadBalancer,
    EnumerateEndpoints, QueryEndpointProperties,
};
use winlab_host::{Adapter, AdapterKind, Guid};

struct Host {
    hns: Hns,
    context: SeededContext,
    network: Guid,
}

impl Host {
    fn new() -> Self {
        let config = HnsConfig {
            windows: "ltsc2022".parse().expect("a known build"),
            host_name: "win1".into(),
            dns_suffix: String::new(),
            adapters: vec![Adapter {
                index: 4,
                name: "Ethernet".into(),
                kind: AdapterKind::Physical,
                mac: "00-15-5D-0A-00-04".parse().expect("a MAC"),
                addresses: vec!["10.0.0.4/24".parse().expect("a prefix")],
                gateway: None,
                dns: Vec::new(),
                mtu: 1500,
            }],
            epoch: HnsConfig::EPOCH,
        };
        let mut context = SeededContext::timeless(Seed::new(1));
        let mut hns = Hns::new(config, &mut context);
        let settings = doc!({"Type": "Overlay", "Name": "flannel.4096", "Ipams": [{"Subnets": [{
            "IpAddressPrefix": "10.244.0.0/16",
            "Routes": [{"NextHop": "10.244.0.1", "DestinationPrefix": "0.0.0.0/0"}],
            "Policies": [{"Type": "VSID", "Settings": {"IsolationId": 4096}}],
        }]}]});
        let call = Call::CreateNetwork(CreateNetwork { id: Guid::NIL, settings });
        let Ok(Answer::CreateNetwork(network)) = hns.handle(call, &mut context) else {
            unreachable!("it is valid")
        };
        Self { hns, context, network }
    }

    fn call(&mut self, call: Call) -> Answer {
        let answer = self.hns.handle(call, &mut self.context).expect("valid calls");
        let _ = (self.hns.take_notifications(), self.hns.take_effects());
        answer
    }

    fn endpoint(&mut self, settings: &Document) -> Guid {
        let call = CreateEndpoint { network: self.network, id: Guid::NIL, settings: settings.clone() };
        let Answer::CreateEndpoint(id) = self.call(Call::CreateEndpoint(call)) else { unreachable!() };
        id
    }
}

/// As kube-proxy sends it.
fn remote(n: u32) -> Document {
    doc!({
        "IpConfigurations": [{"IpAddress": std::net::Ipv4Addr::from_bits(0x0af5_0000 + n).to_string()}],
        "MacAddress": "02-11-0a-f5-00-01",
        "Flags": 1,
        "Policies": [{"Type": "ProviderAddress", "Settings": {"ProviderAddress": format!("10.0.0.{}", n % 200)}}],
        "SchemaVersion": {"Major": 2, "Minor": 0},
    })
}

fn three_calls(host: &mut Host, settings: &Document) {
    let id = host.endpoint(settings);
    host.call(Call::QueryEndpointProperties(QueryEndpointProperties { id, query: Document::Null }));
    host.call(Call::DeleteEndpoint(DeleteEndpoint { id }));
}

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hns");
    let mut host = Host::new();
    for n in 0..1000 {
        host.endpoint(&remote(n));
    }
    group.throughput(Throughput::Elements(3));
    let settings = remote(70_000);
    group.bench_function("remote endpoint: create, query, delete", |b| {
        b.iter(|| three_calls(&mut host, &settings));
    });
    let settings = doc!({"Name": "web_flannel.4096", "Policies": [
        {"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.244.0.0/16", "10.96.0.0/12"]}},
        {"Type": "SDNRoute", "Settings": {"DestinationPrefix": "10.96.0.0/12", "NeedEncap": true}},
    ]});
    group.bench_function("local endpoint: create, query, delete", |b| {
        b.iter(|| three_calls(&mut host, &settings));
    });
    let backend = host.endpoint(&remote(80_000));
    let balancer = doc!({
        "HostComputeEndpoints": [backend], "SourceVIP": "10.244.0.9", "FrontendVIPs": ["10.96.0.10"],
        "PortMappings": [{"Protocol": 6, "InternalPort": 8080, "ExternalPort": 80}], "Flags": 1,
    });
    group.throughput(Throughput::Elements(2));
    group.bench_function("load balancer: create, delete", |b| {
        b.iter(|| {
            let call = CreateLoadBalancer { id: Guid::NIL, settings: balancer.clone() };
            let Answer::CreateLoadBalancer(id) = host.call(Call::CreateLoadBalancer(call)) else {
                unreachable!()
            };
            host.call(Call::DeleteLoadBalancer(DeleteLoadBalancer { id }));
        });
    });
    group.throughput(Throughput::Elements(1));
    let query = doc!({"Filter": doc!({"VirtualNetwork": host.network}).to_string()});
    group.bench_function("enumerate the 1,000 endpoints of a network", |b| {
        b.iter(|| host.call(Call::EnumerateEndpoints(EnumerateEndpoints { query: query.clone() })));
    });
    group.bench_function("data plane of 1,000 endpoints", |b| b.iter(|| host.hns.data_plane()));
    group.finish();
}

fn many(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hns");
    group.sample_size(10);
    group.throughput(Throughput::Elements(400_000));
    group.bench_function("400,000 remote endpoints", |b| {
        b.iter_batched(
            Host::new,
            |mut host| {
                for n in 0..400_000 {
                    host.endpoint(&remote(n));
                }
                host
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    calls(&mut criterion);
    many(&mut criterion);
    criterion.final_summary();
}

//! The names of a small cluster.

use std::net::IpAddr;
use std::sync::Arc;

use winlab_coredns::{
    DnsServer as _, NoUpstream, Rcode, RecordType, Upstream, UpstreamTable, Zone, ZoneData,
};
use winlab_document::{Document, doc};
use winlab_kube_client::{Object, Store, WatchEvent};

fn store<K: Object>(objects: &[Document]) -> Store<K> {
    let store = Store::new();
    let objects = objects.iter().map(|object| Arc::new(object.decode::<K>().unwrap())).collect();
    store.apply(&WatchEvent::Listed(objects));
    store
}

fn named(name: &str) -> Document {
    doc!({"name": name, "namespace": "shop"})
}

fn zone_with(upstream: Arc<dyn Upstream>) -> Zone {
    let services = [
        doc!({"metadata": named("web"), "spec": {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7", "fd00::7"],
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}, {"name": "https", "port": 443, "protocol": "TCP"}]}}),
        doc!({"metadata": named("db"), "spec": {"clusterIP": "None", "clusterIPs": ["None"],
            "ports": [{"name": "sql", "port": 1433, "protocol": "TCP"}]}}),
        doc!({"metadata": named("idle"), "spec": {"clusterIP": "None", "clusterIPs": ["None"]}}),
        doc!({"metadata": named("alias"), "spec": {"type": "ExternalName", "externalName": "web.shop.svc.cluster.local"}}),
        doc!({"metadata": named("bank"), "spec": {"type": "ExternalName", "externalName": "bank.example.com"}}),
        doc!({"metadata": named("loop"), "spec": {"type": "ExternalName", "externalName": "loop.shop.svc.cluster.local"}}),
    ];
    let labels = doc!({"kubernetes.io/service-name": "db"});
    let slice = doc!({"metadata": {"name": "db-1", "namespace": "shop", "labels": labels}, "addressType": "IPv4",
    "ports": [{"name": "sql", "port": 1433, "protocol": "TCP"}], "endpoints": [
        {"addresses": ["10.244.1.5"], "hostname": "db-0", "conditions": {"ready": true}},
        {"addresses": ["10.244.2.5"], "conditions": {"ready": true}},
        {"addresses": ["10.244.3.5"], "conditions": {"ready": false}},
    ]});
    let data = ZoneData {
        namespaces: store(&[doc!({"metadata": {"name": "shop"}})]),
        services: store(&services),
        slices: store(&[slice]),
    };
    Zone::new(data, "cluster.local.", 30, upstream)
}

fn zone() -> Zone {
    let upstream = UpstreamTable::new().with("bank.example.com", [IpAddr::from([203, 0, 113, 5])]);
    zone_with(Arc::new(upstream))
}

fn ask(zone: &Zone, name: &str, record: RecordType) -> String {
    let answer = zone.answer(name, record, [10, 244, 1, 9].into());
    let lines = answer.records.iter().map(|record| format!("\n{record}"));
    let additional = answer.additional.iter().map(|record| format!("\n+ {record}"));
    format!("{}{}{}", answer.rcode, lines.collect::<String>(), additional.collect::<String>())
}

#[test]
fn cluster_addresses() {
    let zone = zone();
    assert_eq!(
        ask(&zone, "Web.shop.svc.cluster.local.", RecordType::A),
        "NOERROR\nweb.shop.svc.cluster.local. 30 IN A 10.96.0.7"
    );
    assert_eq!(
        ask(&zone, "web.shop.svc.cluster.local", RecordType::Aaaa),
        "NOERROR\nweb.shop.svc.cluster.local. 30 IN AAAA fd00::7"
    );
    assert_eq!(
        ask(&zone, "_https._tcp.web.shop.svc.cluster.local", RecordType::Srv),
        "NOERROR\n_https._tcp.web.shop.svc.cluster.local. 30 IN SRV 0 50 443 web.shop.svc.cluster.local.\n\
         + web.shop.svc.cluster.local. 30 IN A 10.96.0.7\n+ web.shop.svc.cluster.local. 30 IN AAAA fd00::7"
    );
}

#[test]
fn headless_services_have_the_addresses_of_ready_endpoints() {
    let zone = zone();
    assert_eq!(
        ask(&zone, "db.shop.svc.cluster.local", RecordType::A),
        "NOERROR\ndb.shop.svc.cluster.local. 30 IN A 10.244.1.5\ndb.shop.svc.cluster.local. 30 IN A 10.244.2.5"
    );
    assert_eq!(
        ask(&zone, "db-0.db.shop.svc.cluster.local", RecordType::A),
        "NOERROR\ndb-0.db.shop.svc.cluster.local. 30 IN A 10.244.1.5"
    );
    assert_eq!(
        ask(&zone, "10-244-2-5.db.shop.svc.cluster.local", RecordType::A),
        "NOERROR\n10-244-2-5.db.shop.svc.cluster.local. 30 IN A 10.244.2.5"
    );
    assert_eq!(
        ask(&zone, "_sql._tcp.db.shop.svc.cluster.local", RecordType::Srv),
        "NOERROR\n_sql._tcp.db.shop.svc.cluster.local. 30 IN SRV 0 50 1433 db-0.db.shop.svc.cluster.local.\n\
         _sql._tcp.db.shop.svc.cluster.local. 30 IN SRV 0 50 1433 10-244-2-5.db.shop.svc.cluster.local.\n\
         + db-0.db.shop.svc.cluster.local. 30 IN A 10.244.1.5\n\
         + 10-244-2-5.db.shop.svc.cluster.local. 30 IN A 10.244.2.5"
    );
}

#[test]
fn there_and_empty_is_not_the_same_as_not_there() {
    let zone = zone();
    for (name, rcode) in [
        ("web.shop.svc.cluster.local", "NOERROR"),
        ("shop.svc.cluster.local", "NOERROR"),
        ("svc.cluster.local", "NOERROR"),
        ("cluster.local", "NOERROR"),
        ("idle.shop.svc.cluster.local", "NXDOMAIN"),
        ("nothing.shop.svc.cluster.local", "NXDOMAIN"),
        ("web.nowhere.svc.cluster.local", "NXDOMAIN"),
        ("nowhere.svc.cluster.local", "NXDOMAIN"),
        ("web.shop.cluster.local", "NXDOMAIN"),
        ("a.b.c.web.shop.svc.cluster.local", "NXDOMAIN"),
    ] {
        assert_eq!(ask(&zone, name, RecordType::Ptr), rcode, "{name}");
    }
    assert_eq!(ask(&zone, "web.shop.svc.cluster.local", RecordType::Txt), "NOERROR");
    assert_eq!(ask(&zone, "shop.svc.cluster.local", RecordType::Txt), "NXDOMAIN");
    assert_eq!(
        ask(&zone, "dns-version.cluster.local", RecordType::Txt),
        "NOERROR\ndns-version.cluster.local. 28800 IN TXT \"1.1.0\""
    );
}

#[test]
fn aliases_are_followed() {
    let zone = zone();
    assert_eq!(
        ask(&zone, "alias.shop.svc.cluster.local", RecordType::A),
        "NOERROR\nalias.shop.svc.cluster.local. 30 IN CNAME web.shop.svc.cluster.local.\n\
         web.shop.svc.cluster.local. 30 IN A 10.96.0.7"
    );
    assert_eq!(
        ask(&zone, "bank.shop.svc.cluster.local", RecordType::A),
        "NOERROR\nbank.shop.svc.cluster.local. 30 IN CNAME bank.example.com.\nbank.example.com. 300 IN A 203.0.113.5"
    );
    assert_eq!(ask(&zone, "loop.shop.svc.cluster.local", RecordType::A), "NOERROR");
    let answer = zone_with(Arc::new(NoUpstream)).answer(
        "bank.shop.svc.cluster.local",
        RecordType::A,
        [10, 244, 1, 9].into(),
    );
    assert_eq!((answer.alias(), answer.addresses().len()), (Some("bank.example.com"), 0));
}

#[test]
fn pods_and_addresses() {
    let zone = zone();
    assert_eq!(
        ask(&zone, "10-244-9-9.shop.pod.cluster.local", RecordType::A),
        "NOERROR\n10-244-9-9.shop.pod.cluster.local. 30 IN A 10.244.9.9"
    );
    assert_eq!(ask(&zone, "web.shop.pod.cluster.local", RecordType::A), "NXDOMAIN");
    assert_eq!(ask(&zone, "10-244-9-9.nowhere.pod.cluster.local", RecordType::A), "NXDOMAIN");
    assert_eq!(
        ask(&zone, "7.0.96.10.in-addr.arpa", RecordType::Ptr),
        "NOERROR\n7.0.96.10.in-addr.arpa. 30 IN PTR web.shop.svc.cluster.local."
    );
    assert_eq!(
        ask(&zone, "5.1.244.10.in-addr.arpa", RecordType::Ptr),
        "NOERROR\n5.1.244.10.in-addr.arpa. 30 IN PTR db-0.db.shop.svc.cluster.local."
    );
    assert_eq!(ask(&zone, "1.1.1.1.in-addr.arpa", RecordType::Ptr), "NXDOMAIN");
}

#[test]
fn other_names_are_asked_upstream() {
    assert_eq!(ask(&zone(), "www.example.com", RecordType::A), "NXDOMAIN");
    assert_eq!(ask(&zone_with(Arc::new(NoUpstream)), "www.example.com", RecordType::A), "SERVFAIL");
}

#[test]
fn before_the_first_lists_nothing_is_denied() {
    let zone = Zone::new(ZoneData::default(), "cluster.local", 30, Arc::new(NoUpstream));
    let answer = zone.answer("web.shop.svc.cluster.local", RecordType::A, [10, 244, 1, 9].into());
    assert_eq!((answer.rcode, zone.is_ready()), (Rcode::ServFail, false));
}

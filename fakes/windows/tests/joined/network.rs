//! Networking across the parts: compartments, registries, adapters.

use winlab_clock::virtual_world;
use winlab_document::Document;
use winlab_host::compute::TerminateComputeSystem;
use winlab_host::network::{EnumerateNetworks, QueryEndpointProperties, QueryNamespaceProperties};
use winlab_host::system::{EnumerateValues, GetAdapters, Scope};
use winlab_host::{Ask as _, Guid, HResult};

use crate::lab::{Lab, web};

const TCPIP: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";

#[test]
fn a_containers_network_settings_are_in_its_own_registry() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let (one, _) = lab.pod_network("10.244.1.5").await;
        let (other, _) = lab.pod_network("10.244.1.6").await;
        lab.run("web", one).await;
        lab.run("api", other).await;
        let system = lab.host.system();
        let key = |scope| EnumerateValues { scope, key: TCPIP.into() };
        let mine = system.ask(key(Scope::Container("web".into()))).await.unwrap();
        assert_eq!(mine.text(&["SearchList"]), "default.svc.cluster.local");
        assert_eq!(mine.text(&["NameServer"]), "10.96.0.10");
        assert_eq!(mine.text(&["Hostname"]), "web");
        let hosts = system.ask(key(Scope::Host)).await.unwrap();
        assert_eq!((hosts.text(&["SearchList"]), hosts.text(&["Hostname"])), ("", "win1"));
        let interfaces =
            |scope| winlab_host::system::EnumerateKey { scope, key: format!(r"{TCPIP}\Interfaces") };
        let ids = system.ask(interfaces(Scope::Container("api".into()))).await.unwrap();
        let key = format!(r"{TCPIP}\Interfaces\{}", ids[0]);
        let interface =
            system.ask(EnumerateValues { scope: Scope::Container("api".into()), key }).await.unwrap();
        assert_eq!(interface.pointer("/IPAddress/0").and_then(Document::as_str), Some("10.244.1.6"));
    });
}

#[test]
fn the_first_network_moves_the_hosts_address_to_its_vnic() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        lab.pod_network("10.244.1.5").await;
        let adapters = lab.host.system().ask(GetAdapters {}).await.unwrap();
        let found: Vec<_> = adapters.iter().map(|a| (a.name.as_str(), a.addresses.len())).collect();
        assert!(found.contains(&("vEthernet (Ethernet)", 1)), "{found:?}");
        assert!(!found.contains(&("Ethernet", 1)), "{found:?}");
        assert_eq!(lab.plane().adapters, adapters);
    });
}

#[test]
fn programs_live_in_the_compartment_of_their_namespace() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let (namespace, endpoint) = lab.pod_network("10.244.1.5").await;
        lab.run("web", namespace).await;
        let plane = lab.plane();
        let compartment = plane.compartments.iter().find(|c| c.namespace == namespace).unwrap();
        assert!(compartment.number > 1);
        assert_eq!(compartment.programs[0].container, "web");
        assert_eq!(compartment.programs[0].listening[0].to_string(), "tcp/80");
        assert_eq!(compartment.programs[0].environment["HOSTNAME"], "web");
        let network = lab.host.network();
        let document =
            network.ask(QueryNamespaceProperties { id: namespace, query: Document::Null }).await.unwrap();
        assert_eq!(
            document.get("NamespaceId").and_then(Document::as_u64),
            Some(u64::from(compartment.number))
        );
        let end = TerminateComputeSystem { id: "web".into(), options: Document::Null };
        lab.host.compute().ask(end).await.unwrap();
        assert!(lab.plane().compartments.iter().all(|c| c.namespace != namespace), "the compartment is gone");
        network
            .ask(QueryEndpointProperties { id: endpoint, query: Document::Null })
            .await
            .expect("the endpoint stays until CNI DEL");
    });
}

#[test]
fn a_degraded_endpoint_fails_the_start_with_hcs_text() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let (namespace, endpoint) = lab.pod_network("10.244.1.5").await;
        assert!(lab.host.degrade_endpoint(endpoint));
        lab.create("web", namespace, &[]).await.unwrap();
        let fault = lab.start("web").await.unwrap_err();
        assert_eq!(fault.code, HResult::HCN_E_NAMESPACE_ATTACH_FAILED);
        assert_eq!(fault.message, "The requested operation for attach namespace failed.");
    });
}

#[test]
fn stopping_hns_passes_through() {
    virtual_world(async {
        let lab = Lab::new(&web()).await;
        let ask = || async {
            lab.host
                .network()
                .ask(EnumerateNetworks { query: Document::Null })
                .await
                .map_err(|fault| fault.code)
        };
        lab.host.stop_service("hns").unwrap();
        assert_eq!(ask().await, Err(HResult::RPC_S_UNKNOWN_IF));
        assert_eq!(lab.create("web", Guid::from_bits(5), &[]).await, Ok(()));
        assert_eq!(lab.start("web").await.unwrap_err().code, HResult::HCN_E_NAMESPACE_ATTACH_FAILED);
        lab.host.start_service("hns").unwrap();
        assert_eq!(ask().await, Ok(vec![]));
        lab.host.crash_service("hns");
        assert_eq!(ask().await, Err(HResult::RPC_S_UNKNOWN_IF));
    });
}

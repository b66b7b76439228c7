//! `ServiceCIDR` and `IPAddress`: where cluster IPs come from, and whose they are.

use serde_json::json;
use winlab_kube_client::api::{DeleteParams, ListParams, PostParams};
use winlab_kube_client::k8s::networking::{IPAddress, ServiceCIDR};
use winlab_kube_client::{Api, ResourceExt};

use crate::world::{causes, object, refusal, services, with_client, with_client_of};

#[test]
fn the_servers_own_range_is_ready() {
    with_client(async |client| {
        let ranges: Api<ServiceCIDR> = Api::all(client);
        let own = ranges.get("kubernetes").await.unwrap();
        assert_eq!(own.spec.unwrap().cidrs.unwrap(), ["10.96.0.0/12"]);
        let conditions = own.status.unwrap().conditions.unwrap();
        assert_eq!((conditions[0].type_.as_str(), conditions[0].status.as_str()), ("Ready", "True"));
        let wrong: ServiceCIDR = object(json!({"metadata": {"name": "x"}, "spec": {"cidrs": ["10.0.0.0"]}}));
        assert_eq!(
            causes(ranges.create(&PostParams::default(), &wrong).await),
            ["FieldValueInvalid spec.cidrs[0]"]
        );
    });
}

#[test]
fn each_cluster_ip_has_an_object_as_long_as_its_service() {
    with_client(async |client| {
        let addresses: Api<IPAddress> = Api::all(client.clone());
        let web = object(json!({"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}));
        let made = services(&client).create(&PostParams::default(), &web).await.unwrap();
        let ip = made.spec.unwrap().cluster_ip.unwrap();
        let address = addresses.get(&ip).await.unwrap();
        assert_eq!(address.labels()["ipaddress.kubernetes.io/managed-by"], "ipallocator.k8s.io");
        let parent = address.spec.parent_ref;
        assert_eq!((parent.resource.as_str(), parent.name.as_str()), ("services", "web"));
        services(&client).delete("web", &DeleteParams::default()).await.unwrap();
        assert_eq!(refusal(addresses.get(&ip).await).0, 404);
        assert_eq!(
            addresses.list(&ListParams::default()).await.unwrap().items.len(),
            1,
            "that of `kubernetes`"
        );
    });
}

#[test]
fn a_server_before_1_33_knows_neither() {
    with_client_of(32, async |client| {
        let ranges: Api<ServiceCIDR> = Api::all(client);
        assert_eq!(refusal(ranges.get("kubernetes").await).0, 404);
    });
}

//! The embedded control plane end to end: what its controllers and scheduler make of ordinary objects.

mod garbage;
mod rejected;
mod scheduling;
mod taints;
mod world;

use serde_json::json;
use winlab_clock::{VirtualSpan, virtual_world};
use winlab_control_plane::ControlPlane;
use winlab_kube_client::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::apps::{Deployment, ReplicaSet};
use winlab_kube_client::k8s::batch::Job;
use winlab_kube_client::k8s::certificates::CertificateSigningRequest;
use winlab_kube_client::k8s::core::{Endpoints, Namespace, Node, Pod, Service};
use winlab_kube_client::k8s::discovery::EndpointSlice;
use winlab_kube_client::{Api, Identity, ResourceExt};
use winlab_pki::{PrivateKey, SigningRequest};

use self::world::world;

fn deployment(replicas: u32, image: &str) -> serde_json::Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"nodeSelector": {"kubernetes.io/os": "windows"}, "containers": [{"name": "c", "image": image}]},
        }},
    })
}

#[test]
fn a_deployment_becomes_pods_on_the_nodes_it_selects_and_endpoints_behind_its_service() {
    virtual_world(async {
        let world = world().await;
        for (name, os) in [("lin1", "linux"), ("win1", "windows"), ("win2", "windows")] {
            world.node(name, os).await;
        }
        world.apply::<Deployment>(deployment(4, "web:1")).await;
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
        });
        world.apply::<Service>(service).await;
        world.pass(5).await;
        let mut placed: Vec<String> =
            world.pods().await.iter().filter_map(|pod| pod.spec.as_ref()?.node_name.clone()).collect();
        placed.sort();
        assert_eq!(placed, ["win1", "win1", "win2", "win2"], "spread over the nodes of the right system");
        world.run_pods().await;
        world.pass(5).await;
        let web = world.of::<Deployment>().get_status("web").await.unwrap().status.unwrap();
        assert_eq!((web.ready_replicas, web.available_replicas), (Some(4), Some(4)));
        let of_web = ListParams::default().labels("kubernetes.io/service-name=web");
        let slices = world.of::<EndpointSlice>().list(&of_web).await.unwrap().items;
        let endpoints: Vec<_> = slices.iter().flat_map(|slice| slice.endpoints.iter().flatten()).collect();
        assert_eq!(endpoints.len(), 4);
        assert!(endpoints.iter().all(|e| e.conditions.as_ref().is_some_and(|c| c.ready == Some(true))));
        assert_eq!(slices[0].ports.as_ref().unwrap()[0].port, Some(8080));
        let old = world.of::<Endpoints>().get("web").await.unwrap();
        assert_eq!(old.subsets.unwrap()[0].addresses.as_ref().unwrap().len(), 4);
    });
}

#[test]
fn a_rollout_replaces_pods_within_its_bounds_and_deletion_takes_all() {
    virtual_world(async {
        let world = world().await;
        world.node("win1", "windows").await;
        world.apply::<Deployment>(deployment(3, "web:1")).await;
        world.pass(2).await;
        world.run_pods().await;
        let patch =
            json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "web:2"}]}}}});
        world
            .of::<Deployment>()
            .patch("web", &PatchParams::default(), &Patch::Strategic(&patch))
            .await
            .unwrap();
        for _ in 0..20 {
            world.pass(2).await;
            let pods = world.pods().await;
            assert!(
                pods.iter().filter(|p| p.metadata.deletion_timestamp.is_none()).count() <= 4,
                "maxSurge is one"
            );
            for pod in pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_some()) {
                let now = DeleteParams::default().grace_period(0);
                let _ = world.of::<Pod>().delete(&pod.name_any(), &now).await;
            }
            world.run_pods().await;
        }
        let images: Vec<_> = world
            .pods()
            .await
            .iter()
            .map(|p| p.spec.as_ref().unwrap().containers[0].image.clone().unwrap())
            .collect();
        assert_eq!(images, ["web:2", "web:2", "web:2"]);
        assert_eq!(world.of::<ReplicaSet>().list(&ListParams::default()).await.unwrap().items.len(), 2);
        world.of::<Deployment>().delete("web", &DeleteParams::background()).await.unwrap();
        world.pass(5).await;
        assert!(world.of::<ReplicaSet>().list(&ListParams::default()).await.unwrap().items.is_empty());
        assert!(world.pods().await.iter().all(|pod| pod.metadata.deletion_timestamp.is_some()));
    });
}

#[test]
fn a_silent_node_is_tainted_and_loses_its_pods_and_gets_a_cidr_before() {
    virtual_world(async {
        let world = world().await;
        world.node("win1", "windows").await;
        world.apply::<Deployment>(deployment(1, "web:1")).await;
        world.pass(2).await;
        world.run_pods().await;
        let nodes: Api<Node> = Api::all(world.client.clone());
        let node = nodes.get("win1").await.unwrap();
        assert_eq!(node.spec.unwrap().pod_cidr.as_deref(), Some("10.244.0.0/24"));
        world.pass(60).await;
        let node = nodes.get("win1").await.unwrap();
        let taints: Vec<_> =
            node.spec.unwrap().taints.unwrap().into_iter().map(|t| (t.key, t.effect)).collect();
        let unreachable = |effect: &str| ("node.kubernetes.io/unreachable".to_owned(), effect.to_owned());
        assert!(
            taints.contains(&unreachable("NoExecute")) && taints.contains(&unreachable("NoSchedule")),
            "{taints:?}"
        );
        let first = world.pods().await[0].name_any();
        world.pass(310).await;
        let pods = world.pods().await;
        let old = pods.iter().find(|pod| pod.name_any() == first).unwrap();
        assert!(old.metadata.deletion_timestamp.is_some(), "evicted after its toleration of 300 s");
        assert!(pods.iter().any(|pod| pod.name_any() != first), "and replaced");
    });
}

#[test]
fn jobs_run_to_completion_and_namespaces_empty_themselves() {
    virtual_world(async {
        let world = world().await;
        world.node("lin1", "linux").await;
        let job = json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"},
            "spec": {"completions": 2, "parallelism": 1, "template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}},
        });
        world.apply::<Job>(job).await;
        for _ in 0..2 {
            world.pass(2).await;
            for pod in world.pods().await {
                let status = json!({"status": {"phase": "Succeeded"}});
                let name = pod.name_any();
                world
                    .of::<Pod>()
                    .patch_status(&name, &PatchParams::default(), &Patch::Merge(&status))
                    .await
                    .unwrap();
            }
        }
        world.pass(2).await;
        let status = world.of::<Job>().get("once").await.unwrap().status.unwrap();
        assert_eq!(status.succeeded, Some(2));
        assert!(status.conditions.unwrap().iter().any(|c| c.type_ == "Complete" && c.status == "True"));
        let namespaces: Api<Namespace> = Api::all(world.client.clone());
        let shop: Namespace = serde_json::from_value(json!({"metadata": {"name": "shop"}})).unwrap();
        namespaces.create(&PostParams::default(), &shop).await.unwrap();
        world.pass(2).await;
        namespaces.delete("shop", &DeleteParams::default()).await.unwrap();
        world.pass(10).await;
        assert!(namespaces.get_opt("shop").await.unwrap().is_none());
    });
}

#[test]
fn a_kubelets_request_is_approved_by_the_bindings_of_kubeadm_and_signed() {
    virtual_world(async {
        let world = world().await;
        let key = PrivateKey::of_bytes([1; 32]).unwrap();
        let text = SigningRequest::of_client("system:node:win1", "system:nodes", &key).unwrap();
        let request = |name: &str, signer: &str, usages: [&str; 2]| {
            let mut made: CertificateSigningRequest = serde_json::from_value(json!({
                "metadata": {"name": name}, "spec": {"request": "", "signerName": signer, "usages": usages}
            }))
            .unwrap();
            made.spec.request.0 = text.clone().into_bytes();
            made
        };
        let of = |user: &str| -> Api<CertificateSigningRequest> {
            Api::all(world.plane.client(Identity::new("kubelet", "v1.36.1").user(user)))
        };
        let kubelet = "kubernetes.io/kube-apiserver-client-kubelet";
        let client_auth = ["digital signature", "client auth"];
        let serving =
            request("serving", "kubernetes.io/kubelet-serving", ["digital signature", "server auth"]);
        let post = PostParams::default();
        of("system:bootstrap:abcdef")
            .create(&post, &request("by-token", kubelet, client_auth))
            .await
            .unwrap();
        of("system:node:win1").create(&post, &request("own", kubelet, client_auth)).await.unwrap();
        of("system:node:win2").create(&post, &request("another", kubelet, client_auth)).await.unwrap();
        of("system:node:win1").create(&post, &serving).await.unwrap();
        world.clock.sleep(VirtualSpan::from_secs(1)).await;
        let state = async |name: &str| {
            let status = of("kubernetes-admin").get(name).await.unwrap().status.unwrap_or_default();
            let conditions = status.conditions.unwrap_or_default();
            let kinds: Vec<String> = conditions.into_iter().map(|condition| condition.type_).collect();
            (kinds.join(","), status.certificate.is_some())
        };
        let approved = ("Approved".to_owned(), true);
        assert_eq!(state("by-token").await, approved);
        assert_eq!(state("own").await, approved);
        assert_eq!(state("another").await, (String::new(), false), "nobody asks in another's name");
        assert_eq!(state("serving").await, (String::new(), false), "a person decides");
        // An administrator approves; the signer finds that nothing is there to serve under.
        let admin = of("kubernetes-admin");
        let mut decided = admin.get("serving").await.unwrap();
        decided.status =
            serde_json::from_value(json!({"conditions": [{"type": "Approved", "status": "True"}]})).ok();
        admin.replace_subresource("approval", "serving", &post, &decided).await.unwrap();
        world.clock.sleep(VirtualSpan::from_secs(1)).await;
        assert_eq!(state("serving").await, ("Approved,Failed".to_owned(), false));
        world.clock.sleep(VirtualSpan::from_secs(3 * 3600)).await;
        assert!(admin.get_opt("own").await.unwrap().is_none(), "answered requests are cleared away");
        assert!(admin.get_opt("another").await.unwrap().is_some());
    });
}

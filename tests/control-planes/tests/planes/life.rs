//! The life of a plane: a start, who may do what, observation, an end that leaves nothing.
#![expect(
    clippy::disallowed_methods,
    reason = "whether a folder and processes have gone is asked of the machine"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use winlab_clock::VirtualSpan;
use winlab_control_plane::{
    Binaries, ControlPlane, Listeners, Observer, PlaneSetting, Side, Switches, Write,
};
use winlab_kube_api::kinds;
use winlab_kube_client::api::{ListParams, PostParams};
use winlab_kube_client::k8s::core::{ConfigMap, Node, Secret};
use winlab_kube_client::{Api, ErrorExt, Identity};

use crate::programs::{VERSION, means, real_world, say, setting};

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Observer for Told {
    fn write(&self, write: &Write<'_>) {
        let text = format!("{} {} {} by {}", write.verb, write.kind, write.name, write.actor);
        self.0.lock().unwrap().push(text);
    }
}

fn identity(component: &str, user: &str) -> Identity {
    Identity::new(component, VERSION).user(user)
}

#[test]
fn a_plane_starts_serves_by_identity_is_observed_and_leaves_nothing() {
    let Some(means) = means() else { return };
    real_world(async |clock| {
        let begun = clock.now();
        let outside = Listeners::open(&[([127, 0, 0, 1], 0).into()]).await.expect("loopback has free ports");
        let setting = PlaneSetting { outside, ..setting(clock, Switches::All) };
        let plane = Binaries::start(&means.spec, setting).await;
        let plane = plane.unwrap_or_else(|error| panic!("{error}"));
        say(&format!("a whole plane is ready after {}", clock.now().since(begun)));
        who_may_do_what(&plane).await;
        seen_from_outside(&plane).await;

        let told = Arc::new(Told::default());
        plane.observe(told.clone());
        let kubectl = plane.client(Identity::new("kubectl", VERSION));
        let maps: Api<ConfigMap> = Api::namespaced(kubectl, "default");
        // The first list may come before or after one write; of a later one the observer hears.
        let heard = async {
            for number in 0.. {
                let mut map = ConfigMap::default();
                map.metadata.name = Some(format!("seen-{number}"));
                // Who wrote nothing but a name manages nothing.
                map.data = Some([("key".to_owned(), "value".to_owned())].into());
                maps.create(&PostParams::default(), &map).await.unwrap();
                clock.sleep(VirtualSpan::from_millis(200)).await;
                let told = told.0.lock().unwrap();
                if told.iter().any(|line| line.starts_with("create ConfigMap seen-")) {
                    assert!(told.iter().any(|line| line.ends_with(" by kubectl")), "{told:?}");
                    return;
                }
            }
        };
        clock.within(VirtualSpan::from_secs(30), heard).await.expect("the observer hears of a write");

        let children = programs_below(means.scratch.path());
        assert_eq!(children.len(), 4, "{children:?}");
        let begun = clock.now();
        plane.stop().await;
        say(&format!("it has ended after {}", clock.now().since(begun)));
        assert!(programs_below(means.scratch.path()).is_empty());
        assert_eq!(std::fs::read_dir(means.scratch.path()).unwrap().count(), 0, "its folder is gone");
    });
}

/// Users are told apart by their certificates, and RBAC and the node authorizer decide.
async fn who_may_do_what(plane: &Binaries) {
    let kubelet = plane.client(identity("kubelet", "system:node:win1"));
    let nodes: Api<Node> = Api::all(kubelet.clone());
    let error = nodes.get("win2").await.unwrap_err();
    assert!(error.is_forbidden() || error.is_not_found(), "{error}");
    let secrets: Api<Secret> = Api::namespaced(kubelet, "default");
    assert!(secrets.list(&ListParams::default()).await.unwrap_err().is_forbidden());

    let flannel = plane.client(identity("flanneld", "system:serviceaccount:kube-flannel:flannel"));
    let nodes: Api<Node> = Api::all(flannel.clone());
    nodes.list(&ListParams::default()).await.expect("flannel may list nodes");
    let secrets: Api<Secret> = Api::all(flannel);
    assert!(secrets.list(&ListParams::default()).await.unwrap_err().is_forbidden());
}

/// What real programs are given, and the lab's own look.
async fn seen_from_outside(plane: &Binaries) {
    let endpoint = plane.endpoint(Side::Lab).expect("a plane of programs listens");
    assert!(endpoint.url().starts_with("https://127.0.0.1:"), "{}", endpoint.url());
    let config = plane.kubeconfig(&identity("kubelet", "system:node:win1"), Side::Lab).unwrap();
    assert!(config.contains(&endpoint.url()) && config.contains("client-certificate-data:"), "{config}");
    assert!(plane.faults().is_none());

    let administrator = identity("kubectl", "kubernetes-admin");
    let outside = plane.kubeconfig(&administrator, Side::Outside).unwrap();
    assert!(!outside.contains(&endpoint.url()), "other terminals have a socket of their own: {outside}");
    let client = administrator.connect(&outside).await.expect("its kubeconfig is whole");
    let nodes: Api<Node> = Api::all(client);
    nodes.list(&ListParams::default()).await.expect("it leads to the API server");

    let service = &kinds::KINDS[kinds::by_name("", "Service")];
    let found = plane.stored(service, "default", "kubernetes").await.unwrap().expect("every cluster has it");
    assert_eq!(found.text(&["spec", "clusterIP"]), "10.96.0.1");
    assert_eq!(plane.stored(service, "default", "nobody").await.unwrap(), None);
    let all = plane.stored_all(service).await.unwrap();
    assert!(all.iter().all(|service| service.text(&["kind"]) == "Service"), "{all:?}");
}

/// Processes of this machine whose command line names a file below a folder.
fn programs_below(folder: &Path) -> Vec<String> {
    let folder = folder.display().to_string();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let lines = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(&folder)).collect()
}

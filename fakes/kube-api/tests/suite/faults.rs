//! What a lab can do to the server, and what it is told.

use std::sync::{Arc, Mutex};

use winlab_clock::{Clock, VirtualSpan, virtual_world};
use winlab_kube_api::faults::{Fault, Matching};
use winlab_kube_api::observe::{Observer, Write};
use winlab_kube_client::api::{ListParams, PostParams};
use winlab_kube_client::{ErrorExt, Identity};

use crate::world::{pod, pods, server};

#[test]
fn rules_hold_for_whom_they_match_until_they_are_lifted() {
    virtual_world(async {
        let server = server(34);
        let clock = Clock::start_virtual();
        let kubelet = server.client(Identity::new("kubelet", "v1").user("system:node:win1"));
        let kubectl = server.client(Identity::new("kubectl", "v1"));
        let of_kubelet = Matching { user: "system:node:win1".to_owned(), ..Matching::default() };
        let refused = server.faults().add(of_kubelet.clone(), Fault::Refuse);
        assert_eq!(pods(&kubelet).get("a").await.unwrap_err().code(), 503);
        assert_eq!(pods(&kubectl).get("a").await.unwrap_err().code(), 404);
        server.faults().remove(refused);
        let slow = server.faults().add(of_kubelet.clone(), Fault::Slow(VirtualSpan::from_secs(7)));
        let began = clock.now();
        assert_eq!(pods(&kubelet).get("a").await.unwrap_err().code(), 404);
        assert_eq!(clock.now().since(began), VirtualSpan::from_secs(7));
        server.faults().remove(slow);
        server.faults().add_times(of_kubelet, Fault::Unreachable, 1);
        let gone = pods(&kubelet).get("a").await.unwrap_err();
        assert!(gone.is_transient() && gone.status().is_none(), "{gone}");
        assert_eq!(pods(&kubelet).get("a").await.unwrap_err().code(), 404);
    });
}

#[test]
fn a_stale_cache_serves_the_past_to_who_takes_any_version() {
    virtual_world(async {
        let server = server(34);
        let client = server.client(Identity::new("kubectl", "v1"));
        let api = pods(&client);
        api.create(&PostParams::default(), &pod("a")).await.unwrap();
        let then = server.revision();
        api.create(&PostParams::default(), &pod("b")).await.unwrap();
        server.faults().serve_stale(Some(then));
        let any = ListParams::default().match_any();
        assert_eq!(api.list(&any).await.unwrap().items.len(), 1);
        assert_eq!(api.list(&ListParams::default()).await.unwrap().items.len(), 2);
        server.faults().serve_stale(None);
        assert_eq!(api.list(&any).await.unwrap().items.len(), 2);
    });
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Observer for Log {
    fn write(&self, write: &Write<'_>) {
        let line = format!(
            "{} {} {} {}/{} -> {} ({} changes)",
            write.identity.component,
            write.verb,
            write.kind.plural,
            write.namespace,
            write.name,
            write.code,
            write.changes.len()
        );
        self.0.lock().unwrap().push(line);
    }
}

#[test]
fn observers_are_told_of_every_write() {
    virtual_world(async {
        let server = server(34);
        let log = Arc::new(Log::default());
        server.observe(Arc::<Log>::clone(&log));
        let client = server.client(Identity::new("kubectl", "v1"));
        pods(&client).create(&PostParams::default(), &pod("a")).await.unwrap();
        pods(&client).create(&PostParams::default(), &pod("a")).await.unwrap_err();
        pods(&client).delete("a", &Default::default()).await.unwrap();
        pods(&client).get("a").await.unwrap_err();
        assert_eq!(
            *log.0.lock().unwrap(),
            [
                "kubectl create pods default/a -> 201 (1 changes)",
                "kubectl create pods default/a -> 409 (0 changes)",
                "kubectl delete pods default/a -> 200 (1 changes)",
            ]
        );
    });
}

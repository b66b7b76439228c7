//! A pod's life on a Linux and on a Windows node.

mod world;

use winlab_clock::virtual_world;
use winlab_document::{Document, doc};

use world::{Os, Setup, World, condition, spec, state};

const BOTH: [Os; 2] = [Os::Linux, Os::Windows];

#[test]
fn a_pod_runs_logs_and_answers_exec() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            world.create_pod("web", spec(os, doc!({"name": "web", "image": "web"}))).await;
            let pod = world.until_phase("web", "Running").await;
            assert_eq!(state(&pod, "web"), "running");
            assert_eq!(condition(&pod, "Ready"), "True");
            assert!(pod.text(&["status", "podIP"]).starts_with("10.244."), "{pod:#}");
            assert_eq!(world.logs("web", "web", false).await.unwrap(), "hello\nworld\n");
            let (output, code) = world.exec("web", "web", &["hostname"]).await.unwrap();
            assert_eq!((output.trim(), code), ("web", 0));
            let events = world.events("web").await;
            let reasons: Vec<&str> = events.iter().filter_map(|event| event.split(':').next()).collect();
            assert_eq!(reasons, ["Pulling", "Pulled", "Created", "Started"], "{events:#?}");
        });
    }
}

#[test]
fn a_deleted_pod_is_given_its_grace_and_leaves_nothing() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            world.create_pod("web", spec(os, doc!({"name": "web", "image": "web"}))).await;
            world.until_phase("web", "Running").await;
            world.delete_pod("web").await;
            world.until_gone("web", 5).await;
            world.create_pod("slow", spec(os, doc!({"name": "web", "image": "stubborn"}))).await;
            world.until_phase("slow", "Running").await;
            let began = world.clock.now();
            world.delete_pod("slow").await;
            world.until_gone("slow", 60).await;
            let took = world.clock.now().since(began).as_secs();
            assert!((30..33).contains(&took), "{took} s");
            world.clock.sleep(winlab_clock::VirtualSpan::from_secs(1)).await;
            assert!(world.cri().list_pod_sandbox(Default::default()).await.unwrap().is_empty());
            assert!(world.cri().list_containers(Default::default()).await.unwrap().is_empty());
        });
    }
}

#[test]
fn init_containers_run_first() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            let spec = spec(os, doc!({"name": "web", "image": "web"})).with(
                "initContainers",
                doc!([{"name": "first", "image": "job"}, {"name": "second", "image": "job"}]),
            );
            world.create_pod("web", spec).await;
            let pod = world.until_phase("web", "Running").await;
            assert_eq!(state(&pod, "first"), "terminated Completed");
            assert_eq!(state(&pod, "second"), "terminated Completed");
            assert_eq!(condition(&pod, "Initialized"), "True");
        });
    }
}

#[test]
fn a_job_completes_and_can_still_be_read() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            let spec = spec(os, doc!({"name": "job", "image": "job"})).with("restartPolicy", "Never");
            world.create_pod("job", spec.clone()).await;
            let pod = world.until_phase("job", "Succeeded").await;
            assert_eq!(state(&pod, "job"), "terminated Completed");
            let failing = doc!([{"name": "job", "image": "crash"}]);
            world.create_pod("bad", spec.with("containers", failing)).await;
            let pod = world.until_phase("bad", "Failed").await;
            assert_eq!(
                pod.pointer("/status/containerStatuses/0/state/terminated/exitCode")
                    .and_then(Document::as_i64),
                Some(3)
            );
            assert_eq!(world.logs("bad", "job", false).await.unwrap(), "going down\n");
            world.delete_pod("job").await;
            world.until_gone("job", 5).await;
        });
    }
}

//! Pods that do not come up, and what is said about them.

mod world;

use winlab_clock::{VirtualSpan, virtual_world};
use winlab_document::{Document, doc};
use winlab_node::kubelet::ProbeOutcome;

use world::{Os, Setup, World, condition, restarts, spec, state};

const BOTH: [Os; 2] = [Os::Linux, Os::Windows];

#[test]
fn a_crashing_container_is_restarted_ever_more_slowly() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            world.create_pod("crash", spec(os, doc!({"name": "a", "image": "crash"}))).await;
            let pod = world.until("crash", 60, |pod| state(pod, "a") == "waiting CrashLoopBackOff").await;
            let message = pod
                .pointer("/status/containerStatuses/0/state/waiting/message")
                .and_then(Document::as_str)
                .unwrap();
            // A status is made before the attempt that it explains, so the first wait of 10 s is over when it could show.
            assert!(
                message.starts_with("back-off 20s restarting failed container=a pod=crash_default("),
                "{message}"
            );
            let at = world.clock.now();
            world.until("crash", 1000, |pod| restarts(pod, "a") == 4).await;
            let took = world.clock.now().since(at).as_secs();
            // 20 and 40 s, and up to 15 s until the next look each.
            assert!((50..100).contains(&took), "{took} s for the next restarts");
            assert_eq!(world.logs("crash", "a", true).await.unwrap(), "going down\n");
            let events = world.events("crash").await;
            assert!(
                events.iter().any(|e| e
                    .starts_with("BackOff: Back-off restarting failed container a in pod crash_default(")),
                "{events:#?}"
            );
        });
    }
}

#[test]
fn an_image_that_cannot_be_pulled_says_why() {
    for (os, image, text) in [
        (Os::Linux, "nowhere", "not found"),
        (Os::Windows, "oldindex", "no match for platform in manifest: not found"),
    ] {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            world.create_pod("p", spec(os, doc!({"name": "a", "image": image}))).await;
            world.until("p", 30, |pod| state(pod, "a") == "waiting ErrImagePull").await;
            let pod = world.until("p", 30, |pod| state(pod, "a") == "waiting ImagePullBackOff").await;
            let message = pod
                .pointer("/status/containerStatuses/0/state/waiting/message")
                .and_then(Document::as_str)
                .unwrap();
            assert!(message.starts_with(&format!("Back-off pulling image {image:?}: ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image")), "{message}");
            assert!(message.contains(text), "{message}");
            let error = world.logs("p", "a", false).await.unwrap_err();
            assert_eq!(
                error,
                "container \"a\" in pod \"p\" is waiting to start: trying and failing to pull image"
            );
        });
    }
}

#[test]
fn an_image_of_another_build_does_not_start_under_process_isolation_but_in_a_vm() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        world.create_pod("p", spec(Os::Windows, doc!({"name": "a", "image": "old"}))).await;
        world
            .until("p", 30, |pod| {
                state(pod, "a") == "waiting RunContainerError"
                    || state(pod, "a") == "waiting CrashLoopBackOff"
            })
            .await;
        let events = world.events("p").await;
        assert!(
            events.iter().any(|event| event.starts_with("Failed: Error: failed to create containerd task: failed to create shim task: hcs::CreateComputeSystem ")
                && event.ends_with(": The container operating system does not match the host operating system.: unknown")),
            "{events:#?}"
        );
        let class = doc!({"metadata": {"name": "hyperv"}, "handler": "runhcs-wcow-hypervisor"});
        world.create_cluster("node.k8s.io", "RuntimeClass", "runtimeclasses", class).await;
        let isolated =
            spec(Os::Windows, doc!({"name": "a", "image": "old"})).with("runtimeClassName", "hyperv");
        world.create_pod("isolated", isolated).await;
        let pod = world.until_phase("isolated", "Running").await;
        assert!(!pod.text(&["status", "podIP"]).is_empty());
        world.delete_pod("isolated").await;
        world.until_gone("isolated", 40).await;
    });
}

#[test]
fn probes_decide_about_readiness_and_restarts() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            let probe = |path: &str| doc!({"httpGet": {"path": path, "port": 80}, "periodSeconds": 5, "failureThreshold": 2});
            world.answers.set(ProbeOutcome::Failure("HTTP probe failed with statuscode: 503".into()));
            let ready = doc!({"name": "a", "image": "web", "readinessProbe": probe("/ready")});
            world.create_pod("ready", spec(os, ready)).await;
            let pod = world.until_phase("ready", "Running").await;
            assert_eq!(condition(&pod, "Ready"), "False");
            world.answers.set(ProbeOutcome::Success);
            world.until("ready", 20, |pod| condition(pod, "Ready") == "True").await;
            let live = doc!({"name": "a", "image": "web", "livenessProbe": probe("/live")});
            world.create_pod("live", spec(os, live)).await;
            world.until("live", 30, |pod| condition(pod, "Ready") == "True").await;
            world.answers.set(ProbeOutcome::Failure("HTTP probe failed with statuscode: 500".into()));
            world.until("live", 60, |pod| restarts(pod, "a") == 1).await;
            let events = world.events("live").await;
            assert!(
                events.contains(
                    &"Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500".to_owned()
                ),
                "{events:#?}"
            );
            assert!(
                events.contains(&"Killing: Container a failed liveness probe, will be restarted".to_owned()),
                "{events:#?}"
            );
            world.until("ready", 30, |pod| condition(pod, "Ready") == "False").await;
        });
    }
}

#[test]
fn exec_probes_and_hooks_run_in_the_container() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            let echo = match os {
                Os::Windows => doc!(["cmd", "/c", "echo hi"]),
                Os::Linux => doc!(["/bin/sh", "-c", "echo hi"]),
            };
            let container = doc!({
                "name": "a", "image": "web",
                "readinessProbe": {"exec": {"command": echo.clone()}, "periodSeconds": 1},
                "lifecycle": {"postStart": {"exec": {"command": echo.clone()}}, "preStop": {"exec": {"command": echo}}},
            });
            world.create_pod("p", spec(os, container)).await;
            world.until("p", 30, |pod| condition(pod, "Ready") == "True").await;
            world.delete_pod("p").await;
            world.until_gone("p", 10).await;
            let events = world.events("p").await;
            assert!(!events.iter().any(|event| event.contains("Hook")), "{events:#?}");
        });
    }
}

#[test]
fn a_pod_that_the_node_must_not_have_is_turned_away() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let linux =
            spec(Os::Windows, doc!({"name": "a", "image": "web"})).with("os", doc!({"name": "linux"}));
        world.create_pod("linux", linux).await;
        let pod = world.until_phase("linux", "Failed").await;
        assert_eq!(pod.text(&["status", "reason"]), "PodOSNotSupported");
        assert_eq!(
            pod.text(&["status", "message"]),
            "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS"
        );
        let big = doc!({"name": "a", "image": "web", "resources": {"requests": {"cpu": "64"}}});
        world.create_pod("big", spec(Os::Windows, big)).await;
        assert_eq!(world.until_phase("big", "Failed").await.text(&["status", "reason"]), "OutOfcpu");
        world.delete_pod("linux").await;
        world.until_gone("linux", 5).await;
    });
}

#[test]
fn root_on_windows_breaks_the_non_root_policy() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let root = doc!({"name": "a", "image": "web", "securityContext": {
            "runAsNonRoot": true, "windowsOptions": {"runAsUserName": "containeradministrator"},
        }});
        world.create_pod("named", spec(Os::Windows, root)).await;
        let pod =
            world.until("named", 30, |pod| state(pod, "a") == "waiting CreateContainerConfigError").await;
        let message = pod
            .pointer("/status/containerStatuses/0/state/waiting/message")
            .and_then(Document::as_str)
            .unwrap();
        assert!(message.starts_with("container's runAsUserName (containeradministrator) which will be regarded as root identity and will break non-root policy"), "{message}");
        let image = doc!({"name": "a", "image": "admin", "securityContext": {"runAsNonRoot": true}});
        world.create_pod("image", spec(Os::Windows, image)).await;
        world.until("image", 30, |pod| state(pod, "a") == "waiting CreateContainerConfigError").await;
        let ignored =
            doc!({"name": "a", "image": "web", "securityContext": {"privileged": true, "runAsUser": 0}});
        world.create_pod("ignored", spec(Os::Windows, ignored)).await;
        world.until_phase("ignored", "Running").await;
    });
}

#[test]
fn a_missing_config_map_holds_a_pod_up_until_it_is_there() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            let mounted = spec(
                os,
                doc!({"name": "a", "image": "web", "volumeMounts": [{"name": "c", "mountPath": "/etc/c"}]}),
            )
            .with("volumes", doc!([{"name": "c", "configMap": {"name": "settings"}}]));
            world.create_pod("mounted", mounted).await;
            let from =
                doc!({"name": "a", "image": "web", "envFrom": [{"configMapRef": {"name": "settings"}}]});
            world.create_pod("env", spec(os, from)).await;
            world.until("env", 30, |pod| state(pod, "a") == "waiting CreateContainerConfigError").await;
            world.clock.sleep(VirtualSpan::from_secs(3)).await;
            let events = world.events("mounted").await;
            assert!(events.contains(&"FailedMount: MountVolume.SetUp failed for volume \"c\" : configmaps \"settings\" not found".to_owned()), "{events:#?}");
            let settings = doc!({"metadata": {"name": "settings"}, "data": {"COLOUR": "blue"}});
            world.create("ConfigMap", "configmaps", settings).await;
            world.until_phase("mounted", "Running").await;
            world.until_phase("env", "Running").await;
            let (echo, read) = match os {
                Os::Windows => (["cmd", "/c", "echo %COLOUR%"], ["cmd", "/c", r"type C:\etc\c\COLOUR"]),
                Os::Linux => (["/bin/sh", "-c", "echo $COLOUR"], ["/bin/sh", "-c", "cat /etc/c/COLOUR"]),
            };
            assert_eq!(world.exec("env", "a", &echo).await.unwrap().0.trim(), "blue");
            assert_eq!(world.exec("mounted", "a", &read).await.unwrap().0.trim(), "blue");
        });
    }
}

#[test]
fn memory_that_runs_short_costs_the_pod_that_is_over_its_requests_the_most() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let hungry = |more: Document| {
            let container = doc!({"name": "a", "image": "hungry"}).merge_patch(&more);
            spec(Os::Windows, container)
        };
        let running = |pod: &Document| state(pod, "a").starts_with("running");
        let asks = doc!({"resources": {"requests": {"memory": "3Gi"}}});
        world.create_pod("modest", hungry(asks)).await;
        world.until("modest", 60, running).await;
        world.create_pod("careless", hungry(doc!({}))).await;
        let phase =
            |pod: &Document| pod.path(&["status", "phase"]).and_then(Document::as_str) == Some("Failed");
        let evicted = world.until("careless", 60, phase).await;
        assert_eq!(evicted.path(&["status", "reason"]).and_then(Document::as_str), Some("Evicted"));
        let message = evicted.path(&["status", "message"]).and_then(Document::as_str).unwrap();
        assert!(
            message
                .starts_with("The node was low on resource: memory. Threshold quantity: 500Mi, available: "),
            "{message}"
        );
        // BestEffort pods are turned away while the pressure shows; what asks for something, or is critical, comes in.
        world.create_pod("late", hungry(doc!({"image": "web"}))).await;
        let late = world.until("late", 30, phase).await;
        let message = late.path(&["status", "message"]).and_then(Document::as_str).unwrap();
        assert!(message.contains("The node had condition: [MemoryPressure]."), "{message}");
        let critical = hungry(doc!({"image": "web"})).with("priorityClassName", "system-node-critical");
        world.create_pod("critical", critical).await;
        world.until("critical", 60, running).await;
        world.until("modest", 1, running).await;
    });
}

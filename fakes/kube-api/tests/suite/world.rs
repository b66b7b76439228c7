//! A server and clients of it in a virtual world.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use serde_json::Value;
use winlab_clock::{Clock, Seed, virtual_world};
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::{Namespace, Pod, Service};
use winlab_kube_client::{Api, Client, Error, Identity};

/// A server of a minor without the service account plugin, for there is no controller to make accounts.
pub(crate) fn server(minor: u32) -> Arc<ApiServer> {
    let config = Config::new(Clock::start_virtual(), Seed::new(1), minor);
    ApiServer::new(config.disable_admission("ServiceAccount"))
}

/// Runs a case against a new server of the newest minor.
pub(crate) fn with_client<F: Future<Output = ()>>(case: impl FnOnce(Client) -> F) {
    with_client_of(34, case);
}

/// Runs a case against a new server of a minor.
pub(crate) fn with_client_of<F: Future<Output = ()>>(minor: u32, case: impl FnOnce(Client) -> F) {
    virtual_world(async {
        let client = server(minor).client(Identity::new("kubectl", "v1.34.0"));
        case(client).await;
    });
}

/// A typed object from JSON.
pub(crate) fn object<K: serde::de::DeserializeOwned>(json: Value) -> K {
    serde_json::from_value(json).expect("the test's own object has the shape of its type")
}

/// A pod with one container.
pub(crate) fn pod(name: &str) -> Pod {
    object(serde_json::json!({
        "metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "registry.k8s.io/pause:3.10"}]}
    }))
}

/// Pods of the default namespace.
pub(crate) fn pods(client: &Client) -> Api<Pod> {
    Api::namespaced(client.clone(), "default")
}

/// Services of the default namespace.
pub(crate) fn services(client: &Client) -> Api<Service> {
    Api::namespaced(client.clone(), "default")
}

/// Creates a namespace.
pub(crate) async fn create_namespace(client: &Client, name: &str) -> Namespace {
    let namespace = object(serde_json::json!({"metadata": {"name": name}}));
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await.unwrap()
}

/// The code and message of a refusal.
#[track_caller]
pub(crate) fn refusal<T: Debug>(answer: Result<T, Error>) -> (u16, String) {
    match answer {
        Err(Error::Api(status)) => (status.code, status.message.clone()),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The causes of a refusal as `reason field`.
#[track_caller]
pub(crate) fn causes<T: Debug>(answer: Result<T, Error>) -> Vec<String> {
    match answer {
        Err(Error::Api(status)) => {
            let details = status.details.as_ref().expect("a refusal with causes has details");
            details.causes.iter().map(|cause| format!("{} {}", cause.reason, cause.field)).collect()
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

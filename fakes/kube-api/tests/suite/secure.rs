//! The server over TCP and TLS.
#![expect(clippy::disallowed_types, reason = "what is tested is a socket")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use winlab_clock::{Clock, Pace, Seed};
use winlab_kube_api::{ApiServer, Config, SecureServing};
use winlab_kube_client::api::{ListParams, PostParams, WatchParams};
use winlab_kube_client::core::WatchEvent;
use winlab_kube_client::k8s::core::{ConfigMap, Namespace, Pod, ServiceAccount};
use winlab_kube_client::{Api, Client, ErrorExt, Identity};
use winlab_pki::{Authority, Credentials, ServerNames};

use crate::world::{object, pod, pods};

/// A served API server and what one needs to become its client.
struct Served {
    serving: SecureServing,
    url: String,
    server: Arc<ApiServer>,
}

impl Served {
    async fn client(&self, identity: Identity) -> Client {
        let kubeconfig = self.serving.kubeconfig("winlab-test", &self.url, &identity).unwrap();
        identity.connect(&kubeconfig.to_string()).await.unwrap()
    }

    async fn with_token(&self, token: &str) -> Client {
        let identity = Identity::new("kubectl", "v1.34.4");
        let mut kubeconfig = self.serving.kubeconfig("winlab-test", &self.url, &identity).unwrap();
        kubeconfig.credentials = Credentials::Token(token.to_owned());
        identity.connect(&kubeconfig.to_string()).await.unwrap()
    }
}

/// Runs a case against a server on a loopback port.
fn served<F: Future<Output = ()>>(case: impl FnOnce(Served) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::start(Pace::Real, "2026-01-01T00:00:00Z".parse().unwrap());
        let config = Config::new(clock, Seed::new(1), 34).disable_admission("ServiceAccount");
        let server = ApiServer::new(config);
        let authority = Arc::new(Authority::new("kubernetes").unwrap());
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let reached_as = ServerNames { names: Vec::new(), addresses: vec![loopback] };
        let serving = SecureServing::new(server.clone(), authority, &reached_as).unwrap();
        let listener = TcpListener::bind((loopback, 0)).await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let task = tokio::spawn({
            let serving = serving.clone();
            async move { serving.serve(listener).await }
        });
        case(Served { serving, url, server }).await;
        task.abort();
    });
}

fn admin() -> Identity {
    Identity::new("kubectl", "v1.34.4")
}

#[test]
fn a_client_with_a_certificate_writes_lists_and_watches() {
    served(|served| async move {
        let client = served.client(admin()).await;
        pods(&client).create(&PostParams::default(), &pod("first")).await.unwrap();
        let listed = pods(&client).list(&ListParams::default()).await.unwrap();
        assert_eq!(listed.items.len(), 1);
        let version = listed.metadata.resource_version.unwrap();
        let mut events = pods(&client).watch(&WatchParams::default(), &version).await.unwrap().boxed();
        pods(&client).create(&PostParams::default(), &pod("second")).await.unwrap();
        let event = events.try_next().await.unwrap().unwrap();
        let WatchEvent::Added(added) = event else { panic!("{event:?}") };
        assert_eq!(added.metadata.name.as_deref(), Some("second"));
        assert_eq!(client.apiserver_version().await.unwrap().minor, "34");
    });
}

#[test]
fn a_watch_ends_when_the_server_drops_it_and_large_lists_are_packed() {
    served(|served| async move {
        let client = served.client(admin()).await;
        let maps: Api<ConfigMap> = Api::namespaced(client.clone(), "default");
        for n in 0..3 {
            let text = "x".repeat(100_000);
            let map = object(json!({"metadata": {"name": format!("large-{n}")}, "data": {"text": text}}));
            maps.create(&PostParams::default(), &map).await.unwrap();
        }
        assert_eq!(maps.list(&ListParams::default()).await.unwrap().items.len(), 3);
        let mut events = maps.watch(&WatchParams::default(), "0").await.unwrap().boxed();
        for _ in 0..3 {
            assert!(matches!(events.try_next().await.unwrap(), Some(WatchEvent::Added(_))));
        }
        assert_eq!(served.server.drop_watches(), 1);
        assert!(events.try_next().await.unwrap().is_none());
    });
}

#[test]
fn nobody_in_particular_sees_the_version_and_nothing_else() {
    served(|served| async move {
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: {:?}, \
             insecure-skip-tls-verify: true}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
             users: [{{name: u, user: {{}}}}]\n",
            served.url
        );
        let client = admin().connect(&kubeconfig).await.unwrap();
        assert_eq!(client.apiserver_version().await.unwrap().minor, "34");
        let refused = pods(&client).list(&ListParams::default()).await.unwrap_err();
        let message = &refused.status().unwrap().message;
        assert_eq!(refused.code(), 403);
        assert!(message.contains(r#"User "system:anonymous" cannot"#), "{message}");
    });
}

#[test]
fn a_requested_token_is_its_service_account_until_that_goes() {
    served(|served| async move {
        let client = served.client(admin()).await;
        let namespaces: Api<Namespace> = Api::all(client.clone());
        assert!(namespaces.get("default").await.is_ok());
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
        let account = object(json!({"metadata": {"name": "builder"}}));
        accounts.create(&PostParams::default(), &account).await.unwrap();
        let url = "/api/v1/namespaces/default/serviceaccounts/builder/token";
        let ask = |spec: Value| {
            let body = json!({"spec": spec}).to_string().into_bytes();
            http::Request::post(url).header("content-type", "application/json").body(body).unwrap()
        };
        let asked: Value = client.request(ask(json!({"expirationSeconds": 3600}))).await.unwrap();
        let token = asked["status"]["token"].as_str().unwrap();
        let other = served.with_token(token).await;
        assert_eq!(pods(&other).list(&ListParams::default()).await.unwrap().items.len(), 0);
        let short = client.request::<Value>(ask(json!({"expirationSeconds": 10}))).await.unwrap_err();
        assert_eq!(short.code(), 422);
        accounts.delete("builder", &Default::default()).await.unwrap();
        assert_eq!(pods(&other).list(&ListParams::default()).await.unwrap_err().code(), 401);
    });
}

#[test]
fn a_service_accounts_kubeconfig_holds_a_token_and_a_nodes_a_certificate() {
    served(|served| async move {
        let client = served.client(admin()).await;
        let accounts: Api<ServiceAccount> = Api::namespaced(client, "kube-system");
        let account = object(json!({"metadata": {"name": "kube-proxy"}}));
        accounts.create(&PostParams::default(), &account).await.unwrap();
        let of = |user: &str| {
            let identity = Identity::new("kube-proxy", "v1.34.4").user(user);
            served.serving.kubeconfig("winlab-test", &served.url, &identity).unwrap().credentials
        };
        assert!(matches!(of("system:serviceaccount:kube-system:kube-proxy"), Credentials::Token(_)));
        let Credentials::Certificate(issued) = of("system:node:win1") else {
            panic!("a node has a certificate")
        };
        assert_eq!(issued.subject().unwrap().groups, ["system:nodes"]);
        let node = served.client(Identity::new("kubelet", "v1.34.4").user("system:node:win1")).await;
        let all: Api<Pod> = Api::all(node);
        assert!(all.list(&ListParams::default()).await.is_ok());
    });
}

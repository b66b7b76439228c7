//! What the server says about itself.

use winlab_kube_client::Client;

use crate::world::with_client;

async fn groups_and_resources(client: Client) {
    let version = client.apiserver_version().await.unwrap();
    assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "34"));
    let groups = client.list_api_groups().await.unwrap().groups;
    assert!(groups.iter().any(|group| group.name == "discovery.k8s.io"));
    let core = client.list_core_api_resources("v1").await.unwrap().resources;
    let names: Vec<&str> = core.iter().map(|resource| resource.name.as_str()).collect();
    for name in ["pods", "pods/status", "pods/binding", "nodes", "services"] {
        assert!(names.contains(&name), "{name} is missing");
    }
    let apps = client.list_api_group_resources("apps/v1").await.unwrap().resources;
    let deployments = apps.iter().find(|resource| resource.name == "deployments").unwrap();
    assert_eq!(deployments.short_names.as_deref(), Some(&["deploy".to_owned()][..]));
    assert!(client.list_api_group_resources("apps/v9").await.is_err());
}

#[test]
fn discovery() {
    with_client(groups_and_resources);
}

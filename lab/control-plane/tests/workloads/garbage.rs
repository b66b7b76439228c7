//! Objects go with their owners, whatever their kind.

use serde_json::json;
use winlab_clock::virtual_world;
use winlab_kube_client::ResourceExt;
use winlab_kube_client::api::DeleteParams;
use winlab_kube_client::k8s::apps::Deployment;
use winlab_kube_client::k8s::core::{ConfigMap, Secret};

use crate::world::world;

#[test]
fn settings_go_with_the_owner_that_they_name() {
    virtual_world(async {
        let world = world().await;
        world.apply::<Deployment>(crate::deployment(0, "web:1")).await;
        let owner = world.of::<Deployment>().get("web").await.unwrap().uid().unwrap();
        let owned = |kind: &str, name: &str, owner: &str, uid: &str| {
            let reference = json!({"apiVersion": "v1", "kind": kind, "name": owner, "uid": uid});
            json!({"metadata": {"name": name, "ownerReferences": [reference]}})
        };
        let mut settings = owned("Deployment", "settings", "web", &owner);
        settings["metadata"]["ownerReferences"][0]["apiVersion"] = json!("apps/v1");
        world.apply::<ConfigMap>(settings).await;
        let settings = world.of::<ConfigMap>().get("settings").await.unwrap().uid().unwrap();
        world.apply::<Secret>(owned("ConfigMap", "password", "settings", &settings)).await;
        world.apply::<Secret>(owned("Widget", "of-something-else", "w", "1")).await;
        world.apply::<ConfigMap>(json!({"metadata": {"name": "free"}})).await;
        world.pass(5).await;
        assert!(world.of::<Secret>().get_opt("password").await.unwrap().is_some());
        world.of::<Deployment>().delete("web", &DeleteParams::background()).await.unwrap();
        world.pass(5).await;
        assert!(world.of::<ConfigMap>().get_opt("settings").await.unwrap().is_none());
        assert!(world.of::<Secret>().get_opt("password").await.unwrap().is_none());
        assert!(world.of::<Secret>().get_opt("of-something-else").await.unwrap().is_some());
        assert!(world.of::<ConfigMap>().get_opt("free").await.unwrap().is_some());
    });
}

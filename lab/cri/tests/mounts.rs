//! Volumes on a drive elsewhere, as a container sees them.

mod node;

use std::sync::Arc;

use winlab_host::Ask;
use winlab_host::system::{CreateDirectory, DeleteFile, Scope, WriteFile};
use winlab_node::cri::{
    ContainerConfig, ContainerMetadata, CreateContainerRequest, Cri, ImageSpec, Mount, PodSandboxConfig,
    PullImageRequest, RunPodSandboxRequest, WindowsContainerConfig, WindowsSecurityContext,
};

use node::{Node, real_world};

const VOLUME: &str = r"C:\var\lib\kubelet\pods\u1\volumes\kubernetes.io~configmap\settings";

async fn write(node: &Node, name: &str, text: &str) {
    let path = format!(r"{VOLUME}\{name}");
    let (folder, _) = path.rsplit_once('\\').unwrap();
    node.drive.ask(CreateDirectory { scope: Scope::Host, path: folder.to_owned() }).await.unwrap();
    let bytes = Arc::from(text.as_bytes());
    node.drive.ask(WriteFile { scope: Scope::Host, path, bytes }).await.unwrap();
}

/// A running container with the volume at `C:\settings`.
async fn container(node: &Node, host_process: bool) -> String {
    let cri = node.cri();
    let image = ImageSpec { image: "web".into(), ..ImageSpec::default() };
    cri.pull_image(PullImageRequest { image: image.clone(), ..Default::default() }).await.unwrap();
    let context = WindowsSecurityContext { host_process, ..Default::default() };
    let sandbox = PodSandboxConfig { windows: Some(context.clone()), ..Default::default() };
    let run = RunPodSandboxRequest { config: sandbox, ..Default::default() };
    let pod_sandbox_id = cri.run_pod_sandbox(run).await.unwrap();
    let mount = Mount {
        host_path: r"\var\lib\kubelet\pods\u1\volumes\kubernetes.io~configmap\settings".into(),
        container_path: r"C:\settings".into(),
        readonly: true,
        ..Default::default()
    };
    let config = ContainerConfig {
        metadata: ContainerMetadata { name: "app".into(), attempt: 0 },
        image,
        mounts: vec![mount],
        windows: Some(WindowsContainerConfig { security_context: context, ..Default::default() }),
        ..Default::default()
    };
    let create = CreateContainerRequest { pod_sandbox_id, config, ..Default::default() };
    let id = cri.create_container(create).await.unwrap();
    cri.start_container(&id).await.unwrap();
    id
}

async fn read(cri: &dyn Cri, id: &str, name: &str) -> Option<String> {
    let command = ["cmd".to_owned(), "/c".to_owned(), format!(r"type C:\settings\{name}")];
    let done = cri.exec_sync(id, &command, None).await.unwrap();
    (done.exit_code == 0).then(|| String::from_utf8(done.stdout).unwrap())
}

#[test]
fn a_volume_is_what_it_is_on_the_drive_whenever_a_process_starts() {
    real_world(async {
        let node = Node::new().await;
        write(&node, "color", "blue").await;
        write(&node, r"deep\er", "x").await;
        let (cri, id) = (node.cri(), container(&node, false).await);
        assert_eq!(read(&*cri, &id, "color").await.as_deref(), Some("blue"));
        assert_eq!(read(&*cri, &id, r"deep\er").await.as_deref(), Some("x"));
        write(&node, "color", "green").await;
        assert_eq!(read(&*cri, &id, "color").await.as_deref(), Some("green"));
        let path = format!(r"{VOLUME}\color");
        node.drive.ask(DeleteFile { scope: Scope::Host, path }).await.unwrap();
        assert_eq!(read(&*cri, &id, "color").await, None);
    });
}

#[test]
fn host_process_containers_have_their_volumes_too() {
    real_world(async {
        let node = Node::new().await;
        write(&node, "color", "blue").await;
        let (cri, id) = (node.cri(), container(&node, true).await);
        assert_eq!(read(&*cri, &id, "color").await.as_deref(), Some("blue"));
    });
}

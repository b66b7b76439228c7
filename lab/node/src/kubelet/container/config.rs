//! A container as the runtime gets it (`pkg/kubelet/kuberuntime/kuberuntime_container.go`, generateContainerConfig).

use std::collections::BTreeMap;

use winlab_document::Document;
use winlab_kube_client::k8s::core::{Container, Pod};

use super::{expand, resources};
use crate::cri::{
    CONTAINER_NAME_LABEL, ContainerConfig, ContainerMetadata, ImageSpec, LinuxContainerConfig,
    LinuxContainerSecurityContext, Mount, MountPropagation, NamespaceMode, WindowsContainerConfig,
    WindowsSecurityContext, pod_labels,
};
use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::{PodFacts, container_hash, is_host_process, windows_options};
use crate::kubelet::pod::observed::{HASH, RESTARTS};

/// What Windows regards as root.
const WINDOWS_ROOT: &str = "ContainerAdministrator";

impl Kubelet {
    /// The container's configuration.
    ///
    /// # Errors
    /// Text for CreateContainerConfigError.
    pub(crate) async fn container_config(
        &self,
        pod: &Pod,
        container: &Container,
        restarts: i32,
        image_ref: &str,
        ips: &[String],
    ) -> Result<ContainerConfig, String> {
        let envs = self.environment(pod, container, ips).await?;
        let (uid, username) = self.image_user(image_ref).await;
        self.verify_non_root(pod, container, uid, &username)?;
        let values: BTreeMap<String, String> =
            envs.iter().map(|env| (env.key.clone(), env.value.clone())).collect();
        let mut mounts = self.mounts(pod, container, &values)?;
        mounts.extend(self.hosts_mount(pod, ips).await?);
        let mut labels = pod_labels(pod.namespace(), pod.name(), pod.uid());
        labels.insert(CONTAINER_NAME_LABEL.to_owned(), container.name.clone());
        let text =
            |list: &Option<Vec<String>>| expand::expand_all(list.as_deref().unwrap_or_default(), &values);
        Ok(ContainerConfig {
            metadata: ContainerMetadata {
                name: container.name.clone(),
                attempt: u32::try_from(restarts).unwrap_or(0),
            },
            image: ImageSpec {
                image: image_ref.to_owned(),
                user_specified_image: container.image.clone().unwrap_or_default(),
                runtime_handler: String::new(),
            },
            command: text(&container.command),
            args: text(&container.args),
            working_dir: container.working_dir.clone().unwrap_or_default(),
            envs,
            mounts,
            labels,
            annotations: annotations(pod, container, restarts),
            log_path: format!("{}/{restarts}.log", container.name),
            stdin: container.stdin.unwrap_or(false),
            stdin_once: container.stdin_once.unwrap_or(false),
            tty: container.tty.unwrap_or(false),
            linux: (!self.config.windows).then(|| self.linux_config(pod, container, uid)),
            windows: self.config.windows.then(|| self.windows_config(pod, container, &username)),
        })
    }

    async fn image_user(&self, image_ref: &str) -> (Option<i64>, String) {
        let Ok(cri) = self.cri() else { return (None, String::new()) };
        let image = cri.image_status(image_ref).await.ok().flatten().unwrap_or_default();
        (image.uid, image.username)
    }

    /// `runAsNonRoot` (`security_context_{windows,others}.go`, verifyRunAsNonRoot).
    fn verify_non_root(
        &self,
        pod: &Pod,
        container: &Container,
        uid: Option<i64>,
        username: &str,
    ) -> Result<(), String> {
        let spec = pod.spec();
        let (pod_context, own) = (spec.security_context.as_ref(), container.security_context.as_ref());
        let wanted = own.and_then(|c| c.run_as_non_root).or(pod_context.and_then(|c| c.run_as_non_root));
        if wanted != Some(true) {
            return Ok(());
        }
        let place = format!("(pod: {:?}, container: {})", pod.text(), container.name);
        if self.config.windows {
            let chosen = windows_options(spec, container).run_as_user_name;
            let (field, name) = match &chosen {
                Some(name) => ("runAsUserName", name.as_str()),
                None => ("runAsUser", username),
            };
            if name.eq_ignore_ascii_case(WINDOWS_ROOT) {
                return Err(format!(
                    "container's {field} ({name}) which will be regarded as root identity and will break non-root policy {place}"
                ));
            }
            return Ok(());
        }
        let chosen = own.and_then(|c| c.run_as_user).or(pod_context.and_then(|c| c.run_as_user));
        match (chosen, uid) {
            (Some(0), _) => Err(format!("container's runAsUser breaks non-root policy {place}")),
            (Some(_), _) => Ok(()),
            (None, Some(0)) => Err(format!("container has runAsNonRoot and image will run as root {place}")),
            (None, None) if !username.is_empty() => Err(format!(
                "container has runAsNonRoot and image has non-numeric user ({username}), cannot verify user is non-root {place}"
            )),
            _ => Ok(()),
        }
    }

    fn linux_config(
        &self,
        pod: &Pod,
        container: &Container,
        image_user: Option<i64>,
    ) -> LinuxContainerConfig {
        let (pod_context, own) = (pod.spec().security_context.as_ref(), container.security_context.as_ref());
        let capabilities = own.and_then(|context| context.capabilities.clone()).unwrap_or_default();
        LinuxContainerConfig {
            resources: resources::linux(pod, container, self.machine_info.memory),
            security_context: LinuxContainerSecurityContext {
                network: if pod.host_network() { NamespaceMode::Node } else { NamespaceMode::Pod },
                privileged: own.and_then(|c| c.privileged).unwrap_or(false),
                run_as_user: own
                    .and_then(|c| c.run_as_user)
                    .or(pod_context.and_then(|c| c.run_as_user))
                    .or(image_user),
                run_as_group: own.and_then(|c| c.run_as_group).or(pod_context.and_then(|c| c.run_as_group)),
                readonly_rootfs: own.and_then(|c| c.read_only_root_filesystem).unwrap_or(false),
                add_capabilities: capabilities.add.unwrap_or_default(),
                drop_capabilities: capabilities.drop.unwrap_or_default(),
                no_new_privs: own.and_then(|c| c.allow_privilege_escalation) == Some(false),
            },
        }
    }

    /// Windows: limits, user, gMSA, HostProcess. Linux' own fields are left behind here: they have no effect.
    fn windows_config(&self, pod: &Pod, container: &Container, image_user: &str) -> WindowsContainerConfig {
        let options = windows_options(pod.spec(), container);
        let host_process = self.config.gates.host_process() && is_host_process(pod.spec(), container);
        WindowsContainerConfig {
            resources: resources::windows(container, self.machine_info.processors),
            security_context: WindowsSecurityContext {
                run_as_username: options.run_as_user_name.unwrap_or_else(|| image_user.to_owned()),
                credential_spec: options.gmsa_credential_spec.unwrap_or_default(),
                host_process,
                network: if host_process { NamespaceMode::Node } else { NamespaceMode::Pod },
            },
        }
    }

    /// The volumes that the container mounts.
    fn mounts(
        &self,
        pod: &Pod,
        container: &Container,
        env: &BTreeMap<String, String>,
    ) -> Result<Vec<Mount>, String> {
        let mut mounts = Vec::new();
        for mount in container.volume_mounts.iter().flatten() {
            let host = self.volume_path(pod, &mount.name).ok_or_else(|| {
                format!("cannot find volume {:?} to mount into container {:?}", mount.name, container.name)
            })?;
            let sub = match (&mount.sub_path, &mount.sub_path_expr) {
                (Some(sub), _) if !sub.is_empty() => sub.clone(),
                (_, Some(text)) if !text.is_empty() => {
                    expand::expand(text, &|name| env.get(name).cloned().filter(|value| !value.is_empty()))
                }
                _ => String::new(),
            };
            if sub.contains("$(") {
                return Err(format!("missing value for {sub}"));
            }
            if sub.starts_with('/') || sub.split(['/', '\\']).any(|part| part == "..") {
                return Err(format!("error SubPath `{sub}` must not be an absolute path"));
            }
            let host_path = if sub.is_empty() { host } else { format!("{host}/{sub}") };
            mounts.push(Mount {
                container_path: absolute(&mount.mount_path, self.config.windows),
                host_path,
                readonly: mount.read_only.unwrap_or(false),
                propagation: match mount.mount_propagation.as_deref() {
                    Some("HostToContainer") => MountPropagation::HostToContainer,
                    Some("Bidirectional") => MountPropagation::Bidirectional,
                    _ => MountPropagation::Private,
                },
            });
        }
        Ok(mounts)
    }
}

/// A Unix path in a Windows container lies on drive C (`pkg/volume/util`, MakeAbsolutePath).
fn absolute(path: &str, windows: bool) -> String {
    if !windows {
        return path.to_owned();
    }
    if path.starts_with(r"\\.\pipe\") || path.starts_with("//./pipe/") {
        return path.replace('/', "\\");
    }
    match path.as_bytes() {
        [_, b':', ..] => path.to_owned(),
        [b'/' | b'\\', ..] => format!("c:{path}"),
        _ => format!(r"c:\{path}"),
    }
}

fn annotations(pod: &Pod, container: &Container, restarts: i32) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::new();
    let mut set = |name: &str, value: String| annotations.insert(name.to_owned(), value);
    set(HASH, container_hash(container));
    set(RESTARTS, restarts.to_string());
    let path = container.termination_message_path.clone().unwrap_or_default();
    set("io.kubernetes.container.terminationMessagePath", path);
    let policy = container.termination_message_policy.clone().unwrap_or_default();
    set("io.kubernetes.container.terminationMessagePolicy", policy);
    if let Some(seconds) = pod.metadata.deletion_grace_period_seconds {
        set("io.kubernetes.pod.deletionGracePeriod", seconds.to_string());
    }
    if let Some(seconds) = pod.spec().termination_grace_period_seconds {
        set("io.kubernetes.pod.terminationGracePeriod", seconds.to_string());
    }
    if let Some(hook) = container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.pre_stop.as_ref())
        && let Ok(document) = Document::encode(hook)
    {
        set("io.kubernetes.container.preStopHandler", document.to_string());
    }
    if let Some(ports) = container.ports.as_ref().filter(|ports| !ports.is_empty())
        && let Ok(document) = Document::encode(ports)
    {
        set("io.kubernetes.container.ports", document.to_string());
    }
    annotations
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn windows_mounts_have_a_drive() {
        for (path, expected) in [
            ("/var/run/secrets", "c:/var/run/secrets"),
            (r"C:\data", r"C:\data"),
            ("data", r"c:\data"),
            (r"\\.\pipe\x", r"\\.\pipe\x"),
        ] {
            assert_eq!(absolute(path, true), expected);
        }
        assert_eq!(absolute("/var/run/secrets", false), "/var/run/secrets");
    }
}

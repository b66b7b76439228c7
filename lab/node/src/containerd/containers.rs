//! Containers (containerd `internal/cri/server/container_{create,start,stop,remove}.go`).

use std::sync::Arc;

use winlab_clock::VirtualSpan;

use super::core::Core;
use super::images::ImageRecord;
use super::records::{ContainerRecord, SandboxRecord};
use super::task::{Signal, TaskSpec};
use crate::cri::{
    ContainerConfig, ContainerEventType, ContainerResources, ContainerState, CreateContainerRequest,
    CriError, PodSandboxState,
};

/// How long a killed container may take to end.
const KILL_WAIT: VirtualSpan = VirtualSpan::from_secs(120);
/// The exit code of a container whose process could not be started (`errorStartExitCode`).
const START_ERROR: i32 = 128;

impl Core {
    pub(crate) async fn create(
        self: &Arc<Self>,
        request: CreateContainerRequest,
    ) -> Result<String, CriError> {
        let sandbox = self.sandbox(&request.pod_sandbox_id).map_err(|error| {
            error.context(format!("failed to find sandbox id {:?}", request.pod_sandbox_id))
        })?;
        let config = request.config;
        let image = self.image(&config.image.image).ok_or_else(|| {
            CriError::not_found(format!("failed to resolve image {:?}: not found", config.image.image))
        })?;
        let id = self.new_id();
        let record = ContainerRecord {
            log_path: self.log_path(&sandbox, &config),
            sandbox_id: sandbox.id.clone(),
            image_id: image.config.digest.clone(),
            image_ref: image.reference().to_owned(),
            created_at: self.now(),
            started_at: 0,
            finished_at: 0,
            exit_code: 0,
            reason: String::new(),
            message: String::new(),
            state: ContainerState::Created,
            task: None,
            boot: self.boot.clone(),
            id: id.clone(),
            config,
        };
        let spec = self.task_spec(&record, &sandbox, &image);
        if spec.args.is_empty() {
            return Err(CriError::unknown(format!(
                "failed to generate container {id:?} spec: failed to generate spec: no command specified"
            )));
        }
        self.runtime
            .prepare(&spec)
            .await
            .map_err(|error| CriError::unknown(format!("failed to create containerd container: {error}")))?;
        self.state().containers.insert(id.clone(), record);
        self.save_container(&id).await;
        self.publish(&id, ContainerEventType::Created, &sandbox);
        Ok(id)
    }

    /// What a container's task is made from: the pod's wishes over the image's defaults.
    pub(crate) fn task_spec(
        &self,
        record: &ContainerRecord,
        sandbox: &SandboxRecord,
        image: &ImageRecord,
    ) -> TaskSpec {
        let config = &record.config;
        let (linux, windows) = (config.linux.as_ref(), config.windows.as_ref());
        let user = match (linux, windows) {
            (Some(linux), _) => linux.security_context.run_as_user.map(|user| user.to_string()),
            (_, Some(windows)) => Some(windows.security_context.run_as_username.clone()),
            _ => None,
        };
        let working_dir =
            if config.working_dir.is_empty() { &image.config.working_dir } else { &config.working_dir };
        TaskSpec {
            id: record.id.clone(),
            sandbox_id: sandbox.id.clone(),
            is_sandbox: false,
            netns: sandbox.netns.clone(),
            hostname: sandbox.config.hostname.clone(),
            layers: image.layers.clone(),
            args: arguments(config, image),
            env: environment(config, image, &sandbox.config.hostname, self.runtime.is_windows()),
            working_dir: working_dir.clone(),
            user: user.filter(|user| !user.is_empty()).unwrap_or_else(|| image.config.user.clone()),
            mounts: config.mounts.clone(),
            memory_limit: linux.map_or(0, |linux| linux.resources.memory_limit_in_bytes)
                + windows.map_or(0, |windows| windows.resources.memory_limit_in_bytes),
            cpu_maximum: windows.map_or(0, |windows| windows.resources.cpu_maximum),
            cpu_quota: linux.map(|linux| (linux.resources.cpu_quota, linux.resources.cpu_period)),
            stdin: config.stdin,
            tty: config.tty,
        }
    }

    /// `filepath.Join` of the sandbox's folder and the container's path.
    fn log_path(&self, sandbox: &SandboxRecord, config: &ContainerConfig) -> String {
        if config.log_path.is_empty() || sandbox.config.log_directory.is_empty() {
            return String::new();
        }
        let joined = format!("{}/{}", sandbox.config.log_directory, config.log_path);
        if self.runtime.is_windows() { joined.replace('/', r"\") } else { joined }
    }

    pub(crate) async fn start(self: &Arc<Self>, id: &str) -> Result<(), CriError> {
        let record = self.container(id)?;
        if record.state != ContainerState::Created {
            return Err(CriError::unknown(format!(
                "failed to set starting state for container {:?}: container is in {} state",
                record.id,
                state_name(record.state)
            )));
        }
        let sandbox = self.sandbox(&record.sandbox_id)?;
        if sandbox.state != PodSandboxState::Ready {
            return Err(CriError::unknown(format!("sandbox container {:?} is not running", sandbox.id)));
        }
        let image = self.image(&record.image_id).ok_or_else(|| {
            CriError::not_found(format!("failed to get image {:?}: not found", record.image_id))
        })?;
        let spec = self.task_spec(&record, &sandbox, &image);
        self.open_log(&record.log_path).await;
        match self.runtime.start(&spec, self.task_kind(&sandbox)).await {
            Ok(task) => self.started(&record.id, task).await,
            Err(error) => {
                let text = error.text(&record.id, false);
                if let Some(container) = self.state().containers.get_mut(&record.id) {
                    "StartError".clone_into(&mut container.reason);
                    container.message.clone_from(&text);
                    container.exited(START_ERROR, self.now());
                }
                self.save_container(&record.id).await;
                self.publish(&record.id, ContainerEventType::Stopped, &sandbox);
                Err(CriError::unknown(text))
            }
        }
    }

    async fn started(self: &Arc<Self>, id: &str, task: super::records::Task) -> Result<(), CriError> {
        if let Some(container) = self.state().containers.get_mut(id) {
            container.state = ContainerState::Running;
            container.started_at = self.now();
            container.task = Some(task.clone());
        }
        self.save_container(id).await;
        self.publish_container(id, ContainerEventType::Started);
        self.pump_output(id).await;
        // It may have ended before anybody knew whose process it was.
        if let Ok(Some(code)) = self.runtime.exit_code(&task, task.pid).await {
            self.task_exited(id, code);
        }
        Ok(())
    }

    pub(crate) async fn stop(self: &Arc<Self>, id: &str, timeout: i64) -> Result<(), CriError> {
        let record = match self.container(id) {
            Ok(record) => record,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        let (ContainerState::Running, Some(task)) = (record.state, &record.task) else { return Ok(()) };
        let failed =
            |text: String| CriError::unknown(format!("failed to stop container {:?}: {text}", record.id));
        let ended = || {
            self.until(|state| {
                let running = |record: &ContainerRecord| record.state == ContainerState::Running;
                (!state.containers.get(&record.id).is_some_and(running)).then_some(())
            })
        };
        if timeout > 0 {
            self.runtime.signal(task, Signal::Term).await.map_err(failed)?;
            let grace = VirtualSpan::from_secs(timeout.unsigned_abs());
            if self.clock.within(grace, ended()).await.is_ok() {
                return Ok(());
            }
        }
        self.runtime.signal(task, Signal::Kill).await.map_err(failed)?;
        if let Err(_gone) = self.runtime.exit_code(task, task.pid).await {
            self.task_exited(&record.id, 137);
        }
        let killed = self.clock.within(KILL_WAIT, ended()).await;
        killed.map_err(|_| {
            failed(format!("an error occurs during waiting for container {:?} to be killed", record.id))
        })
    }

    pub(crate) async fn remove(self: &Arc<Self>, id: &str) -> Result<(), CriError> {
        let record = match self.container(id) {
            Ok(record) => record,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        self.stop(&record.id, 0).await?;
        self.runtime.remove_scratch(&record.id).await;
        self.forget_container(&record.id).await;
        let sandbox = {
            let mut state = self.state();
            state.containers.remove(&record.id);
            state.partial.retain(|(owner, _), _| *owner != record.id);
            state.usage.remove(&record.id);
            state.sandboxes.get(&record.sandbox_id).cloned()
        };
        match sandbox {
            Some(sandbox) => self.publish(&record.id, ContainerEventType::Deleted, &sandbox),
            None => self.changed(),
        }
        Ok(())
    }

    pub(crate) async fn update(&self, id: &str, resources: ContainerResources) -> Result<(), CriError> {
        let record = self.container(id)?;
        let linux = resources.linux.clone().unwrap_or_default();
        let windows = resources.windows.clone().unwrap_or_default();
        if let (ContainerState::Running, Some(task)) = (record.state, &record.task) {
            let memory = linux.memory_limit_in_bytes + windows.memory_limit_in_bytes;
            let updated = self.runtime.update(task, memory, windows.cpu_maximum).await;
            updated.map_err(|text| CriError::unknown(format!("failed to update resources: {text}")))?;
        }
        if let Some(container) = self.state().containers.get_mut(&record.id) {
            if let (Some(config), Some(new)) = (&mut container.config.linux, resources.linux) {
                config.resources = new;
            }
            if let (Some(config), Some(new)) = (&mut container.config.windows, resources.windows) {
                config.resources = new;
            }
        }
        self.save_container(&record.id).await;
        Ok(())
    }
}

/// A state as CRI's enumeration spells it.
pub(crate) fn state_name(state: ContainerState) -> &'static str {
    match state {
        ContainerState::Created => "CONTAINER_CREATED",
        ContainerState::Running => "CONTAINER_RUNNING",
        ContainerState::Exited => "CONTAINER_EXITED",
        ContainerState::Unknown => "CONTAINER_UNKNOWN",
    }
}

/// `command` replaces the image's entry point and drops its command; `args` alone replace the command only.
fn arguments(config: &ContainerConfig, image: &ImageRecord) -> Vec<String> {
    let (entrypoint, default) = (&image.config.entrypoint, &image.config.cmd);
    match (config.command.is_empty(), config.args.is_empty()) {
        (true, true) => [entrypoint.clone(), default.clone()].concat(),
        (true, false) => [entrypoint.clone(), config.args.clone()].concat(),
        (false, _) => [config.command.clone(), config.args.clone()].concat(),
    }
}

/// The image's environment, the host name (Linux), then the pod's, each name once.
fn environment(
    config: &ContainerConfig,
    image: &ImageRecord,
    hostname: &str,
    windows: bool,
) -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: &str| match env.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => value.clone_into(old),
        None => env.push((name.to_owned(), value.to_owned())),
    };
    for pair in &image.config.env {
        if let Some((name, value)) = pair.split_once('=') {
            set(name, value);
        }
    }
    if !windows && !hostname.is_empty() {
        set("HOSTNAME", hostname);
    }
    for pair in &config.envs {
        set(&pair.key, &pair.value);
    }
    env
}

#[cfg(test)]
mod tests {
    use super::{ContainerConfig, ImageRecord, arguments, environment};
    use crate::cri::KeyValue;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn command_and_args_replace_what_they_should() {
        let mut image = ImageRecord::default();
        image.config.entrypoint = strings(&["entry"]);
        image.config.cmd = strings(&["cmd"]);
        let run = |command: &[&str], args: &[&str]| {
            let config = ContainerConfig {
                command: strings(command),
                args: strings(args),
                ..ContainerConfig::default()
            };
            arguments(&config, &image).join(" ")
        };
        assert_eq!(run(&[], &[]), "entry cmd");
        assert_eq!(run(&[], &["a"]), "entry a");
        assert_eq!(run(&["c"], &[]), "c");
        assert_eq!(run(&["c"], &["a"]), "c a");
    }

    #[test]
    fn the_pods_environment_wins() {
        let mut image = ImageRecord::default();
        image.config.env = strings(&["A=1", "B=2"]);
        let envs = vec![KeyValue { key: "B".into(), value: "3".into() }];
        let config = ContainerConfig { envs, ..ContainerConfig::default() };
        let env = environment(&config, &image, "pod", false);
        let text: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["A=1", "B=3", "HOSTNAME=pod"]);
    }
}

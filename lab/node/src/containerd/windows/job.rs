//! HostProcess containers: a job object on the host (hcsshim `internal/jobcontainers`).

use winlab_document::{Document, doc};
use winlab_host::system::{CloseJobObject, CreateJobObject, CreateJobProcess, TerminateJobObject};
use winlab_host::{Ask, HostSystem};

use super::document;
use super::layers::MountedLayers;
use crate::containerd::task::{TaskError, TaskSpec};

/// The job's name.
pub(super) fn job_name(container: &str) -> String {
    format!("JobContainer_{container}")
}

/// Where the container's root file system is seen: one place for all with the bind filter, which Windows Server 2022
/// and later have, else one per container.
fn mount_point(id: &str, build: u32) -> String {
    if build >= 20348 { r"C:\hpc".to_owned() } else { format!(r"C:\hpc\{id}") }
}

/// Makes the job and starts the process in it; the process's id.
pub(super) async fn start(
    host: &HostSystem,
    spec: &TaskSpec,
    mounted: &MountedLayers,
    build: u32,
) -> Result<u32, TaskError> {
    let name = job_name(&spec.id);
    let (directories, _) = document::mounts(spec);
    let mut settings = doc!({
        "Storage": {"Layers": &mounted.layers, "Path": &mounted.volume},
        "MappedDirectories": directories,
    });
    if spec.memory_limit > 0 {
        settings.set("Memory", doc!({"SizeInMB": spec.memory_limit.unsigned_abs() >> 20}));
    }
    if spec.cpu_maximum > 0 {
        settings.set("Processor", doc!({"Maximum": spec.cpu_maximum}));
    }
    host.ask(CreateJobObject { name: name.clone(), settings }).await.map_err(|fault| {
        TaskError::Create(format!("failed to create job object {name}: {}", fault.message))
    })?;
    let parameters = document::process(&on_host(spec, build));
    match host.ask(CreateJobProcess { job: name.clone(), parameters }).await {
        Ok(process) => Ok(process.pid),
        Err(fault) => {
            host.ask(CloseJobObject { name }).await.ok();
            Err(TaskError::Start(format!("failed to start job container process: {}", fault.message)))
        }
    }
}

/// The process as it is started on the host: the mount point's variable is set and replaced wherever it is used.
pub(super) fn on_host(spec: &TaskSpec, build: u32) -> TaskSpec {
    let root = mount_point(&spec.id, build);
    let fill = |text: &str| {
        text.replace("%CONTAINER_SANDBOX_MOUNT_POINT%", &root)
            .replace("$env:CONTAINER_SANDBOX_MOUNT_POINT", &root)
            .replace("$CONTAINER_SANDBOX_MOUNT_POINT", &root)
    };
    let mut spec = spec.clone();
    spec.args = spec.args.iter().map(|arg| fill(arg)).collect();
    spec.working_dir = if spec.working_dir.is_empty() { root.clone() } else { fill(&spec.working_dir) };
    for (_, value) in &mut spec.env {
        *value = fill(value);
    }
    spec.env.push(("CONTAINER_SANDBOX_MOUNT_POINT".to_owned(), root));
    spec
}

/// Ends everything in the job and forgets it.
pub(super) async fn remove(host: &HostSystem, container: &str) {
    let name = job_name(container);
    host.ask(TerminateJobObject { name: name.clone(), exit_code: 1 }).await.ok();
    host.ask(CloseJobObject { name }).await.ok();
}

/// `Statistics` of a job.
pub(super) fn query(container: &str) -> winlab_host::system::QueryJobObject {
    winlab_host::system::QueryJobObject { name: job_name(container) }
}

/// An empty answer of a job that has no statistics.
pub(super) fn no_statistics() -> Document {
    Document::empty_object()
}

#[cfg(test)]
mod tests {
    use super::{TaskSpec, on_host};

    #[test]
    fn the_mount_point_is_filled_in() {
        let spec = TaskSpec {
            id: "c1".into(),
            args: vec![r"$env:CONTAINER_SANDBOX_MOUNT_POINT\flanneld.exe".into()],
            env: vec![("X".into(), r"%CONTAINER_SANDBOX_MOUNT_POINT%\x".into())],
            ..TaskSpec::default()
        };
        let new = on_host(&spec, 20348);
        assert_eq!((new.args[0].as_str(), new.env[0].1.as_str()), (r"C:\hpc\flanneld.exe", r"C:\hpc\x"));
        assert_eq!(on_host(&spec, 17763).args[0], r"C:\hpc\c1\flanneld.exe");
    }
}

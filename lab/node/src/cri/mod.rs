//! The Container Runtime Interface, as kubelet and runtime speak it in one process.
//!
//! Names are those of `k8s.io/cri-api` `runtime/v1/api.proto`; a message has the members that Windows and Linux nodes
//! use. A server of the real protocol turns its messages into these and back.

mod container;
mod error;
mod image;
mod labels;
mod sandbox;
mod security;
mod service;
mod session;
mod stats;
mod status;

pub use container::{
    ContainerConfig, ContainerFilter, ContainerMetadata, ContainerResources, ContainerState, ContainerStatus,
    CreateContainerRequest, ExecSyncResponse, KeyValue, LinuxContainerConfig, LinuxContainerResources,
    ListedContainer, Mount, MountPropagation, WindowsContainerConfig, WindowsContainerResources,
};
pub use error::{Code, CriError};
pub use image::{AuthConfig, Image, ImageFsInfo, ImageSpec, PullImageRequest};
pub use labels::{CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL, pod_labels};
pub use sandbox::{
    DnsConfig, ListedPodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxMetadata, PodSandboxState,
    PodSandboxStatus, PortMapping, Protocol, RunPodSandboxRequest,
};
pub use security::{
    LinuxContainerSecurityContext, LinuxSandboxSecurityContext, NamespaceMode, WindowsSecurityContext,
};
pub use service::Cri;
pub(crate) use session::WAITING;
pub use session::{AttachRequest, ExecRequest, Session, SessionInput, SessionOutput, TerminalSize};
pub use stats::{ContainerStats, CpuUsage, InterfaceUsage, MemoryUsage, PodSandboxStats};
pub use status::{
    ContainerEventResponse, ContainerEventType, NETWORK_READY, RUNTIME_READY, RuntimeCondition,
    StatusResponse, VersionResponse,
};

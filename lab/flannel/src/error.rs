//! Why flanneld gives up.

use winlab_component::FileError;
use winlab_hcn::{HcnError, HnsError};
use winlab_host::Fault;
use winlab_host::linux::LinuxFault;

/// Each ends the program; the service manager may start it again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FlannelError {
    #[error("Failed to create SubnetManager: failed to read net conf: {0}")]
    NetConf(FileError),
    #[error("Failed to create SubnetManager: error parsing subnet config: {0}")]
    Config(String),
    #[error(
        "Failed to create SubnetManager: error waiting for nodeController to sync state: context deadline exceeded"
    )]
    NotSynced,
    #[error("Failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: {0}")]
    BrNetfilter(LinuxFault),
    #[error("Failed to find any valid interface to use: {0}")]
    DefaultInterface(String),
    #[error("Failed to find interface to use that matches the interfaces and/or regexes provided")]
    NoSuchInterface,
    #[error("Error fetching backend: unknown backend type: {0}")]
    Backend(String),
    #[error("Error registering network: {0}")]
    Register(String),
    #[error("not modelled: {0}")]
    NotModelled(&'static str),
}

impl From<HcnError> for FlannelError {
    fn from(error: HcnError) -> Self {
        Self::Register(error.to_string())
    }
}

impl From<HnsError> for FlannelError {
    fn from(error: HnsError) -> Self {
        Self::Register(error.to_string())
    }
}

impl From<LinuxFault> for FlannelError {
    fn from(error: LinuxFault) -> Self {
        Self::Register(error.message)
    }
}

impl From<Fault> for FlannelError {
    fn from(error: Fault) -> Self {
        Self::Register(error.to_string())
    }
}

/// What went wrong while the network was registered.
pub(crate) fn register(text: impl Into<String>) -> FlannelError {
    FlannelError::Register(text.into())
}

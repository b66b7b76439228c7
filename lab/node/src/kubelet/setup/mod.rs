//! What a kubelet is told before it starts: options of the lab, flags, its configuration file, feature gates.

mod config;
mod eviction;
mod fields;
mod flags;
mod gates;
mod options;

pub(crate) use config::KubeletConfig;
pub(crate) use eviction::EvictionConfig;
pub(crate) use gates::Gates;
pub use options::KubeletOptions;

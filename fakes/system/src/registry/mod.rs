//! The registry: keys and values of the host and of each container.
//!
//! ```text
//! HKLM\SYSTEM\CurrentControlSet\…  is a link to  HKLM\SYSTEM\ControlSet001\…
//! HKCU                             is            HKU\.DEFAULT
//! HKCR                             is            HKLM\SOFTWARE\Classes
//! ```

mod container;
mod host;
mod key;
mod path;

#[cfg(test)]
mod model_tests;

pub use container::{ContainerNetwork, NetworkInterface, container_registry};
pub(crate) use host::{host_registry, write_adapters, write_boot_id};
pub use key::Registry;

//! What only this operating system can do. Windows programs run on Linux alone; elsewhere everything here is refused.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Namespaces, interrupt, is_program, link, own_group, permitted, start_of};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{Namespaces, interrupt, is_program, link, own_group, permitted, start_of};

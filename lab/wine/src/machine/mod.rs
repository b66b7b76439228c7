//! What only this operating system can do. Windows programs run on Linux alone; elsewhere everything here is refused.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Namespaces, folder_of, interrupt, is_program, link, own_group, permitted, start_of};
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{Namespaces, folder_of, interrupt, is_program, link, own_group, permitted, start_of};

//! Layers: folders of the host, and the volumes that scratches are mounted at.
//!
//! A layer of the lab is a folder with a folder `Files` in it, or a folder that is all files. No virtual disk is made:
//! `sandbox.vhdx` stands for one, and a mounted scratch is its folder under the name of a volume.

mod storage;
mod wclayer;

use std::collections::BTreeMap;

use uuid::Uuid;
use winlab_host::Guid;

/// Scratches that are mounted, by the form in which their folders compare.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    mounted: BTreeMap<String, Mount>,
}

/// A scratch in use.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    volume: Guid,
    /// Whether it and its parents show as one.
    is_prepared: bool,
}

impl Layers {
    fn get(&self, path: &str) -> Option<&Mount> {
        self.mounted.get(&fold(path))
    }

    fn get_mut(&mut self, path: &str) -> Option<&mut Mount> {
        self.mounted.get_mut(&fold(path))
    }

    /// The folder that a volume's name or a folder's path means.
    fn folder_of(&self, path: &str) -> Option<String> {
        let Some(id) = volume_id(path) else { return Some(fold(path)) };
        self.mounted.iter().find(|(_, mount)| mount.volume == id).map(|(folder, _)| folder.clone())
    }

    /// The host is off: no volume is mounted.
    pub(crate) fn unmount_all(&mut self) -> Vec<Guid> {
        std::mem::take(&mut self.mounted).into_values().map(|mount| mount.volume).collect()
    }
}

/// Folders compare without regard to case and to a trailing separator.
fn fold(path: &str) -> String {
    path.replace('/', "\\").trim_end_matches('\\').to_lowercase()
}

/// The GUID of `\\?\Volume{GUID}\`.
fn volume_id(path: &str) -> Option<Guid> {
    path.strip_prefix(r"\\?\Volume")?.trim_end_matches('\\').parse().ok()
}

/// The GUID that stands for a layer's name: name-based (version 5), the same on every host. Windows does not say in
/// which namespace; this is the lab's own.
fn name_to_guid(name: &str) -> Guid {
    const NAMESPACE: Uuid = Uuid::from_u128(0x6b1f_2d0e_5d2b_4c3a_9f60_7769_6e6c_6162);
    Guid::from_bits(Uuid::new_v5(&NAMESPACE, name.as_bytes()).as_u128())
}

#[cfg(test)]
mod tests {
    use super::{fold, name_to_guid, volume_id};

    #[test]
    fn names_have_guids_of_version_5() {
        let guid = name_to_guid("fec9f4c7");
        assert_eq!(guid, name_to_guid("fec9f4c7"));
        assert_ne!(guid, name_to_guid("fec9f4c8"));
        assert_eq!(guid.to_string().as_bytes()[14], b'5');
    }

    #[test]
    fn paths_and_volumes() {
        assert_eq!(fold(r"C:\Layers\A\"), fold("c:/layers/a"));
        let guid = name_to_guid("x");
        assert_eq!(volume_id(&format!(r"\\?\Volume{{{guid}}}\")), Some(guid));
        assert_eq!(volume_id(r"C:\x"), None);
    }
}

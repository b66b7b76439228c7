//! Volumes as files on the node (`pkg/volume`, `pkg/kubelet/volumemanager`).

mod content;
mod mount;

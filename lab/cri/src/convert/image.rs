//! Images.

use winlab_node::cri;

use super::{count, optional};
use crate::proto;

/// `ImageSpec`
pub(crate) fn image_spec(spec: proto::ImageSpec) -> cri::ImageSpec {
    cri::ImageSpec {
        image: spec.image,
        user_specified_image: spec.user_specified_image,
        runtime_handler: spec.runtime_handler,
    }
}

/// `AuthConfig`
pub(crate) fn auth(auth: proto::AuthConfig) -> cri::AuthConfig {
    cri::AuthConfig { username: auth.username, password: auth.password }
}

/// `Image`
pub(crate) fn image(image: cri::Image) -> proto::Image {
    proto::Image {
        id: image.id,
        repo_tags: image.repo_tags,
        repo_digests: image.repo_digests,
        size: image.size,
        uid: optional(image.uid),
        username: image.username,
        spec: None,
        pinned: image.pinned,
    }
}

/// `ImageFsInfoResponse`; containerd tells nothing of containers' own file systems
/// (containerd `internal/cri/server/images/imagefs_info.go`).
pub(crate) fn image_fs_info(info: &cri::ImageFsInfo) -> proto::ImageFsInfoResponse {
    let usage = |(mountpoint, used): (&String, &u64)| proto::FilesystemUsage {
        timestamp: info.timestamp,
        fs_id: Some(proto::FilesystemIdentifier { mountpoint: mountpoint.clone() }),
        used_bytes: count(*used),
        inodes_used: count(0),
    };
    proto::ImageFsInfoResponse {
        image_filesystems: info.used_bytes.iter().map(usage).collect(),
        container_filesystems: Vec::new(),
    }
}

//! Images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sandbox::PodSandboxConfig;

/// `ImageSpec`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSpec {
    /// A reference or an id
    pub image: String,
    /// What the user wrote
    pub user_specified_image: String,
    /// Runtime handler the image is for; filled only where the RuntimeClassInImageCriApi gate is on
    pub runtime_handler: String,
}

/// `AuthConfig`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthConfig {
    /// User
    pub username: String,
    /// Password
    pub password: String,
}

/// `PullImageRequest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullImageRequest {
    /// What to pull
    pub image: ImageSpec,
    /// Who pulls it
    pub auth: Option<AuthConfig>,
    /// The pod it is for
    pub sandbox_config: Option<PodSandboxConfig>,
}

/// `Image`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Digest of its configuration
    pub id: String,
    /// Names with tags
    pub repo_tags: Vec<String>,
    /// Names with digests
    pub repo_digests: Vec<String>,
    /// Size in bytes
    pub size: u64,
    /// Numeric user it runs as
    pub uid: Option<i64>,
    /// Named user it runs as
    pub username: String,
    /// Whether it is kept whatever happens: the pause image
    pub pinned: bool,
}

/// `ImageFsInfoResponse`, what of it is used
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFsInfo {
    /// Nanoseconds since 1970
    pub timestamp: i64,
    /// Bytes that images take, by mount point
    pub used_bytes: BTreeMap<String, u64>,
}

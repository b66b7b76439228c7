//! Images: where they come from, which manifest fits the node, and what lies unpacked on its disk.

mod platform;
mod reference;
mod registry;
mod store;

pub use platform::{Platform, PlatformMatcher};
pub use reference::normalize;
pub use registry::{
    ImageConfig, ImageIndex, ImageManifest, ImageRegistry, Layer, RegistryError, StaticRegistry,
};
pub(crate) use store::{ImageRecord, ImageStore};

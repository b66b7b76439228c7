//! Files and folders: one tree per host, and each container's view on it.
//!
//! ```text
//! container path ─▶ mapped directory?  ─▶ host folder
//!                └▶ scratch\Files      ─▶ layers' Files, top first ─▶ what every image has
//! ```
//!
//! Writing in a container writes to its scratch: layers below are never changed.

mod content;
mod path;
mod store;
mod tree;
mod view;

#[cfg(test)]
mod model_tests;

use content::Content;
pub use path::FilePath;
pub use store::FileSystem;
pub use view::{ContainerView, MappedDirectory};

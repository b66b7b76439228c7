//! The little JSON that the wire needs. Documents of clients are checked and passed on as they are, never rebuilt, so
//! that members nobody here knows stay as they were written.

mod read;
mod scan;
mod write;

pub use read::Json;
pub use write::{quoted, Object};

//! Which objects a list or a watch is about.

mod fields;
mod labels;

pub use fields::FieldSelector;
pub(crate) use fields::index_value;
pub use labels::LabelSelector;

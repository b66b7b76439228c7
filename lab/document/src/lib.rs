//! Compact, shared, persistent JSON documents with interned keys.
//!
//! Every document that crosses the boundary, and every object the API server stores, is a [`Document`]: a JSON value
//! whose strings, arrays and objects sit behind `Arc`s. A clone is a reference count; an edit copies only the path
//! from the root to the changed place and shares the rest. Members keep the order in which they were written, so that
//! a client which compares raw text gets back what it sent (Felix does so with `RemoteSubnetRoute` settings), while
//! equality ignores that order, as JSON does.
//!
//! Text exists only at the edge: [`Document::parse`] and `Display`.

mod decode;
mod edit;
mod key;
mod make;
mod merge;
mod number;
mod parse;
mod read;
mod value;
mod write;

pub use decode::DecodeError;
pub use key::Key;
pub use make::{ArrayBuilder, ObjectBuilder};
pub use number::Number;
pub use parse::ParseError;
pub use value::Document;

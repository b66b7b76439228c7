//! What a request asks for: path, query and media types.

mod manager;
mod media;
mod protobuf;
mod query;
mod route;

pub(crate) use manager::check as check_manager;
pub(crate) use media::{Answer, PatchType, acceptable, is_protobuf, patch_type, require_json};
pub(crate) use protobuf::decode as decode_protobuf;
pub(crate) use query::{Params, query_text};
pub(crate) use route::{Route, Target, key, route};

//! The messages and services of `runtime.v1`, made from `proto/runtime_v1.proto`.
#![expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::allow_attributes,
    unused_qualifications,
    reason = "made by a program from a file whose comments were left out"
)]

tonic::include_proto!("runtime.v1");

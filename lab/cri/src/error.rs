//! Refusals as gRPC statuses.

use tonic::Status;
use winlab_node::cri::{Code, CriError};

/// The status that stands for a refusal.
pub(crate) fn status(error: CriError) -> Status {
    let code = match error.code {
        Code::Unknown => tonic::Code::Unknown,
        Code::InvalidArgument => tonic::Code::InvalidArgument,
        Code::DeadlineExceeded => tonic::Code::DeadlineExceeded,
        Code::NotFound => tonic::Code::NotFound,
        Code::AlreadyExists => tonic::Code::AlreadyExists,
        Code::FailedPrecondition => tonic::Code::FailedPrecondition,
        Code::Unimplemented => tonic::Code::Unimplemented,
        Code::Unavailable => tonic::Code::Unavailable,
    };
    Status::new(code, error.message)
}

/// What grpc-go answers for a method that its server's version of the interface does not have.
pub(crate) fn unknown_method(service: &str, method: &str) -> Status {
    Status::unimplemented(format!("unknown method {method} for service runtime.v1.{service}"))
}

/// A request without a message that the interface requires.
pub(crate) fn missing(field: &str) -> Status {
    Status::invalid_argument(format!("{field} is required"))
}

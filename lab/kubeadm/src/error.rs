//! How `kubeadm join` fails.

use std::fmt;

/// The phase that failed and why, as kubeadm prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinError {
    /// `preflight`, `kubelet-start`, `kubelet-wait-bootstrap`.
    pub phase: &'static str,
    /// Its message.
    pub text: String,
}

impl JoinError {
    pub(crate) fn new(phase: &'static str, text: impl Into<String>) -> Self {
        Self { phase, text: text.into() }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error execution phase {}: {}", self.phase, self.text)
    }
}

impl std::error::Error for JoinError {}

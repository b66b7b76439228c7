//! Certificates of a lab's control plane, and the kubeconfigs that carry them.
//!
//! - [`Authority`]: a certificate authority that lives as long as its lab, and what it signs.
//! - [`subject_of`]: who a client certificate stands for, as Kubernetes reads it.
//! - [`Kubeconfig`]: how a client is told where the server is, whom to trust and who it is.
//!
//! Keys are drawn from the machine, never from a lab's seed: nothing of a key or certificate is part of what a run
//! shows. A certificate is valid from 2020 to 2099, since the date of a lab need not be the machine's.

mod authority;
mod kubeconfig;
mod subject;

pub use authority::{Authority, Issued, PkiError, ServerNames, signing_key};
pub use kubeconfig::{Credentials, Kubeconfig};
pub use subject::{Subject, subject_of};

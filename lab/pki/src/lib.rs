//! Certificates of a lab's control plane, and the kubeconfigs that carry them.
//!
//! - [`Authority`]: a certificate authority that lives as long as its lab, and what it signs.
//! - [`SigningRequest`]: what a client asks of an authority, with its [`PrivateKey`] and for some [`Usage`]s.
//! - [`subject_of`]: who a client certificate stands for, as Kubernetes reads it.
//! - [`Kubeconfig`]: how a client is told where the server is, whom to trust and who it is.
//!
//! Keys are drawn from the machine wherever something listens. A world that nothing outside of it can reach makes them
//! from its seed, so that what its nodes write to their disks is the same in every run. A certificate is valid from 2020 to 2099, since the date of a lab need not be the machine's.

mod authority;
mod kubeconfig;
mod private_key;
mod request;
mod subject;
mod usage;

pub use authority::{Authority, Issued, PkiError, ServerNames, signing_key};
pub use kubeconfig::{Credentials, Kubeconfig};
pub use private_key::PrivateKey;
pub use request::{RequestError, SigningRequest};
pub use subject::{Subject, subject_of};
pub use usage::Usage;

//! Where the Kubernetes API of a lab comes from.
//!
//! [`ControlPlane`] is what a lab needs of one: clients under any identity. [`Embedded`] is the provider that needs
//! nothing: the API server in this process with the model controllers and scheduler. Providers over real binaries,
//! containers and somebody's kubeconfig are not there yet, and a scenario that asks for one is refused by name.

mod control_plane;
mod embedded;

pub use control_plane::ControlPlane;
pub use embedded::{Embedded, EmbeddedConfig, Switches};

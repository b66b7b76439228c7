//! The one crate that names kube and k8s-openapi.
//!
//! Every component talks to Kubernetes through [`Client`], so a model runs unchanged against the in-process API server
//! and against a real cluster. On top of it this crate adds what a deterministic world needs and kube does not give:
//!
//! - [`watch()`]: list and watch with bookmarks, resume, relist on 410 and a seeded [`Backoff`];
//! - [`Store`]: an ordered reflector with level-triggered notification ([`Store::changed`]) and a queue of what
//!   changed ([`Changes`]);
//! - [`feed`]: how an in-process server hands objects to [`watch()`] that are decoded once and shared by all watchers;
//! - [`Exec`]: a command in a container;
//! - [`Identity`]: who a client is, its user agent and field manager; [`Remote`]: a server behind TLS that it is a client of.
//!
//! Three rules about objects are here because kubelet and scheduler share them: [`quantity`], [`pod_requests`] and
//! [`tolerates`].
//!
//! Types: [`k8s`] has short names for the API groups in use; [`k8s_openapi`] is re-exported whole.

mod backoff;
mod changes;
mod error;
mod exec;
pub mod feed;
mod identity;
pub mod k8s;
mod key;
mod kubeconfig;
mod objects;
pub mod quantity;
mod reflect;
mod remote;
mod requests;
mod store;
mod tolerations;
mod watch;
mod wire;

pub use backoff::{Backoff, BackoffPolicy};
pub use changes::{Change, Changes};
pub use error::{ErrorExt, StatusExt, WatchError};
pub use exec::{Exec, ExecError, Executed};
pub use identity::Identity;
pub use k8s_openapi;
pub use key::ObjectKey;
pub use kube::api;
pub use kube::client::Body;
pub use kube::core;
pub use kube::{Api, Client, Error, Resource, ResourceExt};
pub use kubeconfig::ConnectError;
pub use reflect::reflect;
pub use remote::{Remote, RemoteError};
pub use requests::{Amounts, is_sidecar, pod_requests};
pub use store::Store;
pub use tolerations::tolerates;
pub use watch::{WatchConfig, WatchEvent, watch};

/// What [`watch()`] and [`Store`] ask of an object type: every k8s-openapi kind and `kube::core::DynamicObject` have it.
pub trait Object: Resource + serde::de::DeserializeOwned + Clone + Send + Sync + 'static {}

impl<K: Resource + serde::de::DeserializeOwned + Clone + Send + Sync + 'static> Object for K {}

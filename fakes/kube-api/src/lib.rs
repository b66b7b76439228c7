//! A light Kubernetes API server in this process.
//!
//! It answers what components ask of a real one: create, get, list, watch, update, patch and delete of the built-in
//! kinds, with the defaults, checks and messages of a chosen minor. [`ApiServer::client`] gives each component its own
//! `kube::Client` in this process, [`SecureServing`] lets programs outside of it in over TCP and TLS.
//!
//! In reading order: [`kinds`] (what is served, as a table), `request` (what is asked), `service` (from request to
//! response), `verbs` (one file each), `store` (objects, history, watches), `schema`, `defaults`, `validate`,
//! `admission` and `allocate` (what happens to an object on its way in), `patch`, `managed` (who manages which field, and
//! server-side apply), `select`. [`check`] tells beforehand what
//! would become of an object. Beside the fidelity stand
//! [`faults`] and [`observe`], which a client cannot reach.
//!
//! The server reads no clock and no random numbers but those of its [`Config`]: the same requests in the same order
//! give the same bytes.

mod admission;
mod allocate;
mod bindings;
mod body;
mod boot;
mod bootstrap_token;
mod caller;
mod certificates;
pub mod check;
mod config;
mod defaults;
mod discovery;
mod events_v1;
mod failure;
pub mod faults;
pub mod kinds;
pub mod kubelet;
mod managed;
mod meta;
pub mod observe;
mod patch;
mod quantity;
mod request;
mod reviews;
mod schema;
mod select;
mod serve;
mod server;
mod service;
mod store;
mod table;
mod tokens;
mod validate;
mod verbs;

pub use body::ApiBody;
pub use config::{Config, Family, HistoryLimits, Profile};
pub use failure::{Cause, Failure};
pub use select::{FieldSelector, LabelSelector};
pub use serve::{SecureServing, ServingError};
pub use server::ApiServer;
pub use service::ApiService;
pub use validate::{FieldError, FieldErrors, FieldPath};

//! CoreDNS as a model: the names of services and pods, as its `kubernetes` plugin answers them (CoreDNS v1.12), and a
//! forwarder for all others.
//!
//! [`run_with`] watches Namespaces, Services and EndpointSlices and publishes a [`DnsServer`] at an address of the
//! node's [`LocalEndpoints`](winlab_component::LocalEndpoints); whoever carries a query there asks it. [`Zone`] is the
//! server itself and can be used over any stores.
//!
//! Of kubeadm's `Corefile` these are modelled: `kubernetes cluster.local in-addr.arpa ip6.arpa` with `pods insecure`,
//! `fallthrough` and `ttl 30`, `forward`, `ready`. Answers are not cached and not shuffled (`cache`, `loadbalance`).

mod name;
mod pods;
mod question;
mod record;
mod reverse;
mod run;
mod server;
mod services;
mod upstream;
mod zone;

pub use record::{DnsAnswer, Rcode, Record, RecordData, RecordType};
pub use run::{Options, run, run_with};
pub use server::DnsServer;
pub use upstream::{NoUpstream, Upstream, UpstreamTable};
pub use zone::{Zone, ZoneData};

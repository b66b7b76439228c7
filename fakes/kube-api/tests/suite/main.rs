//! What a client sees of an API server. Each case is generic over the client, so that another server can answer the
//! same questions.

mod addresses;
mod certificates;
mod defaults;
mod deletion;
mod determinism;
mod discovery;
mod events;
mod faults;
mod objects;
mod patches;
mod secure;
mod services;
mod subresources;
mod validation;
mod watches;
mod windows;
mod world;

//! What a client sees of an API server. Each case is generic over the client, so that another server can answer the
//! same questions.

mod objects;
mod watches;
mod world;

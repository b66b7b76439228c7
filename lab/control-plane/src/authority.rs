//! The certificate authority of an embedded plane.

use std::sync::Arc;

use winlab_clock::{Clock, Pace, Seed};
use winlab_pki::{Authority, PrivateKey};

/// One that lives as long as its plane. In a virtual world nothing listens, and what nodes are given has to be the same in
/// every run: there its key is drawn from the seed. Anywhere else nobody may know it.
pub(crate) fn of_plane(clock: Clock, seed: Seed) -> Arc<Authority> {
    let key = match clock.pace() {
        Pace::Virtual => PrivateKey::of_bytes(seed.child("certificate-authority").rng().bytes()),
        Pace::Scaled(_) | Pace::Real => PrivateKey::generate(),
    };
    let made = key.and_then(|key| Authority::with_key("kubernetes", key));
    Arc::new(made.unwrap_or_else(|error| panic!("the machine has no randomness to give: {error}")))
}

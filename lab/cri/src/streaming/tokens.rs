//! Requests that wait for their URL to be asked for (k8s.io/cri-streaming `pkg/streaming/request_cache.go`).

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use winlab_clock::{Rng, Seed, VirtualInstant, VirtualSpan};

use super::request::StreamRequest;

/// How long a URL is good for (`cacheTTL`).
const LIFE: VirtualSpan = VirtualSpan::from_secs(60);
/// How many requests may wait (`maxInFlight`).
const MOST: usize = 1000;

/// As many requests wait as may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

/// The requests by token.
pub(super) struct Tokens {
    random: Rng,
    waiting: BTreeMap<String, (VirtualInstant, StreamRequest)>,
}

impl Tokens {
    pub(super) fn new(seed: Seed) -> Self {
        Self { random: seed.rng(), waiting: BTreeMap::new() }
    }

    /// Keeps a request; its token is eight characters that may stand in a URL.
    pub(super) fn insert(&mut self, request: StreamRequest, now: VirtualInstant) -> Result<String, TooMany> {
        self.waiting.retain(|_, (made, _)| now.since(*made) <= LIFE);
        if self.waiting.len() >= MOST {
            return Err(TooMany);
        }
        loop {
            let token = URL_SAFE_NO_PAD.encode(self.random.bytes::<6>());
            if !self.waiting.contains_key(&token) {
                self.waiting.insert(token.clone(), (now, request));
                return Ok(token);
            }
        }
    }

    /// Gives a request out, once.
    pub(super) fn take(&mut self, token: &str, now: VirtualInstant) -> Option<StreamRequest> {
        let (made, request) = self.waiting.remove(token)?;
        (now.since(made) <= LIFE).then_some(request)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::{Seed, VirtualInstant, VirtualSpan};
    use winlab_node::cri::ExecRequest;

    use super::{MOST, StreamRequest, Tokens, TooMany};

    fn request() -> StreamRequest {
        StreamRequest::Exec(ExecRequest::default())
    }

    #[test]
    fn a_token_is_good_once_and_for_a_minute() {
        let mut tokens = Tokens::new(Seed::new(1));
        let start = VirtualInstant::START;
        let first = tokens.insert(request(), start).unwrap();
        assert_eq!(first.len(), 8);
        assert!(tokens.take(&first, start + VirtualSpan::from_secs(60)).is_some());
        assert!(tokens.take(&first, start).is_none());
        let late = tokens.insert(request(), start).unwrap();
        assert!(tokens.take(&late, start + VirtualSpan::from_secs(61)).is_none());
    }

    #[test]
    fn no_more_than_a_thousand_wait_and_old_ones_make_room() {
        let mut tokens = Tokens::new(Seed::new(1));
        let start = VirtualInstant::START;
        for _ in 0..MOST {
            tokens.insert(request(), start).unwrap();
        }
        assert_eq!(tokens.insert(request(), start), Err(TooMany));
        assert!(tokens.insert(request(), start + VirtualSpan::from_secs(61)).is_ok());
    }
}

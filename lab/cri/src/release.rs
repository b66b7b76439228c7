//! Which methods a release of containerd has.

use tonic::Status;

use crate::backend::Backend;
use crate::error::unknown_method;

/// The first release whose lists can be asked for as streams: 2.4 is built with cri-api 0.37 (KEP-5825).
const STREAMS_LISTS: (u32, u32) = (2, 4);

/// Refuses a list as a stream where the runtime is older than that.
pub(crate) async fn streams_lists(backend: &Backend, service: &str, method: &str) -> Result<(), Status> {
    let version = backend.call(|cri| async move { cri.version().await }).await?;
    if parse(&version.runtime_version) >= STREAMS_LISTS {
        Ok(())
    } else {
        Err(unknown_method(service, method))
    }
}

/// Major and minor of `v2.1.4`.
fn parse(version: &str) -> (u32, u32) {
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{STREAMS_LISTS, parse};

    #[test]
    fn releases_are_in_order() {
        assert!(parse("v2.4.2") >= STREAMS_LISTS && parse("v2.10.0") >= STREAMS_LISTS);
        assert!(
            parse("v2.2.0") < STREAMS_LISTS && parse("v1.7.27") < STREAMS_LISTS && parse("") < STREAMS_LISTS
        );
    }
}

//! `POST /v1/hosts/{name}/hcs/systems/{id}/processes/{pid}/stdin`: the body is the process's input, given to it as it
//! arrives. Its end does not close the input; `HcsModifyProcess` does that.

use std::sync::Arc;

use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use winlab_document::Document;
use winlab_host::compute::{Compute, WriteProcessInput};
use winlab_host::{Ask as _, HostCompute};

use super::respond::{self, Body};
use super::route::ProcessPath;
use crate::outcome;
use crate::refusal::{Refusal, Refused};

/// Writes until the body ends or the process takes no more.
pub(super) async fn write(
    compute: Arc<HostCompute>,
    process: ProcessPath,
    mut body: Incoming,
) -> Result<Response<Body>, Refused> {
    let mut outcome = Ok(Document::Null);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refused::new(Refusal::BadRequest, error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        let (id, pid) = (process.system.clone(), process.pid);
        if let Err(fault) = compute.ask(WriteProcessInput { id, pid, bytes: data.as_ref().into() }).await {
            outcome = Err(fault);
            break;
        }
    }
    Ok(respond::json(StatusCode::OK, outcome::write::<Compute>(&outcome)))
}

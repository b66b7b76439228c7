//! `log` of a pod whose kubelet is a model.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::{HeaderValue, Response, header};
use jiff::{SignedDuration, Timestamp};
use winlab_clock::VirtualSpan;

use super::{ContainerRef, Kubelet, LogOptions, is_running};
use crate::body::ApiBody;
use crate::failure::Failure;
use crate::request::Params;
use crate::server::ApiServer;

/// A log that is followed is looked at this often.
const EVERY: VirtualSpan = VirtualSpan::from_millis(500);

/// What a client asks for beyond what a kubelet is asked.
struct Wanted {
    timestamps: bool,
    tail: Option<usize>,
    since: Option<Timestamp>,
    limit: Option<usize>,
}

pub(super) async fn answer(
    server: &Arc<ApiServer>,
    kubelet: Arc<dyn Kubelet>,
    container: ContainerRef,
    params: &Params,
) -> Result<Response<ApiBody>, Failure> {
    let wanted = wanted(server, params)?;
    let options = LogOptions { previous: params.flag("previous"), tail: None, timestamps: true };
    let all = kubelet.logs(&container, &options).await.map_err(Failure::bad_request)?;
    let first = wanted.shown(&all);
    let body = if params.flag("follow") && !options.previous {
        let follow = Follow { server: server.clone(), kubelet, container, options, wanted, told: all.len() };
        let rest = stream::unfold(follow, Follow::next);
        ApiBody::stream(stream::once(async move { Bytes::from(first) }).chain(rest))
    } else {
        ApiBody::whole(first)
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Ok(response)
}

fn wanted(server: &ApiServer, params: &Params) -> Result<Wanted, Failure> {
    let size = |name| -> Result<Option<usize>, Failure> {
        Ok(params.number(name)?.and_then(|number| usize::try_from(number).ok()))
    };
    let ago = params.number("sinceSeconds")?.and_then(|seconds| i64::try_from(seconds).ok());
    let ago = ago.and_then(|seconds| {
        server.config.clock.timestamp().checked_sub(SignedDuration::from_secs(seconds)).ok()
    });
    Ok(Wanted {
        timestamps: params.flag("timestamps"),
        tail: size("tailLines")?,
        since: ago.or_else(|| params.text("sinceTime").parse().ok()),
        limit: size("limitBytes")?,
    })
}

impl Wanted {
    /// What is to be seen of lines that have their time before them.
    fn shown(&self, text: &str) -> String {
        let lines: Vec<&str> = text.lines().filter(|line| self.is_recent(line)).collect();
        let skipped = self.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        let mut out = String::new();
        for line in &lines[skipped..] {
            let text = if self.timestamps { line } else { line.split_once(' ').map_or("", |(_, text)| text) };
            out.push_str(text);
            out.push('\n');
        }
        if let Some(limit) = self.limit {
            let end = (0..=limit.min(out.len())).rev().find(|at| out.is_char_boundary(*at)).unwrap_or(0);
            out.truncate(end);
        }
        out
    }

    fn is_recent(&self, line: &str) -> bool {
        let at = line.split(' ').next().and_then(|time| time.parse::<Timestamp>().ok());
        self.since.is_none_or(|since| at.is_none_or(|at| at >= since))
    }
}

/// A log that is followed until its container ends.
struct Follow {
    server: Arc<ApiServer>,
    kubelet: Arc<dyn Kubelet>,
    container: ContainerRef,
    options: LogOptions,
    wanted: Wanted,
    /// How much of the log has been seen.
    told: usize,
}

impl Follow {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            // Whether it runs is asked first: what it wrote before its end is then in the log.
            let running = is_running(&self.server, &self.container);
            let text = self.kubelet.logs(&self.container, &self.options).await.ok()?;
            if let Some(news) = text.get(self.told..).filter(|news| !news.is_empty()) {
                let all = Wanted { tail: None, limit: None, ..self.wanted };
                let shown = Bytes::from(all.shown(news));
                self.told = text.len();
                return Some((shown, self));
            }
            if !running || text.len() < self.told {
                return None;
            }
            self.server.config.clock.sleep(EVERY).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn lines_are_chosen_by_number_and_time() {
        let log = "2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two\n2026-01-01T00:00:03Z three\n";
        let all = Wanted { timestamps: false, tail: None, since: None, limit: None };
        assert_eq!(all.shown(log), "one\ntwo\nthree\n");
        assert_eq!(Wanted { tail: Some(1), ..all }.shown(log), "three\n");
        let since = Some("2026-01-01T00:00:02Z".parse().unwrap());
        let recent = Wanted { timestamps: true, tail: None, since, limit: None };
        assert_eq!(recent.shown(log), "2026-01-01T00:00:02Z two\n2026-01-01T00:00:03Z three\n");
        assert_eq!(
            Wanted { limit: Some(5), timestamps: false, since: None, tail: None }.shown(log),
            "one\nt"
        );
    }
}

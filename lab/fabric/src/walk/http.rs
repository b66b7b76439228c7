//! What a program answers over HTTP.

use winlab_host::HttpReply;

use super::exchange::Served;
use super::{Client, DEEPEST_FETCH, Object, Walk};
use crate::probe::{Probe, Source};
use crate::verdict::{Decision, HttpAnswer, Leg, ObjectKind, Outcome, Verdict};
use winlab_clock::VirtualSpan;

impl Walk<'_> {
    /// The answer to a request for a path; whoever must ask somebody first does so now.
    pub(super) fn http(&mut self, served: &Served, path: &str) -> HttpAnswer {
        let Some(program) = &served.program else { return HttpAnswer { status: 502, body: String::new() } };
        let bare = path.split('?').next().unwrap_or(path);
        let reply = match program.program.http.get(bare) {
            Some(reply) => reply.clone(),
            None if program.program.http.is_empty() => {
                HttpReply { status: 200, body: "$HOSTNAME".into(), fetches: None }
            }
            None => HttpReply { status: 404, body: "not found".into(), fetches: None },
        };
        let mut answer = HttpAnswer { status: reply.status, body: filled(&reply.body, program) };
        if let Some(url) = &reply.fetches {
            let client = Client { place: served.arrived.place.clone(), container: program.container.clone() };
            if let Err(why) = self.fetch(&client, url) {
                answer = HttpAnswer { status: 502, body: format!("{url}: {why}") };
            }
        }
        let object = Object::named(ObjectKind::Program, program.container.clone());
        let node = served.backend.node.clone();
        self.hop(&node, object, Decision::Answer, format!("{} for {path}", answer.status));
        answer
    }

    /// Asks a URL from where a program is. An error says why, in the words of a verdict.
    fn fetch(&mut self, client: &Client, url: &str) -> Result<(), String> {
        if self.depth >= DEEPEST_FETCH {
            return Err("asked in a circle".into());
        }
        // The source is only written into the probe; the walk begins at the client's place.
        let probe = Probe::to(Source::Node(String::new()), url).map_err(|error| error.to_string())?;
        let mut verdict = Verdict {
            outcome: Outcome::Ok,
            backend: None,
            http: None,
            resolved: None,
            hops: Vec::new(),
            decided_by: None,
            elapsed: VirtualSpan::ZERO,
        };
        let leg = std::mem::replace(&mut self.leg, Leg::Fetch);
        self.depth += 1;
        let asked = self.ask(client, probe.protocol, &probe.to, probe.payload_bytes, &mut verdict);
        self.depth -= 1;
        self.leg = leg;
        if let Err(stop) = asked {
            return Err(stop.outcome.to_string());
        }
        match verdict.http {
            Some(http) if http.status >= 400 => Err(http.status.to_string()),
            _ => Ok(()),
        }
    }
}

/// The body with `$NAME` replaced by the environment variable of that name; what is not set stays.
fn filled(body: &str, program: &winlab_host::HostProgram) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        let name = &rest[at + 1..];
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        match program.environment.get(&name[..end]) {
            Some(value) => text.push_str(value),
            None => text.push_str(&rest[at..=at + end]),
        }
        rest = &name[end..];
    }
    text.push_str(rest);
    text
}

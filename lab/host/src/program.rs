//! What a container's program does: the content of a lab's images.
//!
//! A lab's image holds no machine code. Its layer carries one file, [`Program::FILE`], that says how the program in it
//! behaves; the fake that runs the container reads it there, as an operating system reads an executable. Whatever
//! pulls, unpacks or mounts layers never looks inside.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use winlab_clock::VirtualSpan;

use crate::data_plane::Listener;

/// How a program behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Program {
    /// The operating system it runs on: `windows` or `linux`; empty: any.
    pub os: String,
    /// The Windows build it was made for (`10.0.17763.1`); empty on Linux.
    pub os_version: String,
    /// The command it starts with, as the image's entry point and command give it.
    pub command: Vec<String>,
    /// The component that the program is (`coredns`, `kube-proxy`, `flanneld`): the lab runs that component's model
    /// for as long as the program runs. Empty for ordinary programs.
    pub component: String,
    /// The component's own version (`v1.36.1`); empty where it has none.
    pub version: String,
    /// The account it runs as unless told otherwise.
    pub user: String,
    /// Sockets it listens on from its start.
    pub listen: Vec<Listener>,
    /// HTTP: path → reply. A path that is not there answers 404; no paths at all answer 200 with the host name.
    pub http: BTreeMap<String, HttpReply>,
    /// Lines it writes to standard output at its start.
    pub logs: Vec<String>,
    /// When and how it ends by itself; never if none.
    pub exit: Option<Exit>,
    /// Whether it goes on after a polite request to end.
    pub ignores_shutdown: bool,
    /// Working set in bytes.
    pub memory: u64,
    /// How long it takes from its start until it listens, in milliseconds.
    pub ready_after_ms: u64,
}

impl Program {
    /// Where a layer keeps it.
    pub const FILE: &'static str = "winlab-program.json";

    /// How long it takes from its start until it listens.
    #[must_use]
    pub fn ready_after(&self) -> VirtualSpan {
        VirtualSpan::from_millis(self.ready_after_ms)
    }
}

/// How a program ends by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Exit {
    /// Its exit code.
    pub code: i32,
    /// Milliseconds after its start.
    pub after_ms: u64,
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpReply {
    /// Status code.
    pub status: u16,
    /// Body; `$NAME` stands for the environment variable of that name, `$HOSTNAME` for the host name.
    #[serde(default)]
    pub body: String,
    /// A URL that the program asks first, as a front end asks its store: a failure there is a 502 here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetches: Option<String>,
}

impl FromStr for HttpReply {
    type Err = std::num::ParseIntError;

    /// `200 shop $HOSTNAME`: the status, then the body.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (status, body) = text.split_once(' ').unwrap_or((text, ""));
        Ok(Self { status: status.parse()?, body: body.to_owned(), fetches: None })
    }
}

#[cfg(test)]
mod tests {
    use super::{HttpReply, Program};

    #[test]
    fn its_file_is_json_that_refuses_what_it_does_not_know() {
        let program: Program = winlab_document::Document::parse(
            r#"{"listen":["tcp/8080"],"http":{"/":{"status":200,"body":"hi"}},"exit":{"code":3,"after-ms":40000}}"#,
        )
        .unwrap()
        .decode()
        .unwrap();
        assert_eq!(program.listen[0].to_string(), "tcp/8080");
        let error = winlab_document::doc!({"listens": []}).decode::<Program>().unwrap_err();
        assert!(error.to_string().contains("unknown field `listens`"), "{error}");
    }

    #[test]
    fn replies_have_a_short_form() {
        let reply: HttpReply = "200 shop $HOSTNAME".parse().unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (200, "shop $HOSTNAME"));
        assert!("ok".parse::<HttpReply>().is_err());
    }
}

//! `images:`

use std::collections::BTreeMap;

use winlab_clock::VirtualSpan;

use crate::diagnostic::Diagnostic;
use crate::model::{Does, Image, ImagePlatform, Reply};
use crate::read::Reader;
use crate::read::fields::{Fields, items, text};
use crate::shape::{DOES, EXIT, IMAGE, REPLY};
use crate::span::{Span, Spanned};
use crate::yaml::{Node, NodeKind};

impl Reader<'_> {
    pub(super) fn images(&mut self, node: &Node) -> BTreeMap<String, Image> {
        let list = self.members(node, "images");
        list.iter().filter_map(|(name, span, node)| Some((name.clone(), self.image(*span, node)?))).collect()
    }

    fn image(&mut self, span: Span, node: &Node) -> Option<Image> {
        let fields = Fields::open(node, &IMAGE, &mut self.problems)?;
        let platforms = fields.node("os").map(|os| self.platforms(os)).unwrap_or_default();
        let command =
            fields.texts("command", &mut self.problems).into_iter().map(|text| text.value).collect();
        Some(Image {
            span,
            platforms,
            user: fields.text("user", &mut self.problems).map(|user| user.value).unwrap_or_default(),
            command,
            does: fields.node("does").and_then(|does| self.does(does)).unwrap_or_default(),
        })
    }

    fn platforms(&mut self, node: &Node) -> Vec<ImagePlatform> {
        let mut platforms = Vec::new();
        for item in items(node) {
            match &item.kind {
                NodeKind::Mapping(members) => {
                    for (os, span, version) in members {
                        let Some(version) = text(version, os, &mut self.problems) else { continue };
                        let good = version.value.split('.').count() >= 3
                            && version.value.split('.').all(|part| part.parse::<u32>().is_ok());
                        if os != "windows" || !good {
                            let message = format!("`{os}: {}` is no platform", version.value);
                            let problem = Diagnostic::error("bad-platform", *span, message);
                            self.problems.push(problem.hint("as in `{windows: 10.0.20348.2582}`"));
                            continue;
                        }
                        platforms.push(ImagePlatform::Windows(version.value));
                    }
                }
                _ => match item.text() {
                    Some("linux") => platforms.push(ImagePlatform::Linux),
                    Some(build) if build.parse::<winlab_profiles::WindowsVersion>().is_ok() => {
                        let version = build.parse::<winlab_profiles::WindowsVersion>();
                        platforms.extend(version.map(|version| ImagePlatform::Windows(version.os_version())));
                    }
                    _ => {
                        let message =
                            format!("a platform is `linux` or a Windows version, not {}", item.describe());
                        let problem = Diagnostic::error("bad-platform", item.span, message);
                        self.problems.push(problem.hint("as in `[{windows: 10.0.20348.1}, linux]`"));
                    }
                },
            }
        }
        platforms
    }

    fn does(&mut self, node: &Node) -> Option<Does> {
        let fields = Fields::open(node, &DOES, &mut self.problems)?;
        let mut listen = Vec::new();
        for socket in fields.texts("listen", &mut self.problems) {
            let port =
                socket.value.split_once('/').filter(|(protocol, _)| matches!(*protocol, "tcp" | "udp"));
            if port.and_then(|(_, port)| port.parse::<u16>().ok()).is_none_or(|port| port == 0) {
                let message = format!("`{}` is not a protocol and a port", socket.value);
                self.problems
                    .push(Diagnostic::error("bad-socket", socket.span, message).hint("as in `tcp/8080`"));
                continue;
            }
            listen.push(socket.value);
        }
        let exit = fields.node("exit").and_then(|exit| self.exit(exit));
        let ready_after = fields.time("ready-after", &mut self.problems).map(|time| time.value);
        let ignores = fields.bool("ignores-shutdown", &mut self.problems);
        Some(Does {
            listen,
            http: fields.node("http").map(|http| self.replies(http)).unwrap_or_default(),
            logs: fields.texts("logs", &mut self.problems).into_iter().map(|line| line.value).collect(),
            exit,
            ready_after: ready_after.unwrap_or_default(),
            ignores_shutdown: ignores.is_some_and(|ignores| ignores.value),
            memory: fields
                .text("memory", &mut self.problems)
                .and_then(|text| self.memory(&text))
                .unwrap_or_default(),
        })
    }

    fn exit(&mut self, node: &Node) -> Option<(i32, VirtualSpan)> {
        let fields = Fields::open(node, &EXIT, &mut self.problems)?;
        let code = fields.exit_code("code", &mut self.problems).unwrap_or_default();
        let after = fields.time("after", &mut self.problems).map(|time| time.value).unwrap_or_default();
        Some((code, after))
    }

    fn memory(&mut self, text: &Spanned<String>) -> Option<u64> {
        let units = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("", 0)];
        let parsed = units.iter().find_map(|(unit, shift)| {
            let number: u64 = text.value.strip_suffix(unit)?.parse().ok()?;
            number.checked_mul(1 << shift)
        });
        if parsed.is_none() {
            let problem = Diagnostic::error(
                "bad-memory",
                text.span,
                format!("`{}` is no amount of memory", text.value),
            );
            self.problems.push(problem.hint("as in `300Mi`"));
        }
        parsed
    }

    fn replies(&mut self, node: &Node) -> BTreeMap<String, Reply> {
        let list = self.members(node, "http");
        let mut replies = BTreeMap::new();
        for (path, span, value) in list {
            if !path.starts_with('/') {
                let problem = Diagnostic::error(
                    "bad-path",
                    *span,
                    format!("the path `{path}` does not start with `/`"),
                );
                self.problems.push(problem);
            }
            let reply = match &value.kind {
                NodeKind::Mapping(_) => self.long_reply(value),
                _ => self.short_reply(value),
            };
            replies.extend(reply.map(|reply| (path.clone(), reply)));
        }
        replies
    }

    fn long_reply(&mut self, node: &Node) -> Option<Reply> {
        let fields = Fields::open(node, &REPLY, &mut self.problems)?;
        let status = fields.status("status", &mut self.problems)?.value;
        let body = fields.text("body", &mut self.problems).map(|body| body.value).unwrap_or_default();
        let fetches = fields.text("fetches", &mut self.problems).map(|url| url.value);
        Some(Reply { status, body, fetches })
    }

    fn short_reply(&mut self, node: &Node) -> Option<Reply> {
        let reply = text(node, "http", &mut self.problems)?;
        let (status, body) = reply.value.split_once(' ').unwrap_or((&reply.value, ""));
        let status = status.parse().ok().filter(|status| (100..=599).contains(status));
        if status.is_none() {
            let message = format!("a reply is a status code and a body, not `{}`", reply.value);
            let problem = Diagnostic::error("bad-reply", reply.span, message);
            self.problems.push(problem.hint("as in `\"200 hello\"`"));
        }
        Some(Reply { status: status?, body: body.to_owned(), fetches: None })
    }
}

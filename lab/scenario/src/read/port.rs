//! Ports of flows that are none.

use crate::diagnostic::Diagnostic;
use crate::read::Reader;
use crate::span::Spanned;

impl Reader<'_> {
    /// Tells a port that no flow can have: beyond 16 bits, 0, or in a URL no number.
    pub(super) fn no_port(&mut self, whole: &Spanned<String>) -> bool {
        let Some(port) = port_of(&whole.value).filter(|port| !is_port(port)) else { return false };
        let message = format!("`{port}` is no port");
        let problem = Diagnostic::error("bad-port", self.place_of(whole, port), message);
        self.problems.push(problem.hint("ports are 1 to 65535"));
        true
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port != 0)
}

/// What stands for a port: of a URL whatever is behind the host, elsewhere only a number.
fn port_of(text: &str) -> Option<&str> {
    let url = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let authority = url.map_or(text, |rest| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    let (host, port) = authority.rsplit_once(':')?;
    // An IPv6 address has colons of its own, in a URL within brackets.
    let in_address = port.ends_with(']') || (host.contains(':') && !host.ends_with(']'));
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (!in_address && (is_number || url.is_some())).then_some(port)
}

#[cfg(test)]
mod tests {
    use super::port_of;

    #[test]
    fn ports_are_found_where_flows_have_them() {
        for (flow, port) in [
            ("http://web:99999/x:1", Some("99999")),
            ("http://web:http", Some("http")),
            ("http://[fd00::1]:80/", Some("80")),
            ("http://[fd00::1]/", None),
            ("http://web", None),
            ("service/web:70000", Some("70000")),
            ("service/web:http", None),
            ("tcp/[fd00::1]:80", Some("80")),
            ("icmp/fd00::99999", None),
        ] {
            assert_eq!(port_of(flow), port, "{flow}");
        }
    }
}

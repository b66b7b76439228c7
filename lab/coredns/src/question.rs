//! What a name in the cluster's zone asks for (`plugin/kubernetes/parse.go`).

/// The parts of a name; empty where it has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Question<'a> {
    pub(crate) kind: Kind,
    pub(crate) namespace: &'a str,
    /// The service, or the pod.
    pub(crate) service: &'a str,
    pub(crate) endpoint: &'a str,
    /// Of `_http._tcp.web.…`, without underscores.
    pub(crate) port: &'a str,
    pub(crate) protocol: &'a str,
}

/// Which half of the zone is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The zone's own name.
    #[default]
    Apex,
    Service,
    Pod,
}

impl<'a> Question<'a> {
    /// From what stands before the zone; none for names that cannot be there.
    pub(crate) fn parse(base: &'a str) -> Option<Self> {
        if ["", "svc", "pod"].contains(&base) {
            return Some(Self::default());
        }
        let mut labels: Vec<&str> = base.split('.').collect();
        let kind = match labels.pop()? {
            "svc" => Kind::Service,
            "pod" => Kind::Pod,
            _ => return None,
        };
        let mut question = Self { kind, ..Self::default() };
        question.namespace = labels.pop().unwrap_or_default();
        question.service = labels.pop().unwrap_or_default();
        match labels[..] {
            [] => {}
            [endpoint] => question.endpoint = endpoint,
            [port, protocol] => {
                question.port = bare(port);
                question.protocol = bare(protocol);
            }
            _ => return None,
        }
        Some(question)
    }

    /// Whether a port of a service or slice is meant.
    pub(crate) fn means(&self, name: &str, protocol: &str) -> bool {
        (self.port.is_empty() || self.port.eq_ignore_ascii_case(name))
            && (self.protocol.is_empty() || self.protocol.eq_ignore_ascii_case(protocol))
    }
}

fn bare(label: &str) -> &str {
    label.strip_prefix('_').unwrap_or(label)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Question};

    #[test]
    fn names_and_their_parts() {
        let question = Question::parse("_http._tcp.web.default.svc").unwrap();
        assert_eq!((question.kind, question.namespace, question.service), (Kind::Service, "default", "web"));
        assert!(question.means("http", "TCP") && !question.means("https", "TCP"));
        assert_eq!(Question::parse("db-0.db.default.svc").unwrap().endpoint, "db-0");
        assert_eq!(Question::parse("svc").unwrap().kind, Kind::Apex);
        assert_eq!(Question::parse("a.b.c.web.default.svc"), None);
        assert_eq!(Question::parse("www.example"), None);
    }
}

//! What a lab can be asked, and the paths that stand for it.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// A question to a lab that is up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Its name, its API server, its kubeconfig, its nodes.
    Lab,
    /// HNS objects of a Windows node: `networks`, `endpoints`, `namespaces`, `loadbalancers`, `routes`.
    Hns {
        /// The node.
        node: String,
        /// The kind of object.
        kind: String,
    },
    /// HCS objects of a Windows node: `systems`, `processes`.
    Hcs {
        /// The node.
        node: String,
        /// The kind of object.
        kind: String,
    },
    /// A flow, walked through what is programmed in the hosts now.
    Flow {
        /// `pod/client@win1`, `node/lin1`, `outside`
        from: String,
        /// `service/web:80`, `http://web.default.svc`, …
        to: String,
    },
    /// What the components of all nodes wrote.
    Logs,
}

impl Question {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        match self {
            Self::Lab => "/v1/lab".to_owned(),
            Self::Hns { node, kind } => format!("/v1/nodes/{}/hns/{}", encode(node), encode(kind)),
            Self::Hcs { node, kind } => format!("/v1/nodes/{}/hcs/{}", encode(node), encode(kind)),
            Self::Flow { from, to } => format!("/v1/flow/{}/{}", encode(from), encode(to)),
            Self::Logs => "/v1/logs".to_owned(),
        }
    }

    /// The question that a path stands for.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let decode = |text: &str| percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
        Some(match path.split('/').collect::<Vec<_>>().as_slice() {
            ["", "v1", "lab"] => Self::Lab,
            ["", "v1", "logs"] => Self::Logs,
            ["", "v1", "nodes", node, "hns", kind] => Self::Hns { node: decode(node)?, kind: decode(kind)? },
            ["", "v1", "nodes", node, "hcs", kind] => Self::Hcs { node: decode(node)?, kind: decode(kind)? },
            ["", "v1", "flow", from, to] => Self::Flow { from: decode(from)?, to: decode(to)? },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Question;

    #[test]
    fn a_question_survives_its_path() {
        let text = |text: &str| text.to_owned();
        for question in [
            Question::Lab,
            Question::Logs,
            Question::Hns { node: text("win1"), kind: text("endpoints") },
            Question::Hcs { node: text("win1"), kind: text("systems") },
            Question::Flow { from: text("pod/client@win1"), to: text("http://web.default.svc:80/a?b=c%20d") },
        ] {
            assert_eq!(Question::of_path(&question.path()), Some(question));
        }
        assert_eq!(Question::of_path("/v1/flow/one"), None);
    }
}

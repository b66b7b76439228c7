//! How a command ended, as the error stream tells it (k8s.io/cri-streaming `pkg/streaming/remotecommand/status.go`).

use winlab_document::{Document, doc};

/// The end of a command or of an attached container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// It ended well.
    Success,
    /// It ended with another exit code than 0.
    ExitCode {
        /// The command.
        command: Vec<String>,
        /// The code.
        code: u32,
    },
    /// It could not be run.
    Failed(String),
}

impl Ending {
    /// A `Status` as JSON, from the fourth version of the protocol on.
    pub(super) fn as_json(&self) -> Vec<u8> {
        let status = match self {
            Self::Success => doc!({"metadata": {}, "status": "Success"}),
            Self::ExitCode { code, .. } => doc!({
                "metadata": {}, "status": "Failure", "message": self.message(), "reason": "NonZeroExitCode",
                "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
            }),
            Self::Failed(_) => doc!({
                "metadata": {}, "status": "Failure", "message": self.message(), "reason": "InternalError",
                "details": {"causes": [{"message": self.cause()}]}, "code": 500,
            }),
        };
        Document::to_bytes(&status)
    }

    /// Words, in older versions; nothing of a success.
    pub(super) fn as_text(&self) -> Vec<u8> {
        if *self == Self::Success { Vec::new() } else { self.message().into_bytes() }
    }

    fn cause(&self) -> &str {
        if let Self::Failed(text) = self { text } else { "" }
    }

    fn message(&self) -> String {
        match self {
            Self::Success => String::new(),
            // Go prints a list of words in brackets.
            Self::ExitCode { command, code } => format!(
                "command terminated with non-zero exit code: error executing command [{}], exit code {code}",
                command.join(" ")
            ),
            Self::Failed(text) => format!("Internal error occurred: {text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ending;

    #[test]
    fn kubectl_finds_the_exit_code_in_the_causes() {
        let ending = Ending::ExitCode { command: vec!["cmd".into(), "/c".into()], code: 3 };
        assert_eq!(
            String::from_utf8(ending.as_json()).unwrap(),
            r#"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: error executing command [cmd /c], exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"#
        );
        assert_eq!(Ending::Success.as_json(), br#"{"metadata":{},"status":"Success"}"#);
        assert!(Ending::Success.as_text().is_empty());
    }
}

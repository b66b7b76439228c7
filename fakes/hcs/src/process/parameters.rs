//! `ProcessParameters` (V2) and `ProcessConfig` (V1), which spell the same things alike.

use std::collections::BTreeMap;

use winlab_document::Document;
use winlab_host::{Fault, HResult};

use crate::command::{join_arguments, split_arguments};

/// What a client asks of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) command_line: String,
    pub(super) user: String,
    pub(super) working_directory: String,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) stdin: bool,
    pub(super) stdout: bool,
    pub(super) stderr: bool,
    pub(super) console: bool,
}

impl Parameters {
    pub(super) fn read(document: &Document) -> Result<Self, Fault> {
        if !document.is_object() {
            return Err(Fault::new(HResult::ERROR_VMCOMPUTE_INVALID_JSON));
        }
        let flag = |name| document.get(name).and_then(Document::as_bool).unwrap_or_default();
        let text = |name| document.text(&[name]).to_owned();
        let mut command_line = text("CommandLine");
        if command_line.is_empty() {
            let arguments: Vec<String> = document
                .get("CommandArgs")
                .map_or(&[][..], Document::items)
                .iter()
                .filter_map(|argument| argument.as_str().map(str::to_owned))
                .collect();
            command_line = join_arguments(&arguments);
        }
        let application = document.text(&["ApplicationName"]);
        if command_line.is_empty() && !application.is_empty() {
            command_line = join_arguments(&[application.to_owned()]);
        }
        let environment = document
            .get("Environment")
            .map_or(&[][..], Document::members)
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        Ok(Self {
            command_line,
            user: text("User"),
            working_directory: text("WorkingDirectory"),
            environment,
            stdin: flag("CreateStdInPipe"),
            stdout: flag("CreateStdOutPipe"),
            stderr: flag("CreateStdErrPipe"),
            console: flag("EmulateConsole"),
        })
    }

    pub(super) fn arguments(&self) -> Vec<String> {
        split_arguments(&self.command_line)
    }
}

//! The models' side of a case.

use std::collections::BTreeMap;

use winlab_cni::{CniPlugins, CniRunner as _};
use winlab_component::HostFiles;
use winlab_document::Document;
use winlab_oracle::Twin;

use crate::case::Step;
use crate::report::Answer;

/// Runs a step.
pub(crate) async fn run(twin: &Twin, step: &Step, namespace: &str) -> Answer {
    let (args, machine) = (step.args(namespace), twin.machine());
    let ran = CniPlugins.run(step.plugin, step.command, step.config.clone(), &args, &machine).await;
    match ran {
        Ok(printed) => Answer { code: 0, printed },
        Err(error) => Answer { code: 1, printed: error.to_document() },
    }
}

/// host-local's files of the network.
pub(crate) async fn reserved(twin: &Twin) -> BTreeMap<String, String> {
    let files = HostFiles::of(&twin.machine());
    let mut found = BTreeMap::new();
    let folder = "/var/lib/cni/networks/cbr0";
    for name in files.list(folder).await.unwrap_or_default() {
        let content = files.read_text(&format!("{folder}/{name}")).await.unwrap_or_default();
        found.insert(name, content);
    }
    found
}

/// The printed text as a document.
pub(crate) fn document(printed: &str) -> Result<Document, String> {
    match printed.trim() {
        "" => Ok(Document::Null),
        text => Document::parse(text).map_err(|error| format!("{error}: {text}")),
    }
}

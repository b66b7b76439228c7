//! Images that nobody runs, or that cannot be heard.

use std::collections::BTreeSet;

use winlab_document::Document;

use super::Applied;
use crate::diagnostic::Diagnostic;
use crate::model::{Action, Case};

pub(super) fn check(case: &Case, applied: &Applied<'_>, warnings: &mut Vec<Diagnostic>) {
    let mut used = BTreeSet::new();
    applied.objects().for_each(|object| images_in(&object.document, &mut used));
    for action in applied.actions() {
        if let Action::Patch(patches) = action {
            patches.iter().for_each(|(_, patch)| images_in(&patch.document, &mut used));
        }
    }
    for (name, image) in &case.lab.images {
        if !used.contains(name.as_str()) {
            let message = format!("no manifest of the scenario runs the image `{name}`");
            let near = crate::suggest::did_you_mean(name, used.iter().copied());
            let warning = Diagnostic::warning("unused-image", image.span, message);
            warnings.push(warning.hint_some(near.map(|near| format!("the manifests run `{near}`"))));
        }
        if image.does.listen.is_empty() && !image.does.http.is_empty() {
            let message = format!("the image `{name}` has replies and listens on nothing");
            let warning = Diagnostic::warning("deaf-image", image.span, message);
            warnings.push(warning.hint("add `listen: [tcp/80]`"));
        }
    }
}

/// Every text under a key `image`, wherever it stands: pods, templates, patches of either.
fn images_in<'d>(document: &'d Document, found: &mut BTreeSet<&'d str>) {
    for (key, value) in document.members() {
        match value.as_str().filter(|_| key.as_str() == "image") {
            Some(image) => drop(found.insert(image)),
            None => images_in(value, found),
        }
    }
    document.items().iter().for_each(|item| images_in(item, found));
}

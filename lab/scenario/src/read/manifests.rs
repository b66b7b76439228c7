//! Other files that a scenario names.

use crate::diagnostic::Diagnostic;
use crate::manifest::{self, ManifestFile};
use crate::read::Reader;
use crate::source::FileId;
use crate::span::Spanned;
use crate::suggest::did_you_mean;

impl Reader<'_> {
    /// Reads a file of manifests; its problems are told once, with where it is applied first.
    pub(super) fn manifest(&mut self, path: Spanned<String>) -> Option<ManifestFile> {
        if !self.manifests.contains_key(&path.value) {
            let objects = self.load(&path, "manifest").and_then(|file| {
                let mut problems = Vec::new();
                let objects = manifest::read(file, &self.sources, &mut problems);
                let clean = problems.is_empty();
                let note = |problem: Diagnostic| problem.also(path.span, "named here");
                self.problems.extend(problems.into_iter().map(note));
                clean.then_some(objects)
            });
            // What is not there is told at every place that names it.
            if objects.is_some() || self.files.contains_key(&path.value) {
                self.manifests.insert(path.value.clone(), objects.clone());
            }
            return Some(ManifestFile { path, objects: objects? });
        }
        let objects = self.manifests.get(&path.value).cloned().flatten()?;
        Some(ManifestFile { path, objects })
    }

    /// Reads another file once; a file that is not there is told with what is there instead.
    pub(super) fn load(&mut self, path: &Spanned<String>, what: &str) -> Option<FileId> {
        if let Some(file) = self.files.get(&path.value) {
            return Some(*file);
        }
        match self.loader.load(&path.value) {
            Ok(text) => {
                let file = self.sources.add(&path.value, &text);
                self.files.insert(path.value.clone(), file);
                Some(file)
            }
            Err(error) if error.not_found => {
                let message = format!("there is no {what} `{}`", path.value);
                let hint = self.instead_of(&path.value);
                self.problems.push(Diagnostic::error("missing-file", path.span, message).hint(hint));
                None
            }
            Err(error) => {
                let message = format!("cannot read the {what} `{}`: {error}", path.value);
                self.problems.push(Diagnostic::error("unreadable-file", path.span, message));
                None
            }
        }
    }

    /// What may be meant by a path to nothing.
    fn instead_of(&self, path: &str) -> String {
        if path.contains('\\') {
            return format!(
                "write `{}`: the parts of a path have `/` between them on every system",
                path.replace('\\', "/")
            );
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let names = self.loader.list(folder);
        match did_you_mean(name, names.iter().map(String::as_str)) {
            Some(near) if folder.is_empty() => format!("did you mean `{near}`?"),
            Some(near) => format!("did you mean `{folder}/{near}`?"),
            None if names.is_empty() && !folder.is_empty() => {
                format!("there are no files in `{folder}`; paths are relative to the scenario's folder")
            }
            None => "paths are relative to the scenario's folder".to_owned(),
        }
    }
}

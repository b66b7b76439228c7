//! Manifests that no API server would take: told with their places before anything starts.
//!
//! What `apply` sends is held against the kinds, fields, types and checks of the lab's own Kubernetes version, and what
//! `patch` sends against fields and types. A step that
//! says `refused` sends what it likes: its manifests are not looked at, though another step's use of the same file is.
//! What depends on other objects (a namespace that is not there, a name that is taken) shows when the step runs. Objects
//! of the namespaces that start with `kube-` are there before a scenario applies anything, so a manifest may hold a part of
//! one, and is not asked for what it leaves out.

use std::collections::BTreeSet;

use winlab_kube_api::Profile;
use winlab_kube_api::check::{Fault, Finding, Part, check, check_patch};
use winlab_kube_api::kinds::{KINDS, by_kind};
use winlab_scenario::{
    Action, Case, Diagnostic, Manifest, ManifestFile, Node, NodeKind, ObjectRef, PatchBody, Span, Step,
    Style, did_you_mean,
};

use crate::kinds;

/// What is wrong with the manifests that a case applies.
#[must_use]
pub fn check_manifests(case: &Case) -> Vec<Diagnostic> {
    let kube = case.lab.kube.value;
    let mut profile = Profile::of_minor(kube.minor());
    profile.version = kube.to_string();
    let mut checker = Checker { profile, seen: BTreeSet::new(), problems: Vec::new() };
    case.steps.iter().for_each(|step| checker.step(step));
    checker.problems
}

struct Checker {
    profile: Profile,
    /// Files that have been looked at: a file's problems are told once.
    seen: BTreeSet<String>,
    problems: Vec<Diagnostic>,
}

impl Checker {
    fn step(&mut self, step: &Step) {
        let own = step.action.iter().filter(|_| step.refused.is_none());
        for action in own.chain(step.during.iter().map(|during| &during.action)) {
            match &action.value {
                Action::Apply(files) => files.iter().for_each(|file| self.file(file)),
                Action::Patch(patches) => {
                    patches.iter().for_each(|(object, patch)| self.patch(object, patch));
                }
                Action::Use { steps, .. } => steps.iter().for_each(|step| self.step(step)),
                _ => {}
            }
        }
    }

    fn file(&mut self, file: &ManifestFile) {
        if !self.seen.insert(file.path.value.clone()) {
            return;
        }
        let before = self.problems.len();
        file.objects.iter().for_each(|object| self.object(object));
        for problem in &mut self.problems[before..] {
            problem.also.push((file.path.span, "named here".to_owned()));
        }
    }

    fn object(&mut self, manifest: &Manifest) {
        let Some(kind) = by_kind(&manifest.api_version, &manifest.kind) else {
            return self.problems.push(no_such_kind(manifest, &self.profile));
        };
        let partial = KINDS[kind].namespaced && manifest.namespace.starts_with("kube-");
        for finding in check(kind, &manifest.document, &self.profile) {
            let found = self.finding(&manifest.node, &finding, partial);
            self.problems.extend(found);
        }
    }

    /// A patch holds a part of an object, so that only what it has can be wrong.
    fn patch(&mut self, object: &ObjectRef, patch: &PatchBody) {
        // A kind that is not there is told by whoever looks for the object.
        let Some(kind) = kinds::by_word(&object.kind) else { return };
        let Some(id) = by_kind(&kind.api_version(), kind.kind) else { return };
        for finding in check_patch(id, &patch.document, &self.profile) {
            let found = self.finding(&patch.node, &finding, true);
            self.problems.extend(found);
        }
    }

    fn finding(&self, root: &Node, finding: &Finding, partial: bool) -> Option<Diagnostic> {
        let place = find(root, &finding.path);
        Some(match &finding.fault {
            Fault::UnknownField { owner, known, since, until } => {
                let name = place.name;
                let message = format!("unknown field `{name}` in {owner}");
                let version = |minor: u32, what: &str| {
                    format!("it {what} Kubernetes 1.{minor}; the lab's is {}", self.profile.version)
                };
                let problem = Diagnostic::error("unknown-field", place.key, message);
                match (since, until) {
                    (Some(since), _) => problem.hint(version(*since, "came with")),
                    (_, Some(until)) => problem.hint(version(*until, "went with")),
                    _ => problem.hint_some(near(name, known, owner)),
                }
            }
            Fault::WrongType { expected } => {
                let value = place.node;
                let message = format!("`{}`: expected {expected}, found {}", place.name, value.describe());
                Diagnostic::error("wrong-type", value.span, message).hint_some(retyped(value, expected))
            }
            Fault::Invalid { missing: true, .. } if partial => return None,
            Fault::Invalid { field, message, missing } => {
                let span = if *missing || place.left_out { place.key } else { place.node.span };
                let hint =
                    format!("so says an API server of {}; `refused` expects a refusal", self.profile.version);
                Diagnostic::error("invalid-field", span, format!("{field}: {message}")).hint(hint)
            }
        })
    }
}

fn no_such_kind(manifest: &Manifest, profile: &Profile) -> Diagnostic {
    let Manifest { kind, api_version, node, .. } = manifest;
    let span = |key: &str| node.get(key).map_or(manifest.span, |value| value.span);
    let names = || KINDS.iter().map(|kind| kind.kind);
    if let Some(known) = kinds::by_word(kind).filter(|known| known.kind == kind) {
        let message = format!("there is no {kind} in `{api_version}`");
        let hint = format!("Kubernetes {} serves it as `{}`", profile.version, known.api_version());
        return Diagnostic::error("unknown-kind", span("apiVersion"), message).hint(hint);
    }
    let message = format!("there is no kind `{kind}` in `{api_version}`");
    let hint = match did_you_mean(kind, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the lab serves the built-in kinds; custom resources are not supported yet".to_owned(),
    };
    Diagnostic::error("unknown-kind", span("kind"), message).hint(hint)
}

/// What a path leads to in a file.
struct Place<'n> {
    node: &'n Node,
    /// The key of the value, or what stands for it: of a list's item, the item.
    key: Span,
    /// The last name on the path.
    name: &'n str,
    /// The path goes on to what the file does not have.
    left_out: bool,
}

fn find<'n>(root: &'n Node, path: &'n [Part]) -> Place<'n> {
    // A manifest has members: it has a kind.
    let start = root.members().first().map_or(root.span, |(_, key, _)| *key);
    let mut place = Place { node: root, key: start, name: "", left_out: false };
    for part in path {
        let next = match (part, &place.node.kind) {
            (Part::Member(name), NodeKind::Mapping(members)) => members
                .iter()
                .find(|(key, ..)| key == name)
                .map(|(_, key, value)| (value, *key, name.as_str())),
            (Part::Item(at), NodeKind::Sequence(items)) => {
                items.get(*at).map(|item| (item, first_of(item), place.name))
            }
            _ => None,
        };
        let Some((node, key, name)) = next else { return Place { left_out: true, ..place } };
        place = Place { node, key, name, left_out: false };
    }
    place
}

/// Where an item of a list begins to say something.
fn first_of(item: &Node) -> Span {
    item.members().first().map_or(item.span, |(_, key, _)| *key)
}

fn near(name: &str, known: &[&str], owner: &str) -> Option<String> {
    let near = did_you_mean(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    // A long list helps nobody.
    near.or_else(|| (known.len() <= 8).then(|| format!("{owner} has {}", known.join(", "))))
}

/// How the value is written if it is what it seems to be.
fn retyped(value: &Node, expected: &str) -> Option<String> {
    let NodeKind::Scalar { text, style } = &value.kind else { return None };
    let lower = text.to_ascii_lowercase();
    match (expected, style) {
        ("text", Style::Plain) if !value.is_null() => Some(format!("put it in quotes: \"{text}\"")),
        ("an integer" | "a number", Style::Quoted) if text.parse::<i64>().is_ok() => {
            Some(format!("write {text} without quotes"))
        }
        ("a boolean", _) if matches!(&*lower, "true" | "yes" | "on" | "y") => Some("write `true`".to_owned()),
        ("a boolean", _) if matches!(&*lower, "false" | "no" | "off" | "n") => {
            Some("write `false`".to_owned())
        }
        _ => None,
    }
}

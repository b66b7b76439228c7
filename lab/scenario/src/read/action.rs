//! Actions.

use crate::diagnostic::Diagnostic;
use crate::manifest::{self, ManifestFile};
use crate::model::{Action, Exec, JoinMethod, ObjectRef, ServiceRef};
use crate::read::fields::{Fields, integer, items, text, time, word};
use crate::read::refs::{read_object, read_pod, read_service};
use crate::read::step::VERBS;
use crate::read::{Reader, members};
use crate::shape::EXEC;
use crate::span::Spanned;
use crate::suggest::did_you_mean;
use crate::yaml::{Node, NodeKind};

/// Components a join may list.
const COMPONENTS: [&str; 5] = ["containerd", "pause-image", "kubelet", "flanneld", "kube-proxy"];

impl Reader<'_> {
    /// The one action of a step; two are an error.
    pub(super) fn one_action(&mut self, fields: &Fields<'_>) -> Option<Spanned<Action>> {
        let given: Vec<&str> = VERBS.into_iter().filter(|verb| fields.node(verb).is_some()).collect();
        if let [first, second, ..] = given[..] {
            let problem = Diagnostic::error(
                "two-actions",
                fields.key_span(second),
                format!("a step has one action, this one has `{first}` and `{second}`"),
            );
            let problem = problem.also(fields.key_span(first), "the other one");
            self.problems.push(problem.hint("make two steps of it, or put one under `during`"));
            return None;
        }
        let verb = *given.first()?;
        if verb != "use" && fields.node("with").is_some() {
            let message = "`with` belongs to `use`";
            self.problems.push(Diagnostic::error("stray-with", fields.key_span("with"), message));
        }
        let node = fields.node(verb)?;
        let action = self.action(verb, node, fields)?;
        Some(Spanned::new(action, fields.key_span(verb)))
    }

    fn action(&mut self, verb: &str, node: &Node, fields: &Fields<'_>) -> Option<Action> {
        Some(match verb {
            "apply" => Action::Apply(self.manifests(node)),
            "delete" => self.delete(node),
            "patch" => Action::Patch(self.by_object(node, |_, value| Some(value.to_document()))),
            "scale" => Action::Scale(self.by_object(node, |reader, value| {
                let count = integer(value, "scale", &mut reader.problems)?;
                u32::try_from(count.value).ok()
            })),
            "join" => Action::Join(self.joins(node)),
            "start" => Action::Start(self.services(node, verb)),
            "stop" => Action::Stop(self.services(node, verb)),
            "restart" => Action::Restart(self.services(node, verb)),
            "upgrade" => Action::Upgrade(self.upgrades(node)),
            "reboot" => Action::Reboot(self.words(node, verb)),
            "drain" => Action::Drain(self.words(node, verb)),
            "uncordon" => Action::Uncordon(self.words(node, verb)),
            "fault" => Action::Fault(self.faults(node)),
            "heal" => Action::Heal(self.heal(node)),
            "exec" => Action::Exec(self.exec(node)?),
            "wait" => Action::Wait(time(node, verb, &mut self.problems)?.value),
            _ => self.use_verb(node, fields)?,
        })
    }

    fn words(&mut self, node: &Node, key: &str) -> Vec<Spanned<String>> {
        items(node).iter().filter_map(|item| text(item, key, &mut self.problems)).collect()
    }

    fn heal(&mut self, node: &Node) -> Vec<Spanned<String>> {
        let places = self.words(node, "heal");
        places.into_iter().filter(|place| place.value != "all").collect()
    }

    pub(super) fn manifests(&mut self, node: &Node) -> Vec<ManifestFile> {
        let paths = self.words(node, "apply");
        paths.into_iter().filter_map(|path| self.manifest(path)).collect()
    }

    fn manifest(&mut self, path: Spanned<String>) -> Option<ManifestFile> {
        let before = self.problems.len();
        let known = self.files.contains_key(&path.value);
        let file = self.load(&path, "manifest")?;
        let mut problems = Vec::new();
        let objects = manifest::read(file, &self.sources, &mut problems);
        if !known {
            let note = |problem: Diagnostic| problem.also(path.span, "applied here");
            self.problems.extend(problems.into_iter().map(note));
        }
        (self.problems.len() == before || known).then_some(ManifestFile { path, objects })
    }

    /// Reads another file once; a file that is not there is told with what is there instead.
    pub(super) fn load(&mut self, path: &Spanned<String>, what: &str) -> Option<crate::source::FileId> {
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
                let (folder, name) = path.value.rsplit_once('/').unwrap_or(("", &path.value));
                let names = self.loader.list(folder);
                let near = did_you_mean(name, names.iter().map(String::as_str)).map(|near| match folder {
                    "" => format!("did you mean `{near}`?"),
                    _ => format!("did you mean `{folder}/{near}`?"),
                });
                let problem = Diagnostic::error(
                    "missing-file",
                    path.span,
                    format!("there is no {what} `{}`", path.value),
                );
                let hint = near.unwrap_or_else(|| "paths are relative to the scenario's folder".to_owned());
                self.problems.push(problem.hint(hint));
                None
            }
            Err(error) => {
                let message = format!("cannot read {what} `{}`: {error}", path.value);
                self.problems.push(Diagnostic::error("unreadable-file", path.span, message));
                None
            }
        }
    }

    fn delete(&mut self, node: &Node) -> Action {
        let (mut objects, mut manifests) = (Vec::new(), Vec::new());
        for item in self.words(node, "delete") {
            let is_file = [".yaml", ".yml", ".json"].iter().any(|end| item.value.ends_with(end));
            if is_file {
                manifests.extend(self.manifest(item));
            } else if let Some(object) = read_object(&item.value, item.span, &mut self.problems) {
                objects.push(Spanned::new(object, item.span));
            }
        }
        Action::Delete { objects, manifests }
    }

    fn by_object<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<(Spanned<ObjectRef>, T)> {
        let list = members(node, "this", &mut self.problems);
        let mut found = Vec::new();
        for (key, span, value) in list {
            let object = read_object(key, *span, &mut self.problems);
            if let (Some(object), Some(value)) = (object, read(self, value)) {
                found.push((Spanned::new(object, *span), value));
            }
        }
        found
    }

    fn services(&mut self, node: &Node, key: &str) -> Vec<Spanned<ServiceRef>> {
        let words = self.words(node, key);
        words
            .into_iter()
            .filter_map(|word| {
                Some(Spanned::new(read_service(&word, word.span, &mut self.problems)?, word.span))
            })
            .collect()
    }

    fn upgrades(&mut self, node: &Node) -> Vec<(Spanned<ServiceRef>, Spanned<winlab_profiles::KubeVersion>)> {
        let list = members(node, "`upgrade`", &mut self.problems);
        let mut found = Vec::new();
        for (key, span, value) in list {
            let service = read_service(key, *span, &mut self.problems);
            let version = self.kube_version(Some(value), "upgrade");
            if let (Some(service), Some(version)) = (service, version) {
                found.push((Spanned::new(service, *span), version));
            }
        }
        found
    }

    fn joins(&mut self, node: &Node) -> Vec<(Spanned<String>, JoinMethod)> {
        let list = members(node, "`join`", &mut self.problems);
        let mut found = Vec::new();
        for (name, span, value) in list {
            let method = match &value.kind {
                NodeKind::Sequence(items) => {
                    let words =
                        items.iter().filter_map(|item| word(item, "join", &COMPONENTS, &mut self.problems));
                    Some(JoinMethod::Components(words.map(|word| word.value.to_owned()).collect()))
                }
                _ => word(value, "join", &["scripts", "kubeadm"], &mut self.problems).map(|word| match word
                    .value
                {
                    "kubeadm" => JoinMethod::Kubeadm,
                    _ => JoinMethod::Scripts,
                }),
            };
            found.extend(method.map(|method| (Spanned::new(name.clone(), *span), method)));
        }
        found
    }

    fn exec(&mut self, node: &Node) -> Option<Exec> {
        let fields = Fields::open(node, &EXEC, &mut self.problems)?;
        let pod = fields.text("in", &mut self.problems);
        let pod = pod
            .and_then(|text| Some(Spanned::new(read_pod(&text, text.span, &mut self.problems)?, text.span)));
        let run: Vec<String> =
            fields.texts("run", &mut self.problems).into_iter().map(|text| text.value).collect();
        if run.is_empty() && fields.node("run").is_some() {
            self.problems.push(Diagnostic::error(
                "empty-command",
                fields.span_of("run"),
                "the command is empty",
            ));
        }
        let code = fields.small::<u32>("code", &mut self.problems).map(|code| code.value).unwrap_or_default();
        Some(Exec {
            container: fields.text("container", &mut self.problems).map(|name| name.value),
            code: i32::try_from(code).unwrap_or(i32::MAX),
            output: fields.texts("output", &mut self.problems),
            not: fields.texts("not", &mut self.problems),
            pod: pod?,
            run,
        })
    }
}

//! Actions.

use winlab_profiles::KubeVersion;

use crate::diagnostic::Diagnostic;
use crate::manifest::ManifestFile;
use crate::model::{Action, Exec, JoinMethod, ObjectRef, PatchBody, ServiceRef};
use crate::read::Reader;
use crate::read::fields::{Fields, integer, items, text, time, word};
use crate::read::named::Needs;
use crate::read::services::Shows;
use crate::shape::{COMPONENTS, EXEC, JOINS};
use crate::span::Spanned;
use crate::yaml::{Node, NodeKind};

impl Reader<'_> {
    /// The one action of a step; two are an error.
    pub(super) fn one_action(&mut self, fields: &Fields<'_>) -> Option<Spanned<Action>> {
        let chosen = fields.chosen();
        if let [first, second, ..] = chosen[..] {
            let message = format!("a step has one action, this one has `{first}` and `{second}`");
            let problem = Diagnostic::error("two-actions", fields.key_span(second), message);
            let problem = problem.also(fields.key_span(first), "the other one");
            self.problems.push(problem.hint("make two steps of it, or put one under `during`"));
            // Which one is meant is not known; what is wrong in any of them is told all the same.
            for verb in &chosen {
                fields.node(verb).and_then(|node| self.action(verb, node, fields));
            }
            return None;
        }
        if chosen != ["use"] && fields.node("with").is_some() {
            let problem = Diagnostic::error("stray-key", fields.key_span("with"), "`with` belongs to `use`");
            self.problems.push(problem.hint("`use: lib/verb.yaml` names the verb that takes the inputs"));
        }
        let verb = *chosen.first()?;
        let action = self.action(verb, fields.node(verb)?, fields)?;
        Some(Spanned::new(action, fields.key_span(verb)))
    }

    fn action(&mut self, verb: &str, node: &Node, fields: &Fields<'_>) -> Option<Action> {
        Some(match verb {
            "apply" => Action::Apply(self.manifest_files(node)),
            "delete" => self.delete(node),
            "patch" => Action::Patch(self.by_object(node, verb, Self::patch)),
            "scale" => Action::Scale(self.by_object(node, verb, Self::replicas)),
            "join" => Action::Join(self.joins(node)),
            "start" => Action::Start(self.services(node, verb)),
            "stop" => Action::Stop(self.services(node, verb)),
            "restart" => Action::Restart(self.services(node, verb)),
            "upgrade" => Action::Upgrade(self.upgrades(node)),
            "reboot" => Action::Reboot(self.node_names(node, verb)),
            "drain" => Action::Drain(self.node_names(node, verb)),
            "uncordon" => Action::Uncordon(self.node_names(node, verb)),
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

    fn node_names(&mut self, node: &Node, key: &str) -> Vec<Spanned<String>> {
        let names = self.words(node, key);
        names.iter().for_each(|name| self.name_node(name, name, Needs::Any));
        names
    }

    fn heal(&mut self, node: &Node) -> Vec<Spanned<String>> {
        let places = self.words(node, "heal");
        if let (Some(all), true) = (places.iter().find(|place| place.value == "all"), places.len() > 1) {
            let problem =
                Diagnostic::error("stray-key", all.span, "`all` stands alone: it means every place");
            self.problems.push(problem.hint("`heal: all`"));
        }
        let places: Vec<_> = places.into_iter().filter(|place| place.value != "all").collect();
        for place in &places {
            self.fault_place(place);
        }
        places
    }

    fn manifest_files(&mut self, node: &Node) -> Vec<ManifestFile> {
        let paths = self.words(node, "apply");
        if paths.is_empty() && matches!(node.kind, NodeKind::Sequence(_)) {
            let problem = Diagnostic::error("empty-list", node.span, "nothing is applied here");
            self.problems.push(problem.hint("as in `apply: [manifests/web.yaml]`"));
        }
        paths.into_iter().filter_map(|path| self.manifest(path)).collect()
    }

    fn delete(&mut self, node: &Node) -> Action {
        let (mut objects, mut manifests) = (Vec::new(), Vec::new());
        for item in self.words(node, "delete") {
            let is_file = [".yaml", ".yml", ".json"].iter().any(|end| item.value.ends_with(end));
            if is_file {
                manifests.extend(self.manifest(item));
            } else if let Some(object) = self.object(&item) {
                objects.push(Spanned::new(object, item.span));
            }
        }
        Action::Delete { objects, manifests }
    }

    fn by_object<T>(
        &mut self,
        node: &Node,
        verb: &str,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<(Spanned<ObjectRef>, T)> {
        let mut found = Vec::new();
        for (key, span, value) in self.members(node, verb) {
            let key = Spanned::new(key.clone(), *span);
            let object = self.object(&key).filter(|object| self.is_one(object, &key));
            if let (Some(object), Some(value)) = (object, read(self, value)) {
                found.push((Spanned::new(object, *span), value));
            }
        }
        found
    }

    fn is_one(&mut self, object: &ObjectRef, key: &Spanned<String>) -> bool {
        if object.name.is_empty() {
            let message = format!("`{}` is every object of a kind, this needs one", key.value);
            let problem = Diagnostic::error("bad-object", key.span, message);
            self.problems.push(problem.hint(format!("as in `{}/web`", key.value)));
        }
        !object.name.is_empty()
    }

    fn patch(&mut self, node: &Node) -> Option<PatchBody> {
        if !matches!(node.kind, NodeKind::Mapping(_)) {
            let message = format!("a patch is an object, this is {}", node.describe());
            let problem = Diagnostic::error("wrong-type", node.span, message);
            self.problems.push(problem.hint("as in `{spec: {replicas: 2}}`"));
            return None;
        }
        Some(PatchBody { document: node.to_document(), node: node.clone() })
    }

    fn replicas(&mut self, node: &Node) -> Option<u32> {
        let count = integer(node, "scale", &mut self.problems)?;
        // The API server's field is an int32.
        let fits = u32::try_from(count.value).ok().filter(|count| i32::try_from(*count).is_ok());
        if fits.is_none() {
            let message = format!("{} is too large for `scale`", count.value);
            self.problems.push(Diagnostic::error("out-of-range", count.span, message));
        }
        fits
    }

    fn services(&mut self, node: &Node, key: &str) -> Vec<Spanned<ServiceRef>> {
        let words = self.words(node, key);
        let service =
            |word: Spanned<String>| Some(Spanned::new(self.service(&word, Shows::Service)?, word.span));
        words.into_iter().filter_map(service).collect()
    }

    fn upgrades(&mut self, node: &Node) -> Vec<(Spanned<ServiceRef>, Spanned<KubeVersion>)> {
        let mut found = Vec::new();
        for (key, span, value) in self.members(node, "upgrade") {
            let service = self.service(&Spanned::new(key.clone(), *span), Shows::Version);
            let version = self.kube_version(Some(value), "upgrade");
            if let (Some(service), Some(version)) = (service, version) {
                found.push((Spanned::new(service, *span), version));
            }
        }
        found
    }

    fn joins(&mut self, node: &Node) -> Vec<(Spanned<String>, JoinMethod)> {
        let mut found = Vec::new();
        for (name, span, value) in self.members(node, "join") {
            let name = Spanned::new(name.clone(), *span);
            self.name_node(&name, &name, Needs::Any);
            found.extend(self.join_method(value).map(|method| (name, method)));
        }
        found
    }

    fn join_method(&mut self, node: &Node) -> Option<JoinMethod> {
        let NodeKind::Sequence(items) = &node.kind else {
            let word = word(node, "join", JOINS, &mut self.problems)?;
            return Some(if word.value == "kubeadm" { JoinMethod::Kubeadm } else { JoinMethod::Scripts });
        };
        if items.is_empty() {
            let problem =
                Diagnostic::error("empty-list", node.span, "a node joins by at least one component");
            self.problems
                .push(problem.hint("as in `[containerd, kubelet]`, or `scripts` for all in their order"));
        }
        let words = items.iter().filter_map(|item| word(item, "join", COMPONENTS, &mut self.problems));
        Some(JoinMethod::Components(words.map(|word| word.value.to_owned()).collect()))
    }

    fn exec(&mut self, node: &Node) -> Option<Exec> {
        let fields = Fields::open(node, &EXEC, &mut self.problems)?;
        let pod = fields.text("in", &mut self.problems);
        let pod = pod.and_then(|text| Some(Spanned::new(self.pod(&text, &text)?, text.span)));
        let run: Vec<String> =
            fields.texts("run", &mut self.problems).into_iter().map(|text| text.value).collect();
        if run.is_empty() && fields.node("run").is_some() {
            let problem = Diagnostic::error("empty-list", fields.span_of("run"), "the command is empty");
            self.problems.push(problem.hint("as in `run: [ipconfig, /all]`"));
        }
        Some(Exec {
            container: fields.text("container", &mut self.problems).map(|name| name.value),
            code: fields.exit_code("code", &mut self.problems).unwrap_or_default(),
            output: fields.texts("output", &mut self.problems),
            not: fields.texts("not", &mut self.problems),
            pod: pod?,
            run,
        })
    }
}

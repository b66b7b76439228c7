//! `lab:`

use winlab_profiles::{KubeVersion, NEWEST_MINOR, NetworkFamily};

use crate::diagnostic::Diagnostic;
use crate::model::{ControlPlane, Fault, Lab};
use crate::read::Reader;
use crate::read::fields::{Fields, text};
use crate::shape::LAB;
use crate::span::Spanned;
use crate::yaml::Node;

impl Reader<'_> {
    pub(super) fn lab(&mut self, node: &Node) -> Option<Lab> {
        let fields = Fields::open(node, &LAB, &mut self.problems)?;
        let kube = self.kube_version(fields.node("kube"), "kube");
        let network = self.network(&fields);
        // An unknown version has been told: another stands in for it, so that the rest is looked at.
        let kube = kube.or_else(|| Some(Spanned::new(KubeVersion::new(NEWEST_MINOR, 0)?, fields.span())))?;
        let nodes = fields.node("nodes").map(|nodes| self.nodes(nodes, kube)).unwrap_or_default();
        let images = fields.node("images").map(|images| self.images(images)).unwrap_or_default();
        let faults = fields.node("faults").map(|faults| self.ambient(faults)).unwrap_or_default();
        let control_plane = fields.word("control-plane", &mut self.problems).map(|word| {
            word.map(|word| match word {
                "binaries" => ControlPlane::Binaries,
                "container" => ControlPlane::Container,
                "kubeconfig" => ControlPlane::Kubeconfig,
                _ => ControlPlane::Embedded,
            })
        });
        Some(Lab {
            kube,
            network,
            control_plane: control_plane.unwrap_or(Spanned::new(ControlPlane::Embedded, fields.span())),
            nodes,
            images,
            faults,
        })
    }

    /// Faults that are there all the time: what is put at a moment is none, nor is what ends.
    fn ambient(&mut self, node: &Node) -> Vec<Spanned<Fault>> {
        let faults = self.faults(node);
        for fault in &faults {
            let key = fault.effect.key();
            let message = match fault.lasts {
                _ if !fault.effect.is_lasting() => {
                    format!("`{key}` is put at a moment, the faults of a lab are there all the time")
                }
                Some(span) => format!("this ends after {span}, the faults of a lab are there all the time"),
                None => continue,
            };
            let problem = Diagnostic::error("not-ambient", fault.span, message);
            self.problems.push(problem.hint("put it into a step: `fault: …`, or under `during`"));
        }
        faults
    }

    fn network(&mut self, fields: &Fields<'_>) -> Spanned<NetworkFamily> {
        let default = Spanned::new(NetworkFamily::FlannelHostGw, fields.span());
        let Some(word) = fields.word("network", &mut self.problems) else { return default };
        let family = NetworkFamily::ALL.into_iter().find(|family| family.name() == word.value);
        Spanned::new(family.unwrap_or(default.value), word.span)
    }

    pub(super) fn kube_version(&mut self, node: Option<&Node>, key: &str) -> Option<Spanned<KubeVersion>> {
        let text = text(node?, key, &mut self.problems)?;
        match text.value.parse() {
            Ok(version) => Some(Spanned::new(version, text.span)),
            Err(error) => {
                self.problems.push(Diagnostic::error("unknown-version", text.span, error.to_string()));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use winlab_profiles::NetworkFamily;

    use crate::shape::{LAB, Value};

    #[test]
    fn the_words_for_networks_are_those_of_the_profiles() {
        let words = LAB.key("network").map(|key| &key.value);
        let Some(Value::Words(words)) = words else { panic!("{words:?}") };
        assert_eq!(*words, NetworkFamily::ALL.map(NetworkFamily::name));
    }
}

//! The registry against a plain model: a map from lower-case paths to maps of values.

use std::collections::BTreeMap;

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use winlab_host::system::RegistryValue;

use super::Registry;

#[derive(Debug, Clone)]
enum Action {
    Create(String),
    Delete(String),
    Set(String, String, u32),
    Unset(String, String),
}

fn path() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![Just("a"), Just("A"), Just("b"), Just("a b"), Just("a!")], 1..4)
        .prop_map(|parts| format!(r"HKLM\SOFTWARE\{}", parts.join("\\")))
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::from("v")), Just(String::from("V")), Just(String::from("w"))]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        path().prop_map(Action::Create),
        path().prop_map(Action::Delete),
        (path(), name(), any::<u32>()).prop_map(|(p, n, v)| Action::Set(p, n, v)),
        (path(), name()).prop_map(|(p, n)| Action::Unset(p, n)),
    ]
}

type Model = BTreeMap<Vec<String>, BTreeMap<String, u32>>;

fn parts(path: &str) -> Vec<String> {
    path.to_lowercase().split('\\').map(str::to_owned).collect()
}

/// Whether the action succeeds, by the plain rules.
fn step(model: &mut Model, action: &Action) -> bool {
    match action {
        Action::Create(path) => {
            let path = parts(path);
            for length in 1..=path.len() {
                model.entry(path[..length].to_vec()).or_default();
            }
            true
        }
        Action::Delete(path) => {
            let path = parts(path);
            let has_children = model.keys().any(|key| key.len() > path.len() && key.starts_with(&path));
            !has_children && model.remove(&path).is_some()
        }
        Action::Set(path, name, value) => match model.get_mut(&parts(path)) {
            Some(values) => {
                values.insert(name.to_lowercase(), *value);
                true
            }
            None => false,
        },
        Action::Unset(path, name) => {
            model.get_mut(&parts(path)).is_some_and(|values| values.remove(&name.to_lowercase()).is_some())
        }
    }
}

proptest! {
    #[test]
    fn it_is_a_case_blind_tree(actions in proptest::collection::vec(action(), 1..60)) {
        let (mut registry, mut model) = (Registry::default(), Model::new());
        for action in &actions {
            let done = match action {
                Action::Create(path) => registry.create_key(path, false).is_ok(),
                Action::Delete(path) => registry.delete_key(path).is_ok(),
                Action::Set(path, name, value) => {
                    registry.set_value(path, name, RegistryValue::Dword(*value)).is_ok()
                }
                Action::Unset(path, name) => registry.delete_value(path, name).is_ok(),
            };
            prop_assert_eq!(done, step(&mut model, action), "{:?}", action);
        }
        for (path, values) in &model {
            let path = path.join("\\");
            let found: BTreeMap<String, u32> = registry.values(&path).unwrap().into_iter()
                .map(|(name, value)| match value {
                    RegistryValue::Dword(n) => (name.to_lowercase(), n),
                    other => panic!("{other} was never set"),
                })
                .collect();
            prop_assert_eq!(&found, values);
            let children = model.keys()
                .filter(|key| key.len() == parts(&path).len() + 1 && key.starts_with(&parts(&path)))
                .count();
            prop_assert_eq!(registry.subkeys(&path).unwrap().len(), children);
        }
    }
}

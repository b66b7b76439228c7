//! What the crates' manifests say of one another.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::tree::Tree;

/// One member of the workspace.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its folder, such as `lab/host`.
    pub folder: String,
    /// Its package's name, such as `winlab-host`.
    pub name: String,
    /// The packages it needs in a normal build.
    pub needs: Vec<String>,
    /// The packages it needs for tests, benches and examples only.
    pub needs_for_tests: Vec<String>,
    /// Whether it builds a program.
    pub has_program: bool,
}

impl Member {
    /// The path of its manifest.
    #[must_use]
    pub fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// The workspace's members, in the order of their folders.
///
/// A manifest that does not parse is left out: cargo itself says so sooner and better.
#[must_use]
pub fn members(tree: &Tree) -> Vec<Member> {
    let excluded = excluded(tree);
    tree.paths()
        .filter_map(|path| path.strip_suffix("/Cargo.toml"))
        .filter(|folder| {
            let parts: Vec<_> = folder.split('/').collect();
            matches!(parts[..], ["lab" | "fakes" | "tests", _] | ["xtask"])
        })
        .filter(|folder| !excluded.iter().any(|other| other == folder))
        .filter_map(|folder| member(tree, folder))
        .collect()
}

/// Package names of members by their folder.
#[must_use]
pub fn folders_by_name(members: &[Member]) -> BTreeMap<&str, &str> {
    members.iter().map(|member| (member.name.as_str(), member.folder.as_str())).collect()
}

fn excluded(tree: &Tree) -> Vec<String> {
    let root = tree.text("Cargo.toml").and_then(|text| text.parse::<Table>().ok()).unwrap_or_default();
    let list = root.get("workspace").and_then(|workspace| workspace.get("exclude")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn member(tree: &Tree, folder: &str) -> Option<Member> {
    let manifest: Table = tree.text(&format!("{folder}/Cargo.toml"))?.parse().ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
    let (mut needs, mut needs_for_tests) = (Vec::new(), Vec::new());
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table).chain([&manifest]);
    for table in tables {
        needs.extend(packages(table, "dependencies"));
        needs.extend(packages(table, "build-dependencies"));
        needs_for_tests.extend(packages(table, "dev-dependencies"));
    }
    let has_program = manifest.contains_key("bin")
        || tree.holds(&format!("{folder}/src/main.rs"))
        || tree.holds(&format!("{folder}/src/bin"));
    Some(Member { folder: folder.to_owned(), name, needs, needs_for_tests, has_program })
}

fn packages(table: &Table, section: &str) -> Vec<String> {
    let entries = table.get(section).and_then(Value::as_table);
    entries
        .into_iter()
        .flatten()
        .map(|(key, value)| value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_read_with_its_needs_by_package_name() {
        let tree = Tree::of([
            ("Cargo.toml", "[workspace]\nexclude = [\"fakes/shims\"]"),
            ("fakes/shims/Cargo.toml", "[package]\nname = \"shims\""),
            (
                "lab/a/Cargo.toml",
                "[package]\nname = \"winlab-a\"\n[dependencies]\nk = { package = \"kube\", version = \"1\" }\n\
                 [dev-dependencies]\nwinlab-b.workspace = true\n[target.'cfg(unix)'.dependencies]\nnix = \"1\"",
            ),
            ("lab/a/src/main.rs", ""),
        ]);
        let members = members(&tree);
        assert_eq!(members.len(), 1);
        assert_eq!(members[0].name, "winlab-a");
        assert_eq!(members[0].needs, ["nix", "kube"]);
        assert_eq!(members[0].needs_for_tests, ["winlab-b"]);
        assert!(members[0].has_program);
        assert_eq!(members[0].manifest(), "lab/a/Cargo.toml");
    }
}

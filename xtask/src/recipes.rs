//! The table of recipes.

use anyhow::Result;

use crate::{peers, schema, shims, tidy};

/// Something `cargo xtask` can do.
pub(crate) struct Recipe {
    /// The word on the command line.
    pub(crate) name: &'static str,
    /// One line for `--help`.
    pub(crate) about: &'static str,
    /// How it is done.
    pub(crate) work: Work,
}

/// How a recipe is done.
pub(crate) enum Work {
    /// One run of cargo.
    Cargo {
        /// The arguments after `cargo`.
        args: &'static [&'static str],
        /// The arguments under `--fix`, where the command can mend.
        fix: Option<&'static [&'static str]>,
        /// Environment of that run.
        env: &'static [(&'static str, &'static str)],
    },
    /// Code of ours; under `--fix` it mends.
    Ours(fn(bool) -> Result<()>),
    /// Code of ours that makes something.
    Makes(fn() -> Result<()>),
    /// Other recipes, in order.
    Each(&'static [&'static str]),
}

const fn cargo(args: &'static [&'static str]) -> Work {
    Work::Cargo { args, fix: None, env: &[] }
}

/// Every recipe, the composed ones first.
pub(crate) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "ci",
        about: "What a change must pass",
        work: Work::Each(&["fmt", "tidy", "clippy", "deny", "test", "scenarios", "lint", "schema"]),
    },
    Recipe {
        name: "full",
        about: "Everything: ci, and what takes longer",
        work: Work::Each(&[
            "shims",
            "peers-all",
            "vet",
            "ci",
            "doc",
            "machete",
            "test-long",
            "oracle",
            "bench",
        ]),
    },
    Recipe {
        name: "fmt",
        about: "Formatting (--fix formats)",
        work: Work::Cargo { args: &["fmt", "--all", "--check"], fix: Some(&["fmt", "--all"]), env: &[] },
    },
    Recipe { name: "tidy", about: "House rules (--fix mends what it can)", work: Work::Ours(tidy::run) },
    Recipe {
        name: "clippy",
        about: "Lints, all of them errors",
        work: cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    },
    Recipe {
        name: "deny",
        about: "Duplicate, unlicensed or foreign dependencies",
        work: cargo(&["deny", "--locked", "check", "bans", "licenses", "sources"]),
    },
    Recipe {
        name: "advisories",
        about: "Known problems of dependencies (fetches the advisory database)",
        work: cargo(&["deny", "--locked", "check", "advisories"]),
    },
    Recipe { name: "machete", about: "Unused dependencies", work: cargo(&["machete"]) },
    Recipe { name: "test", about: "Every test", work: cargo(&["test", "--workspace", "--locked"]) },
    Recipe {
        name: "test-long",
        about: "The generated tests, with many more cases",
        work: Work::Cargo {
            // Where generated tests are: the others would only run again, and those with Wine take a quarter of an hour.
            args: &[
                "test",
                "--workspace",
                "--locked",
                "--lib",
                "--test=hns",
                "--test=joined",
                "--test=corpus",
            ],
            fix: None,
            env: &[("PROPTEST_CASES", "4096")],
        },
    },
    Recipe {
        name: "oracle",
        about: "Models against the programs they model, with many more drawn cases and every version",
        work: Work::Cargo {
            args: &["test", "--workspace", "--locked", "--test=cni", "--test=kube_proxy"],
            fix: None,
            env: &[("WINLAB_ORACLE_CASES", "150")],
        },
    },
    Recipe {
        name: "scenarios",
        about: "Every scenario, with the release build",
        work: cargo(&["run", "--release", "--locked", "--", "test"]),
    },
    Recipe {
        name: "lint",
        about: "The scenario files themselves",
        work: cargo(&["run", "--release", "--locked", "--", "lint"]),
    },
    Recipe {
        name: "schema",
        about: "The format's schema and reference page are what its tables print (--fix writes them)",
        work: Work::Ours(schema::run),
    },
    Recipe {
        name: "doc",
        about: "The crates' documentation, without a warning",
        work: Work::Cargo {
            args: &["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"],
            fix: None,
            env: &[("RUSTDOCFLAGS", "-D warnings")],
        },
    },
    Recipe {
        name: "shims",
        about: "The DLLs that Windows programs load under Wine (needs mingw-w64 and a Windows target)",
        work: Work::Makes(shims::build),
    },
    Recipe {
        name: "peers-ci",
        about: "The programs of others that CI runs: one minor of Kubernetes, and what goes with it",
        work: Work::Makes(peers::build_for_ci),
    },
    Recipe {
        name: "vet",
        about: "The Go code that is ours, formatted and vetted",
        work: Work::Makes(peers::vet),
    },
    Recipe {
        name: "peers-all",
        about: "The programs of others that the long suites run: every version of what a Windows node runs, two control planes",
        work: Work::Makes(peers::build_all),
    },
    Recipe {
        name: "bench",
        about: "Speed and memory",
        // The targets that measure: without a choice cargo builds every crate's tests for release as well.
        work: cargo(&["bench", "--locked", "--bench", "*"]),
    },
];

/// The recipe of that name.
pub(crate) fn find(name: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_recipes_name_recipes() {
        for recipe in RECIPES {
            if let Work::Each(names) = recipe.work {
                assert!(names.iter().all(|name| find(name).is_some()), "{}", recipe.name);
            }
        }
    }

    #[test]
    fn each_name_stands_once() {
        for recipe in RECIPES {
            assert_eq!(
                RECIPES.iter().filter(|other| other.name == recipe.name).count(),
                1,
                "{}",
                recipe.name
            );
        }
    }
}

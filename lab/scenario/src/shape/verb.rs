//! Verbs made in YAML.

use super::step::STEP;
use super::types::Value::{Integer, List, Map, Object, Text, Words};
use super::types::{Choice, Shape, key, must};

/// A verb made in YAML.
pub static VERB: Shape = Shape {
    name: "verb",
    called: "the verb",
    about: "Steps under a name, with inputs; a file of its own that a step names with `use`. `$input` is replaced in its steps.",
    choice: Choice::Free,
    keys: &[
        must("winlab-verb", Integer, "Version of the format: 1."),
        must("about", Text, "What it does."),
        key("inputs", Map(&Object(&INPUT)), "Its inputs."),
        must("steps", List(&Object(&STEP)), "Its steps."),
    ],
};

/// An input of a verb.
pub static INPUT: Shape = Shape {
    name: "input",
    called: "an input",
    about: "An input of a verb.",
    choice: Choice::Free,
    keys: &[
        must("type", Words(&["text", "integer", "span"]), "What it must be."),
        key("default", Text, "Its value where none is given; without a default it must be given."),
        key("about", Text, "What it means."),
    ],
};

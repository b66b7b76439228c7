//! The scenario file itself, and which cells it has.

use super::lab::LAB;
use super::step::STEP;
use super::types::Value::{Either, Integer, List, Map, Object, OneOrMore, Text};
use super::types::{Choice, Shape, key, must};

/// A scenario file.
pub static SCENARIO: Shape = Shape {
    name: "scenario",
    called: "the scenario",
    about: "One scenario: a lab, and what happens in it.",
    choice: Choice::Free,
    keys: &[
        must("winlab", Integer, "Version of the format: 1."),
        must("name", Text, "Its name: lower-case words with dashes."),
        must("about", Text, "What it shows, in a sentence or two."),
        key("refs", List(&Text), "Upstream issues, pull requests or documents it replays."),
        key("covers", List(&Text), "Feature tags for `--covers`."),
        key("seed", Integer, "Root of all chance; `--seed` wins over it."),
        key(
            "clock",
            Either(&[Text, Object(&CLOCK)]),
            "A demand on time: `virtual`, `real` or `{scaled: N}`.",
        ),
        key("matrix", Object(&MATRIX), "Runs the scenario once per combination of values."),
        key("known", List(&Object(&KNOWN)), "Cells and steps that are expected to fail, with the reason."),
        must("lab", Object(&LAB), "The cluster."),
        must("steps", List(&Object(&STEP)), "What happens, in order."),
    ],
};

/// `clock:`
pub static CLOCK: Shape = Shape {
    name: "clock",
    called: "`clock`",
    about: "A clock faster than the wall's.",
    choice: Choice::Free,
    keys: &[must("scaled", Integer, "How many times faster: 1 to 100.")],
};

/// `matrix:`
pub static MATRIX: Shape = Shape {
    name: "matrix",
    called: "`matrix`",
    about: "Axes and what to leave out.",
    choice: Choice::Free,
    keys: &[
        must(
            "axes",
            Map(&List(&Text)),
            "Values by axis; every combination is a cell. `$axis` in a plain scalar is replaced.",
        ),
        key(
            "only",
            List(&Map(&OneOrMore(&Text))),
            "Cells to keep: those that match all values of one of these; all if left out.",
        ),
        key("skip", List(&Map(&OneOrMore(&Text))), "Cells to leave out: those that match all values given."),
    ],
};

/// An entry of `known:`
pub static KNOWN: Shape = Shape {
    name: "known",
    called: "an entry of `known`",
    about: "A failure that is known. It is strict: a known failure that passes is a failure.",
    choice: Choice::Free,
    keys: &[
        key("cell", Map(&OneOrMore(&Text)), "The cells it is about; all if left out."),
        must("step", Text, "The step that fails."),
        must("reason", Text, "Why."),
    ],
};

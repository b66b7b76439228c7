//! The matrix: which cells there are.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::read::fields::Fields;
use crate::shape::MATRIX;
use crate::span::{Span, Spanned};
use crate::suggest::meant_or_all;
use crate::yaml::{Node, NodeKind};

/// More cells than this are a slip: nobody waits for them.
const MOST_CELLS: usize = 4096;

/// One cell: values by axis, in the order of the axes.
pub(crate) type Cell = Vec<(String, Spanned<String>)>;

/// An axis and its values.
type Axis = (Spanned<String>, Vec<Spanned<String>>);

/// The axes of a file and the cells they make.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) axes: Vec<Axis>,
    pub(crate) cells: Vec<Cell>,
    /// Whether it cannot be used; cells that show each value once are still there, so that the rest of the file can be
    /// looked at.
    pub(crate) broken: bool,
}

/// Reads `matrix:`; without one there is one cell without values.
pub(crate) fn read(node: Option<&Node>, problems: &mut Vec<Diagnostic>) -> Matrix {
    let Some(node) = node else { return Matrix { cells: vec![Vec::new()], ..Matrix::default() } };
    let before = problems.len();
    let Some(fields) = Fields::open(node, &MATRIX, problems) else { return Matrix::broken(Vec::new()) };
    let axes = fields.node("axes").map(|axes| read_axes(axes, problems)).unwrap_or_default();
    let only = fields.node("only").map(|only| read_patterns(only, &axes, problems)).unwrap_or_default();
    let skips = fields.node("skip").map(|skip| read_patterns(skip, &axes, problems)).unwrap_or_default();
    let count = axes.iter().map(|(_, values)| values.len()).try_fold(1_usize, usize::checked_mul);
    if count.is_none_or(|count| count > MOST_CELLS) {
        let message = format!("the matrix has more than {MOST_CELLS} cells");
        problems.push(Diagnostic::error("matrix-size", fields.key_span("axes"), message));
    }
    if problems.len() > before {
        return Matrix::broken(axes);
    }
    let mut cells = product(&axes);
    cells.retain(|cell| only.is_empty() || only.iter().any(|(_, kept)| matches(kept, cell)));
    for (span, skip) in skips {
        let before = cells.len();
        cells.retain(|cell| !matches(&skip, cell));
        if cells.len() == before {
            let message =
                "no cell is left out by this: it matches none, or only such as are left out already";
            problems.push(Diagnostic::error("matrix-skip", span, message));
        }
    }
    if cells.is_empty() {
        let message = "every cell of the matrix is left out";
        problems.push(Diagnostic::error("matrix-empty", fields.key_span("skip"), message));
        return Matrix::broken(axes);
    }
    Matrix { axes, cells, broken: false }
}

impl Matrix {
    fn broken(axes: Vec<Axis>) -> Self {
        let first: Cell = axes
            .iter()
            .filter_map(|(axis, values)| Some((axis.value.clone(), values.first()?.clone())))
            .collect();
        let mut cells = vec![first.clone()];
        for (axis, values) in &axes {
            for value in values.iter().skip(1) {
                let other = |(name, known): &(String, Spanned<String>)| {
                    (name.clone(), if *name == axis.value { value.clone() } else { known.clone() })
                };
                cells.push(first.iter().map(other).collect());
            }
        }
        cells.truncate(MOST_CELLS);
        Self { cells, axes, broken: true }
    }
}

fn product(axes: &[Axis]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = vec![Vec::new()];
    for (axis, values) in axes {
        let extend = |cell: &Cell| {
            let with = |value: &Spanned<String>| {
                let mut cell = cell.clone();
                cell.push((axis.value.clone(), value.clone()));
                cell
            };
            values.iter().map(with).collect::<Vec<_>>()
        };
        cells = cells.iter().flat_map(extend).collect();
    }
    cells
}

fn read_axes(node: &Node, problems: &mut Vec<Diagnostic>) -> Vec<Axis> {
    let NodeKind::Mapping(members) = &node.kind else {
        let message = format!("`axes` is an object of lists, this is {}", node.describe());
        problems.push(
            Diagnostic::error("wrong-type", node.span, message)
                .hint("as in `axes: {kube: [v1.36.1, v1.37.2]}`"),
        );
        return Vec::new();
    };
    let mut axes = Vec::new();
    for (name, span, values) in members {
        let NodeKind::Sequence(items) = &values.kind else {
            let message = format!("the values of an axis are a list, this is {}", values.describe());
            let value = values.text().filter(|_| !values.is_null());
            let hint = value.map(|value| format!("as in `{name}: [{value}]`"));
            problems.push(Diagnostic::error("wrong-type", values.span, message).hint_some(hint));
            continue;
        };
        if items.is_empty() {
            let message = format!("the axis `{name}` has no values");
            problems.push(Diagnostic::error("matrix-empty", values.span, message));
        }
        let mut read: Vec<Spanned<String>> = Vec::new();
        for item in items {
            match item.text().filter(|_| !item.is_null()) {
                Some(text) => match read.iter().find(|known| known.value == text) {
                    Some(first) => {
                        let message = format!("the axis `{name}` has the value `{text}` twice");
                        let problem = Diagnostic::error("matrix-double", item.span, message);
                        problems.push(problem.also(first.span, "the first one"));
                    }
                    None => read.push(Spanned::new(text.to_owned(), item.span)),
                },
                None => {
                    let message = format!("a value of an axis is a word, this is {}", item.describe());
                    problems.push(Diagnostic::error("wrong-type", item.span, message));
                }
            }
        }
        axes.push((Spanned::new(name.clone(), *span), read));
    }
    axes
}

/// A pattern over cells: wanted values by axis.
pub(crate) type Pattern = BTreeMap<String, Vec<String>>;

/// Whether a cell has one of the wanted values on every axis of the pattern.
pub(crate) fn matches(pattern: &Pattern, cell: &Cell) -> bool {
    pattern
        .iter()
        .all(|(axis, wanted)| cell.iter().any(|(name, value)| name == axis && wanted.contains(&value.value)))
}

fn read_patterns(node: &Node, axes: &[Axis], problems: &mut Vec<Diagnostic>) -> Vec<(Span, Pattern)> {
    let NodeKind::Sequence(items) = &node.kind else { return Vec::new() };
    items.iter().filter_map(|item| Some((item.span, read_pattern(item, axes, problems)?))).collect()
}

/// Reads `{kube: v1.36.1, net: [a, b]}` against the axes.
pub(crate) fn read_pattern(node: &Node, axes: &[Axis], problems: &mut Vec<Diagnostic>) -> Option<Pattern> {
    let NodeKind::Mapping(members) = &node.kind else {
        let message = format!("a cell is an object of axis and value, this is {}", node.describe());
        problems.push(Diagnostic::error("wrong-type", node.span, message));
        return None;
    };
    let mut pattern = Pattern::new();
    for (name, span, value) in members {
        let Some((_, known)) = axes.iter().find(|(axis, _)| axis.value == *name) else {
            let axes: Vec<&str> = axes.iter().map(|(axis, _)| axis.value.as_str()).collect();
            let problem = Diagnostic::error("unknown-axis", *span, format!("there is no axis `{name}`"));
            problems.push(if axes.is_empty() { problem } else { problem.hint(meant_or_all(name, &axes)) });
            continue;
        };
        let values: Vec<&Node> = match &value.kind {
            NodeKind::Sequence(items) => items.iter().collect(),
            _ => vec![value],
        };
        for value in values {
            let text = value.text().unwrap_or_default();
            if !known.iter().any(|known| known.value == text) {
                let known: Vec<&str> = known.iter().map(|known| known.value.as_str()).collect();
                let message = format!("the axis `{name}` has no value `{text}`");
                let problem = Diagnostic::error("unknown-axis-value", value.span, message);
                problems.push(problem.hint(meant_or_all(text, &known)));
                continue;
            }
            pattern.entry(name.clone()).or_default().push(text.to_owned());
        }
    }
    Some(pattern)
}

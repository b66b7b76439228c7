//! Which cases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::{Pattern, Shard};

/// Under which `--help` shows them.
pub(super) const SELECTION: &str = "Selection";

/// The flags that choose cases. Flags of different kinds narrow each other; one flag given twice widens.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// Scenario files, or folders to search for *.winlab.yaml [default: scenarios]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Cases whose name has this in it; * stands for anything, =NAME is the whole name
    #[arg(short, long, value_name = "PATTERN", help_heading = SELECTION)]
    pub name: Vec<Pattern>,
    /// Cases of scenarios that cover this, as their `covers` says
    #[arg(long, value_name = "PATTERN", help_heading = SELECTION)]
    pub covers: Vec<Pattern>,
    /// Cells of the matrix with this value
    #[arg(long, value_name = "AXIS=VALUE", help_heading = SELECTION)]
    pub matrix: Vec<AxisValue>,
    /// One machine's share of the cases left by the other flags
    #[arg(long, value_name = "I/N", help_heading = SELECTION)]
    pub shard: Option<Shard>,
}

/// `kube=v1.36.1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisValue {
    /// The axis.
    pub axis: String,
    /// The value.
    pub value: String,
}

impl FromStr for AxisValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((axis, value)) if !axis.is_empty() && !value.is_empty() => {
                Ok(Self { axis: axis.to_owned(), value: value.to_owned() })
            }
            _ => Err("a cell is chosen by AXIS=VALUE, such as kube=v1.36.1".to_owned()),
        }
    }
}

/// What selection needs to know of a case.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Its name.
    pub name: &'a str,
    /// The scenario's `covers`.
    pub covers: &'a [String],
    /// Its cell: value by axis.
    pub cell: &'a BTreeMap<String, String>,
}

impl Selection {
    /// The indices of the chosen cases, in order. `only` limits them to these names, before shares are dealt.
    #[must_use]
    pub fn choose(&self, cases: &[Candidate<'_>], only: Option<&BTreeSet<String>>) -> Vec<usize> {
        let chosen = (0..cases.len())
            .filter(|&at| self.wants(&cases[at]) && only.is_none_or(|only| only.contains(cases[at].name)));
        match self.shard {
            None => chosen.collect(),
            Some(shard) => {
                chosen.enumerate().filter(|(index, _)| shard.holds(*index)).map(|(_, at)| at).collect()
            }
        }
    }

    fn wants(&self, case: &Candidate<'_>) -> bool {
        let any = |patterns: &[Pattern], fits: &dyn Fn(&Pattern) -> bool| {
            patterns.is_empty() || patterns.iter().any(fits)
        };
        any(&self.name, &|pattern| pattern.matches(case.name))
            && any(&self.covers, &|pattern| case.covers.iter().any(|covered| pattern.matches(covered)))
            && self.matrix.iter().all(|wanted| {
                let of_axis = || self.matrix.iter().filter(|other| other.axis == wanted.axis);
                case.cell.get(&wanted.axis).is_some_and(|value| of_axis().any(|other| other.value == *value))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(selection: &Selection, only: Option<&[&str]>) -> Vec<usize> {
        let covers = [vec!["Core.Network".to_owned()], vec!["Core.Compute".to_owned()]];
        let cells: Vec<BTreeMap<String, String>> =
            [[("kube", "1"), ("os", "a")], [("kube", "2"), ("os", "a")], [("kube", "2"), ("os", "b")]]
                .map(|cell| cell.map(|(axis, value)| (axis.to_owned(), value.to_owned())).into())
                .into();
        let none = BTreeMap::new();
        let cases = [
            Candidate { name: "join[kube=1]", covers: &covers[0], cell: &cells[0] },
            Candidate { name: "join[kube=2]", covers: &covers[0], cell: &cells[1] },
            Candidate { name: "drain[kube=2]", covers: &covers[1], cell: &cells[2] },
            Candidate { name: "plain", covers: &[], cell: &none },
        ];
        let only = only.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        selection.choose(&cases, only.as_ref())
    }

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn cells(texts: &[&str]) -> Vec<AxisValue> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn kinds_narrow_and_repetition_widens() {
        let all = Selection::default();
        assert_eq!(chosen(&all, None), [0, 1, 2, 3]);
        let names = Selection { name: patterns(&["join", "plain"]), ..all.clone() };
        assert_eq!(chosen(&names, None), [0, 1, 3]);
        let both = Selection { matrix: cells(&["kube=2"]), ..names };
        assert_eq!(chosen(&both, None), [1]);
        let covers = Selection { covers: patterns(&["=Core.Compute"]), ..all.clone() };
        assert_eq!(chosen(&covers, None), [2]);
        let either = Selection { matrix: cells(&["kube=1", "kube=2", "os=a"]), ..all.clone() };
        assert_eq!(chosen(&either, None), [0, 1]);
        let unknown = Selection { matrix: cells(&["node=1"]), ..all };
        assert_eq!(chosen(&unknown, None), Vec::<usize>::new());
    }

    #[test]
    fn shares_are_dealt_last() {
        let second = Selection { shard: Some("2/2".parse().unwrap()), ..Selection::default() };
        assert_eq!(chosen(&second, None), [1, 3]);
        assert_eq!(chosen(&second, Some(&["drain[kube=2]", "plain"])), [3]);
    }

    #[test]
    fn half_a_cell_is_refused() {
        for wrong in ["kube", "=v1", "kube="] {
            assert!(wrong.parse::<AxisValue>().is_err(), "{wrong}");
        }
    }
}

//! Files that were damaged on the way: the parser tells what is wrong, within the text, and never panics.

use crate::folder::{Folder, scenarios};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::Index;
use winlab_scenario::{Diagnostic, ReachTable, Sources, Span, lint, read, rewrite};

/// A way to damage a text.
#[derive(Clone, Debug)]
enum Damage {
    Truncate(Index),
    Drop(Index),
    Double(Index),
    Swap(Index, Index),
    Flip(Index, char),
    Insert(Index, String),
    Indent(Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let signs = prop_oneof![
        Just('{'),
        Just('}'),
        Just('['),
        Just(']'),
        Just(':'),
        Just('"'),
        Just('\''),
        Just('$'),
        Just('\t'),
        Just('\n'),
        Just('#'),
        Just('&'),
        Just('*'),
        Just('|'),
        Just('\u{0}'),
        Just('é'),
        Just('\u{feff}'),
        any::<char>(),
    ];
    let pieces = prop_oneof![
        Just("${".to_owned()),
        Just("---\n".to_owned()),
        Just("*a ".to_owned()),
        Just("&a ".to_owned()),
        Just("!!str ".to_owned()),
        Just("<<: ".to_owned()),
        Just(": ".to_owned()),
        Just("- ".to_owned()),
        Just("\r\n".to_owned()),
        "\\PC{0,4}",
    ];
    prop_oneof![
        any::<Index>().prop_map(Damage::Truncate),
        any::<Index>().prop_map(Damage::Drop),
        any::<Index>().prop_map(Damage::Double),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::Swap(a, b)),
        (any::<Index>(), signs).prop_map(|(at, c)| Damage::Flip(at, c)),
        (any::<Index>(), pieces).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        (any::<Index>(), 0..6_usize).prop_map(|(at, blanks)| Damage::Indent(at, blanks)),
    ]
}

fn damaged(text: &str, damage: &Damage) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if chars.is_empty() {
        return String::new();
    }
    match damage {
        Damage::Truncate(at) => chars.truncate(at.index(chars.len())),
        Damage::Flip(at, c) => {
            let at = at.index(chars.len());
            chars[at] = *c;
        }
        Damage::Insert(at, piece) => {
            let at = at.index(chars.len());
            chars.splice(at..at, piece.chars());
        }
        Damage::Drop(at) => drop(lines.remove(at.index(lines.len()))),
        Damage::Double(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at].clone());
        }
        Damage::Swap(a, b) => lines
            .swap(a.index(text.split_inclusive('\n').count()), b.index(text.split_inclusive('\n').count())),
        Damage::Indent(at, blanks) => {
            let at = at.index(lines.len());
            lines[at].insert_str(0, &" ".repeat(*blanks));
        }
    }
    match damage {
        Damage::Truncate(_) | Damage::Flip(..) | Damage::Insert(..) => chars.into_iter().collect(),
        _ => lines.concat(),
    }
}

fn lies_within(problems: &[Diagnostic], sources: &Sources) -> Result<(), String> {
    for problem in problems {
        let places = std::iter::once(&problem.span).chain(problem.also.iter().map(|(span, _)| span));
        for span in places {
            let length = sources.text(span.file).len();
            if span.start > span.end || span.end as usize > length {
                return Err(format!("{span:?} of {length}: {}", problem.message));
            }
        }
        if problem.message.contains('\n') {
            return Err(format!("more than one line: {}", problem.message));
        }
        let _ = problem.render(sources);
    }
    Ok(())
}

fn tables(text: &str) -> Vec<ReachTable> {
    let Ok(scenario) = read("t.winlab.yaml", text, &Folder::new("good")) else { return Vec::new() };
    let steps = scenario.cases.iter().take(1).flat_map(|case| &case.steps);
    steps.filter_map(|step| step.reach.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_told_apart_and_nothing_panics(
        file in any::<Index>(),
        damages in proptest::collection::vec(damage(), 1..6),
    ) {
        let files = [scenarios("good"), scenarios("bad")].concat();
        let (name, text) = file.get(&files);
        let text = damages.iter().fold(text.clone(), |text, damage| damaged(&text, damage));
        match read(name, &text, &Folder::new("good")) {
            Ok(scenario) => prop_assert_eq!(lies_within(&lint(&scenario), &scenario.sources), Ok(())),
            Err((problems, sources)) => {
                prop_assert!(!problems.is_empty());
                prop_assert_eq!(lies_within(&problems, &sources), Ok(()));
            }
        }
    }

    /// Whatever is written into the cells, the rest of the file stays byte for byte, and the cells read as written.
    #[test]
    fn rewriting_cells_keeps_the_rest(choices in proptest::collection::vec((any::<Index>(), 0..5_usize), 0..6)) {
        let words = ["ok", "ok x12", "refused", "timeout", "no-name"];
        let files = scenarios("good");
        let (_, text) = files.iter().find(|(name, _)| name.starts_with("outage")).unwrap();
        let cells: Vec<Span> = tables(text)[0].rows.iter().flat_map(|(_, cells)| cells).map(|cell| cell.span).collect();
        let mut wanted: Vec<(Span, String)> = Vec::new();
        for (cell, word) in choices {
            let span = *cell.get(&cells);
            if wanted.iter().all(|(known, _)| *known != span) {
                wanted.push((span, words[word].to_owned()));
            }
        }
        let new = rewrite(text, &wanted);
        let (table, start) = (&tables(&new)[0], cells[0].start as usize);
        let found: Vec<Span> = table.rows.iter().flat_map(|(_, cells)| cells).map(|cell| cell.span).collect();
        prop_assert_eq!(found.len(), cells.len());
        for (old, new_span) in cells.iter().zip(&found) {
            let expected = wanted.iter().find(|(span, _)| span == old).map_or_else(
                || &text[old.start as usize..old.end as usize],
                |(_, word)| word.as_str(),
            );
            prop_assert_eq!(&new[new_span.start as usize..new_span.end as usize], expected);
        }
        prop_assert_eq!(&new[..start], &text[..start]);
        let (last_old, last_new) = (cells[cells.len() - 1].end as usize, found[found.len() - 1].end as usize);
        prop_assert_eq!(&new[last_new..], &text[last_old..]);
        let bare = |text: &str, cells: &[Span]| {
            let mut at = 0;
            let mut rest = String::new();
            for cell in cells {
                rest.push_str(&text[at..cell.start as usize]);
                at = cell.end as usize;
            }
            // Only blanks between the cells of a row move.
            rest.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        prop_assert_eq!(bare(&new, &found), bare(text, &cells));
    }
}

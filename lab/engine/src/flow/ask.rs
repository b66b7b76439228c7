//! Asks one flow: walks until its expectation is proven or not.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use winlab_events::{CheckKind, Walk};
use winlab_fabric::{Probe as Asked, Verdict};
use winlab_scenario::{Flow, FlowResult, Probe, Source, Span, Spanned};

use super::resolve::{Begin, End};
use super::walk::{Told, kinds_met, walk, went_via};
use crate::failure::{Concerns, Unmet};
use crate::job::Mode;
use crate::world::World;

/// So many walks are made to see distinct back ends. Four equally likely ones are all seen with a probability of more than
/// 0.99999997.
const WALKS: u32 = 64;

/// So many walks must all meet the same back end before it is believed to be the only one: another equally likely one would be
/// missed with a probability of less than 0.00002.
const WALKS_TO_ONE: u32 = 16;

/// What is wanted of a flow.
pub(super) struct Wanted<'a> {
    pub(super) from: &'a Spanned<Source>,
    pub(super) to: &'a Spanned<Flow>,
    pub(super) is: FlowResult,
    pub(super) via: Option<&'a Spanned<String>>,
    pub(super) body: Option<&'a Spanned<String>>,
    /// Where the result is written.
    pub(super) span: Span,
}

/// What a flow came to.
pub(super) struct Answer {
    /// In a reach table's words, as far as they go.
    pub(super) word: String,
    /// What is wrong with it, with the place of what it fails.
    pub(super) wrong: Option<(Span, String, Option<String>)>,
    pub(super) walk: Option<Walk>,
    pub(super) concerns: Concerns,
}

impl Answer {
    /// It could not even be asked.
    fn unasked(word: &str, span: Span, why: String) -> Self {
        let message = format!("{word}: {why}");
        let wrong = Some((span, message, None));
        Self { word: word.to_owned(), wrong, walk: None, concerns: Concerns::default() }
    }
}

/// One source's walks.
struct Walks<'w> {
    begin: &'w Begin,
    backends: BTreeSet<SocketAddr>,
    last: Option<(Asked, Verdict)>,
    /// The word of the first walk that was not as wanted.
    odd: Option<String>,
}

impl World<'_> {
    /// A single flow of a step.
    pub(crate) async fn probe(&self, probe: &Spanned<Probe>) -> Result<(), Box<Unmet>> {
        let answer = self
            .ask(&Wanted {
                from: &probe.from,
                to: &probe.to,
                is: probe.is.value,
                via: probe.via.as_ref(),
                body: probe.body.as_ref(),
                span: probe.is.span,
            })
            .await;
        let Some((span, message, hint)) = answer.wrong else { return Ok(()) };
        Err(Box::new(Unmet {
            kind: CheckKind::Probe,
            target: self.flow_text(&probe.from, &probe.to),
            span,
            message,
            hint,
            say: probe.say.clone(),
            diff: None,
            walks: answer.walk.into_iter().collect(),
            concerns: answer.concerns,
        }))
    }

    pub(super) async fn ask(&self, wanted: &Wanted<'_>) -> Answer {
        let begins = match self.begins(wanted.from).await {
            Ok(begins) => begins,
            Err(why) => return Answer::unasked("no-source", wanted.from.span, why),
        };
        let ends = match self.ends(wanted.to).await {
            Ok(ends) => ends,
            Err(why) => return Answer::unasked("no-target", wanted.to.span, why),
        };
        let mut answer = None;
        for begin in &begins {
            let of_begin = self.ask_from(begin, &ends, wanted);
            let is_wrong = of_begin.wrong.is_some();
            answer = Some(of_begin);
            if is_wrong {
                break;
            }
        }
        answer.expect("a flow begins somewhere")
    }

    fn ask_from(&self, begin: &Begin, ends: &[End], wanted: &Wanted<'_>) -> Answer {
        let mut walks = Walks { begin, backends: BTreeSet::new(), last: None, odd: None };
        let most = match wanted.is {
            FlowResult::OkFrom(_) => WALKS,
            _ => 1,
        };
        'walks: for walked in 1..=most {
            for end in ends {
                let probe = end.from(begin, wanted.body.is_some());
                let verdict = self.lab.probe(&probe, self.next_walk());
                walks.backends.extend(verdict.backend.as_ref().map(|backend| backend.address));
                let word = verdict.word();
                let is_odd = word != simple_word(wanted.is);
                walks.last = Some((probe, verdict));
                if is_odd {
                    walks.odd = Some(word);
                    break 'walks;
                }
            }
            if self.mode == Mode::Test && seen_enough(wanted.is, walks.backends.len(), walked) {
                break;
            }
        }
        self.judge_walks(walks, wanted)
    }

    /// The walks between all ends that the words stand for, without an expectation.
    pub(crate) async fn walks(&self, from: &Source, to: &Flow, words: &str) -> Result<Vec<Walk>, String> {
        let (begins, ends) = (self.begins(from).await?, self.ends(to).await?);
        let mut walks = Vec::new();
        for begin in &begins {
            for end in &ends {
                let probe = end.from(begin, false);
                let verdict = self.lab.probe(&probe, self.next_walk());
                let told = Told { from: &begin.text, to: words, expected: None, place: None };
                walks.push(walk(&probe, &verdict, verdict.word(), told));
            }
        }
        Ok(walks)
    }

    fn judge_walks(&self, walks: Walks<'_>, wanted: &Wanted<'_>) -> Answer {
        let (probe, verdict) = walks.last.expect("at least one walk is made");
        let seen = u32::try_from(walks.backends.len()).unwrap_or(u32::MAX);
        let word = match (walks.odd, wanted.is) {
            (Some(odd), _) => odd,
            (None, FlowResult::OkFrom(_)) => FlowResult::OkFrom(seen).to_string(),
            (None, is) => is.to_string(),
        };
        let mut concerns = Concerns::default();
        concerns.nodes.extend(walks.begin.node.clone());
        let nodes = self.lab.node_names();
        let met = verdict.decider().map(|hop| hop.node.clone()).filter(|node| nodes.contains(node));
        concerns.nodes.extend(met);
        let told = Told {
            from: &walks.begin.text,
            to: &self.words_of(wanted.to),
            expected: Some(wanted.is.to_string()),
            place: Some(self.place(wanted.span)),
        };
        let walk = walk(&probe, &verdict, word.clone(), told);
        let wrong = self.wrong(&word, &verdict, &walks.begin.text, wanted);
        Answer { word, wrong, walk: Some(walk), concerns }
    }

    fn wrong(
        &self,
        word: &str,
        verdict: &Verdict,
        from: &str,
        wanted: &Wanted<'_>,
    ) -> Option<(Span, String, Option<String>)> {
        let expected = wanted.is.to_string();
        if word != expected {
            let reason = verdict.reason();
            let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            let who =
                if from == self.words_of(wanted.from) { String::new() } else { format!(" from {from}") };
            return Some((wanted.span, format!("expected {expected}, found {word}{who}{because}"), None));
        }
        if let Some(via) = wanted.via.filter(|via| !went_via(verdict, via)) {
            let message = format!("{word}, but not via {}", via.value);
            return Some((via.span, message, Some(format!("it met {}", kinds_met(verdict)))));
        }
        if let Some(body) = wanted.body {
            let reply = verdict.http.as_ref().map(|http| http.body.as_str()).unwrap_or_default();
            if !reply.contains(body.value.as_str()) {
                let message = format!("the reply does not contain {:?}", body.value);
                return Some((body.span, message, Some(format!("it is {reply:?}"))));
            }
        }
        None
    }
}

/// The word a single walk must come to.
fn simple_word(is: FlowResult) -> String {
    match is {
        FlowResult::OkFrom(_) => FlowResult::Ok.to_string(),
        is => is.to_string(),
    }
}

fn seen_enough(is: FlowResult, backends: usize, walked: u32) -> bool {
    match is {
        FlowResult::OkFrom(1) => backends > 1 || (backends == 1 && walked >= WALKS_TO_ONE),
        FlowResult::OkFrom(count) => u32::try_from(backends).is_ok_and(|seen| seen >= count),
        _ => true,
    }
}

//! `winlab up`: a lab that stays until Ctrl-C.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, select};
use winlab_document::{Document, doc};
use winlab_engine::{ApiAccess, Job, LiveLab, Placement, UpError, refuse_lab, with_live_lab};
use winlab_scenario::{Case, LoadError, Loader, Scenario};
use winlab_up::{Answers, Claim, Labs, Question, Refusal, serve};

use crate::args::Up;
use crate::plan::DEFAULT_SEED;
use crate::scenarios::{self, Loaded, Problems, shown};
use crate::{Environment, Exit, Streams};

/// The lab of somebody who names none: the one that `winlab init` writes.
const DEFAULT: &str = include_str!("init/first.winlab.yaml");
const MANIFEST: &str = include_str!("init/first.yaml");

pub(super) fn run(args: &Up, environment: &Environment, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let loaded = match load(args, environment)? {
        Ok(loaded) => loaded,
        Err(problems) => {
            scenarios::show(&problems, environment, streams)?;
            return Ok(Exit::Usage);
        }
    };
    let scenario = &loaded.scenario;
    let case = choose(scenario, args)?;
    let placement = Placement { clock: args.clock, ..args.programs.engine(environment) };
    let diagnostics = refuse_lab(case, &placement);
    if !diagnostics.is_empty() {
        let sources = scenario.sources.clone();
        let refused = Problems { file: loaded.file.clone(), diagnostics, sources };
        scenarios::show(&[refused], environment, streams)?;
        return Ok(Exit::Usage);
    }
    let name = args.name.clone().unwrap_or_else(|| scenario.name.value.clone());
    let labs = Labs::below(environment.labs_folder());
    if labs.find(Some(&name)).is_ok() {
        bail!("a lab named `{name}` is up already\n  hint: --name gives this one another name");
    }
    let job = Job {
        name: case.name.as_str().into(),
        file: shown(&loaded.file),
        scenario: Arc::clone(scenario),
        case: Arc::clone(case),
        seed: args.seed.or(scenario.seed.map(|seed| seed.number())).unwrap_or(DEFAULT_SEED),
        rerun: String::new(),
    };
    let access = ApiAccess { cluster: format!("winlab-{name}"), listen: vec![args.listen] };
    writeln!(streams.talk, "starting lab `{name}` …")?;
    let mut was_up = false;
    let stay = async |lab: &LiveLab<'_>| {
        was_up = true;
        stay(lab, &labs, &name, streams).await
    };
    match with_live_lab(&job, &placement, access, interrupted(), stay) {
        Ok(Some(failed)) => failed,
        Ok(None) => {
            writeln!(streams.talk, "lab `{name}` has ended")?;
            Ok(if was_up { Exit::Pass } else { Exit::Interrupted })
        }
        Err(UpError::Absent(why)) => {
            writeln!(streams.talk, "error: this machine lacks what the lab needs: {why}")?;
            Ok(Exit::NeedAbsent)
        }
        Err(error) => Err(anyhow!(error)),
    }
}

/// The scenario whose lab is to come up, or what is wrong with it.
fn load(args: &Up, environment: &Environment) -> anyhow::Result<Result<Loaded, Vec<Problems>>> {
    let Some(file) = &args.scenario else {
        let file = PathBuf::from("first.winlab.yaml");
        let read = winlab_scenario::read(&shown(&file), DEFAULT, &BuiltIn);
        let scenario =
            read.map_err(|(problems, _)| anyhow!("the built-in lab cannot be read: {problems:?}"))?;
        return Ok(Ok(Loaded { file, scenario: Arc::new(scenario) }));
    };
    let (mut loaded, problems) = scenarios::load(std::slice::from_ref(file), environment)?;
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    if loaded.len() > 1 {
        bail!("`{}` holds {} scenarios\n  hint: name one file", file.display(), loaded.len());
    }
    loaded.pop().map(Ok).ok_or_else(|| anyhow!("`{}` holds no scenario", file.display()))
}

/// The cell that has the values asked for.
fn choose<'a>(scenario: &'a Scenario, args: &Up) -> anyhow::Result<&'a Arc<Case>> {
    let fits = |case: &&Arc<Case>| {
        args.matrix.iter().all(|asked| case.cell.get(&asked.axis).is_some_and(|value| *value == asked.value))
    };
    scenario.cases.iter().find(fits).context("no cell of the matrix has these values")
}

/// The life of a lab: ready, then asked for as long as it is up.
async fn stay(lab: &LiveLab<'_>, labs: &Labs, name: &str, streams: &mut Streams<'_>) -> anyhow::Result<Exit> {
    let claim = labs.claim(name)?;
    let (url, text) = lab.kubeconfig().map_err(|why| anyhow!(why))?;
    let kubeconfig = claim.write_kubeconfig(&text).context("cannot write the kubeconfig")?;
    let nodes: Vec<String> = lab.nodes().iter().map(|(node, system)| format!("{node} ({system})")).collect();
    writeln!(streams.out, "export KUBECONFIG={}", quoted(&kubeconfig))?;
    streams.out.flush()?;
    writeln!(
        streams.talk,
        "lab `{name}` is up at {url} with {}\nask it from other terminals (kubectl, winlab hns, winlab flow); Ctrl-C ends it",
        nodes.join(", ")
    )?;
    let answers = Standing { lab, name, url: &url, kubeconfig: &kubeconfig };
    Ok(asked(&claim, &answers).await)
}

/// Answers until it is dropped.
async fn asked(claim: &Claim, answers: &Standing<'_>) -> Exit {
    let tidying = async {
        loop {
            answers.lab.clock().sleep(winlab_engine::TIDY_EVERY).await;
            answers.lab.tidy();
        }
    };
    // A socket that fails leaves a lab that kubectl can still reach.
    let serving = async {
        let _ = serve(claim.listener(), answers).await;
        std::future::pending().await
    };
    select(serving.boxed_local(), tidying.boxed_local()).await.factor_first().0
}

/// Ctrl-C, or being asked to end.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let waits = signals.into_iter().filter_map(|kind| signal(kind).ok()).map(|mut signal| {
        async move {
            signal.recv().await;
        }
        .boxed()
    });
    futures::future::select_all(waits.collect::<Vec<_>>()).await;
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+".contains(letter);
    if text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A lab that answers other terminals.
struct Standing<'a> {
    lab: &'a LiveLab<'a>,
    name: &'a str,
    url: &'a str,
    kubeconfig: &'a Path,
}

impl Answers for Standing<'_> {
    fn answer(&self, question: Question) -> LocalBoxFuture<'_, Result<Document, Refusal>> {
        async move { self.said(question).await.map_err(Refusal) }.boxed_local()
    }
}

impl Standing<'_> {
    async fn said(&self, question: Question) -> Result<Document, String> {
        match question {
            Question::Lab => {
                let node = |(name, system): (String, String)| doc!({"name": name, "os": system});
                let nodes: Vec<Document> = self.lab.nodes().into_iter().map(node).collect();
                let kubeconfig = self.kubeconfig.to_string_lossy().into_owned();
                Ok(
                    doc!({"name": (self.name), "server": (self.url), "kubeconfig": kubeconfig, "nodes": nodes}),
                )
            }
            Question::Hns { node, kind } => self.lab.hns(&node, &kind).await.map(Document::from),
            Question::Hcs { node, kind } => self.lab.hcs(&node, &kind).await.map(Document::from),
            Question::Flow { from, to } => {
                let walks = self.lab.flow(&from, &to).await?;
                Document::encode(&walks).map_err(|error| error.to_string())
            }
            Question::Logs => {
                let component = |(node, component, lines): (String, String, Vec<Document>)| doc!({"node": node, "component": component, "lines": lines});
                Ok(self.lab.logs().into_iter().map(component).collect::<Vec<Document>>().into())
            }
        }
    }
}

/// The files of the built-in scenario.
struct BuiltIn;

impl Loader for BuiltIn {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        match path {
            "manifests/first.yaml" => Ok(MANIFEST.to_owned()),
            _ => Err(LoadError { not_found: true, reason: "it is not built in".to_owned() }),
        }
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_built_in_lab_can_be_read() {
        assert!(winlab_scenario::read("first.winlab.yaml", DEFAULT, &BuiltIn).is_ok());
    }

    #[test]
    fn a_path_is_quoted_where_a_shell_would_split_it() {
        assert_eq!(quoted(Path::new("/run/user/1000/winlab/a-b")), "/run/user/1000/winlab/a-b");
        assert_eq!(quoted(Path::new("/tmp/my lab")), "'/tmp/my lab'");
    }
}

//! Builds the programs of others that labs run unmodified: Kubernetes' own, CNI plugins, flannel, containerd, hcsshim's
//! tests, etcd.
//!
//! Each is an ordinary dependency of a Go module of ours below `tests/peers`; nothing of theirs is in this repository.
//! [`table`] says what there is, [`gomod`] writes the modules, [`selection`] reads the command line, [`cache`] is where
//! the programs go and how a second run knows that it has nothing to do, [`go`] is the toolchain.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "modules are files of the repository, and building them is timed"
)]

mod cache;
mod go;
mod gomod;
mod selection;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command};

use self::cache::{Cache, State};
use self::go::Go;
use self::selection::Chosen;
pub(crate) use self::selection::Selection;
use self::table::{Peer, Source};
use crate::runner::root;

/// The options of `cargo xtask peers`.
pub(crate) fn command() -> Command {
    let words = |name: &'static str, value: &'static str, help: &'static str| {
        let arg = Arg::new(name).long(name).value_name(value).value_delimiter(',');
        arg.action(ArgAction::Append).help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("peers")
        .about("The programs of others that labs run unmodified, built from their Go modules (needs Go)")
        .arg(words("only", "NAMES", "Only these programs (`kubelet`) or all of these modules (`cni-v1.9.1`)"))
        .arg(words("kube", "VERSIONS", "Kubernetes versions, or `all`; without it the one that CI runs"))
        .arg(flag("list", "Say what is there, and build nothing").conflicts_with("renew"))
        .arg(flag("renew", "Write the modules' go.mod and go.sum anew from upstream's, and build nothing"))
}

/// `cargo xtask peers` with its options.
pub(crate) fn run(options: &ArgMatches) -> Result<()> {
    let words =
        |name: &str| options.get_many::<String>(name).into_iter().flatten().cloned().collect::<Vec<_>>();
    let selection = Selection { only: words("only"), kube: words("kube") };
    if options.get_flag("renew") {
        let mut folders: Vec<Peer> = Vec::new();
        for chosen in selection.programs()? {
            if folders.iter().all(|peer| peer.folder != chosen.peer.folder) {
                folders.push(chosen.peer);
            }
        }
        return folders.iter().try_for_each(renew);
    }
    let mut plans = Plan::of(selection.programs()?)?;
    if options.get_flag("list") {
        plans.sort_by_key(|plan| plan.program.clone());
        list(&plans);
        return Ok(());
    }
    build(&plans)
}

/// The recipe of CI.
pub(crate) fn build_for_ci() -> Result<()> {
    build(&Plan::of(Selection::of_ci().programs()?)?)
}

/// The recipe of the scheduled workflow.
pub(crate) fn build_all() -> Result<()> {
    build(&Plan::of(Selection::of_full()?)?)
}

/// Whether the Go code that is ours is formatted, and `go vet` has nothing to say.
pub(crate) fn vet() -> Result<()> {
    Go::find()?;
    for chosen in Selection::everything().programs()? {
        if !matches!(chosen.program.source, Source::Ours | Source::OurTests) {
            continue;
        }
        let folder = folder(&chosen.peer);
        let listed = go::formatted_otherwise(&folder)?;
        ensure!(listed.is_empty(), "not as gofmt writes it, in {}: {listed}", folder.display());
        let mut vet = go::go_in(&folder);
        vet.args(["vet", "."]).env("GOOS", chosen.program.os.name()).env("GOARCH", "amd64");
        go::run(vet).with_context(|| format!("in {}", folder.display()))?;
    }
    Ok(())
}

/// How one program is built.
struct Plan {
    chosen: Chosen,
    folder: PathBuf,
    arguments: Vec<String>,
    stamp: String,
    program: PathBuf,
    state: State,
}

impl Plan {
    fn of(chosen: Vec<Chosen>) -> Result<Vec<Self>> {
        let (go, cache) = (Go::find()?, Cache::find()?);
        let plan = |chosen: Chosen| -> Result<Self> {
            let folder = folder(&chosen.peer);
            let manifest = folder.join("go.mod");
            let text = fs::read_to_string(&manifest)
                .with_context(|| format!("{} cannot be read", manifest.display()))?;
            go.require(&text, &chosen.peer.folder)?;
            let arguments = arguments(&chosen);
            let toolchain = chosen.peer.toolchain.unwrap_or(&go.name);
            let stamp = cache::stamp(&folder, toolchain, &arguments)?;
            let state = cache.state(&chosen, &stamp);
            Ok(Self { program: cache.program(&chosen), chosen, folder, arguments, stamp, state })
        };
        chosen.into_iter().map(plan).collect()
    }

    fn build(&self) -> Result<()> {
        let cache = Cache::find()?;
        let new = cache.begin(&self.chosen)?;
        let mut go = match self.chosen.peer.toolchain {
            Some(toolchain) => go::go_of(toolchain, &self.folder),
            None => go::go_in(&self.folder),
        };
        // `go` takes its output before the packages.
        let (package, options) = self.arguments.split_last().context("there is always a package")?;
        go.args(options).arg("-o").arg(&new).arg(package);
        go.env("GOOS", self.chosen.program.os.name()).env("GOARCH", "amd64");
        go::run(go).with_context(|| format!("{} does not build", self.program.display()))?;
        cache.finish(&self.chosen, &new, &self.stamp)
    }
}

/// The arguments of `go`, the package last.
fn arguments(chosen: &Chosen) -> Vec<String> {
    let variables: String =
        chosen.peer.variables.iter().map(|(name, value)| format!(" -X {name}={value}")).collect();
    let (verb, package) = match chosen.program.source {
        Source::Main(package) => (vec!["build".to_owned()], package),
        Source::Tests(package, tag) => {
            (vec!["test".to_owned(), "-c".to_owned(), format!("-tags={tag}")], package)
        }
        Source::Ours => (vec!["build".to_owned()], "."),
        Source::OurTests => (vec!["test".to_owned(), "-c".to_owned()], "."),
    };
    // Without symbols, as upstream's releases are; without our own commit in programs of others.
    let common = ["-trimpath".to_owned(), "-buildvcs=false".to_owned(), format!("-ldflags=-s -w{variables}")];
    verb.into_iter().chain(common).chain([package.to_owned()]).collect()
}

fn build(plans: &[Plan]) -> Result<()> {
    let waiting: Vec<_> = plans.iter().filter(|plan| plan.state != State::Built).collect();
    for plan in &waiting {
        let began = Instant::now();
        eprintln!("==== peers: {} is {}, building it", plan.program.display(), plan.state.word());
        plan.build()?;
        eprintln!("==== peers: {} after {:.0} s", plan.program.display(), began.elapsed().as_secs_f64());
    }
    let there = plans.len() - waiting.len();
    eprintln!("==== peers: {} built, {there} up to date", waiting.len());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the list is this command's data")]
fn list(plans: &[Plan]) {
    for plan in plans {
        println!("{:<7} {}", plan.state.word(), plan.program.display());
    }
}

fn folder(peer: &Peer) -> PathBuf {
    root().join("tests/peers").join(&peer.folder)
}

/// Writes a module's two files anew.
fn renew(peer: &Peer) -> Result<()> {
    let folder = folder(peer);
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let text = gomod::write(peer, &upstreams(peer)?)?;
    fs::write(folder.join("go.mod"), text)?;
    if let Some(imports) = gomod::imports(peer) {
        fs::write(folder.join(gomod::IMPORTS), imports)?;
    }
    // What an older go.sum held would stay in it.
    let _ = fs::remove_file(folder.join("go.sum"));
    let mut go = go::go_in(&folder);
    go.args(["mod", "tidy"]);
    if peer.upstream.is_partial {
        go.arg("-e");
    }
    go::run(go).with_context(|| format!("tests/peers/{} cannot be renewed", peer.folder))?;
    eprintln!("==== peers: wrote tests/peers/{}", peer.folder);
    Ok(())
}

/// The `go.mod` of what a peer builds.
fn upstreams(peer: &Peer) -> Result<String> {
    let upstream = peer.upstream;
    let mut go = go::go_in(Path::new(&root()));
    go.args(["mod", "download", "-json", &format!("{}@{}", upstream.module, upstream.version)]);
    let output = go.output().context("Go does not start")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{} {} cannot be had: {said}", upstream.module, upstream.version);
    let path = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"GoMod\": \"")?.strip_suffix("\","))
        .with_context(|| format!("`go mod download` did not say where go.mod is: {said}"))?;
    fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments_of(word: &str) -> Vec<String> {
        let selection = Selection { only: vec![word.to_owned()], kube: Vec::new() };
        arguments(&selection.programs().unwrap()[0])
    }

    #[test]
    fn programs_say_the_version_they_are() {
        let kubelet = arguments_of("kubelet");
        assert_eq!(kubelet.last().unwrap(), "k8s.io/kubernetes/cmd/kubelet");
        assert!(
            kubelet.iter().any(|word| word.contains("-X k8s.io/component-base/version.gitVersion=v1.34.4 "))
        );
        assert!(arguments_of("ctr").iter().any(|word| word.ends_with("/v2/version.Version=v2.4.2")));
    }

    #[test]
    fn tests_of_others_are_compiled_with_their_tag() {
        let tests = arguments_of("hcsshim-v0.13.0/hcn.test");
        assert_eq!(tests[..3], ["test", "-c", "-tags=integration"]);
    }

    #[test]
    fn every_module_that_the_table_names_is_there() {
        for peer in table::all() {
            let manifest = fs::read_to_string(folder(&peer).join("go.mod")).unwrap_or_default();
            let required = format!("{} {}", peer.upstream.module, peer.upstream.version);
            assert!(manifest.contains(&required), "tests/peers/{} does not require {required}", peer.folder);
        }
    }
}

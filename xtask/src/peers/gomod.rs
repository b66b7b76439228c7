//! A peer's `go.mod`, from the one of what it builds.
//!
//! Kubernetes' module names its staging modules by the version v0.0.0 and finds them in its own tree, which a module
//! that requires it does not have. Each of them is published as v0.MINOR.PATCH, and is replaced by that.

use anyhow::{Context, Result};

use super::table::{Peer, Source};

/// `tool` lines, which keep a program's dependencies in the module, are newer than some of the peers.
const OLDEST_GO_WITH_TOOLS: (u32, u32) = (1, 24);

/// The file of [`imports`].
pub(crate) const IMPORTS: &str = "programs.go";

/// What keeps a program's dependencies in the module where its Go knows no `tool` lines: a file that imports it and is
/// never compiled.
pub(crate) fn imports(peer: &Peer) -> Option<String> {
    peer.toolchain?;
    let imports = tools(peer).into_iter().map(|package| format!("\t_ \"{package}\"\n")).collect::<String>();
    Some(format!(
        "// Written by `cargo xtask peers --renew`.\n\n//go:build tools\n\npackage programs\n\nimport (\n{imports})\n"
    ))
}

/// What a peer's `go.mod` says before `go mod tidy` adds the indirect dependencies.
pub(crate) fn write(peer: &Peer, upstream: &str) -> Result<String> {
    let go = directive(upstream, "go").context("upstream's go.mod has no `go` line")?;
    let has_tools = peer.toolchain.is_none();
    let language = if has_tools && numbers(go) < OLDEST_GO_WITH_TOOLS { "1.24.0" } else { go };
    // How Go's runtime behaves follows from the main module, which is now ours: it says what upstream's says.
    let behaves = directive(upstream, "godebug")
        .and_then(|line| line.strip_prefix("default=").map(str::to_owned))
        .unwrap_or_else(|| {
            let (major, minor) = numbers(go);
            format!("go{major}.{minor}")
        });
    let mut text = format!(
        "// Written by `cargo xtask peers --renew`: `go mod tidy` added what is indirect.\nmodule winlab.invalid/peers/{}\n\n\
         go {language}\n",
        peer.folder
    );
    // A Go of that time behaves as its own version, and does not know the word.
    if has_tools {
        text += &format!("\ngodebug default={behaves}\n");
        let tools = tools(peer);
        if !tools.is_empty() {
            text += &block("tool", tools.into_iter().map(str::to_owned));
        }
    }
    text += &format!("\nrequire {} {}\n", peer.upstream.module, peer.upstream.version);
    let twins = staging(upstream);
    if !twins.is_empty() {
        let released = twin(peer.upstream.version)?;
        let version = |module: &str| {
            let other = peer.twins.iter().find(|(name, _)| *name == module);
            other.map_or(released.as_str(), |(_, version)| version)
        };
        let replaced = |module: &str| format!("{module} => {module} {}", version(module));
        text += &block("replace", twins.into_iter().map(replaced));
    }
    Ok(text)
}

fn tools(peer: &Peer) -> Vec<&'static str> {
    let mut tools: Vec<_> = peer.programs.iter().filter_map(|program| tool(program.source)).collect();
    tools.sort_unstable();
    tools
}

fn tool(source: Source) -> Option<&'static str> {
    match source {
        Source::Main(package) | Source::Tests(package, _) => Some(package),
        // Their imports are in files of ours.
        Source::Ours | Source::OurTests => None,
    }
}

fn block(word: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("\t{line}\n")).collect();
    format!("\n{word} (\n{lines})\n")
}

/// What follows a word at the beginning of a line.
fn directive<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).map(str::trim)
}

/// The modules that are required by the version of no release, sorted.
fn staging(text: &str) -> Vec<&str> {
    let mut modules: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().filter(|word| *word != "require");
            let (module, version) = (words.next()?, words.next()?);
            (version == "v0.0.0" && module.starts_with("k8s.io/")).then_some(module)
        })
        .collect();
    modules.sort_unstable();
    modules
}

/// v1.34.4 is published as v0.34.4.
fn twin(version: &str) -> Result<String> {
    let rest =
        version.strip_prefix("v1.").with_context(|| format!("{version} is no release of Kubernetes"))?;
    Ok(format!("v0.{rest}"))
}

/// `1.22.0` as (1, 22).
fn numbers(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    const UPSTREAM: &str = "module k8s.io/kubernetes

go 1.22.0

require (
\tgithub.com/blang/semver/v4 v4.0.0
\tk8s.io/client-go v0.0.0
\tk8s.io/api v0.0.0
\tk8s.io/klog/v2 v2.130.1
\tk8s.io/kms v0.0.0 // indirect
)

replace (
\tk8s.io/api => ./staging/src/k8s.io/api
)
";

    fn first() -> Peer {
        table::all().remove(0)
    }

    #[test]
    fn staging_modules_are_replaced_by_their_releases() {
        let text = write(&first(), UPSTREAM).unwrap();
        let replaced = "replace (\n\tk8s.io/api => k8s.io/api v0.34.4\n\tk8s.io/client-go => k8s.io/client-go v0.34.4\n\
                        \tk8s.io/kms => k8s.io/kms v0.34.4\n)\n";
        assert!(text.ends_with(replaced), "{text}");
        assert!(text.contains("\nrequire k8s.io/kubernetes v1.34.4\n"), "{text}");
    }

    #[test]
    fn the_runtime_behaves_as_upstream_says_and_tools_are_understood() {
        let text = write(&first(), UPSTREAM).unwrap();
        assert!(text.contains("\ngo 1.24.0\n\ngodebug default=go1.22\n"), "{text}");
        let said = UPSTREAM.replace("go 1.22.0", "go 1.26.1\n\ngodebug default=go1.25");
        let text = write(&first(), &said).unwrap();
        assert!(text.contains("\ngo 1.26.1\n\ngodebug default=go1.25\n"), "{text}");
    }

    #[test]
    fn an_older_go_gets_words_that_it_knows() {
        let peer = table::all().into_iter().find(|peer| peer.release == "v1.31.0").unwrap();
        let text = write(&peer, UPSTREAM).unwrap();
        assert!(
            text.contains("\ngo 1.22.0\n") && !text.contains("tool") && !text.contains("godebug"),
            "{text}"
        );
        let imports = imports(&peer).unwrap();
        assert!(
            imports.contains("\n//go:build tools\n")
                && imports.contains("\t_ \"k8s.io/kubernetes/cmd/kubelet\"\n")
        );
        assert_eq!(super::imports(&first()), None);
    }

    #[test]
    fn a_release_that_the_proxy_lacks_has_a_stand_in() {
        let peer = table::all().into_iter().find(|peer| peer.release == "v1.31.14").unwrap();
        let text = write(&peer, &UPSTREAM.replace("k8s.io/kms", "k8s.io/kube-proxy")).unwrap();
        assert!(text.contains("\tk8s.io/kube-proxy => k8s.io/kube-proxy v0.31.11\n"), "{text}");
        assert!(text.contains("\tk8s.io/api => k8s.io/api v0.31.14\n"), "{text}");
    }

    #[test]
    fn a_module_without_staging_replaces_nothing() {
        let peer = table::all().into_iter().find(|peer| !peer.is_kubernetes()).unwrap();
        assert!(!write(&peer, "module x\n\ngo 1.24.2\n").unwrap().contains("replace"));
    }
}

//! The flags that kubeadm wrote, in the kubelet's command line.
//!
//! On Linux the unit's drop-in takes them from an `EnvironmentFile` into `$KUBELET_KUBEADM_ARGS`; on Windows the script
//! that nssm runs (sig-windows-tools `PrepareNode.ps1`, `StartKubelet.ps1`) reads the same file into
//! `$global:KubeletArgs`. Without the file the words are nothing, and the kubelet says what it misses itself.

use winlab_component::{CommandLine, Context, HostFiles};

/// Where kubeadm writes them.
pub(crate) const FLAGS_FILE: &str = "/var/lib/kubelet/kubeadm-flags.env";
/// The variable in that file.
pub(crate) const VARIABLE: &str = "KUBELET_KUBEADM_ARGS";
/// How the command lines of the two systems name it.
const WORDS: [&str; 2] = ["$KUBELET_KUBEADM_ARGS", "$global:KubeletArgs"];

/// The context with the flags in the place that its command line has for them, if it has one.
pub async fn with_kubeadm_flags(mut context: Context) -> Context {
    let has_place = context.command.arguments().iter().any(|word| WORDS.contains(&word.as_str()));
    if !has_place {
        return context;
    }
    let text = HostFiles::of(&context.machine).read_text(FLAGS_FILE).await.unwrap_or_default();
    let flags = flags(&text);
    let words =
        std::iter::once(context.command.program_name()).chain(context.command.arguments().iter().flat_map(
            |word| {
                if WORDS.contains(&word.as_str()) { flags.clone() } else { vec![word.clone()] }
            },
        ));
    context.command = CommandLine::from_words(words).with_environment_of(&context.command);
    context
}

/// The words of `KUBELET_KUBEADM_ARGS="--a=b --c=d"`.
fn flags(file: &str) -> Vec<String> {
    let value = file.trim().strip_prefix(VARIABLE).and_then(|rest| rest.strip_prefix('='));
    let words = value.map(|value| value.trim_matches('"').split_whitespace().map(str::to_owned));
    words.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::flags;

    #[test]
    fn the_file_holds_one_variable() {
        let text = "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///x --v=4\"\n";
        assert_eq!(flags(text), ["--container-runtime-endpoint=unix:///x", "--v=4"]);
        assert!(flags("").is_empty() && flags("OTHER=1").is_empty());
    }
}

//! Programs by name, their command lines, and how they end.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(
    /// Its exit code; 0 is success.
    pub i32,
);

impl Exit {
    /// It ended because it was asked to, or had nothing more to do.
    pub const SUCCESS: Self = Self(0);
    /// It gave up, as klog's `Fatal` and cobra's error path do.
    pub const FAILURE: Self = Self(1);
}

/// A program's command line: `C:\k\kubelet.exe --config=C:\k\config.yaml --v=4`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    program: String,
    arguments: Vec<String>,
    /// The environment that came with it; none where the service manager gives its own.
    environment: Option<Arc<BTreeMap<String, String>>>,
}

impl CommandLine {
    /// Splits a command line at blanks; double quotes keep blanks together and are removed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut words = Vec::new();
        let (mut word, mut quoted, mut open) = (String::new(), false, false);
        for c in text.chars() {
            match c {
                '"' => (quoted, open) = (!quoted, true),
                c if c.is_whitespace() && !quoted => {
                    if open || !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                    open = false;
                }
                c => word.push(c),
            }
        }
        if open || !word.is_empty() {
            words.push(word);
        }
        Self::from_words(words)
    }

    /// The program and its arguments, word by word.
    #[must_use]
    pub fn from_words(words: impl IntoIterator<Item = String>) -> Self {
        let mut words = words.into_iter();
        Self { program: words.next().unwrap_or_default(), arguments: words.collect(), environment: None }
    }

    /// With the environment of its process, in place of what a service manager would give.
    #[must_use]
    pub fn with_environment(self, environment: BTreeMap<String, String>) -> Self {
        Self { environment: Some(Arc::new(environment)), ..self }
    }

    /// With the environment that another command line has.
    #[must_use]
    pub fn with_environment_of(self, other: &Self) -> Self {
        Self { environment: other.environment.clone(), ..self }
    }

    /// The environment of its process; none where the service manager gives it.
    #[must_use]
    pub fn environment(&self) -> Option<&BTreeMap<String, String>> {
        self.environment.as_deref()
    }

    /// The program's name without folder and `.exe`, in lower case: `kubelet`.
    #[must_use]
    pub fn program_name(&self) -> String {
        let name = self.program.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        name.strip_suffix(".exe").unwrap_or(&name).to_owned()
    }

    /// The program as it was written, with its folder.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The words after the program.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// The value of `--name=value`, `--name value` or `-name=value`; the last one wins; `""` for a bare flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        let mut found = None;
        for (at, word) in self.arguments.iter().enumerate() {
            let Some(bare) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
            if let Some(value) = bare.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
                found = Some(value);
            } else if bare == name {
                let next = self.arguments.get(at + 1).filter(|next| !next.starts_with('-'));
                found = Some(next.map_or("", String::as_str));
            }
        }
        found
    }

    /// Whether a boolean flag is set: `--name`, `--name=true`.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.flag(name).is_some_and(|value| !value.eq_ignore_ascii_case("false"))
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|word| write!(f, " {word}"))
    }
}

type Run = Arc<dyn Fn(Context) -> BoxFuture<'static, Exit> + Send + Sync>;

/// The programs a lab knows, by name: what an executable's machine code is on a real node.
#[derive(Clone, Default)]
pub struct Programs(BTreeMap<String, Run>);

impl Programs {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more: `run` is what happens when a service manager starts a command line with this program name.
    #[must_use]
    pub fn with<F, R>(mut self, name: &str, run: R) -> Self
    where
        F: Future<Output = Exit> + Send + 'static,
        R: Fn(Context) -> F + Send + Sync + 'static,
    {
        self.0.insert(name.to_owned(), Arc::new(move |context| Box::pin(run(context))));
        self
    }

    /// These, and where there is one of the same name in `others`, that one in its place.
    #[must_use]
    pub fn replaced_by(mut self, others: &Self) -> Self {
        self.0.extend(others.0.iter().map(|(name, run)| (name.clone(), run.clone())));
        self
    }

    /// Starts a program, if there is one of this name.
    #[must_use]
    pub fn start(&self, name: &str, context: Context) -> Option<BoxFuture<'static, Exit>> {
        self.0.get(name).map(|run| run(context))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Debug for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::CommandLine;

    #[test]
    fn words_and_flags() {
        let line = CommandLine::parse(
            r#""C:\Program Files\k\Kubelet.exe" --config=C:\k\c.yaml --v 4 --resolv-conf="" --windows-service -cert-dir="C:\a b""#,
        );
        assert_eq!(line.program_name(), "kubelet");
        assert_eq!(line.flag("config"), Some(r"C:\k\c.yaml"));
        assert_eq!(line.flag("v"), Some("4"));
        assert_eq!(line.flag("resolv-conf"), Some(""));
        assert_eq!(line.flag("cert-dir"), Some(r"C:\a b"));
        assert!(line.is_set("windows-service") && !line.is_set("nothing"));
        assert_eq!(line.flag("conf"), None);
        assert_eq!(CommandLine::parse("/usr/bin/flanneld").program_name(), "flanneld");
    }
}

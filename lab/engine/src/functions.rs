//! Functions of the boundary's services that a fault names: one that there is not would never be called.

use winlab_host::{Call as _, CallMatch, compute, linux, network, system};
use winlab_scenario::{Diagnostic, Spanned, did_you_mean};

/// A hint names at most so many functions.
const MOST_NAMED: usize = 4;

/// Services whose calls a fault can be about, with their functions.
fn services() -> [(&'static str, &'static [&'static str]); 4] {
    [
        ("hns", network::Call::functions()),
        ("hcs", compute::Call::functions()),
        ("system", system::Call::functions()),
        ("linux", linux::Call::functions()),
    ]
}

/// What is wrong with a pattern over the functions of `part`, if it covers none of them.
pub(crate) fn unknown_function(part: &str, pattern: &Spanned<String>) -> Option<Diagnostic> {
    let services = services();
    let (_, functions) = services.iter().find(|(service, _)| *service == part)?;
    let wanted = CallMatch::function(pattern.value.as_str());
    let covered = |functions: &&[&str]| functions.iter().any(|function| wanted.covers(function));
    if covered(functions) {
        return None;
    }
    let message = format!("`{part}` has no function `{}`", pattern.value);
    let other = services.iter().find(|(_, functions)| covered(functions));
    let hint = match (meant(&pattern.value, functions), other) {
        (_, Some((service, _))) => format!("it is a function of `{service}`"),
        (Some(near), None) => format!("did you mean `{near}`?"),
        (None, None) => format!("its functions are {} …", functions[..MOST_NAMED].join(", ")),
    };
    Some(Diagnostic::error("unknown-function", pattern.span, message).hint(hint))
}

/// The nearest function, or the pattern that would cover it.
fn meant(pattern: &str, functions: &[&'static str]) -> Option<String> {
    let Some((head, tail)) = pattern.split_once('*') else {
        return did_you_mean(pattern, functions.iter().copied()).map(str::to_owned);
    };
    let heads = functions.iter().filter_map(|function| function.get(..head.len()));
    let tails =
        functions.iter().filter_map(|function| function.get(function.len().checked_sub(tail.len())?..));
    let near = |word: &str, known: Vec<&'static str>| match word {
        "" => Some(""),
        word => did_you_mean(word, known),
    };
    let pattern = format!("{}*{}", near(head, heads.collect())?, near(tail, tails.collect())?);
    let wanted = CallMatch::function(pattern.as_str());
    functions.iter().any(|function| wanted.covers(function)).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use winlab_scenario::{FileId, Span};

    use super::*;

    fn hint(part: &str, pattern: &str) -> Option<String> {
        let pattern = Spanned::new(pattern.to_owned(), Span::start_of(FileId::SCENARIO));
        unknown_function(part, &pattern).map(|problem| problem.hint.unwrap_or_default())
    }

    #[test]
    fn a_pattern_covers_a_function_or_is_told() {
        for (part, pattern) in
            [("hns", "HcnCreateEndpoint"), ("hns", "*"), ("hcs", "HcsCreate*"), ("linux", "*-restore")]
        {
            assert_eq!(hint(part, pattern), None, "{part} {pattern}");
        }
        for (part, pattern, told) in [
            ("hns", "HcnCreateLoadBalncer", "did you mean `HcnCreateLoadBalancer`?"),
            ("hns", "HcnCraete*", "did you mean `HcnCreate*`?"),
            ("hns", "Hcn*Endpiont", "did you mean `Hcn*Endpoint`?"),
            ("hcs", "HcnCreateNetwork", "it is a function of `hns`"),
        ] {
            assert_eq!(hint(part, pattern).as_deref(), Some(told), "{part} {pattern}");
        }
        assert!(hint("hns", "nothing").is_some_and(|hint| hint.starts_with("its functions are Hcn")));
    }
}

//! `$(NAME)` in commands, arguments and variables (`third_party/forked/golang/expansion`).

use std::collections::BTreeMap;

use winlab_kube_client::k8s::core::Container;

/// Replaces `$(NAME)` by the variable's value. An unknown name stays as it is; `$$` stands for one dollar sign.
pub(crate) fn expand(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((name, tail)) = after.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            match value(name) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = tail;
        } else {
            out.push('$');
            rest = after;
        }
    }
    out + rest
}

/// All of a list.
pub(crate) fn expand_all(texts: &[String], env: &BTreeMap<String, String>) -> Vec<String> {
    texts.iter().map(|text| expand(text, &|name| env.get(name).cloned())).collect()
}

/// A probe's command: only variables with a plain value count.
pub(crate) fn static_command(command: &[String], container: &Container) -> Vec<String> {
    let env = container.env.iter().flatten();
    let env = env.map(|var| (var.name.clone(), var.value.clone().unwrap_or_default())).collect();
    expand_all(command, &env)
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn names_are_replaced_and_dollars_escaped() {
        let value = |name: &str| (name == "A").then(|| "1".to_owned());
        for (text, expected) in
            [("x$(A)y", "x1y"), ("$(B)", "$(B)"), ("$$(A)", "$(A)"), ("$A $(A", "$A $(A"), ("$", "$")]
        {
            assert_eq!(expand(text, &value), expected, "{text}");
        }
    }
}

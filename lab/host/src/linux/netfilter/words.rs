//! The words of one line: blanks part them, double quotes hold them together, a backslash keeps the next character.

/// The words of a line.
///
/// # Errors
/// The text of `iptables-restore` for a quote that is not closed.
pub(super) fn split(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut open, mut quoted) = (Vec::new(), String::new(), false, false);
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' if quoted => {
                word.extend(characters.next());
            }
            '"' => {
                quoted = !quoted;
                open = true;
            }
            ' ' | '\t' if !quoted => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(c),
        }
    }
    if quoted {
        return Err("Unterminated quoted parameter".into());
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

/// A value as `iptables-save` writes it: bare where only letters, digits, `_` and `-` are in it, else quoted (iptables
/// `libxtables/xtables.c`, `xtables_save_string`).
pub(super) fn quote(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '\'') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

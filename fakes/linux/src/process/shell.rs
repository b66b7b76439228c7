//! `sh -c`: commands joined by `;`, `&&` and `||`, quotes, and variables. Anything more is not modelled.

use winlab_clock::VirtualSpan;

use super::commands::{Finished, Surroundings, run as run_command};

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Always,
    IfOk,
    IfFailed,
}

/// Runs a script; none if something in it is not modelled.
pub(super) fn run(at: &Surroundings<'_>, script: &str) -> Option<Finished> {
    let tokens = tokens(at, script)?;
    let mut total = Finished::default();
    let mut go = true;
    let mut command: Vec<String> = Vec::new();
    for token in tokens.into_iter().chain([Token::Always]) {
        let Token::Word(word) = token else {
            if go && !command.is_empty() {
                let finished = one(at, &command)?;
                total.output.push_str(&finished.output);
                total.errors.push_str(&finished.errors);
                total.writes.extend(finished.writes);
                total.code = finished.code;
                total.lasts = total.lasts.zip(finished.lasts).map(|(a, b): (VirtualSpan, _)| a + b);
                if total.lasts.is_none() {
                    return Some(total);
                }
            }
            command.clear();
            go = match token {
                Token::IfOk => total.code == 0,
                Token::IfFailed => total.code != 0,
                Token::Always | Token::Word(_) => true,
            };
            continue;
        };
        command.push(word);
    }
    Some(total)
}

fn one(at: &Surroundings<'_>, command: &[String]) -> Option<Finished> {
    match command {
        [exit] if exit == "exit" => Some(Finished::default()),
        [exec, rest @ ..] if exec == "exec" => run_command(at, rest),
        _ => run_command(at, command),
    }
}

fn tokens(at: &Surroundings<'_>, script: &str) -> Option<Vec<Token>> {
    let (mut tokens, mut word, mut open) = (Vec::new(), String::new(), false);
    let mut characters = script.chars().peekable();
    let close = |tokens: &mut Vec<Token>, word: &mut String, open: &mut bool| {
        if std::mem::take(open) || !word.is_empty() {
            tokens.push(Token::Word(std::mem::take(word)));
        }
    };
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' => close(&mut tokens, &mut word, &mut open),
            ';' | '\n' => {
                close(&mut tokens, &mut word, &mut open);
                tokens.push(Token::Always);
            }
            '&' | '|' if characters.peek() == Some(&c) => {
                characters.next();
                close(&mut tokens, &mut word, &mut open);
                tokens.push(if c == '&' { Token::IfOk } else { Token::IfFailed });
            }
            '\'' => {
                open = true;
                word.extend(characters.by_ref().take_while(|c| *c != '\''));
            }
            '"' => {
                open = true;
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => word.extend(characters.next()),
                        '$' => word.push_str(&variable(at, &mut characters)?),
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.extend(characters.next()),
            '$' => word.push_str(&variable(at, &mut characters)?),
            // Pipes, background, redirection, globs, groups, comments.
            '|' | '&' | '>' | '<' | '*' | '?' | '(' | ')' | '{' | '}' | '`' | '#' | '[' => return None,
            c => word.push(c),
        }
    }
    close(&mut tokens, &mut word, &mut open);
    Some(tokens)
}

/// The value of what stands behind a `$`; none for more than a plain name.
fn variable(
    at: &Surroundings<'_>,
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Option<String> {
    let braced = characters.next_if_eq(&'{').is_some();
    let mut name = String::new();
    while let Some(c) = characters.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
        name.push(c);
    }
    if name.is_empty() || braced && characters.next() != Some('}') {
        return None;
    }
    Some(at.environment.get(&name).cloned().unwrap_or_default())
}

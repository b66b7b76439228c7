//! `iptables-restore`.

use std::collections::BTreeSet;
use std::fmt;

use super::parse;
use super::rule::Rule;
use super::tables::{Chain, Netfilter, Policy, Table, TableName};
use super::words::split;

/// How `iptables-restore` refuses its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreError {
    /// The line, from 1.
    pub line: usize,
    /// What it says about it; empty where the kernel refused and nothing more is known.
    pub problem: String,
}

impl fmt::Display for RestoreError {
    /// The text on standard error, as iptables 1.8.9 writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        if self.problem.is_empty() {
            return write!(f, "iptables-restore: line {line} failed");
        }
        write!(
            f,
            "iptables-restore v1.8.9 (legacy): {}\nError occurred at line: {line}\nTry `iptables-restore -h' or \
             'iptables-restore --help' for more information.",
            self.problem
        )
    }
}

impl std::error::Error for RestoreError {}

/// A chain's name has to leave room for a terminating zero in 29 bytes.
const LONGEST_CHAIN_NAME: usize = 28;

impl Netfilter {
    /// Loads text in `iptables-save` form. Each table is committed as a whole at its `COMMIT`; one that fails leaves
    /// itself and all later ones as they were. Without `noflush` a table's chains are emptied and removed first; with
    /// it only the chains that the text declares, and of the built-in ones not even those (iptables
    /// `iptables/iptables-restore.c`).
    ///
    /// # Errors
    /// [`RestoreError`] with the line.
    pub fn restore(&mut self, text: &str, noflush: bool) -> Result<(), RestoreError> {
        let mut open: Option<Table> = None;
        let mut last = 0;
        for (number, line) in (1..).zip(text.lines()) {
            last = number;
            let line = line.trim();
            let fail = |problem: String| RestoreError { line: number, problem };
            match (line.chars().next(), &mut open) {
                (None | Some('#'), _) => {}
                (Some('*'), None) => {
                    let name = line[1..].trim();
                    let name = TableName::named(name).ok_or_else(|| {
                        fail(format!("can't initialize iptables table `{name}': Table does not exist"))
                    })?;
                    let known = self.table(name).cloned().unwrap_or_else(|| Table::new(name));
                    open = Some(if noflush { known } else { emptied(known) });
                }
                (Some('C'), Some(table)) if line == "COMMIT" => {
                    check(table).map_err(fail)?;
                    self.put(table.clone());
                    open = None;
                }
                (Some(':'), Some(table)) => declare(table, &line[1..], noflush).map_err(fail)?,
                (Some('-'), Some(table)) => {
                    let words = split(line).map_err(fail)?;
                    command(table, &words).map_err(fail)?;
                }
                (Some(_), _) => return Err(fail(String::new())),
            }
        }
        if open.is_some() {
            return Err(RestoreError {
                line: last,
                problem: format!("COMMIT expected at line {}", last + 1),
            });
        }
        Ok(())
    }
}

fn emptied(mut table: Table) -> Table {
    let name = table.name;
    table.chains.retain(|chain, _| name.hooks().iter().any(|hook| hook.chain() == chain));
    for chain in table.chains.values_mut() {
        chain.rules.clear();
    }
    table
}

/// `:NAME POLICY [packets:bytes]`
fn declare(table: &mut Table, text: &str, noflush: bool) -> Result<(), String> {
    let mut words = text.split_whitespace();
    let (name, policy) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if table.is_built_in(name) {
        let chain = table.chains.entry(name.to_owned()).or_default();
        match policy {
            "ACCEPT" => chain.policy = Some(Policy::Accept),
            "DROP" => chain.policy = Some(Policy::Drop),
            "-" => {}
            _ => return Err(format!("Can't set policy `{policy}' on `{name}' line: Bad policy name")),
        }
        return Ok(());
    }
    well_named(name)?;
    if policy != "-" {
        return Err(format!("Can't set policy `{policy}' on `{name}' line: Bad built-in chain name"));
    }
    if table.chains.contains_key(name) && !noflush {
        return Err(String::new());
    }
    table.chains.insert(name.to_owned(), Chain::default());
    Ok(())
}

fn well_named(name: &str) -> Result<(), String> {
    if name.len() > LONGEST_CHAIN_NAME {
        return Err(format!("chain name `{name}' too long (must be under {} chars)", LONGEST_CHAIN_NAME + 1));
    }
    if name.is_empty() || name.starts_with(['-', '!']) {
        return Err("chain name not allowed to start with `-'".into());
    }
    Ok(())
}

/// `-A`, `-I`, `-D`, `-F`, `-X`, `-N`, `-P` with their arguments.
fn command(table: &mut Table, words: &[String]) -> Result<(), String> {
    let Some((verb, arguments)) = words.split_first() else { return Ok(()) };
    let chain = arguments.first().cloned().unwrap_or_default();
    let rest = arguments.get(1..).unwrap_or_default();
    match verb.as_str() {
        "-A" | "--append" => {
            let rule = checked(table, rest)?;
            rules(table, &chain)?.push(rule);
        }
        "-I" | "--insert" => {
            let place = rest.first().and_then(|word| word.parse::<usize>().ok());
            let rule = checked(table, if place.is_some() { &rest[1..] } else { rest })?;
            let rules = rules(table, &chain)?;
            let at = place.unwrap_or(1).checked_sub(1).filter(|at| *at <= rules.len()).ok_or("")?;
            rules.insert(at, rule);
        }
        "-D" | "--delete" => {
            let place = rest.first().and_then(|word| word.parse::<usize>().ok());
            let rule = if place.is_some() { None } else { Some(checked(table, rest)?) };
            let rules = rules(table, &chain)?;
            let at = match rule {
                Some(rule) => rules.iter().position(|known| *known == rule),
                None => place.and_then(|n| n.checked_sub(1)).filter(|at| *at < rules.len()),
            };
            rules.remove(at.ok_or("")?);
        }
        "-F" | "--flush" if chain.is_empty() => {
            table.chains.values_mut().for_each(|chain| chain.rules.clear());
        }
        "-F" | "--flush" => rules(table, &chain)?.clear(),
        "-N" | "--new-chain" => {
            well_named(&chain)?;
            if table.chains.contains_key(&chain) {
                return Err(String::new());
            }
            table.chains.insert(chain, Chain::default());
        }
        "-X" | "--delete-chain" => remove_chain(table, &chain)?,
        "-P" | "--policy" => {
            let policy = rest.first().map(String::as_str).unwrap_or_default();
            if !table.is_built_in(&chain) {
                return Err(String::new());
            }
            declare(table, &format!("{chain} {policy}"), true)?;
        }
        _ => return Err(format!("unknown option \"{verb}\"")),
    }
    Ok(())
}

fn rules<'a>(table: &'a mut Table, chain: &str) -> Result<&'a mut Vec<Rule>, String> {
    table.chains.get_mut(chain).map(|chain| &mut chain.rules).ok_or_else(String::new)
}

/// A rule whose chain of destination is there, and whose target the table takes.
fn checked(table: &Table, words: &[String]) -> Result<Rule, String> {
    let rule = parse::rule(words)?;
    if let Some(chain) = rule.target.chain()
        && !table.chains.contains_key(chain)
    {
        return Err(format!("Couldn't load target `{chain}':No such file or directory\n"));
    }
    Ok(rule)
}

fn remove_chain(table: &mut Table, name: &str) -> Result<(), String> {
    if name.is_empty() {
        let hooks = table.name.hooks();
        table.chains.retain(|chain, _| hooks.iter().any(|hook| hook.chain() == chain));
        return Ok(());
    }
    let removable = !table.is_built_in(name)
        && table.chains.get(name).is_some_and(|chain| chain.rules.is_empty())
        && table.caller_of(name).is_none();
    if !removable {
        return Err(String::new());
    }
    table.chains.remove(name);
    Ok(())
}

/// What the kernel checks at `COMMIT`: targets in their table, jumps that end.
fn check(table: &Table) -> Result<(), String> {
    use super::target::Target;
    for rule in table.chains.values().flat_map(|chain| &chain.rules) {
        let fits = match rule.target {
            Target::Dnat { .. } | Target::Snat { .. } | Target::Masquerade { .. } => {
                table.name == TableName::Nat
            }
            Target::Reject { .. } => table.name == TableName::Filter,
            _ => rule.target.chain().is_none_or(|chain| table.chains.contains_key(chain)),
        };
        if !fits {
            return Err(String::new());
        }
    }
    let mut done = BTreeSet::new();
    for name in table.chains.keys() {
        follow(table, name, &mut Vec::new(), &mut done)?;
    }
    Ok(())
}

fn follow<'a>(
    table: &'a Table,
    name: &'a str,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Result<(), String> {
    if done.contains(name) {
        return Ok(());
    }
    if path.contains(&name) {
        return Err(String::new());
    }
    path.push(name);
    for rule in table.chains.get(name).map(|chain| chain.rules.as_slice()).unwrap_or_default() {
        if let Some(next) = rule.target.chain() {
            follow(table, next, path, done)?;
        }
    }
    path.pop();
    done.insert(name);
    Ok(())
}

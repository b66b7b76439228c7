//! Queries and their counters.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use winlab_shim::json::{Json, Object};
use winlab_shim::wire::Service;

use crate::Status;

/// The query has no counters.
const NO_DATA: Status = 0x8000_07d5;
const NO_MACHINE: Status = 0x8000_07d0;
const NO_COUNTER: Status = 0xc000_0bb9;
/// A counter that has not been read, or whose instance is gone.
pub(crate) const INVALID_DATA: Status = 0xc000_0bc6;
const INVALID_HANDLE: Status = 0xc000_0bbc;
const BAD_COUNTERNAME: Status = 0xc000_0bc0;

/// Instances with their values; one without a name where the path has none.
type Values = Vec<(String, f64)>;

#[derive(Debug)]
struct Counter {
    query: usize,
    path: String,
    values: Option<Values>,
}

#[derive(Debug, Default)]
struct Table {
    last: usize,
    queries: Vec<usize>,
    counters: BTreeMap<usize, Counter>,
}

impl Table {
    fn next(&mut self) -> usize {
        self.last += 16;
        0x1_0000 + self.last
    }

    fn check(&self, query: usize) -> Result<(), Status> {
        if self.queries.contains(&query) {
            Ok(())
        } else {
            Err(INVALID_HANDLE)
        }
    }
}

static TABLE: Mutex<Option<Table>> = Mutex::new(None);

fn with<T>(work: impl FnOnce(&mut Table) -> T) -> T {
    let mut table: MutexGuard<'_, Option<Table>> = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    work(table.get_or_insert_with(Table::default))
}

/// A new query's handle.
pub(crate) fn open() -> usize {
    with(|table| {
        let query = table.next();
        table.queries.push(query);
        query
    })
}

pub(crate) fn close(query: usize) -> Result<(), Status> {
    with(|table| {
        table.check(query)?;
        table.queries.retain(|other| *other != query);
        table.counters.retain(|_, counter| counter.query != query);
        Ok(())
    })
}

/// Adds a counter that the host has. What matches a wildcard is found out when the query is collected.
pub(crate) fn add(query: usize, path: &str) -> Result<usize, Status> {
    with(|table| table.check(query))?;
    validate(path)?;
    with(|table| {
        let handle = table.next();
        table.counters.insert(handle, Counter { query, path: path.to_owned(), values: None });
        Ok(handle)
    })
}

pub(crate) fn remove(counter: usize) -> Result<(), Status> {
    with(|table| table.counters.remove(&counter)).map(drop).ok_or(INVALID_HANDLE)
}

/// Whether the host has a counter of that path: `\Object(Instance)\Counter`.
pub(crate) fn validate(path: &str) -> Result<(), Status> {
    if !path.starts_with('\\') || path.matches('\\').count() < 2 {
        return Err(BAD_COUNTERNAME);
    }
    if path.contains('*') {
        return Ok(());
    }
    let found = ask(&[path.to_owned()])?;
    if found.contains_key(path) {
        Ok(())
    } else {
        Err(NO_COUNTER)
    }
}

pub(crate) fn collect(query: usize) -> Result<(), Status> {
    let paths: Vec<String> = with(|table| -> Result<_, Status> {
        table.check(query)?;
        Ok(table.counters.values().filter(|one| one.query == query).map(|one| one.path.clone()).collect())
    })?;
    if paths.is_empty() {
        return Err(NO_DATA);
    }
    let mut found = ask(&paths)?;
    with(|table| {
        for counter in table.counters.values_mut().filter(|one| one.query == query) {
            let nothing = if counter.path.contains('*') { Some(Vec::new()) } else { None };
            counter.values = found.remove(&counter.path).or(nothing);
        }
    });
    Ok(())
}

/// What a counter read last.
pub(crate) fn values(counter: usize) -> Result<Values, Status> {
    with(|table| {
        let counter = table.counters.get(&counter).ok_or(INVALID_HANDLE)?;
        counter.values.clone().ok_or(INVALID_DATA)
    })
}

/// The host's values by path; what it does not have is missing.
fn ask(paths: &[String]) -> Result<BTreeMap<String, Values>, Status> {
    let arguments = Object::new().strings("paths", paths);
    let result = Service::System.call("PdhCollectQueryData", arguments).map_err(|_| NO_MACHINE)?;
    let json = Json::parse(&result).ok_or(NO_MACHINE)?;
    let values = |json: Json<'_>| match json.as_f64() {
        Some(number) => vec![(String::new(), number)],
        None => json.members().filter_map(|(name, json)| Some((name, json.as_f64()?))).collect(),
    };
    Ok(json.members().map(|(path, json)| (path, values(json))).collect())
}

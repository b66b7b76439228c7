//! glibc's resolver: `resolv.conf` with its search list and `ndots` (resolv.conf(5)).

use std::net::IpAddr;

use winlab_host::LinuxDataPlane;

use crate::verdict::ObjectKind;
use crate::walk::{Object, Plan};

/// A name with so many dots is tried as it is first.
const DEFAULT_NDOTS: usize = 1;
/// What the C library reads at most.
const MOST_SERVERS: usize = 3;

pub(crate) fn plan(plane: &LinuxDataPlane, container: &str, name: &str) -> Plan {
    let text = plane.resolv_conf.get(container).map_or("", String::as_str);
    let object = Object::named(ObjectKind::Resolver, "/etc/resolv.conf");
    let (mut servers, mut search, mut ndots) = (Vec::new(), Vec::new(), DEFAULT_NDOTS);
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => servers.extend(words.next().and_then(|word| word.parse::<IpAddr>().ok())),
            Some("search") => search = words.map(str::to_owned).collect(),
            Some("domain") => search = words.take(1).map(str::to_owned).collect(),
            Some("options") => {
                let given = words.filter_map(|word| word.strip_prefix("ndots:"));
                ndots = given.filter_map(|n| n.parse().ok()).next_back().unwrap_or(ndots);
            }
            _ => {}
        }
    }
    servers.truncate(MOST_SERVERS);
    let bare = name.trim_end_matches('.').to_ascii_lowercase();
    if name.ends_with('.') {
        return Plan { names: vec![bare], servers, object, why: "it ends with a dot".into() };
    }
    let dots = bare.matches('.').count();
    let searched =
        search.iter().map(|suffix| format!("{bare}.{}", suffix.trim_matches('.').to_ascii_lowercase()));
    let mut names: Vec<String> = searched.collect();
    let first = dots >= ndots;
    names.insert(if first { 0 } else { names.len() }, bare);
    let order = if first { "as it is first" } else { "search list first" };
    Plan { names, servers, object, why: format!("ndots:{ndots}, {order}") }
}

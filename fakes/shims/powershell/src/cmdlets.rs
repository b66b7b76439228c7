//! The cmdlets of the module NetTCPIP that are modelled, with the parameters they take.

use crate::host;
use crate::object::{Object, Value};
use crate::pipeline::not_recognized;

/// A cmdlet's parameters: names in lower case, with values; a switch has none.
struct Parameters<'a> {
    cmdlet: &'a str,
    given: Vec<(String, Option<&'a str>)>,
}

impl<'a> Parameters<'a> {
    /// Reads what follows the cmdlet; only parameters among `known` are.
    fn read(words: &'a [String], known: &[&str]) -> Result<Self, String> {
        let (cmdlet, mut given, mut rest) = (words[0].as_str(), Vec::new(), words[1..].iter().peekable());
        while let Some(word) = rest.next() {
            let name = word.strip_prefix('-').map(str::to_ascii_lowercase);
            let (name, inline) = match name {
                // `-Confirm:$false`
                Some(name) => match name.split_once(':') {
                    Some((name, _)) => (name.to_owned(), true),
                    None => (name, false),
                },
                None => return Err(format!("A positional parameter cannot be found that accepts argument '{}'.", word)),
            };
            if !known.contains(&name.as_str()) {
                return Err(format!("A parameter cannot be found that matches parameter name '{}'.", name));
            }
            let takes = !inline && rest.peek().map_or(false, |next| !next.starts_with('-'));
            let value = if takes { rest.next().map(String::as_str) } else { None };
            given.push((name, value));
        }
        Ok(Self { cmdlet, given })
    }

    fn get(&self, names: &[&str]) -> Option<&'a str> {
        self.given.iter().find(|(name, _)| names.contains(&name.as_str())).and_then(|(_, value)| *value)
    }

    fn require(&self, names: &[&str]) -> Result<&'a str, String> {
        self.get(names).ok_or_else(|| {
            format!("{}: Cannot process command because of one or more missing mandatory parameters: {}.", self.cmdlet, names[0])
        })
    }

    fn index(&self) -> Result<Option<u64>, String> {
        match self.get(&["interfaceindex", "ifindex"]) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                format!("Cannot process argument transformation on parameter 'InterfaceIndex': \"{}\".", text)
            }),
        }
    }
}

/// Runs a cmdlet, the first of the words.
pub(crate) fn run(words: &[String]) -> Result<Vec<Object>, String> {
    let name = words.first().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
    match name.as_str() {
        "get-netroute" => get_route(&Parameters::read(words, &["interfaceindex", "ifindex", "destinationprefix"])?),
        "new-netroute" => new_route(&Parameters::read(words, &["interfaceindex", "ifindex", "destinationprefix", "nexthop"])?),
        "remove-netroute" => remove_route(&Parameters::read(
            words,
            &["interfaceindex", "ifindex", "destinationprefix", "nexthop", "verbose", "confirm"],
        )?),
        "get-netipinterface" => get_interface(&Parameters::read(words, &["interfaceindex", "ifindex", "addressfamily"])?),
        "set-netipinterface" => set_interface(&Parameters::read(
            words,
            &["interfaceindex", "ifindex", "addressfamily", "forwarding"],
        )?),
        _ => Err(not_recognized(words.first().map(String::as_str).unwrap_or_default())),
    }
}

fn get_route(parameters: &Parameters<'_>) -> Result<Vec<Object>, String> {
    let (index, prefix) = (parameters.index()?, parameters.get(&["destinationprefix"]));
    let mut routes = host::routes()?;
    routes.retain(|route| index.map_or(true, |index| route.index == index));
    routes.retain(|route| prefix.map_or(true, |prefix| route.destination == prefix));
    if routes.is_empty() && (index.is_some() || prefix.is_some()) {
        let (property, value) = match (prefix, index) {
            (Some(prefix), _) => ("DestinationPrefix", prefix.to_owned()),
            (None, index) => ("InterfaceIndex", index.unwrap_or_default().to_string()),
        };
        return Err(none_found("MSFT_NetRoute", property, &value));
    }
    Ok(routes.into_iter().map(host::Route::object).collect())
}

fn none_found(class: &str, property: &str, value: &str) -> String {
    format!(
        "No {} objects found with property '{}' equal to '{}'.  Verify the value of the property and retry.",
        class, property, value
    )
}

fn new_route(parameters: &Parameters<'_>) -> Result<Vec<Object>, String> {
    let index = parameters.index()?;
    let route = host::Route {
        index: index.ok_or("New-NetRoute needs -InterfaceIndex here.")?,
        destination: parameters.require(&["destinationprefix"])?.to_owned(),
        next_hop: parameters.get(&["nexthop"]).unwrap_or(host::ON_LINK).to_owned(),
        metric: host::METRIC,
    };
    host::create(&route)?;
    Ok(vec![route.object()])
}

fn remove_route(parameters: &Parameters<'_>) -> Result<Vec<Object>, String> {
    let (index, prefix) = (parameters.index()?, parameters.require(&["destinationprefix"])?);
    let next_hop = parameters.get(&["nexthop"]);
    let mut routes = host::routes()?;
    routes.retain(|route| {
        route.destination == prefix
            && index.map_or(true, |index| route.index == index)
            && next_hop.map_or(true, |next_hop| route.next_hop == next_hop)
    });
    if routes.is_empty() {
        return Err(none_found("MSFT_NetRoute", "DestinationPrefix", prefix));
    }
    routes.iter().try_for_each(host::delete)?;
    Ok(Vec::new())
}

/// `Forwarding` of MSFT_NetIPInterface: an enumeration, which JSON shows as its number.
const ENABLED: u64 = 1;
const DISABLED: u64 = 2;

fn get_interface(parameters: &Parameters<'_>) -> Result<Vec<Object>, String> {
    let index = parameters.index()?.ok_or("Get-NetIPInterface needs -ifIndex here.")?;
    let forwarding = if host::forwards(index)? { ENABLED } else { DISABLED };
    Ok(vec![Object(vec![("ifIndex", Value::Number(index)), ("Forwarding", Value::Number(forwarding))])])
}

fn set_interface(parameters: &Parameters<'_>) -> Result<Vec<Object>, String> {
    let index = parameters.index()?.ok_or("Set-NetIPInterface needs -ifIndex here.")?;
    match parameters.require(&["forwarding"])?.to_ascii_lowercase().as_str() {
        "enabled" => host::set_forwarding(index, true)?,
        "disabled" => host::set_forwarding(index, false)?,
        other => return Err(format!("Cannot convert value \"{}\" to type Forwarding.", other)),
    }
    Ok(Vec::new())
}

//! The fake host's routes and forwarding, over the wire.
//!
//! The program that asks knows interfaces by the indices that Wine gives it, the host by the adapters' names: what ties
//! them together is the address that both have ([`crate::adapters`]).

use winlab_shim::fault::Fault;
use winlab_shim::json::{Json, Object as Arguments};
use winlab_shim::wire::Service;

use crate::adapters::Adapters;
use crate::object::{Object, Value};

/// `New-NetRoute`'s metric unless told otherwise.
pub(crate) const METRIC: u64 = 256;
/// The next hop of what is on the link.
pub(crate) const ON_LINK: &str = "0.0.0.0";

/// `MSFT_NetRoute`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) index: u64,
    pub(crate) destination: String,
    pub(crate) next_hop: String,
    pub(crate) metric: u64,
}

impl Route {
    /// The properties that are shown and selected.
    pub(crate) fn object(self) -> Object {
        Object(vec![
            ("ifIndex", Value::Number(self.index)),
            ("InterfaceIndex", Value::Number(self.index)),
            ("DestinationPrefix", Value::Text(self.destination)),
            ("NextHop", Value::Text(self.next_hop)),
            ("RouteMetric", Value::Number(self.metric)),
        ])
    }

    /// As the wire has it.
    fn arguments(&self, adapters: &Adapters) -> Result<Arguments, String> {
        let device = adapters.name(self.index)?;
        let route = Arguments::new().string("destination", &self.destination);
        let route = if self.next_hop == ON_LINK {
            route.json("gateway", "null")
        } else {
            route.string("gateway", &self.next_hop)
        };
        let route = route.string("device", &device).json("source", "null");
        let route = route.number("metric", self.metric).json("onlink", "false");
        Ok(Arguments::new().json("route", &route.build()))
    }
}

fn ask(function: &str, arguments: Arguments) -> Result<String, String> {
    Service::System.call(function, arguments).map_err(|fault: Fault| fault.message)
}

/// The route table.
pub(crate) fn routes() -> Result<Vec<Route>, String> {
    let adapters = Adapters::read()?;
    let text = ask("GetIpForwardTable2", Arguments::new())?;
    let table = Json::parse(&text).ok_or("The route table cannot be read.")?;
    let member = |route: Json<'_>, name: &str| route.get(name).and_then(Json::as_str);
    let routes = table.items().filter_map(|route| {
        Some(Route {
            index: adapters.index(&member(route, "device")?)?,
            destination: member(route, "destination")?,
            next_hop: member(route, "gateway").unwrap_or_else(|| ON_LINK.to_owned()),
            metric: route.get("metric").and_then(Json::as_u64).unwrap_or(METRIC),
        })
    });
    Ok(routes.collect())
}

pub(crate) fn create(route: &Route) -> Result<(), String> {
    let arguments = route.arguments(&Adapters::read()?)?;
    ask("CreateIpForwardEntry2", arguments).map(drop)
}

pub(crate) fn delete(route: &Route) -> Result<(), String> {
    let arguments = route.arguments(&Adapters::read()?)?;
    ask("DeleteIpForwardEntry2", arguments).map(drop)
}

/// Whether an interface forwards.
pub(crate) fn forwards(index: u64) -> Result<bool, String> {
    let name = Adapters::read()?.name(index)?;
    let text = ask("GetIpInterfaceTable", Arguments::new())?;
    let table = Json::parse(&text).ok_or("The interface table cannot be read.")?;
    let forwards = table.items().filter_map(Json::as_str).any(|adapter| adapter == name);
    Ok(forwards)
}

pub(crate) fn set_forwarding(index: u64, forwards: bool) -> Result<(), String> {
    let name = Adapters::read()?.name(index)?;
    let arguments = Arguments::new().string("adapter", &name);
    ask("SetIpInterfaceEntry", arguments.json("forwarding", if forwards { "true" } else { "false" })).map(drop)
}

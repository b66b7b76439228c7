//! SDN routes: prefixes that endpoints reach through a next hop.
//!
//! hcsshim writes the routes as `Setting`, Microsoft's schema as `Routes`: both are read and both are shown.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::{Guid, HResult};
use winlab_profiles::HnsVersion;

use crate::base::Base;
use crate::context::Context;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Members, Outcome, read_guid, require, unknown_members};
use crate::policy::{self, Policies, Target};
use crate::query::Query;
use crate::store::Identified;
use crate::v1;

/// A route.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) id: Guid,
    pub(crate) endpoints: Vec<Guid>,
    settings: Document,
    pub(crate) plumbed: bool,
    since: u64,
    unknown: Document,
}

const KNOWN: &[&str] =
    &["ID", "HostComputeEndpoints", "Setting", "Routes", "SchemaVersion", "Version", "Health", "State"];
/// `State` of a route that is there.
const CREATED: u16 = 1;

impl Identified for Route {
    fn id(&self) -> Guid {
        self.id
    }
}

impl Route {
    fn read(id: Guid, settings: &Document, version: HnsVersion) -> Outcome<Self> {
        require(settings.is_object(), HResult::HCN_E_INVALID_JSON)?;
        let mut endpoints = Vec::new();
        for endpoint in settings.list("HostComputeEndpoints") {
            endpoints.push(read_guid(endpoint.as_str().unwrap_or_default())?);
        }
        let member = if settings.has("Setting") { "Setting" } else { "Routes" };
        let routes = settings.member(member).clone();
        require(!routes.items().is_empty() && !endpoints.is_empty(), HResult::HCN_E_INVALID_POLICY)?;
        let policies: Vec<Document> =
            routes.items().iter().map(|r| doc!({"Type": "SDNRoute", "Settings": r})).collect();
        let target = Target::Endpoint(crate::network::NetworkKind::Overlay);
        policy::validate(&Policies::from(&policies[..]), target, version)?;
        let unknown = unknown_members(settings, KNOWN);
        Ok(Self { id, endpoints, settings: routes, plumbed: true, since: 0, unknown })
    }

    /// The V2 form.
    pub(crate) fn v2(&self, base: Base) -> Document {
        let mut object = ObjectBuilder::with_capacity(7);
        object.set("ID", self.id);
        object.set("HostComputeEndpoints", self.endpoints.iter().copied().collect::<Document>());
        object.set("Setting", self.settings.clone());
        object.set("Routes", self.settings.clone());
        base.finish_v2(object, CREATED, &self.unknown)
    }

    /// The V1 form: a policy list of `ROUTE` policies.
    pub(crate) fn v1(&self, base: Base) -> Document {
        let typed = |route: &Document| route.clone().with("Type", "ROUTE");
        let policies: Document = self.settings.items().iter().map(typed).collect();
        v1::policy_list::view((self.id, self.since), &self.endpoints, policies, base, &self.unknown)
    }
}

impl Hns {
    /// `HcnCreateSdnRoute`.
    pub(crate) fn create_route(
        &mut self,
        id: Guid,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Guid> {
        let id = Self::choose_id(id, settings, context)?;
        require(!self.routes.contains(id), HResult::ERROR_ALREADY_EXISTS)?;
        let mut route = self.read_route(id, settings)?;
        route.since = self.filetime(context);
        self.routes.insert(route);
        Ok(id)
    }

    /// `HcnModifySdnRoute`: the settings are the whole object.
    pub(crate) fn modify_route(&mut self, id: Guid, settings: &Document) -> Outcome<()> {
        require(self.routes.contains(id), HResult::ERROR_NOT_FOUND)?;
        let mut route = self.read_route(id, settings)?;
        let old = known(self.routes.get_mut(id))?;
        (route.since, route.plumbed) = (old.since, old.plumbed);
        *old = route;
        Ok(())
    }

    fn read_route(&self, id: Guid, settings: &Document) -> Outcome<Route> {
        let route = Route::read(id, settings, self.version())?;
        let known = route.endpoints.iter().all(|endpoint| self.endpoints.contains(*endpoint));
        require(known, HResult::HCN_E_ENDPOINT_NOT_FOUND)?;
        Ok(route)
    }

    /// `HcnDeleteSdnRoute`.
    pub(crate) fn delete_route(&mut self, id: Guid) -> Outcome<()> {
        let serial = known(self.routes.serial(id))?;
        self.routes.remove(serial);
        Ok(())
    }

    /// `HcnEnumerateSdnRoutes`.
    pub(crate) fn enumerate_routes(&self, query: &Document) -> Outcome<Vec<Guid>> {
        let mut query = Query::read(query)?;
        let found: Vec<&Route> = match query.take_id(&["ID"]) {
            Some(id) => id.and_then(|id| self.routes.get(id)).into_iter().collect(),
            None => self.routes.iter().collect(),
        };
        let base = self.base();
        let fits = |route: &&Route| query.is_open() || query.matches(&route.v2(base), || route.v1(base));
        Ok(found.into_iter().filter(fits).map(|route| route.id).collect())
    }

    /// `HcnQuerySdnRouteProperties`.
    pub(crate) fn query_route(&self, id: Guid, query: &Document) -> Outcome<Document> {
        let query = Query::read(query)?;
        let route = known(self.routes.get(id))?;
        Ok(if query.v1 { route.v1(self.base()) } else { route.v2(self.base()) })
    }
}

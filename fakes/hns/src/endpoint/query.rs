//! Finding endpoints.

use winlab_document::Document;
use winlab_host::Guid;

use crate::endpoint::Endpoint;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::Outcome;
use crate::query::Query;
use crate::v1;

impl Hns {
    /// `HcnEnumerateEndpoints`. hcsshim asks for a network's endpoints by V1's member `VirtualNetwork`.
    pub(crate) fn enumerate_endpoints(&self, query: &Document) -> Outcome<Vec<Guid>> {
        let mut query = Query::read(query)?;
        let by_id = query.take_id(&["ID"]);
        let by_network = query.take_id(&["VirtualNetwork", "HostComputeNetwork"]);
        let by_name = query.take(&["Name"]);
        let network = by_network.map(|id| id.and_then(|id| self.networks.serial(id)));
        let fits = |endpoint: &&Endpoint| {
            network.is_none_or(|network| network == Some(endpoint.network))
                && by_name
                    .as_ref()
                    .is_none_or(|name| name.as_str().is_some_and(|name| *endpoint.name == *name))
                && (query.is_open()
                    || query.matches(&self.endpoint_v2(endpoint), || self.endpoint_v1(endpoint)))
        };
        let ids = |found: &mut dyn Iterator<Item = &Endpoint>| {
            found.filter(fits).map(|endpoint| endpoint.id).collect::<Vec<Guid>>()
        };
        Ok(match (&by_id, &by_name, network) {
            (Some(id), ..) => ids(&mut id.and_then(|id| self.endpoints.get(id)).into_iter()),
            (None, Some(name), _) => {
                let serials = name.as_str().and_then(|name| self.endpoint_names.get(name));
                ids(&mut serials.into_iter().flatten().filter_map(|serial| self.endpoints.at(*serial)))
            }
            (None, None, Some(network)) => {
                let network = network.and_then(|network| self.networks.at(network));
                let serials = network.map(|network| &network.endpoints);
                ids(&mut serials.into_iter().flatten().filter_map(|serial| self.endpoints.at(*serial)))
            }
            (None, None, None) => ids(&mut self.endpoints.iter()),
        })
    }

    /// `HcnQueryEndpointProperties`; the filter is for enumerations and means nothing here.
    pub(crate) fn query_endpoint(&self, id: Guid, query: &Document) -> Outcome<Document> {
        let query = Query::read(query)?;
        let endpoint = known(self.endpoints.get(id))?;
        if query.v1 {
            return Ok(self.endpoint_v1(endpoint));
        }
        let mut document = self.endpoint_v2(endpoint);
        if query.detailed && !endpoint.is_remote() {
            let details = endpoint.details();
            let resources = v1::resources(details.port_id, details.state as u16, details.since);
            document.set_path(&["Health", "Extra", "Resources"], resources);
        }
        Ok(document)
    }
}

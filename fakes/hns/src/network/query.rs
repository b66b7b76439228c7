//! Finding networks.

use winlab_document::Document;
use winlab_host::Guid;

use crate::handle::known;
use crate::hns::Hns;
use crate::members::Outcome;
use crate::network::Network;
use crate::query::Query;
use crate::store::Identified as _;
use crate::v1;

impl Hns {
    /// `HcnEnumerateNetworks`.
    pub(crate) fn enumerate_networks(&self, query: &Document) -> Outcome<Vec<Guid>> {
        let mut query = Query::read(query)?;
        let by_id = query.take_id(&["ID"]);
        let by_name = query.take(&["Name"]);
        let named = |network: &&Network| match &by_name {
            Some(name) => name.as_str().is_some_and(|name| !name.is_empty() && *network.name == *name),
            None => true,
        };
        let rest = |network: &&Network| {
            query.is_open() || query.matches(&self.network_v2(network), || self.network_v1(network))
        };
        let found: Vec<&Network> = match by_id {
            Some(id) => id.and_then(|id| self.networks.get(id)).into_iter().collect(),
            None => self.networks.iter().collect(),
        };
        Ok(found.into_iter().filter(named).filter(rest).map(|network| network.id()).collect())
    }

    /// `HcnQueryNetworkProperties`; the filter is for enumerations and means nothing here.
    pub(crate) fn query_network(&self, id: Guid, query: &Document) -> Outcome<Document> {
        let query = Query::read(query)?;
        let network = known(self.networks.get(id))?;
        if query.v1 {
            return Ok(self.network_v1(network));
        }
        let mut document = self.network_v2(network);
        if query.detailed {
            let resources = v1::resources(network.switch, 1, network.since);
            document.set_path(&["Health", "Extra", "Resources"], resources);
        }
        Ok(document)
    }
}

//! Traffic counters of endpoints.

use winlab_document::{Document, doc};
use winlab_host::Guid;

use crate::control::Traffic;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Outcome, upper};

/// What an endpoint has counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stats(Traffic);

impl Stats {
    pub(crate) fn add(&mut self, traffic: Traffic) {
        let total = &mut self.0;
        total.bytes_received += traffic.bytes_received;
        total.bytes_sent += traffic.bytes_sent;
        total.packets_received += traffic.packets_received;
        total.packets_sent += traffic.packets_sent;
        total.dropped_incoming += traffic.dropped_incoming;
        total.dropped_outgoing += traffic.dropped_outgoing;
    }
}

impl Hns {
    /// `HcnQueryEndpointStats` and V1's `/endpointstats/<id>`: every endpoint has counters, remote ones too, since
    /// kubelet asks for each of them.
    pub(crate) fn endpoint_stats(&self, id: Guid) -> Outcome<Document> {
        let endpoint = known(self.endpoints.get(id))?;
        let Stats(traffic) = endpoint.details().stats;
        Ok(doc!({
            "BytesReceived": traffic.bytes_received,
            "BytesSent": traffic.bytes_sent,
            "DroppedPacketsIncoming": traffic.dropped_incoming,
            "DroppedPacketsOutgoing": traffic.dropped_outgoing,
            "EndpointId": upper(id),
            "InstanceId": upper(endpoint.details().port_id),
            "PacketsReceived": traffic.packets_received,
            "PacketsSent": traffic.packets_sent,
        }))
    }

    /// `HcnQueryEndpointAddresses`.
    pub(crate) fn endpoint_addresses(&self, id: Guid) -> Outcome<Document> {
        let endpoint = known(self.endpoints.get(id))?;
        let configs: Document = endpoint
            .addresses()
            .map(|p| doc!({"IpAddress": p.address.to_string(), "PrefixLength": p.length}))
            .collect();
        Ok(doc!({"IpConfigurations": configs}))
    }
}

//! flanneld on the nodes of a mixed cluster, over the fakes of both systems and of the API server.

mod host_gw;
mod start;
mod vxlan;
mod world;

//! kube-proxy on the nodes of a cluster, over the fakes of both systems and of the API server.

mod linux;
mod overlay;
mod versions;
mod windows;
mod world;

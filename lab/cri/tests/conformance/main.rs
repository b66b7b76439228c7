//! One body of rules, over the model in this process and over the model behind gRPC.

#[path = "../node/mod.rs"]
mod node;
#[path = "../wire/mod.rs"]
mod wire;

mod body;
mod convert;
mod remote;

use node::{Node, real_world};
use remote::Remote;

#[test]
fn in_process() {
    real_world(async {
        let node = Node::new().await;
        body::all(&*node.cri()).await;
    });
}

#[test]
fn over_grpc() {
    real_world(async {
        let node = Node::new().await;
        let remote = Remote::new(&node.serve()).await;
        body::all(&remote).await;
    });
}

//! Forwarded ports over the streaming server.

mod node;
mod wire;

use futures::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};
use winlab_cri::proto;

use node::{Node, container, real_world, run_pod};
use wire::{Spdy, connect, runtime};

const GET: &[u8] = b"GET /cart HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";

async fn url(node: &Node, port: &[i32]) -> String {
    let mut cri = runtime(&node.serve()).await;
    let (pod_sandbox_id, _) = run_pod(&*node.cri(), "web", container("web")).await;
    let ask = proto::PortForwardRequest { pod_sandbox_id, port: port.to_vec() };
    cri.port_forward(ask).await.unwrap().into_inner().url
}

async fn pair(spdy: &mut Spdy, port: &str, request: &str) -> (u32, u32) {
    let error = [("streamtype", "error"), ("port", port), ("requestid", request)];
    let data = [("streamtype", "data"), ("port", port), ("requestid", request)];
    (spdy.stream(&error).await, spdy.stream(&data).await)
}

#[test]
fn connections_share_one_upgrade_and_errors_have_a_stream_of_their_own() {
    real_world(async {
        let node = Node::new().await;
        let mut spdy = Spdy::open(&url(&node, &[]).await, "portforward.k8s.io").await;
        let (error, data) = pair(&mut spdy, "80", "0").await;
        spdy.data(data, GET, false).await;
        let (refused, _) = pair(&mut spdy, "81", "1").await;
        spdy.until(|spdy| spdy.ended.contains(&data) && spdy.ended.contains(&refused)).await;
        let answer = spdy.text(data);
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("/cart of web"), "{answer}");
        assert_eq!(spdy.text(error), "");
        let text = spdy.text(refused);
        assert!(
            text.starts_with("error forwarding port 81 to pod ") && text.contains("10.244.1.10:81"),
            "{text}"
        );

        // The connection goes on after an error.
        let (_, data) = pair(&mut spdy, "80", "2").await;
        spdy.data(data, GET, true).await;
        spdy.until(|spdy| spdy.ended.contains(&data)).await;
        assert!(spdy.text(data).ends_with("/cart of web"));
    });
}

#[test]
fn a_stream_without_a_port_is_reset() {
    real_world(async {
        let node = Node::new().await;
        let mut spdy = Spdy::open(&url(&node, &[]).await, "portforward.k8s.io").await;
        for headers in
            [&[("streamtype", "data")][..], &[("streamtype", "data"), ("port", "0")], &[("port", "80")]]
        {
            let stream = spdy.stream(headers).await;
            spdy.until(|spdy| spdy.ended.contains(&stream)).await;
        }
    });
}

#[test]
fn a_websocket_names_its_ports_first() {
    real_world(async {
        let node = Node::new().await;
        let url = url(&node, &[80]).await;
        let mut request = url.replace("http://", "ws://").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "v4.channel.k8s.io".parse().unwrap());
        let (mut socket, _): (WebSocketStream<_>, _) =
            client_async(request, connect(&url).await).await.unwrap();
        socket.send(Message::Binary([&[0], GET].concat().into())).await.unwrap();
        let mut came: [Vec<u8>; 2] = Default::default();
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Binary(bytes) = message {
                came[usize::from(bytes[0])].extend_from_slice(&bytes[1..]);
            }
        }
        assert_eq!((&came[0][..2], came[1].as_slice()), (&[80, 0][..], &[80, 0][..]));
        assert!(came[0].ends_with(b"/cart of web"));
    });
}

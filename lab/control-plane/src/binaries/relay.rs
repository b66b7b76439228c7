//! Connections from other terminals to an API server in a lab's own network: byte for byte, since TLS is between its two ends.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use winlab_clock::{Clock, VirtualSpan};

use crate::access::Listeners;

/// `accept` fails for what passes: a connection that is gone, descriptors that are short. It is tried again this much later.
const PAUSE: VirtualSpan = VirtualSpan::from_millis(50);

/// Carries connections until the set is dropped, which closes them all.
pub(super) fn carry(from: Listeners, to: SocketAddr, clock: Clock) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (_, listener) in from.0 {
        tasks.spawn(accept(listener, to, clock));
    }
    tasks
}

async fn accept(listener: TcpListener, to: SocketAddr, clock: Clock) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                while connections.try_join_next().is_some() {}
                connections.spawn(one(client, to));
            }
            Err(_) => clock.sleep(PAUSE).await,
        }
    }
}

/// One connection, to its end. What goes wrong with it, its client sees.
async fn one(mut client: TcpStream, to: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect(to).await?;
    for socket in [&client, &server] {
        socket.set_nodelay(true)?;
    }
    tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use winlab_clock::{Pace, run_world};

    use super::*;

    #[test]
    fn a_connection_is_carried_both_ways_and_ends_with_either_end() {
        let world = async {
            let clock = Clock::start_world(Pace::Real);
            let loopback = [SocketAddr::from(([127, 0, 0, 1], 0))];
            let server = TcpListener::bind(&loopback[..]).await.unwrap();
            let outside = Listeners::open(&loopback).await.unwrap();
            let address = outside.addresses()[0];
            let tasks = carry(outside, server.local_addr().unwrap(), clock);

            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(b"asked").await.unwrap();
            client.shutdown().await.unwrap();
            let (mut served, _) = server.accept().await.unwrap();
            let mut heard = String::new();
            served.read_to_string(&mut heard).await.unwrap();
            served.write_all(b"answered").await.unwrap();
            drop(served);
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert_eq!((heard.as_str(), answer.as_str()), ("asked", "answered"));

            // Nobody serves any more: the client is not kept waiting.
            drop(server);
            let mut late = TcpStream::connect(address).await.unwrap();
            assert!(late.read(&mut [0; 1]).await.is_ok_and(|read| read == 0));
            drop(tasks);
            // Aborted tasks let go of their sockets when they are next polled.
            tokio::task::yield_now().await;
            assert!(TcpStream::connect(address).await.is_err());
        };
        run_world(Pace::Real, world).unwrap();
    }
}

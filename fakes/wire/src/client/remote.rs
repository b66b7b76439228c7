//! A host behind a server, as an implementation of the boundary.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::Method;
use tokio::runtime::Handle;
use winlab_document::{Document, doc};
use winlab_host::compute::Compute;
use winlab_host::linux::Linux;
use winlab_host::network::Network;
use winlab_host::system::System;
use winlab_host::{Boundary, Call as _, EventStream, Service};

use super::Trouble;
use super::exchange::{Exchange, Failure};
use super::session::Session;
use super::subscription::{Standing, subscribe};
use crate::refusal::Refusal;
use crate::wired::Wired;
use crate::wired_path::segment;
use crate::{VERSION, outcome};

/// One host of a server. It answers every service of the boundary; one that the host does not have answers as an RPC
/// server without that interface. Clones share their session.
#[derive(Clone)]
pub struct RemoteHost {
    name: Arc<str>,
    exchange: Arc<Exchange>,
    session: Option<Arc<Session>>,
    /// Subscriptions that may not stand yet: calls wait for them, so that a listener hears of every call made after it
    /// began to listen.
    standing: Arc<Mutex<Vec<Standing>>>,
    runtime: Handle,
}

impl fmt::Debug for RemoteHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteHost").field("name", &self.name).finish_non_exhaustive()
    }
}

impl RemoteHost {
    pub(super) fn new(exchange: Arc<Exchange>, name: &str, session: Option<&str>) -> Self {
        Self {
            name: name.into(),
            exchange,
            session: session.map(|name| Arc::new(Session::new(name))),
            standing: Arc::default(),
            runtime: Handle::current(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn path<S: Service>(&self) -> String {
        format!("/{VERSION}/hosts/{}/{}", segment(&self.name), S::NAME)
    }

    async fn ask<S: Wired>(&self, call: S::Call) -> Result<S::Answer, S::Fault> {
        match self.try_ask::<S>(&call).await {
            Ok(outcome) => outcome,
            Err(trouble) => Err(S::trouble(&trouble)),
        }
    }

    async fn try_ask<S: Wired>(&self, call: &S::Call) -> Result<Result<S::Answer, S::Fault>, Trouble> {
        self.stand().await;
        let function = call.function();
        let body = doc!({"function": function, "arguments": call.arguments()}).to_bytes();
        let answer = self.send(&self.path::<S>(), body.into()).await?;
        outcome::read::<S>(function, &answer)
            .ok_or_else(|| Trouble::Protocol(format!("its body does not answer `{function}`")))
    }

    async fn send(&self, path: &str, body: Bytes) -> Result<Document, Trouble> {
        let Some(session) = &self.session else {
            let sent = self.exchange.answer(Method::POST, path, None, Some(body)).await;
            return sent.map_err(Failure::into_trouble);
        };
        session.ensure(&self.exchange).await?;
        let name = Some(session.name.as_str());
        match self.exchange.answer(Method::POST, path, name, Some(body.clone())).await {
            Err(Failure { refusal: Some(Refusal::UnknownSession), .. }) => {
                session.forget().await;
                session.ensure(&self.exchange).await?;
                self.exchange
                    .answer(Method::POST, path, name, Some(body))
                    .await
                    .map_err(Failure::into_trouble)
            }
            sent => sent.map_err(Failure::into_trouble),
        }
    }

    /// Waits for subscriptions that were begun before.
    async fn stand(&self) {
        let begun = self.standing().clone();
        if !begun.is_empty() {
            futures::future::join_all(begun).await;
            self.standing().retain(|standing| standing.peek().is_none());
        }
    }

    fn standing(&self) -> MutexGuard<'_, Vec<Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen<S: Wired>(&self) -> EventStream<S::Event> {
        let path = format!("{}/events", self.path::<S>());
        let (events, standing) = subscribe::<S>(&self.runtime, self.exchange.clone(), path);
        self.standing().push(standing);
        events
    }
}

macro_rules! boundary {
    ($($service:ident),*) => {
        $(impl Boundary<$service> for RemoteHost {
            fn call(
                &self,
                call: <$service as Service>::Call,
            ) -> BoxFuture<'_, Result<<$service as Service>::Answer, <$service as Service>::Fault>> {
                self.ask::<$service>(call).boxed()
            }

            fn events(&self) -> EventStream<<$service as Service>::Event> {
                self.listen::<$service>()
            }
        })*
    };
}

boundary!(Network, Compute, System, Linux);

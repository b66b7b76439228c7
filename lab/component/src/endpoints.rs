//! A node's named pipes and Unix sockets, as components in one process meet on them.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Nobody listens there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotListening(
    /// The address that was dialled.
    pub String,
);

impl fmt::Display for NotListening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dial {}: nothing listens there", self.0)
    }
}

impl std::error::Error for NotListening {}

/// Who listens at which local address (`npipe:////./pipe/containerd-containerd`,
/// `unix:///run/containerd/containerd.sock`) of one node. Clones share the table.
#[derive(Clone, Default)]
pub struct LocalEndpoints(Arc<Mutex<BTreeMap<String, Arc<dyn Any + Send + Sync>>>>);

impl LocalEndpoints {
    /// Listens at `address`, in place of whoever did before.
    pub fn listen<S: ?Sized + Send + Sync + 'static>(&self, address: &str, server: Arc<S>) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.insert(address.to_owned(), Arc::new(server));
    }

    /// Stops listening.
    pub fn close(&self, address: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(address);
    }

    /// Whoever listens at `address` and speaks `S`.
    ///
    /// # Errors
    /// [`NotListening`] if nobody does.
    pub fn dial<S: ?Sized + Send + Sync + 'static>(&self, address: &str) -> Result<Arc<S>, NotListening> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let server = table.get(address).and_then(|server| server.downcast_ref::<Arc<S>>());
        server.cloned().ok_or_else(|| NotListening(address.to_owned()))
    }
}

impl fmt::Debug for LocalEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(table.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::LocalEndpoints;

    trait Greets: Send + Sync {
        fn greet(&self) -> u8;
    }

    struct Seven;

    impl Greets for Seven {
        fn greet(&self) -> u8 {
            7
        }
    }

    #[test]
    fn a_server_is_met_by_its_trait_and_only_while_it_listens() {
        let pipes = LocalEndpoints::default();
        assert!(pipes.dial::<dyn Greets>("npipe:x").is_err());
        pipes.listen::<dyn Greets>("npipe:x", Arc::new(Seven));
        assert_eq!(pipes.dial::<dyn Greets>("npipe:x").unwrap().greet(), 7);
        pipes.close("npipe:x");
        assert_eq!(
            pipes.dial::<dyn Greets>("npipe:x").err().unwrap().to_string(),
            "dial npipe:x: nothing listens there"
        );
    }
}

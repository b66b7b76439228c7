//! What a store holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Object;

/// Objects by namespace and name. Two levels, since most objects of a lab are in one namespace, and comparing it once for
/// every step down a tree is a good part of what taking in an object costs.
pub(crate) struct Objects<K> {
    namespaces: BTreeMap<String, BTreeMap<String, Arc<K>>>,
    pub(crate) len: usize,
}

impl<K> Default for Objects<K> {
    fn default() -> Self {
        Self { namespaces: BTreeMap::new(), len: 0 }
    }
}

impl<K> Objects<K> {
    pub(crate) fn get(&self, namespace: &str, name: &str) -> Option<&Arc<K>> {
        self.namespaces.get(namespace)?.get(name)
    }

    pub(crate) fn insert(&mut self, namespace: &str, name: &str, object: Arc<K>) -> Option<Arc<K>> {
        if !self.namespaces.contains_key(namespace) {
            self.namespaces.insert(namespace.to_owned(), BTreeMap::new());
        }
        let names = self.namespaces.get_mut(namespace)?;
        if let Some(known) = names.get_mut(name) {
            return Some(std::mem::replace(known, object));
        }
        self.len += 1;
        names.insert(name.to_owned(), object)
    }

    pub(crate) fn remove(&mut self, namespace: &str, name: &str) -> Option<Arc<K>> {
        let names = self.namespaces.get_mut(namespace)?;
        let gone = names.remove(name)?;
        self.len -= 1;
        if names.is_empty() {
            self.namespaces.remove(namespace);
        }
        Some(gone)
    }

    pub(crate) fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &Arc<K>> {
        self.namespaces.get(namespace).into_iter().flat_map(BTreeMap::values)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Arc<K>> {
        self.namespaces.values().flat_map(BTreeMap::values)
    }
}

impl<K: Object> FromIterator<Arc<K>> for Objects<K> {
    fn from_iter<I: IntoIterator<Item = Arc<K>>>(objects: I) -> Self {
        let mut all = Self::default();
        for object in objects {
            let (namespace, name) = place(&*object);
            all.insert(namespace, name, Arc::clone(&object));
        }
        all
    }
}

/// Namespace and name.
pub(crate) fn place<K: Object>(object: &K) -> (&str, &str) {
    let meta = object.meta();
    (meta.namespace.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default())
}

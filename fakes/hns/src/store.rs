//! Objects by id, in the order in which they came.

use std::collections::BTreeMap;

use winlab_host::Guid;

/// The place of an object in its store: smaller than its id, and growing with age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Serial(u32);

/// Something with an id.
pub(crate) trait Identified {
    fn id(&self) -> Guid;
}

/// Objects of one kind. They are boxed: a tree of hundreds of thousands keeps its slack in pointers, not in objects.
#[derive(Debug, Clone)]
pub(crate) struct Store<T> {
    items: BTreeMap<Serial, Box<T>>,
    by_id: BTreeMap<Guid, Serial>,
    next: u32,
}

impl<T> Default for Store<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), by_id: BTreeMap::new(), next: 0 }
    }
}

impl<T: Identified> Store<T> {
    pub(crate) fn insert(&mut self, item: T) -> Serial {
        let serial = Serial(self.next);
        self.next += 1;
        self.by_id.insert(item.id(), serial);
        self.items.insert(serial, Box::new(item));
        serial
    }

    pub(crate) fn remove(&mut self, serial: Serial) -> Option<T> {
        let item = self.items.remove(&serial)?;
        self.by_id.remove(&item.id());
        Some(*item)
    }

    pub(crate) fn serial(&self, id: Guid) -> Option<Serial> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn contains(&self, id: Guid) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(crate) fn get(&self, id: Guid) -> Option<&T> {
        self.at(self.serial(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: Guid) -> Option<&mut T> {
        let serial = self.serial(id)?;
        self.at_mut(serial)
    }

    pub(crate) fn at(&self, serial: Serial) -> Option<&T> {
        self.items.get(&serial).map(AsRef::as_ref)
    }

    pub(crate) fn at_mut(&mut self, serial: Serial) -> Option<&mut T> {
        self.items.get_mut(&serial).map(AsMut::as_mut)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.values().map(AsRef::as_ref)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.values_mut().map(AsMut::as_mut)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (Serial, &T)> {
        self.items.iter().map(|(serial, item)| (*serial, item.as_ref()))
    }

    pub(crate) fn ids(&self) -> Vec<Guid> {
        self.iter().map(Identified::id).collect()
    }
}

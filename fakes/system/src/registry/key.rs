//! One registry: the host's or a container's.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use winlab_document::Document;
use winlab_host::system::RegistryValue;
use winlab_host::{Fault, HResult};

use super::path::{KeyPath, fold};

/// Keys by folded path. A clone shares every key until one side writes to it: containers start from one template.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    keys: BTreeMap<Arc<str>, Arc<Key>>,
}

#[derive(Debug, Clone)]
struct Key {
    name: String,
    volatile: bool,
    values: BTreeMap<String, (String, RegistryValue)>,
}

impl Registry {
    /// Makes a key and its parents; one that is there already stays as it is.
    ///
    /// # Errors
    /// `E_HANDLE` of an unknown root, `E_INVALIDARG` beside the hives, `ERROR_CHILD_MUST_BE_VOLATILE` of a stable key
    /// below a volatile one.
    pub fn create_key(&mut self, path: &str, volatile: bool) -> Result<(), Fault> {
        let path = KeyPath::parse(path)?;
        if !path.is_hive() && !path.is_in_a_hive() {
            return Err(Fault::new(HResult::E_INVALIDARG));
        }
        let mut below_volatile = false;
        for key in path.lineage() {
            let folded = key.folded();
            if let Some(known) = self.keys.get(folded.as_str()) {
                below_volatile = known.volatile;
                continue;
            }
            if below_volatile && !volatile {
                return Err(Fault::new(HResult::ERROR_CHILD_MUST_BE_VOLATILE));
            }
            let made = Key {
                name: key.name().to_owned(),
                volatile: volatile && !key.is_hive(),
                values: BTreeMap::new(),
            };
            below_volatile = made.volatile;
            self.keys.insert(Arc::from(folded), Arc::new(made));
        }
        Ok(())
    }

    /// Removes a key without subkeys.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND` where it is not there, `E_ACCESSDENIED` where it has subkeys or is a hive.
    pub fn delete_key(&mut self, path: &str) -> Result<(), Fault> {
        let path = KeyPath::parse(path)?;
        let folded = path.folded();
        self.find(&folded)?;
        if path.is_hive() || self.below(&folded).next().is_some() {
            return Err(Fault::new(HResult::E_ACCESSDENIED));
        }
        self.keys.remove(folded.as_str());
        Ok(())
    }

    /// Removes a key with all that is below it, if it is there.
    pub fn delete_tree(&mut self, path: &str) {
        let Ok(path) = KeyPath::parse(path) else { return };
        let folded = path.folded();
        let doomed: Vec<Arc<str>> = self.below(&folded).map(|(name, _)| name.clone()).collect();
        for name in doomed {
            self.keys.remove(&name);
        }
        self.keys.remove(folded.as_str());
    }

    /// Sets a value of a key that is there.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND` where the key is not there.
    pub fn set_value(&mut self, path: &str, name: &str, value: RegistryValue) -> Result<(), Fault> {
        let folded = KeyPath::parse(path)?.folded();
        let key = self.keys.get_mut(folded.as_str()).ok_or(Fault::new(HResult::ERROR_FILE_NOT_FOUND))?;
        let values = &mut Arc::make_mut(key).values;
        let shown = values.get(&fold(name)).map_or_else(|| name.to_owned(), |(shown, _)| shown.clone());
        values.insert(fold(name), (shown, value));
        Ok(())
    }

    /// A value.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND` where the key or the value is not there.
    pub fn query_value(&self, path: &str, name: &str) -> Result<RegistryValue, Fault> {
        let key = self.find(&KeyPath::parse(path)?.folded())?;
        let found = key.values.get(&fold(name)).ok_or(Fault::new(HResult::ERROR_FILE_NOT_FOUND))?;
        Ok(found.1.clone())
    }

    /// Removes a value.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND` where the key or the value is not there.
    pub fn delete_value(&mut self, path: &str, name: &str) -> Result<(), Fault> {
        let folded = KeyPath::parse(path)?.folded();
        self.find(&folded)?;
        let removed =
            self.keys.get_mut(folded.as_str()).and_then(|key| Arc::make_mut(key).values.remove(&fold(name)));
        removed.map(|_| ()).ok_or(Fault::new(HResult::ERROR_FILE_NOT_FOUND))
    }

    /// Names of a key's subkeys, in the order Windows enumerates them: by name.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND` where the key is not there.
    pub fn subkeys(&self, path: &str) -> Result<Vec<String>, Fault> {
        let folded = KeyPath::parse(path)?.folded();
        self.find(&folded)?;
        let depth = folded.matches('\\').count() + 1;
        Ok(self
            .below(&folded)
            .filter(|(name, _)| name.matches('\\').count() == depth)
            .map(|(_, key)| key.name.clone())
            .collect())
    }

    /// A key's values by name.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND` where the key is not there.
    pub fn values(&self, path: &str) -> Result<Vec<(String, RegistryValue)>, Fault> {
        let key = self.find(&KeyPath::parse(path)?.folded())?;
        Ok(key.values.values().cloned().collect())
    }

    /// A key's values as one object from name to [`RegistryValue::data`].
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND` where the key is not there.
    pub fn values_document(&self, path: &str) -> Result<Document, Fault> {
        Ok(self.values(path)?.into_iter().map(|(name, value)| (name, value.data())).collect())
    }

    /// Makes a key where it is missing and sets values: how the system itself writes.
    pub fn write<'v>(&mut self, path: &str, values: impl IntoIterator<Item = (&'v str, RegistryValue)>) {
        let volatile = self.is_below_a_volatile_key(path);
        if self.create_key(path, volatile).is_err() {
            return;
        }
        for (name, value) in values {
            let set = self.set_value(path, name, value);
            debug_assert!(set.is_ok(), "the key was just made");
        }
    }

    /// What a boot does: volatile keys are gone.
    pub fn drop_volatile(&mut self) {
        self.keys.retain(|_, key| !key.volatile);
    }

    fn is_below_a_volatile_key(&self, path: &str) -> bool {
        let mut at = KeyPath::parse(path).ok();
        while let Some(key) = at {
            if let Some(known) = self.keys.get(key.folded().as_str()) {
                return known.volatile;
            }
            at = key.parent();
        }
        false
    }

    fn find(&self, folded: &str) -> Result<&Key, Fault> {
        self.keys.get(folded).map(AsRef::as_ref).ok_or(Fault::new(HResult::ERROR_FILE_NOT_FOUND))
    }

    /// Everything below a key. The separator's successor in ASCII ends the range.
    fn below(&self, folded: &str) -> impl Iterator<Item = (&Arc<str>, &Arc<Key>)> {
        let (from, to) = (format!("{folded}\\"), format!("{folded}]"));
        self.keys.range::<str, _>((Bound::Included(from.as_str()), Bound::Excluded(to.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use winlab_host::HResult;
    use winlab_host::system::RegistryValue;

    use super::Registry;

    #[test]
    fn names_keep_their_case_and_are_found_in_any() {
        let mut registry = Registry::default();
        registry.create_key(r"HKLM\SOFTWARE\Contoso\Shop", false).unwrap();
        registry.set_value(r"hklm\software\contoso\SHOP", "Port", RegistryValue::Dword(80)).unwrap();
        registry.set_value(r"HKLM\SOFTWARE\Contoso\Shop", "PORT", RegistryValue::Dword(81)).unwrap();
        assert_eq!(registry.subkeys(r"HKLM\software\contoso").unwrap(), ["Shop"]);
        assert_eq!(
            registry.values(r"HKLM\Software\Contoso\shop").unwrap(),
            [("Port".to_owned(), RegistryValue::Dword(81))]
        );
    }

    #[test]
    fn a_key_with_subkeys_stays() {
        let mut registry = Registry::default();
        registry.create_key(r"HKLM\SOFTWARE\A\B", false).unwrap();
        registry.create_key(r"HKLM\SOFTWARE\A b", false).unwrap();
        let code = |result: Result<(), winlab_host::Fault>| result.unwrap_err().code;
        assert_eq!(code(registry.delete_key(r"HKLM\SOFTWARE\A")), HResult::E_ACCESSDENIED);
        registry.delete_key(r"HKLM\SOFTWARE\a\b").unwrap();
        registry.delete_key(r"HKLM\SOFTWARE\A").unwrap();
        assert_eq!(code(registry.delete_key(r"HKLM\SOFTWARE\A")), HResult::ERROR_FILE_NOT_FOUND);
        assert_eq!(code(registry.create_key(r"HKLM\Beside", false)), HResult::E_INVALIDARG);
        assert_eq!(code(registry.delete_key(r"HKLM\SOFTWARE")), HResult::E_ACCESSDENIED);
    }

    #[test]
    fn volatile_keys_do_not_survive_a_boot_and_hold_nothing_that_would() {
        let mut registry = Registry::default();
        registry.create_key(r"HKLM\SOFTWARE\Microsoft\runhcs\cni", true).unwrap();
        let stable = registry.create_key(r"HKLM\SOFTWARE\Microsoft\runhcs\cni\x", false);
        assert_eq!(stable.unwrap_err().code, HResult::ERROR_CHILD_MUST_BE_VOLATILE);
        registry.drop_volatile();
        assert!(registry.subkeys(r"HKLM\SOFTWARE\Microsoft\runhcs").is_err());
        assert!(registry.subkeys(r"HKLM\SOFTWARE").is_ok());
    }
}

//! Names of keys.

use winlab_host::{Fault, HResult};

/// A key's path with its links followed, as it was written and as it is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyPath {
    parts: Vec<String>,
}

/// The hives below `HKEY_LOCAL_MACHINE`: keys are made in them, never beside them.
const HIVES: [&str; 6] = ["SYSTEM", "SOFTWARE", "SAM", "SECURITY", "HARDWARE", "BCD00000000"];

impl KeyPath {
    /// Reads `HKLM\SYSTEM\…` in any of its spellings: long root names, PowerShell's `HKLM:`, doubled or trailing
    /// separators.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut parts = text.split('\\').filter(|part| !part.is_empty());
        let root = parts.next().unwrap_or_default().trim_end_matches(':').to_ascii_uppercase();
        let mut all: Vec<String> = match root.as_str() {
            "HKLM" | "HKEY_LOCAL_MACHINE" => vec!["HKLM".into()],
            "HKU" | "HKEY_USERS" => vec!["HKU".into()],
            "HKCU" | "HKEY_CURRENT_USER" => vec!["HKU".into(), ".DEFAULT".into()],
            "HKCR" | "HKEY_CLASSES_ROOT" => vec!["HKLM".into(), "SOFTWARE".into(), "Classes".into()],
            _ => return Err(Fault::new(HResult::E_HANDLE)),
        };
        all.extend(parts.map(str::to_owned));
        if all.len() > 2
            && all[0] == "HKLM"
            && all[1].eq_ignore_ascii_case("SYSTEM")
            && all[2].eq_ignore_ascii_case("CurrentControlSet")
        {
            all[2] = "ControlSet001".into();
        }
        Ok(Self { parts: all })
    }

    /// The name it is stored under: case folded.
    pub(super) fn folded(&self) -> String {
        fold(&self.parts.join("\\"))
    }

    /// Its own name, as written.
    pub(super) fn name(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// Its parent; none of a root.
    pub(super) fn parent(&self) -> Option<Self> {
        (self.parts.len() > 1).then(|| Self { parts: self.parts[..self.parts.len() - 1].to_vec() })
    }

    /// Itself and everything above it, outermost first.
    pub(super) fn lineage(&self) -> impl Iterator<Item = Self> + '_ {
        (1..=self.parts.len()).map(|length| Self { parts: self.parts[..length].to_vec() })
    }

    /// Whether it is a root, or a hive right below `HKLM`.
    pub(super) fn is_hive(&self) -> bool {
        match self.parts.as_slice() {
            [_] => true,
            [root, hive] => root == "HKLM" && HIVES.iter().any(|known| known.eq_ignore_ascii_case(hive)),
            _ => false,
        }
    }

    /// Whether keys may be made here: below a hive of `HKLM`, or anywhere below `HKU`.
    pub(super) fn is_in_a_hive(&self) -> bool {
        self.parts[0] != "HKLM"
            || self
                .parts
                .get(1)
                .is_some_and(|hive| HIVES.iter().any(|known| known.eq_ignore_ascii_case(hive)))
    }
}

/// The form in which names are compared.
pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::KeyPath;

    #[test]
    fn spellings_of_one_key() {
        let key = KeyPath::parse(r"HKLM\SYSTEM\CurrentControlSet\Services").unwrap();
        for other in [
            r"HKEY_LOCAL_MACHINE\system\controlset001\services",
            r"hklm:\SYSTEM\\ControlSet001\Services\",
            r"HKLM\System\CURRENTCONTROLSET\Services",
        ] {
            assert_eq!(KeyPath::parse(other).unwrap().folded(), key.folded(), "{other}");
        }
        assert!(KeyPath::parse(r"HKXX\a").is_err());
        assert!(!KeyPath::parse(r"HKLM\Nothing").unwrap().is_in_a_hive());
    }
}

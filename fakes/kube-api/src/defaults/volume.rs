//! Volumes of pods.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use super::container::field_ref;
use super::fill::{Defaults, change, each};

/// 0644
static MODE: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"defaultMode": 420})));
static TOKEN: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"expirationSeconds": 3600})));

/// Fills in a volume.
pub(super) fn volume(volume: &mut Document) {
    if volume.members().iter().all(|(name, _)| name.as_str() == "name") {
        volume.set("emptyDir", Document::empty_object());
    }
    for source in ["secret", "configMap", "downwardAPI", "projected"] {
        change(volume, source, |source| MODE.fill(source));
    }
    change(volume, "downwardAPI", |source| each(source, "items", field_ref));
    change(volume, "projected", |projected| {
        each(projected, "sources", |source| {
            change(source, "serviceAccountToken", |token| TOKEN.fill(token));
            change(source, "downwardAPI", |api| each(api, "items", field_ref));
        });
    });
    change(volume, "hostPath", |path| {
        if path.get("type").is_none() {
            path.set("type", "");
        }
    });
}

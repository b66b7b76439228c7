//! Where Wine, the shims and the cache are, by the environment.

use std::path::{Path, PathBuf};

use winlab_wine::Places;

use crate::Environment;

/// Where `cargo xtask shims` puts them in a clone.
const IN_CLONE: &str = "fakes/shims/target/shims";

/// What is looked at; `shims` is the command line's own word on them.
pub(crate) fn of(environment: &Environment, shims: Option<&Path>) -> Places {
    let shims = shims.map(|folder| environment.directory.join(folder));
    // The clone that this program was built in: the folder of this crate is two below it.
    let in_clone =
        || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(|clone| clone.join(IN_CLONE));
    Places {
        path: environment.path.clone(),
        shims: shims.or_else(|| environment.shims.clone()).or_else(in_clone).unwrap_or_default(),
        cache: cache(environment).join("wine"),
    }
}

/// winlab's cache folder. Where neither `XDG_CACHE_HOME` nor `HOME` is set, as in some containers, it is in the working
/// directory.
pub(crate) fn cache(environment: &Environment) -> PathBuf {
    environment.cache.clone().unwrap_or_else(|| environment.directory.join(".winlab"))
}

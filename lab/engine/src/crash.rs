//! Panics of a world, told apart from failures of a scenario.
//!
//! Most models run as tasks, and tokio keeps a task's panic to itself. A hook therefore takes note of every panic of a
//! thread that carries a world; all other threads panic as before.

use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use winlab_events::Crash;

thread_local! {
    /// The panics of the world on this thread; none while it carries no world.
    static SEEN: RefCell<Option<Vec<Crash>>> = const { RefCell::new(None) };
}

/// Puts the hook in, once per process.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !note(info) {
                before(info);
            }
        }));
    });
}

/// From now on this thread carries a world.
pub(crate) fn begin_world() {
    SEEN.with_borrow_mut(|seen| *seen = Some(Vec::new()));
}

/// The world on this thread has ended; these are its panics, in order.
pub(crate) fn end_world() -> Vec<Crash> {
    SEEN.with_borrow_mut(Option::take).unwrap_or_default()
}

/// Whether something in the world on this thread has panicked.
pub(crate) fn happened() -> bool {
    SEEN.with_borrow(|seen| seen.as_ref().is_some_and(|seen| !seen.is_empty()))
}

fn note(info: &PanicHookInfo<'_>) -> bool {
    let crash = || {
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let file = info.location().map(|location| location.file()).unwrap_or_default();
        Crash {
            component: component_of(file).into(),
            message: text.unwrap_or("a panic without a message").to_owned(),
            location: info.location().map(ToString::to_string),
        }
    };
    // A panic while the list is borrowed cannot be noted; it goes the ordinary way.
    SEEN.try_with(|seen| match seen.try_borrow_mut() {
        Ok(mut seen) => seen.as_mut().map(|seen| seen.push(crash())).is_some(),
        Err(_) => false,
    })
    .unwrap_or(false)
}

/// The crate a source file belongs to: `lab/kube-proxy/src/run.rs` is `lab/kube-proxy`'s, and one of the registry belongs to
/// `tokio-1.49.0`.
fn component_of(file: &str) -> String {
    let file = file.replace('\\', "/");
    let inner = ["/src/", "/tests/"].iter().filter_map(|inner| file.find(inner)).min();
    let folder = &file[..inner.unwrap_or(file.len())];
    if let Some((_, package)) = folder.rsplit_once("/registry/") {
        return package.to_owned();
    }
    let mut parts: Vec<&str> = folder.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_noted_only_where_a_world_is() {
        listen();
        begin_world();
        assert!(!happened());
        assert!(panic::catch_unwind(|| panic!("a model {}", "broke")).is_err());
        assert!(happened());
        let crashes = end_world();
        assert_eq!(crashes.len(), 1);
        assert_eq!(crashes[0].message, "a model broke");
        assert_eq!(crashes[0].component, "lab/engine");
        assert!(!happened(), "the world has ended");
    }

    #[test]
    fn components_are_named_by_their_crate() {
        for (file, component) in [
            ("lab/kube-proxy/src/winkernel/sync.rs", "lab/kube-proxy"),
            ("/builds/winlab/fakes/hns/src/lib.rs", "fakes/hns"),
            (r"lab\node\src\kubelet\mod.rs", "lab/node"),
        ] {
            assert_eq!(component_of(file), component);
        }
    }
}

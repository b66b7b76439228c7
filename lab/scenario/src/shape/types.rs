//! The table's own types.

/// An object of the format.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the schema: `lab`.
    pub name: &'static str,
    /// Its name in messages: "`lab`", "a step".
    pub called: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// How many of the keys marked as [`Key::choice`] may stand in it.
    pub choice: Choice,
    /// Its keys.
    pub keys: &'static [Key],
}

/// How many of the keys that exclude each other an object may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// No keys exclude each other.
    Free,
    /// One or none.
    AtMostOne,
    /// Just one.
    ExactlyOne,
}

/// A key of an object.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// What its value may be.
    pub value: Value,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is one of the keys that exclude each other.
    pub choice: bool,
}

/// What a value may be.
#[derive(Debug)]
pub enum Value {
    /// Any text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A span of time with a unit: `30s`.
    Span,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Anything.
    Any,
    /// A list.
    List(&'static Value),
    /// One, or a list of them.
    OneOrMore(&'static Value),
    /// An object with keys of the author's choice.
    Map(&'static Value),
    /// An object of the format.
    Object(&'static Shape),
    /// One of several forms.
    Either(&'static [Value]),
}

impl Shape {
    /// The key of that name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The keys that exclude each other.
    pub fn choices(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys.iter().filter(|key| key.choice).map(|key| key.name)
    }
}

/// A key that may be left out.
pub(super) const fn key(name: &'static str, value: Value, about: &'static str) -> Key {
    Key { name, about, value, required: false, choice: false }
}

/// A key that must be there.
pub(super) const fn must(name: &'static str, value: Value, about: &'static str) -> Key {
    Key { name, about, value, required: true, choice: false }
}

/// A key that excludes the others of its kind.
pub(super) const fn one(name: &'static str, value: Value, about: &'static str) -> Key {
    Key { name, about, value, required: false, choice: true }
}

#[cfg(test)]
mod tests {
    use crate::shape::{ALL, Choice};

    #[test]
    fn keys_stand_once_and_choices_are_marked() {
        for shape in ALL {
            for (at, key) in shape.keys.iter().enumerate() {
                assert!(shape.keys[..at].iter().all(|other| other.name != key.name), "{}", key.name);
                assert!(key.about.ends_with(['.', '…']), "{}.{}", shape.name, key.name);
            }
            assert_eq!(shape.choice == Choice::Free, shape.choices().next().is_none(), "{}", shape.name);
        }
    }
}

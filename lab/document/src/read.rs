//! Reading a document.

use crate::key::Key;
use crate::number::Number;
use crate::value::Document;

impl Document {
    /// The member `name` of an object; `None` for a missing member and for anything that is not an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value)
    }

    /// The member `name` whatever its case: Go's decoder, and so every HNS client in Go, reads names that way. An
    /// exact match wins.
    #[must_use]
    pub fn get_ignore_case(&self, name: &str) -> Option<&Self> {
        self.get(name).or_else(|| {
            self.members().iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })
    }

    /// Follows member names down; `None` as soon as one is missing.
    #[must_use]
    pub fn path(&self, names: &[&str]) -> Option<&Self> {
        names.iter().try_fold(self, |at, name| at.get(name))
    }

    /// The place a JSON pointer (RFC 6901) names.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |at, token| match at {
            Self::Array(items) => items.get(token.parse::<usize>().ok()?),
            Self::Object(_) if token.contains('~') => at.get(&token.replace("~1", "/").replace("~0", "~")),
            _ => at.get(token),
        })
    }

    /// The string at `names`, or `""` where there is none.
    #[must_use]
    pub fn text(&self, names: &[&str]) -> &str {
        self.path(names).and_then(Self::as_str).unwrap_or_default()
    }

    /// The items of an array; empty for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Self::Array(items) = self { items } else { &[] }
    }

    /// The members of an object in written order; empty for anything else.
    #[must_use]
    pub fn members(&self) -> &[(Key, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<Number> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The integer, if it is one of `i64`'s range.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The integer, if it is a non-negative one.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number().and_then(Number::as_u64)
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether it is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }
}

#[cfg(test)]
mod tests {
    use crate::doc;

    #[test]
    fn pointers_follow_arrays_objects_and_escapes() {
        let d = doc!({"a": [{"b/c": 1}, {"d~e": "x"}]});
        assert_eq!(d.pointer("/a/0/b~1c").and_then(crate::Document::as_i64), Some(1));
        assert_eq!(d.pointer("/a/1/d~0e").and_then(crate::Document::as_str), Some("x"));
        assert_eq!(d.pointer("/a/2"), None);
        assert_eq!(d.pointer(""), Some(&d));
    }

    #[test]
    fn an_exact_name_wins_over_another_case() {
        let d = doc!({"id": 1, "ID": 2});
        assert_eq!(d.get_ignore_case("ID").and_then(crate::Document::as_i64), Some(2));
        assert_eq!(d.get_ignore_case("Id").and_then(crate::Document::as_i64), Some(1));
    }
}

//! Making documents: the [`doc!`](crate::doc) macro, builders and conversions.

use std::sync::Arc;

use crate::key::Key;
use crate::number::Number;
use crate::value::Document;

/// Collects the members of an object; a name given twice keeps its first place and its last value.
#[derive(Debug, Default)]
pub struct ObjectBuilder(Vec<(Key, Document)>);

impl ObjectBuilder {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one with room for `members`.
    #[must_use]
    pub fn with_capacity(members: usize) -> Self {
        Self(Vec::with_capacity(members))
    }

    /// Adds or replaces a member.
    pub fn set(&mut self, name: impl Into<Key>, value: impl Into<Document>) -> &mut Self {
        let (key, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
        self
    }

    /// Adds or replaces a member if there is a value for it.
    pub fn set_some(&mut self, name: impl Into<Key>, value: Option<impl Into<Document>>) -> &mut Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// The object.
    #[must_use]
    pub fn build(self) -> Document {
        Document::Object(self.0.into())
    }
}

/// Collects the items of an array.
#[derive(Debug, Default)]
pub struct ArrayBuilder(Vec<Document>);

impl ArrayBuilder {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item.
    pub fn push(&mut self, item: impl Into<Document>) -> &mut Self {
        self.0.push(item.into());
        self
    }

    /// The array.
    #[must_use]
    pub fn build(self) -> Document {
        Document::Array(self.0.into())
    }
}

/// A document written as JSON. Values are JSON or any expression that is `Into<Document>`; a member name is a string
/// literal or an expression in parentheses.
///
/// ```
/// use winlab_document::doc;
/// let name = "web";
/// let d = doc!({"metadata": {"name": name, "labels": {(format!("app/{name}")): null}}, "ports": [80, 443]});
/// assert_eq!(d.to_string(), r#"{"metadata":{"name":"web","labels":{"app/web":null}},"ports":[80,443]}"#);
/// ```
#[macro_export]
macro_rules! doc {
    (null) => { $crate::Document::Null };
    ({ $($body:tt)* }) => {{
        #[allow(unused_mut, clippy::allow_attributes, reason = "an empty object sets nothing")]
        let mut object = $crate::ObjectBuilder::new();
        $crate::__doc_members!(object; $($body)*);
        object.build()
    }};
    ([ $($body:tt)* ]) => {{
        #[allow(unused_mut, clippy::allow_attributes, reason = "an empty array pushes nothing")]
        let mut array = $crate::ArrayBuilder::new();
        $crate::__doc_items!(array; $($body)*);
        array.build()
    }};
    ($value:expr) => { $crate::Document::from($value) };
}

/// The members of [`doc!`](crate::doc)'s objects.
#[doc(hidden)]
#[macro_export]
macro_rules! __doc_members {
    ($o:ident; ) => {};
    ($o:ident; ($name:expr) : $($rest:tt)+) => { $crate::__doc_member!($o; ($name); $($rest)+) };
    ($o:ident; $name:literal : $($rest:tt)+) => { $crate::__doc_member!($o; ($name); $($rest)+) };
}

/// One member of [`doc!`](crate::doc)'s objects, then the rest.
#[doc(hidden)]
#[macro_export]
macro_rules! __doc_member {
    ($o:ident; ($name:expr); null $(, $($rest:tt)*)?) => {
        $o.set($name, $crate::Document::Null); $crate::__doc_members!($o; $($($rest)*)?);
    };
    ($o:ident; ($name:expr); { $($body:tt)* } $(, $($rest:tt)*)?) => {
        $o.set($name, $crate::doc!({ $($body)* })); $crate::__doc_members!($o; $($($rest)*)?);
    };
    ($o:ident; ($name:expr); [ $($body:tt)* ] $(, $($rest:tt)*)?) => {
        $o.set($name, $crate::doc!([ $($body)* ])); $crate::__doc_members!($o; $($($rest)*)?);
    };
    ($o:ident; ($name:expr); $value:expr $(, $($rest:tt)*)?) => {
        $o.set($name, $value); $crate::__doc_members!($o; $($($rest)*)?);
    };
}

/// The items of [`doc!`](crate::doc)'s arrays.
#[doc(hidden)]
#[macro_export]
macro_rules! __doc_items {
    ($a:ident; ) => {};
    ($a:ident; null $(, $($rest:tt)*)?) => {
        $a.push($crate::Document::Null); $crate::__doc_items!($a; $($($rest)*)?);
    };
    ($a:ident; { $($body:tt)* } $(, $($rest:tt)*)?) => {
        $a.push($crate::doc!({ $($body)* })); $crate::__doc_items!($a; $($($rest)*)?);
    };
    ($a:ident; [ $($body:tt)* ] $(, $($rest:tt)*)?) => {
        $a.push($crate::doc!([ $($body)* ])); $crate::__doc_items!($a; $($($rest)*)?);
    };
    ($a:ident; $value:expr $(, $($rest:tt)*)?) => {
        $a.push($value); $crate::__doc_items!($a; $($($rest)*)?);
    };
}

impl From<bool> for Document {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! from_integer {
    ($wide:ty: $($narrow:ty)*) => {
        $(impl From<$narrow> for Document {
            fn from(value: $narrow) -> Self {
                Self::Number(Number::from(<$wide>::from(value)))
            }
        })*
    };
}

from_integer!(i64: i8 i16 i32 i64);
from_integer!(u64: u8 u16 u32 u64);

impl From<usize> for Document {
    fn from(value: usize) -> Self {
        Self::Number(Number::from(value as u64))
    }
}

impl From<f64> for Document {
    /// Infinities and NaN have no JSON form and become `null`, as in JavaScript.
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Number(Number::Float(value)) } else { Self::Null }
    }
}

impl From<Number> for Document {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Document {
    fn from(value: &str) -> Self {
        Self::String(Arc::from(value))
    }
}

impl From<String> for Document {
    fn from(value: String) -> Self {
        Self::String(Arc::from(value))
    }
}

impl From<&String> for Document {
    fn from(value: &String) -> Self {
        Self::String(Arc::from(value.as_str()))
    }
}

impl From<Arc<str>> for Document {
    fn from(value: Arc<str>) -> Self {
        Self::String(value)
    }
}

impl From<&Key> for Document {
    fn from(value: &Key) -> Self {
        Self::String(Arc::from(value.as_str()))
    }
}

impl From<&Document> for Document {
    fn from(value: &Document) -> Self {
        value.clone()
    }
}

impl<T: Into<Document>> From<Vec<T>> for Document {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Document>> From<Option<T>> for Document {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Document>> FromIterator<T> for Document {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<Key>, V: Into<Document>> FromIterator<(K, V)> for Document {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut object = ObjectBuilder::new();
        for (name, value) in members {
            object.set(name, value);
        }
        object.build()
    }
}

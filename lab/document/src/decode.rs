//! Between documents and typed values, without text in between.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::{Serialize, forward_to_deserialize_any};

use crate::number::Number;
use crate::value::Document;

/// A document that does not have the shape a typed value asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl Document {
    /// The document as a typed value.
    ///
    /// # Errors
    /// [`DecodeError`] where the shape does not fit.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        T::deserialize(self)
    }

    /// A typed value as a document.
    ///
    /// # Errors
    /// [`DecodeError`] where the value has no JSON form (a map whose keys are not strings, say).
    pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Self, DecodeError> {
        let bytes = serde_json::to_vec(value).map_err(|error| DecodeError(error.to_string()))?;
        Self::from_slice(&bytes).map_err(|error| DecodeError(error.to_string()))
    }
}

impl<'de> Deserializer<'de> for &'de Document {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Document::Null => visitor.visit_unit(),
            Document::Bool(value) => visitor.visit_bool(*value),
            Document::Number(Number::Int(n)) => visitor.visit_i64(*n),
            Document::Number(Number::UInt(n)) => visitor.visit_u64(*n),
            Document::Number(Number::Float(n)) => visitor.visit_f64(*n),
            Document::String(text) => visitor.visit_borrowed_str(text),
            Document::Array(items) => {
                let mut seq = SeqDeserializer::new(items.iter());
                let value = visitor.visit_seq(&mut seq)?;
                seq.end()?;
                Ok(value)
            }
            Document::Object(members) => {
                let mut map = MapDeserializer::new(members.iter().map(|(k, v)| (k.as_str(), v)));
                let value = visitor.visit_map(&mut map)?;
                map.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self {
            Document::String(text) => visitor.visit_enum(text.as_ref().into_deserializer()),
            Document::Object(members) => {
                let map = MapDeserializer::new(members.iter().map(|(k, v)| (k.as_str(), v)));
                visitor.visit_enum(de::value::MapAccessDeserializer::new(map))
            }
            _ => Err(de::Error::custom(format_args!(
                "expected one of {variants:?} for {name}, found {}",
                self.kind()
            ))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, DecodeError> for &'de Document {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
    use serde::{Deserialize, Serialize};

    use crate::{Document, doc};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Sample {
        name: String,
        flags: u32,
        nested: Option<BTreeMap<String, Vec<i64>>>,
        kind: Kind,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Overlay,
        Sized(u8),
    }

    #[test]
    fn typed_values_come_and_go() {
        let d = doc!({"Name": "n", "Flags": 3, "Nested": {"a": [1, 2]}, "Kind": {"Sized": 4}});
        let sample: Sample = d.decode().unwrap();
        assert_eq!(sample.kind, Kind::Sized(4));
        assert_eq!(Document::encode(&sample).unwrap(), d);
        let error = doc!({"Name": 1}).decode::<Sample>().unwrap_err();
        assert!(error.to_string().contains("invalid type: integer `1`"), "{error}");
        assert_eq!(doc!("Overlay").decode::<Kind>().unwrap(), Kind::Overlay);
    }

    fn documents() -> impl Strategy<Value = Document> {
        let leaf = prop_oneof![
            Just(Document::Null),
            any::<bool>().prop_map(Document::from),
            any::<i64>().prop_map(Document::from),
            any::<u64>().prop_map(Document::from),
            (-1e9..1e9f64).prop_map(Document::from),
            ".{0,12}".prop_map(Document::from),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Document::from),
                proptest::collection::btree_map(".{0,6}", inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn text_keeps_every_document(d in documents()) {
            prop_assert_eq!(Document::parse(&d.to_string()).unwrap(), d);
        }

        #[test]
        fn serde_json_reads_the_same(d in documents()) {
            let value: serde_json::Value = serde_json::from_str(&d.to_string()).unwrap();
            prop_assert_eq!(d.decode::<serde_json::Value>().unwrap(), value);
        }
    }

    #[test]
    fn a_doubled_member_is_an_error_with_its_place() {
        let error = Document::parse("{\"a\":1,\n \"a\":2}").unwrap_err();
        assert_eq!((error.line, error.message.contains("duplicate member `a`")), (2, true));
    }
}

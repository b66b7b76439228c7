//! Request bodies in Kubernetes' protobuf form, turned into JSON: what typed clients send unless told otherwise.
//!
//! A body is `k8s\0` and a `runtime.Unknown` around the object's own message
//! (apimachinery, `pkg/runtime/serializer/protobuf`). Answers are JSON always, which every such client takes too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use winlab_document::{Document, Key};

use crate::kinds;
use crate::schema::{Numbered, Numbers, Schema, Shape, WireField, numbers_of, unstored};

/// The media type.
pub(crate) const MEDIA: &str = "application/vnd.kubernetes.protobuf";

const MAGIC: &[u8] = b"k8s\0";

/// A body that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) String);

type Members = Vec<(Key, Document)>;

/// The object of a body.
pub(crate) fn decode(body: &[u8]) -> Result<Document, Malformed> {
    let unknown = body.strip_prefix(MAGIC).ok_or_else(|| malformed("the body does not begin with k8s"))?;
    let (mut api_version, mut kind, mut raw) = (String::new(), String::new(), &[][..]);
    for part in Parts(unknown) {
        match part? {
            (1, Value::Bytes(meta)) => {
                for part in Parts(meta) {
                    match part? {
                        (1, Value::Bytes(value)) => api_version = text(value)?,
                        (2, Value::Bytes(value)) => kind = text(value)?,
                        _ => {}
                    }
                }
            }
            (2, Value::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let stored = kinds::by_kind(&api_version, &kind).map(|id| Schema::get().root(id));
    let definition = stored.or_else(|| unstored(&api_version, &kind));
    let definition = definition.ok_or_else(|| malformed(&format!("no kind {kind:?} of {api_version:?}")))?;
    let mut members: Members =
        vec![(Key::new("kind"), kind.into()), (Key::new("apiVersion"), api_version.into())];
    message(raw, numbers_of(definition), &mut members)?;
    Ok(Document::Object(members.into()))
}

/// Adds a message's fields to an object.
fn message(bytes: &[u8], numbers: &Numbers, out: &mut Members) -> Result<(), Malformed> {
    for part in Parts(bytes) {
        let (number, value) = part?;
        match numbers.get(&number) {
            // A field that is newer than this server.
            None => {}
            Some(Numbered::Inlined(inner)) => message(value.bytes()?, inner, out)?,
            Some(Numbered::Field(wire)) => add(out, wire, &value)?,
        }
    }
    Ok(())
}

/// Adds a field, or one more of its items.
fn add(out: &mut Members, wire: &WireField, value: &Value<'_>) -> Result<(), Malformed> {
    let name = wire.field.name;
    let at = out.iter().position(|(known, _)| known.as_str() == name);
    let item = match &wire.field.shape {
        Shape::Array(item) => single(item, wire, value)?.unwrap_or_default(),
        Shape::Map(of) => {
            let (key, entry) = entry(value.bytes()?, of, wire)?;
            let at = at.unwrap_or_else(|| {
                out.push((Key::new(name), Document::empty_object()));
                out.len() - 1
            });
            out[at].1.set(key, entry);
            return Ok(());
        }
        shape => {
            let Some(found) = single(shape, wire, value)? else { return Ok(()) };
            if wire.keeps_zero || !is_zero(&found) {
                match at {
                    Some(at) => out[at].1 = found,
                    None => out.push((Key::new(name), found)),
                }
            }
            return Ok(());
        }
    };
    match at {
        Some(at) => {
            let mut items = out[at].1.items().to_vec();
            items.push(item);
            out[at].1 = items.into();
        }
        None => out.push((Key::new(name), vec![item].into())),
    }
    Ok(())
}

fn entry(bytes: &[u8], of: &Shape, wire: &WireField) -> Result<(String, Document), Malformed> {
    let (mut key, mut found) = (String::new(), None);
    for part in Parts(bytes) {
        match part? {
            (1, Value::Bytes(value)) => key = text(value)?,
            (2, value) => found = single(of, wire, &value)?,
            _ => {}
        }
    }
    let empty = match of {
        Shape::Text | Shape::Quantity => "".into(),
        _ => Document::Null,
    };
    Ok((key, found.unwrap_or(empty)))
}

/// One value; none where a message says that there is nothing.
fn single(shape: &Shape, wire: &WireField, value: &Value<'_>) -> Result<Option<Document>, Malformed> {
    Ok(match shape {
        Shape::Text if wire.is_bytes => Some(STANDARD.encode(value.bytes()?).into()),
        Shape::Text => Some(text(value.bytes()?)?.into()),
        Shape::Boolean => Some((value.number()? != 0).into()),
        Shape::Integer => Some(value.number()?.into()),
        Shape::Number => match value {
            Value::Fixed(bits) => Some(f64::from_bits(*bits).into()),
            other => Some(other.number()?.into()),
        },
        Shape::Time => time(value.bytes()?, wire.is_micro)?,
        Shape::Quantity => field(value.bytes()?, 1)?.map(text).transpose()?.map(Document::from),
        Shape::IntegerOrText => Some(integer_or_text(value.bytes()?)?),
        Shape::Anything => match field(value.bytes()?, 1)?.unwrap_or_default() {
            [] => None,
            json => Some(Document::from_slice(json).map_err(|error| malformed(&error.to_string()))?),
        },
        Shape::Struct(id) => {
            let mut members = Members::new();
            message(value.bytes()?, numbers_of(*id), &mut members)?;
            Some(Document::Object(members.into()))
        }
        Shape::Array(_) | Shape::Map(_) => return Err(malformed("a list in a list")),
    })
}

fn is_zero(value: &Document) -> bool {
    match value {
        Document::Bool(flag) => !flag,
        Document::String(_) => value.as_str() == Some(""),
        Document::Number(_) => value.as_i64() == Some(0),
        _ => false,
    }
}

/// `metav1.Time` and `metav1.MicroTime`: seconds and nanoseconds; an empty message is no time.
fn time(bytes: &[u8], micro: bool) -> Result<Option<Document>, Malformed> {
    let (mut seconds, mut nanos) = (0, 0);
    for part in Parts(bytes) {
        match part? {
            (1, value) => seconds = value.number()?,
            (2, value) => nanos = value.number()?,
            _ => {}
        }
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    let nanos = i32::try_from(nanos).unwrap_or(0);
    let at = Timestamp::new(seconds, nanos).map_err(|error| malformed(&error.to_string()))?;
    let printer = DateTimePrinter::new().precision(Some(if micro { 6 } else { 0 }));
    Ok(Some(printer.timestamp_to_string(&at).into()))
}

fn integer_or_text(bytes: &[u8]) -> Result<Document, Malformed> {
    let (mut is_text, mut number, mut words) = (false, 0, String::new());
    for part in Parts(bytes) {
        match part? {
            (1, value) => is_text = value.number()? == 1,
            (2, value) => number = value.number()?,
            (3, Value::Bytes(value)) => words = text(value)?,
            _ => {}
        }
    }
    Ok(if is_text { words.into() } else { number.into() })
}

/// A field of a message that holds bytes.
fn field(bytes: &[u8], wanted: u64) -> Result<Option<&[u8]>, Malformed> {
    for part in Parts(bytes) {
        if let (number, Value::Bytes(found)) = part?
            && number == wanted
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn text(bytes: &[u8]) -> Result<String, Malformed> {
    String::from_utf8(bytes.to_vec()).map_err(|_| malformed("text that is not UTF-8"))
}

fn malformed(why: &str) -> Malformed {
    Malformed(why.to_owned())
}

/// A value as it stands in a message.
enum Value<'a> {
    Varint(u64),
    Fixed(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    fn bytes(&self) -> Result<&'a [u8], Malformed> {
        if let Self::Bytes(bytes) = self {
            Ok(bytes)
        } else {
            Err(malformed("a number where a message belongs"))
        }
    }

    /// Negative numbers are their two's complement.
    fn number(&self) -> Result<i64, Malformed> {
        match self {
            Self::Varint(number) => Ok(number.cast_signed()),
            _ => Err(malformed("a message where a number belongs")),
        }
    }
}

/// The fields of a message, in its order.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (first, rest) =
                self.0.split_first().ok_or_else(|| malformed("the message ends within a number"))?;
            self.0 = rest;
            number |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(malformed("a number of more than 64 bits"))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let taken =
            self.0.split_at_checked(length).ok_or_else(|| malformed("the message ends within a value"))?;
        self.0 = taken.1;
        Ok(taken.0)
    }

    fn part(&mut self) -> Result<(u64, Value<'a>), Malformed> {
        let tag = self.varint()?;
        let fixed = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed(fixed(self.take(8)?)),
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed(fixed(self.take(4)?)),
            other => return Err(malformed(&format!("wire type {other}"))),
        };
        Ok((tag >> 3, value))
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let part = self.part();
        if part.is_err() {
            self.0 = &[];
        }
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{MAGIC, decode};

    /// A field that holds bytes.
    fn bytes(number: u8, value: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2, u8::try_from(value.len()).unwrap()];
        out.extend_from_slice(value);
        out
    }

    fn body(api_version: &str, kind: &str, object: &[u8]) -> Vec<u8> {
        let meta = [bytes(1, api_version.as_bytes()), bytes(2, kind.as_bytes())].concat();
        [MAGIC.to_vec(), bytes(1, &meta), bytes(2, object)].concat()
    }

    #[test]
    fn a_lease_keeps_its_microseconds_and_zeros_of_pointers() {
        // renewTime 2026-01-01T00:00:01.5Z, leaseTransitions 0
        let time = [
            vec![1 << 3],
            vec![0x81, 0xf2, 0xd6, 0xca, 0x06],
            vec![2 << 3],
            vec![0x80, 0xca, 0xb5, 0xee, 0x01],
        ];
        let spec = [bytes(1, b"win1"), bytes(4, &time.concat()), vec![5 << 3, 0]].concat();
        let metadata = [bytes(1, b"win1"), bytes(2, b""), bytes(8, b"")].concat();
        let lease = [bytes(1, &metadata), bytes(2, &spec)].concat();
        let decoded = decode(&body("coordination.k8s.io/v1", "Lease", &lease)).unwrap();
        assert_eq!(
            decoded,
            doc!({
                "kind": "Lease", "apiVersion": "coordination.k8s.io/v1", "metadata": {"name": "win1"},
                "spec": {"holderIdentity": "win1", "renewTime": "2026-01-01T00:00:01.500000Z", "leaseTransitions": 0}
            })
        );
    }

    #[test]
    fn inlined_structs_maps_and_bytes_are_what_json_has() {
        let volume = [bytes(1, b"scratch"), bytes(2, &bytes(2, b""))].concat();
        let pod = bytes(2, &bytes(1, &volume));
        let decoded = decode(&body("v1", "Pod", &pod)).unwrap();
        let expected = doc!({"volumes": [{"name": "scratch", "emptyDir": {}}]});
        assert_eq!(decoded.get("spec"), Some(&expected));
        let secret = bytes(2, &[bytes(1, b"key"), bytes(2, b"\x00\x01")].concat());
        let decoded = decode(&body("v1", "Secret", &secret)).unwrap();
        assert_eq!(decoded.get("data"), Some(&doc!({"key": "AAE="})));
    }

    #[test]
    fn what_ends_too_early_is_refused() {
        assert!(decode(b"json").is_err());
        let whole = body("v1", "Pod", &bytes(2, b""));
        assert!(decode(&whole[..whole.len() - 1]).is_err());
        assert!(decode(&body("v1", "Nothing", b"")).is_err());
    }
}

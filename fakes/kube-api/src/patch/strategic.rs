//! Strategic merge patch: a merge patch that knows which lists are maps in disguise.
//!
//! Rules of apimachinery's `pkg/util/strategicpatch`: lists with a merge key merge item by item, lists of plain values
//! with the merge strategy unite, all others are replaced. Directives: `$patch: replace | delete | merge`,
//! `$retainKeys`, `$deleteFromPrimitiveList/<field>`, `$setElementOrder/<field>`.

use winlab_document::{Document, Key};

use super::order::normalize;
use crate::failure::Failure;
use crate::kinds::KindId;
use crate::schema::{Definition, Merge, Schema, Shape};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_PREFIX: &str = "$deleteFromPrimitiveList/";
const ORDER_PREFIX: &str = "$setElementOrder/";

type Members = Vec<(Key, Document)>;

/// The object after `patch`.
pub(super) fn apply(object: &Document, patch: &Document, kind: KindId) -> Result<Document, Failure> {
    let schema = Schema::get();
    let merger = Merger { schema };
    merger.object(object.clone(), patch, Some(schema.definition(schema.root(kind))))
}

struct Merger {
    schema: &'static Schema,
}

fn bad(message: impl Into<String>) -> Failure {
    Failure::bad_request(message)
}

fn lookup<'a>(members: &'a Members, name: &str) -> Option<&'a Document> {
    members.iter().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
}

fn put(members: &mut Members, name: &str, value: Document) {
    match members.iter_mut().find(|(known, _)| known.as_str() == name) {
        Some((_, old)) => *old = value,
        None => members.push((Key::new(name), value)),
    }
}

impl Merger {
    /// Merges a patch into an object of a definition; outside of structs (in maps, say) there is none.
    fn object(
        &self,
        original: Document,
        patch: &Document,
        definition: Option<&'static Definition>,
    ) -> Result<Document, Failure> {
        if let Some(directive) = patch.get(DIRECTIVE) {
            return whole(directive, patch);
        }
        let mut members: Members = original.members().to_vec();
        retain_keys(&mut members, patch)?;
        let mut done: Vec<&str> = Vec::new();
        for (name, order) in patch.members() {
            if let Some(field) = name.strip_prefix(ORDER_PREFIX)
                && self.ordered(&mut members, patch, field, order, definition)?
            {
                done.push(field);
            }
        }
        for (name, value) in patch.members() {
            if name.starts_with(ORDER_PREFIX) || name.as_str() == RETAIN_KEYS || done.contains(&name.as_str())
            {
                continue;
            }
            if let Some(field) = name.strip_prefix(DELETE_PREFIX) {
                delete_items(&mut members, field, value)?;
                continue;
            }
            self.member(&mut members, name, value, definition)?;
        }
        Ok(Document::Object(members.into()))
    }

    fn member(
        &self,
        members: &mut Members,
        name: &str,
        value: &Document,
        definition: Option<&'static Definition>,
    ) -> Result<(), Failure> {
        if value.is_null() {
            members.retain(|(known, _)| known.as_str() != name);
            return Ok(());
        }
        let field = definition.and_then(|definition| definition.field(name));
        let merged = match (lookup(members, name), value) {
            (Some(old @ Document::Object(_)), Document::Object(_)) => {
                let inner = field.and_then(|field| self.inner(&field.shape));
                Some(self.object(old.clone(), value, inner)?)
            }
            (Some(Document::Array(old)), Document::Array(new)) => match field
                .map(|field| (field.merge, &field.shape))
            {
                Some((Merge::Key(key), shape)) => Some(self.keyed(old, new, key, self.item(shape))?.into()),
                Some((Merge::Set, _)) => Some(normalize(unite(old, new), new, old, None).into()),
                Some((Merge::Replace, _)) | None => without_directives(value),
            },
            _ => without_directives(value),
        };
        match merged {
            Some(merged) => put(members, name, merged),
            None => members.retain(|(known, _)| known.as_str() != name),
        }
        Ok(())
    }

    /// The definition of a struct's or a map's values.
    fn inner(&self, shape: &Shape) -> Option<&'static Definition> {
        match shape {
            Shape::Struct(id) => Some(self.schema.definition(*id)),
            _ => None,
        }
    }

    fn item(&self, shape: &Shape) -> Option<&'static Definition> {
        match shape {
            Shape::Array(item) => self.inner(item),
            _ => None,
        }
    }

    /// Merges items by key.
    fn keyed(
        &self,
        old: &[Document],
        new: &[Document],
        key: &str,
        definition: Option<&'static Definition>,
    ) -> Result<Vec<Document>, Failure> {
        let (server, patch) = special_items(old, new, key)?;
        let mut merged = server.clone();
        for item in &patch {
            let value = item
                .get(key)
                .ok_or_else(|| bad(format!("map: {item} does not contain declared merge key: {key}")))?;
            match merged.iter_mut().find(|known| known.get(key) == Some(value)) {
                Some(known) => *known = self.object(known.clone(), item, definition)?,
                None => merged.extend(without_directives(item)),
            }
        }
        Ok(normalize(merged, &patch, &server, Some(key)))
    }

    /// Merges a list that comes with its order; whether there was anything to order.
    fn ordered(
        &self,
        members: &mut Members,
        patch: &Document,
        name: &str,
        order: &Document,
        definition: Option<&'static Definition>,
    ) -> Result<bool, Failure> {
        let Document::Array(order) = order else {
            return Err(bad(format!("expected {ORDER_PREFIX}{name} to be a list, found {}", order.kind())));
        };
        let field = definition.and_then(|definition| definition.field(name));
        let key = field.and_then(|field| match field.merge {
            Merge::Key(key) => Some(key),
            Merge::Set | Merge::Replace => None,
        });
        let new = patch.get(name).map(Document::items);
        check_order(new.unwrap_or_default(), order, key)?;
        let old = lookup(members, name).cloned();
        if new.is_some() {
            let value = patch.get(name).cloned().unwrap_or_default();
            self.member(members, name, &value, definition)?;
        } else if old.is_none() {
            return Ok(false);
        }
        let merged = lookup(members, name).map(Document::items).unwrap_or_default().to_vec();
        let server = old.as_ref().map(Document::items).unwrap_or_default();
        put(members, name, normalize(merged, order, server, key).into());
        Ok(true)
    }
}

/// What an object becomes that is patched as a whole.
fn whole(directive: &Document, patch: &Document) -> Result<Document, Failure> {
    match directive.as_str() {
        Some("replace") => {
            let mut replaced = patch.clone();
            replaced.remove(DIRECTIVE);
            Ok(replaced)
        }
        Some("delete") => Ok(Document::empty_object()),
        _ => Err(bad(format!("unknown patch type found: {directive}"))),
    }
}

/// `$retainKeys`: everything else goes; what the patch sets must be among them.
fn retain_keys(members: &mut Members, patch: &Document) -> Result<(), Failure> {
    let Some(kept) = patch.get(RETAIN_KEYS) else { return Ok(()) };
    let invalid = || bad("invalid patch format of retainKeys");
    let Document::Array(kept) = kept else { return Err(invalid()) };
    let is_kept = |name: &str| kept.iter().any(|known| known.as_str() == Some(name));
    for (name, value) in patch.members() {
        let directive = name.starts_with('$');
        if !directive && !value.is_null() && !is_kept(name) {
            return Err(invalid());
        }
    }
    members.retain(|(name, _)| is_kept(name));
    Ok(())
}

/// Takes `$patch` items out of a list's patch: what they do to the old items, and the other items.
fn special_items(
    old: &[Document],
    new: &[Document],
    key: &str,
) -> Result<(Vec<Document>, Vec<Document>), Failure> {
    let mut server = old.to_vec();
    let mut patch = Vec::new();
    let mut replace = false;
    for item in new {
        match item.get(DIRECTIVE).map(Document::as_str) {
            None if item.is_object() => patch.push(item.clone()),
            None => return Err(bad(format!("expected a map in a list that merges by {key}, found {item}"))),
            Some(Some("delete")) => {
                let value = item
                    .get(key)
                    .ok_or_else(|| bad(format!("map: {item} does not contain declared merge key: {key}")))?;
                server.retain(|known| known.get(key) != Some(value));
            }
            Some(Some("replace")) => replace = true,
            Some(Some("merge")) => return Err(bad("merging lists cannot yet be specified in the patch")),
            Some(_) => return Err(bad(format!("unknown patch type found in {item}"))),
        }
    }
    Ok(if replace { (patch, Vec::new()) } else { (server, patch) })
}

fn unite(old: &[Document], new: &[Document]) -> Vec<Document> {
    let mut united: Vec<Document> = Vec::with_capacity(old.len() + new.len());
    for item in old.iter().chain(new) {
        if !united.contains(item) {
            united.push(item.clone());
        }
    }
    united
}

fn delete_items(members: &mut Members, field: &str, doomed: &Document) -> Result<(), Failure> {
    if !doomed.is_array() {
        return Err(bad(format!("expected {DELETE_PREFIX}{field} to be a list, found {}", doomed.kind())));
    }
    if let Some((_, list)) = members.iter_mut().find(|(known, _)| known.as_str() == field) {
        list.retain(|item| !doomed.items().contains(item));
    }
    Ok(())
}

/// Items of the patch must be in the order that the patch itself gives.
fn check_order(items: &[Document], order: &[Document], key: Option<&str>) -> Result<(), Failure> {
    let mut from = 0;
    for item in items.iter().filter(|item| item.get(DIRECTIVE).is_none()) {
        let same = |known: &Document| match key {
            Some(key) => known.get(key).is_some() && known.get(key) == item.get(key),
            None => known == item,
        };
        let found = order[from..].iter().position(same);
        let Some(at) = found else {
            return Err(bad(format!(
                "The order in patch list:\n{items:?}\n doesn't match $setElementOrder list:\n{order:?}"
            )));
        };
        from += at + 1;
    }
    Ok(())
}

/// A value that takes a free place: nulls and directives have nothing to act on there. `None` if nothing is left.
fn without_directives(value: &Document) -> Option<Document> {
    match value {
        Document::Object(_) if value.text(&[DIRECTIVE]) == "delete" => None,
        Document::Object(members) => {
            let kept = members.iter().filter(|(name, value)| !name.starts_with('$') && !value.is_null());
            let kept = kept.filter_map(|(name, value)| Some((name.clone(), without_directives(value)?)));
            Some(Document::Object(kept.collect()))
        }
        Document::Array(items) => Some(items.iter().filter_map(without_directives).collect()),
        other => Some(other.clone()),
    }
}

//! Errors about fields.

use std::fmt;

use winlab_document::Document;

/// Path of a field as errors spell it: `spec.containers[0].image`, `metadata.labels[app]`. Its text is made only for an
/// error, so that walking a good object costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct FieldPath<'a> {
    parent: Option<&'a FieldPath<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Member(&'a str),
    Item(usize),
    Key(&'a str),
}

impl<'a> FieldPath<'a> {
    /// The path of a top-level field.
    pub const fn new(name: &'a str) -> Self {
        Self { parent: None, part: Part::Member(name) }
    }

    /// A member of it.
    #[must_use]
    pub const fn child(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), part: Part::Member(name) }
    }

    /// An item of it.
    #[must_use]
    pub const fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), part: Part::Item(index) }
    }

    /// The value of a map under this key.
    #[must_use]
    pub const fn key(&'a self, key: &'a str) -> Self {
        Self { parent: Some(self), part: Part::Key(key) }
    }
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match (self.part, self.parent) {
            (Part::Member(name), Some(_)) => write!(f, ".{name}"),
            (Part::Member(name), None) => f.write_str(name),
            (Part::Item(index), _) => write!(f, "[{index}]"),
            (Part::Key(key), _) => write!(f, "[{key}]"),
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    Required,
    Invalid(Document),
    NotSupported(Document),
    Forbidden,
    Duplicate(Document),
    TooLong,
    TooMany(usize),
    NotFound(Document),
}

/// An error about one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field.
    pub field: String,
    fault: Fault,
    detail: String,
}

impl FieldError {
    /// The machine-readable kind of error.
    pub fn reason(&self) -> &'static str {
        match self.fault {
            Fault::Required => "FieldValueRequired",
            Fault::Invalid(_) => "FieldValueInvalid",
            Fault::NotSupported(_) => "FieldValueNotSupported",
            Fault::Forbidden => "FieldValueForbidden",
            Fault::Duplicate(_) => "FieldValueDuplicate",
            Fault::TooLong => "FieldValueTooLong",
            Fault::TooMany(_) => "FieldValueTooMany",
            Fault::NotFound(_) => "FieldValueNotFound",
        }
    }

    /// The message without the field's path.
    pub fn body(&self) -> String {
        let head = match &self.fault {
            Fault::Required => "Required value".to_owned(),
            Fault::Forbidden => "Forbidden".to_owned(),
            Fault::TooLong => "Too long".to_owned(),
            Fault::Invalid(value) => format!("Invalid value: {value}"),
            Fault::NotSupported(value) => format!("Unsupported value: {value}"),
            Fault::Duplicate(value) => format!("Duplicate value: {value}"),
            Fault::NotFound(value) => format!("Not found: {value}"),
            Fault::TooMany(count) => format!("Too many: {count}"),
        };
        if self.detail.is_empty() { head } else { format!("{head}: {}", self.detail) }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.body())
    }
}

/// Errors as they are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    fn add(&mut self, path: &FieldPath<'_>, fault: Fault, detail: impl Into<String>) {
        self.0.push(FieldError { field: path.to_string(), fault, detail: detail.into() });
    }

    /// The field has to be there.
    pub fn required(&mut self, path: &FieldPath<'_>, detail: impl Into<String>) {
        self.add(path, Fault::Required, detail);
    }

    /// The value is not a good one.
    pub fn invalid(&mut self, path: &FieldPath<'_>, value: impl Into<Document>, detail: impl Into<String>) {
        self.add(path, Fault::Invalid(value.into()), detail);
    }

    /// The value is none of those that are known.
    pub fn not_supported(&mut self, path: &FieldPath<'_>, value: impl Into<Document>, known: &[&str]) {
        let quoted: Vec<String> = known.iter().map(|value| format!("{value:?}")).collect();
        let detail = if quoted.is_empty() {
            String::new()
        } else {
            format!("supported values: {}", quoted.join(", "))
        };
        self.add(path, Fault::NotSupported(value.into()), detail);
    }

    /// The field may not be set here.
    pub fn forbidden(&mut self, path: &FieldPath<'_>, detail: impl Into<String>) {
        self.add(path, Fault::Forbidden, detail);
    }

    /// The value is there twice.
    pub fn duplicate(&mut self, path: &FieldPath<'_>, value: impl Into<Document>) {
        self.add(path, Fault::Duplicate(value.into()), "");
    }

    /// The value names something that is not there.
    pub fn not_found(&mut self, path: &FieldPath<'_>, value: impl Into<Document>) {
        self.add(path, Fault::NotFound(value.into()), "");
    }

    /// The value has more than `most` bytes.
    pub fn too_long(&mut self, path: &FieldPath<'_>, most: usize) {
        self.add(path, Fault::TooLong, format!("may not be more than {most} bytes"));
    }

    /// There are more than `most` items.
    pub fn too_many(&mut self, path: &FieldPath<'_>, count: usize, most: usize) {
        let items = if most == 1 { "item" } else { "items" };
        self.add(path, Fault::TooMany(count), format!("must have at most {most} {items}"));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors in the order in which they were found.
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}

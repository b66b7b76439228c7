//! Errors about fields.

use std::fmt;

use winlab_document::Document;

/// Path of a field as errors spell it: `spec.containers[0].image`, `metadata.labels[app]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath(String);

impl FieldPath {
    /// The path of a top-level field.
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// A member of it.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() { Self::new(name) } else { Self(format!("{}.{name}", self.0)) }
    }

    /// An item of it.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The value of a map under this key.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}[{key}]", self.0))
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "<nil>" } else { &self.0 })
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
    fn add(&mut self, path: &FieldPath, fault: Fault, detail: impl Into<String>) {
        self.0.push(FieldError { field: path.to_string(), fault, detail: detail.into() });
    }

    /// The field has to be there.
    pub fn required(&mut self, path: &FieldPath, detail: impl Into<String>) {
        self.add(path, Fault::Required, detail);
    }

    /// The value is not a good one.
    pub fn invalid(&mut self, path: &FieldPath, value: impl Into<Document>, detail: impl Into<String>) {
        self.add(path, Fault::Invalid(value.into()), detail);
    }

    /// The value is none of those that are known.
    pub fn not_supported(&mut self, path: &FieldPath, value: impl Into<Document>, known: &[&str]) {
        let quoted: Vec<String> = known.iter().map(|value| format!("{value:?}")).collect();
        let detail = if quoted.is_empty() {
            String::new()
        } else {
            format!("supported values: {}", quoted.join(", "))
        };
        self.add(path, Fault::NotSupported(value.into()), detail);
    }

    /// The field may not be set here.
    pub fn forbidden(&mut self, path: &FieldPath, detail: impl Into<String>) {
        self.add(path, Fault::Forbidden, detail);
    }

    /// The value is there twice.
    pub fn duplicate(&mut self, path: &FieldPath, value: impl Into<Document>) {
        self.add(path, Fault::Duplicate(value.into()), "");
    }

    /// The value names something that is not there.
    pub fn not_found(&mut self, path: &FieldPath, value: impl Into<Document>) {
        self.add(path, Fault::NotFound(value.into()), "");
    }

    /// The value has more than `most` bytes.
    pub fn too_long(&mut self, path: &FieldPath, most: usize) {
        self.add(path, Fault::TooLong, format!("may not be more than {most} bytes"));
    }

    /// There are more than `most` items.
    pub fn too_many(&mut self, path: &FieldPath, count: usize, most: usize) {
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

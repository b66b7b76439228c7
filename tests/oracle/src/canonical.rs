//! Documents as text that is equal where they are: JSON objects have no order.

use winlab_document::Document;

/// One line, members by name.
#[must_use]
pub fn canonical(document: &Document) -> String {
    sorted(document).to_string()
}

fn sorted(document: &Document) -> Document {
    match document {
        Document::Object(_) => {
            let mut members: Vec<_> = document.members().iter().collect();
            members.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
            let mut object = Document::empty_object();
            for (name, value) in members {
                object.set(name.as_str(), sorted(value));
            }
            object
        }
        Document::Array(_) => document.items().iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    #[test]
    fn order_of_members_does_not_matter() {
        let one = super::canonical(&doc!({"b": [{"d": 1, "c": 2}], "a": null}));
        assert_eq!(one, r#"{"a":null,"b":[{"c":2,"d":1}]}"#);
    }
}

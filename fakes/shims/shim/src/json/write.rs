//! Writing the JSON objects that calls carry.

/// An object that is being written.
#[derive(Debug, Clone)]
pub struct Object(String);

impl Object {
    /// An object without members.
    #[must_use]
    pub fn new() -> Self {
        Self("{".to_owned())
    }

    /// With a member that is JSON already.
    #[must_use]
    pub fn json(mut self, name: &str, value: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, name);
        self.0.push(':');
        self.0.push_str(value);
        self
    }

    /// With a member that is a string.
    #[must_use]
    pub fn string(self, name: &str, value: &str) -> Self {
        self.json(name, &quoted(value))
    }

    /// With a member that is a whole number.
    #[must_use]
    pub fn number(self, name: &str, value: u64) -> Self {
        self.json(name, &value.to_string())
    }

    /// With a member that is an array of strings.
    #[must_use]
    pub fn strings<S: AsRef<str>>(self, name: &str, values: &[S]) -> Self {
        let mut array = String::from("[");
        for value in values {
            if array.len() > 1 {
                array.push(',');
            }
            quote(&mut array, value.as_ref());
        }
        array.push(']');
        self.json(name, &array)
    }

    /// The object's text.
    #[must_use]
    pub fn build(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

/// A string as JSON.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(&mut out, text);
    out
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::Object;
    use crate::json::Json;

    #[test]
    fn what_is_written_can_be_read() {
        let path = "C:\\pods\\\"a\"\n\u{1}é";
        let text = Object::new()
            .string("path", path)
            .number("pid", 4)
            .strings("of", &["x", "y"])
            .json("q", "null")
            .build();
        assert_eq!(
            text,
            "{\"path\":\"C:\\\\pods\\\\\\\"a\\\"\\u000a\\u0001é\",\"pid\":4,\"of\":[\"x\",\"y\"],\"q\":null}"
        );
        assert_eq!(Json::parse(&text).unwrap().get("path").unwrap().as_str().as_deref(), Some(path));
        assert_eq!(Object::default().build(), "{}");
    }
}

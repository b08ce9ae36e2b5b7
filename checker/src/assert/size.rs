//! A size in bytes, written as people write it: `80MB`, `1.5 GiB`, `4096`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes. `kB`, `MB` and `GB` are powers of 1000, as `docker images` shows them; `KiB`, `MiB` and `GiB` of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    /// Reads a size; `None` where it is none.
    pub fn parse(text: &str) -> Option<Size> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let factor: f64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            _ => return None,
        };
        let bytes = number.parse::<f64>().ok()? * factor;
        // Above this a number with a fraction is no longer exact, and no image is that large.
        (bytes.is_finite() && bytes < 9e15).then_some(Size(bytes as u64))
    }
}

/// A number of bytes as `docker images` shows it.
pub fn human(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = match (unit, value) {
        (0, _) | (_, 100.0..) => 0,
        (_, 10.0..) => 1,
        _ => 2,
    };
    format!("{value:.digits$}{}", units[unit])
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of bytes, or a size such as 80MB or 1.5 GiB.",
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": "^[0-9]+([.][0-9]+)? ?([kKmMgG][iI]?)?[bB]?$"}
            ]
        })
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Size, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Number(bytes) => return Ok(Size(bytes)),
            Written::Text(text) => text,
        };
        Size::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no size; write it like 80MB"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes) in [
            ("80MB", 80_000_000),
            ("1.5 GiB", 1_610_612_736),
            ("12", 12),
            ("3k", 3000),
        ] {
            assert_eq!(Size::parse(text), Some(Size(bytes)), "{text}");
        }
        for text in ["", "MB", "-1MB", "1 XB", "1.2.3MB"] {
            assert_eq!(Size::parse(text), None, "{text}");
        }
        assert_eq!(human(999), "999B");
        assert_eq!(human(1_234_567), "1.23MB");
        assert_eq!(human(121_000_000), "121MB");
        assert_eq!(
            serde_yaml::from_str::<Size>("80MB").unwrap(),
            Size(80_000_000)
        );
        assert!(serde_yaml::from_str::<Size>("much").is_err());
    }
}

//! Request paths: decoded once, refused when they could be read in two ways, split into words.

use crate::error::Fault;
use percent_encoding::percent_decode_str;

/// The oldest API version that clients may name.
const OLDEST: u32 = 24;

/// Splits a path into its decoded words, without the version in front.
///
/// `newest` is the minor number of the API version that the gateway speaks. The path itself never goes upstream.
pub(crate) fn split(raw: &str, newest: u32) -> Result<Vec<String>, Fault> {
    let odd = || Fault::bad(format!("the path cannot be used: {raw:?}"));
    if raw.len() > 4096 {
        return Err(Fault::bad("the path is too long"));
    }
    let decoded = percent_decode_str(raw).decode_utf8().map_err(|_| odd())?;
    let rest = decoded.strip_prefix('/').ok_or_else(odd)?;
    if decoded
        .chars()
        .any(|c| c.is_control() || matches!(c, '\\' | '%' | '?' | '#' | ';'))
    {
        return Err(odd());
    }
    let mut words: Vec<String> = rest.split('/').map(str::to_owned).collect();
    if words
        .iter()
        .any(|word| word.is_empty() || word == "." || word == "..")
    {
        return Err(odd());
    }
    if let Some(version) = words[0]
        .strip_prefix('v')
        .filter(|v| v.starts_with(|c: char| c.is_ascii_digit()))
    {
        let minor = version
            .strip_prefix("1.")
            .filter(|minor| !minor.starts_with('0') && minor.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|minor| minor.parse::<u32>().ok())
            .ok_or_else(odd)?;
        if minor > newest {
            return Err(Fault::bad(format!(
                "client version 1.{minor} is too new. Maximum supported API version is 1.{newest}"
            )));
        }
        if minor < OLDEST {
            return Err(Fault::bad(format!(
                "client version 1.{minor} is too old. Minimum supported API version is 1.{OLDEST}, \
                 please upgrade your client to a newer version"
            )));
        }
        words.remove(0);
    }
    if words.is_empty() {
        return Err(Fault::missing("page not found"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_split() {
        assert_eq!(
            split("/v1.41/containers/json", 41).expect("fine"),
            ["containers", "json"]
        );
        assert_eq!(split("/_ping", 41).expect("fine"), ["_ping"]);
        assert_eq!(
            split("/images/a%2Fb%3A1/json", 41).expect("fine"),
            ["images", "a", "b:1", "json"]
        );
        assert_eq!(
            split("/volumes/v1data", 41).expect("fine"),
            ["volumes", "v1data"]
        );
    }

    #[test]
    fn odd_spellings_are_refused() {
        for path in [
            "//containers/json",
            "/containers//json",
            "/./containers/json",
            "/x/../containers/json",
            "/containers/json/",
            "/%2e%2e/containers",
            "/v1.041/info",
            "/v01.41/info",
            "/v1.41.0/info",
            "/v2/info",
            "/v1/info",
            "/v1.99/info",
            "/v1.12/info",
            "/v1.41",
            "/containers/%00",
            "/containers/%252e",
            "/containers/a%0a",
            "containers/json",
            "/",
            "/containers\\json",
            "/containers/%ff",
        ] {
            assert!(split(path, 41).is_err(), "{path}");
        }
    }
}

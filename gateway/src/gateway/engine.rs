//! What the engine says of itself when a gateway opens: which interface it speaks, which runtimes it has.

use crate::error::GatewayError;
use crate::upstream::{Call, Upstream};
use serde_json::Value;

/// The API version that the gateway speaks where the engine does too.
const API_MINOR: u32 = 41;

pub(super) async fn ask(upstream: &Upstream, path: &str) -> Result<Value, GatewayError> {
    upstream
        .json(Call::get(path))
        .await
        .map_err(|fault| GatewayError::Engine(fault.message))
}

/// Whether the engine knows the runtime that was chosen.
pub(super) fn check_runtime(chosen: Option<&str>, info: &Value) -> Result<(), GatewayError> {
    let Some(chosen) = chosen else { return Ok(()) };
    let known = info["Runtimes"].as_object();
    let mut known: Vec<&str> = known
        .into_iter()
        .flat_map(|all| all.keys().map(String::as_str))
        .collect();
    if known.contains(&chosen) {
        return Ok(());
    }
    known.sort_unstable();
    Err(GatewayError::Engine(format!(
        "it has no runtime {chosen:?}; it has {}. Install it and add it to \"runtimes\" in the engine's daemon.json",
        known.join(", ")
    )))
}

/// The version to speak: 1.41, or what comes nearest to it on this engine.
pub(super) fn api_version(version: &Value) -> Result<String, GatewayError> {
    let minor =
        |key: &str| -> Option<u32> { version[key].as_str()?.strip_prefix("1.")?.parse().ok() };
    let newest = minor("ApiVersion").ok_or_else(|| {
        GatewayError::Engine("it does not say which API version it speaks".to_owned())
    })?;
    let oldest = minor("MinAPIVersion").unwrap_or(12);
    Ok(format!("1.{}", API_MINOR.clamp(oldest, newest.max(oldest))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_api_version_stays_within_what_the_engine_speaks() {
        let version = |oldest: &str, newest: &str| {
            api_version(&json!({"ApiVersion": newest, "MinAPIVersion": oldest}))
        };
        assert_eq!(version("1.12", "1.41").expect("fine"), "1.41");
        assert_eq!(version("1.24", "1.50").expect("fine"), "1.41");
        assert_eq!(version("1.44", "1.52").expect("fine"), "1.44");
        assert_eq!(version("1.12", "1.40").expect("fine"), "1.40");
        assert!(api_version(&json!({})).is_err());
    }

    #[test]
    fn a_runtime_that_the_engine_does_not_have_is_named_with_those_it_has() {
        let info = json!({ "Runtimes": { "runc": {}, "crun": {} } });
        assert!(check_runtime(None, &info).is_ok());
        assert!(check_runtime(Some("crun"), &info).is_ok());
        let error = check_runtime(Some("runsc"), &info).expect_err("it is not there");
        assert!(error.to_string().contains("it has crun, runc"), "{error}");
    }
}

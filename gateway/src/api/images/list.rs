//! `docker images`: what the scope sees, by the filters that the engine knows.

use super::{listed, resolve};
use crate::api::{Answer, Ask, ok};
use crate::error::Fault;
use crate::policy::pattern::glob;
use crate::scope::Inner;
use serde_json::Value;
use std::cmp::Ordering;

pub(crate) async fn list(scope: &Inner, ask: &Ask) -> Answer {
    let params = ask.params(&[
        "all",
        "filters",
        "digests",
        "filter",
        "shared-size",
        "manifests",
        // Docker's SDK for Python sends it; no engine reads it any more.
        "only_ids",
    ])?;
    let mut filters = params.filters()?;
    if let Some(name) = params.text("filter") {
        filters
            .entry("reference".to_owned())
            .or_default()
            .push(name.to_owned());
    }
    const KNOWN: [&str; 6] = ["dangling", "label", "reference", "until", "before", "since"];
    if let Some(key) = filters.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(Fault::bad(format!("Invalid filter '{key}'")));
    }
    let mut shown = listed(scope).await?;
    for (key, wanted) in &filters {
        if matches!(key.as_str(), "until" | "before" | "since") {
            for want in wanted {
                let fits = by_age(scope, &shown, key, want)?;
                shown.retain(|image| fits(image["Created"].as_i64().unwrap_or(0)));
            }
            continue;
        }
        shown.retain_mut(|image| match key.as_str() {
            "dangling" => wanted
                .iter()
                .any(|want| is_dangling(image) == matches!(want.as_str(), "true" | "1")),
            "label" => wanted
                .iter()
                .all(|want| crate::api::networks::label_matches(&image["Labels"], want)),
            "reference" => {
                // The engine shows only those references that the filter names.
                if let Some(tags) = image["RepoTags"].as_array_mut() {
                    tags.retain(|tag| {
                        wanted
                            .iter()
                            .any(|want| reference_matches(want, tag.as_str().unwrap_or("")))
                    });
                }
                image["RepoTags"]
                    .as_array()
                    .is_some_and(|tags| !tags.is_empty())
            }
            _ => true,
        });
    }
    ok(&Value::Array(shown))
}

/// Whether an image is old or young enough, by a point in time or by the age of another image.
fn by_age(
    scope: &Inner,
    all: &[Value],
    key: &str,
    want: &str,
) -> Result<impl Fn(i64) -> bool + use<>, Fault> {
    let (bound, order) = match key {
        "until" => (crate::api::containers::moment(want)?, Ordering::Less),
        _ => {
            let id = resolve(scope, want)?;
            let other = all.iter().find(|image| image["Id"] == id.as_str());
            let created = other.and_then(|image| image["Created"].as_i64());
            let order = if key == "before" {
                Ordering::Less
            } else {
                Ordering::Greater
            };
            (created.unwrap_or(0), order)
        }
    };
    Ok(move |created: i64| created.cmp(&bound) == order)
}

pub(super) fn is_dangling(image: &Value) -> bool {
    image["RepoTags"][0] == "<none>:<none>"
}

/// A reference filter: `name`, `name:tag`, with `*` for anything within one part.
fn reference_matches(pattern: &str, reference: &str) -> bool {
    let (repository, _) = reference.rsplit_once(':').unwrap_or((reference, ""));
    glob(pattern, reference) || glob(pattern, repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_filters_work_as_on_the_engine() {
        assert!(reference_matches("app", "app:1"));
        assert!(reference_matches("app:1", "app:1"));
        assert!(reference_matches("a*", "app:1"));
        assert!(reference_matches("me/*", "me/app:1"));
        assert!(!reference_matches("*", "me/app:1"));
        assert!(!reference_matches("ap", "app:1"));
    }
}

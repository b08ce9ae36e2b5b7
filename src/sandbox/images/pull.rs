//! Pulling the real images, with patience that ends.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::progress::{Report, Stage};
use super::{Images, QUESTION};

/// How long a registry may take to say anything at all.
const FIRST_WORD: Duration = Duration::from_secs(12);

/// How long a pull may stand still.
const STANDSTILL: Duration = Duration::from_secs(60);

impl Images {
    /// Makes sure that the real image is on the engine. Says whether it was there before.
    pub(super) async fn pull(&self, reference: &str, report: &Report<'_>) -> Result<bool, String> {
        if let Ok(Ok(_)) = timeout(QUESTION, self.engine.docker.inspect_image(reference)).await {
            return Ok(true);
        }
        if self.no_registry.load(Ordering::Relaxed) {
            return Err("no registry answers".to_owned());
        }
        report(Stage::Pull, "asking the registry", 0, 0);
        let options = CreateImageOptionsBuilder::default()
            .from_image(reference)
            .build();
        let mut stream = self.engine.docker.create_image(Some(options), None, None);
        let mut layers = Layers::default();
        let mut patience = FIRST_WORD;
        loop {
            let event = match timeout(patience, stream.next()).await {
                Ok(Some(Ok(event))) => event,
                Ok(None) => return Ok(false),
                Ok(Some(Err(error))) => {
                    let error = error.to_string();
                    if is_unreachable(&error) {
                        self.no_registry.store(true, Ordering::Relaxed);
                    }
                    return Err(error);
                }
                Err(_) => {
                    self.no_registry.store(true, Ordering::Relaxed);
                    return Err("the registry does not answer in time".to_owned());
                }
            };
            patience = STANDSTILL;
            let detail = event.progress_detail.unwrap_or_default();
            if let (Some(id), Some(status)) = (event.id, event.status) {
                layers.note(id, &status, detail.current, detail.total);
                let (done, total) = layers.sum();
                report(Stage::Pull, "pulling", done, total);
            }
        }
    }
}

/// How much of each layer has come. A layer counts twice: once for its way here, once for being unpacked.
#[derive(Debug, Default)]
struct Layers(BTreeMap<String, (u64, u64)>);

impl Layers {
    fn note(&mut self, id: String, status: &str, current: Option<i64>, total: Option<i64>) {
        let number = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        let known = self.0.get(&id).map_or(0, |layer| layer.1);
        let total = number(total).filter(|total| *total > 0).unwrap_or(known);
        let current = number(current).unwrap_or(0);
        let done = match status {
            "Downloading" => current,
            "Download complete" => total,
            "Extracting" => total + current,
            "Pull complete" | "Already exists" => total * 2,
            _ => return,
        };
        self.0.insert(id, (done.min(total * 2), total));
    }

    fn sum(&self) -> (u64, u64) {
        self.0.values().fold((0, 0), |(done, total), layer| {
            (done + layer.0, total + layer.1 * 2)
        })
    }
}

/// Whether an error means that no registry can be reached at all, and not only that this image is not to be had.
fn is_unreachable(error: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "no such host",
        "connection refused",
        "network is unreachable",
        "no route to host",
        "i/o timeout",
        "Client.Timeout",
        "context deadline exceeded",
        "server misbehaving",
        "proxyconnect",
        "x509:",
        "tls:",
        "EOF",
    ];
    SIGNS.iter().any(|sign| error.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_add_up() {
        let mut layers = Layers::default();
        layers.note(
            "3.11-slim".to_owned(),
            "Pulling from library/python",
            None,
            None,
        );
        layers.note("a".to_owned(), "Pulling fs layer", Some(0), None);
        assert_eq!(layers.sum(), (0, 0));
        layers.note("a".to_owned(), "Downloading", Some(30), Some(100));
        layers.note("b".to_owned(), "Downloading", Some(10), Some(50));
        assert_eq!(layers.sum(), (40, 300));
        layers.note("a".to_owned(), "Download complete", None, None);
        layers.note("a".to_owned(), "Extracting", Some(50), Some(100));
        assert_eq!(layers.sum(), (160, 300));
        layers.note("a".to_owned(), "Pull complete", None, None);
        layers.note("b".to_owned(), "Already exists", None, None);
        assert_eq!(layers.sum(), (300, 300));
    }

    #[test]
    fn a_missing_image_is_not_a_missing_registry() {
        assert!(is_unreachable(
            "Get \"https://registry/v2/\": dial tcp: lookup registry: no such host"
        ));
        assert!(is_unreachable(
            "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"
        ));
        assert!(!is_unreachable(
            "manifest for library/python:9 not found: manifest unknown"
        ));
        assert!(!is_unreachable(
            "toomanyrequests: You have reached your pull rate limit"
        ));
    }
}

//! Requests per second, and places for what runs at the same time.

use crate::scope::lock;
use std::sync::Mutex;
use std::time::Instant;

/// How many seconds' worth of requests may come at once.
const BURST: f64 = 5.0;

/// A bucket of tokens, one for each request. Streams that run on cost nothing more.
#[derive(Debug, Default)]
pub(crate) struct Rate(Mutex<Option<(f64, Instant)>>);

impl Rate {
    /// Takes a token if there is one.
    pub(crate) fn take(&self, per_second: u32) -> bool {
        self.take_at(per_second, Instant::now())
    }

    fn take_at(&self, per_second: u32, now: Instant) -> bool {
        let full = f64::from(per_second) * BURST;
        let mut bucket = lock(&self.0);
        let (tokens, since) = bucket.unwrap_or((full, now));
        let fresh = now.saturating_duration_since(since).as_secs_f64() * f64::from(per_second);
        let tokens = (tokens + fresh).min(full);
        let enough = tokens >= 1.0;
        *bucket = Some((if enough { tokens - 1.0 } else { tokens }, now));
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let rate = Rate::default();
        let start = Instant::now();
        let passed = (0..1000).filter(|_| rate.take_at(10, start)).count();
        assert_eq!(passed, 50);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..1000).filter(|_| rate.take_at(10, later)).count(), 10);
        // Whoever waited long has a burst again, and no more.
        let much_later = start + Duration::from_secs(3600);
        assert_eq!(
            (0..1000).filter(|_| rate.take_at(10, much_later)).count(),
            50
        );
    }
}

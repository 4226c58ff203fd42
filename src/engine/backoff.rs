//! How long to wait before something is tried again.

use std::time::Duration;

use crate::chance::bits;

/// The n-th back-off (from zero): between half of it and the whole of `first * 2^n`, at most `most`.
/// Half stays fixed so that the gaps grow and a fleet of processes still spreads out.
pub(crate) fn backoff(first: Duration, most: Duration, n: u32) -> Duration {
    let whole = first.saturating_mul(1 << n.min(16)).min(most);
    let part = (bits() % 1_000) as u32;
    whole / 2 + whole / 2 * part / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_grow_up_to_the_cap() {
        let (first, most) = (Duration::from_secs(4), Duration::from_secs(30));
        let gap = |n| backoff(first, most, n);
        assert!(gap(0) >= Duration::from_secs(2) && gap(0) <= Duration::from_secs(4));
        assert!(gap(1) >= Duration::from_secs(4) && gap(1) <= Duration::from_secs(8));
        assert!(gap(40) <= most);
    }
}

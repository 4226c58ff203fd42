//! Times in buckets that grow with them, so that percentiles of any number of runs can be added up.
//!
//! A bucket is a 32nd of the power of two that it lies in; its middle is at most 1/64 (1.6 %) away
//! from any time inside, and times below 64 ms are exact. Pure integer arithmetic.

/// The most that a percentile can be off, as a part of itself.
pub(crate) const ERROR: f64 = 1.0 / 64.0;
/// Buckets of one kind of time.
pub(crate) const BUCKETS: usize = 1024;

/// The significant bits of a bucket, its leading one not counted.
const BITS: u32 = 5;
/// Longer times (24 days) count as this long, in milliseconds.
const LONGEST: u64 = (1 << 31) - 1;

/// The bucket of a time in milliseconds.
pub(crate) fn bucket(ms: u64) -> usize {
    let ms = ms.min(LONGEST);
    let length = 64 - ms.leading_zeros();
    let shift = length.saturating_sub(BITS + 1);
    ((shift << BITS) as u64 + (ms >> shift)) as usize
}

/// The middle of a bucket, in milliseconds.
pub(crate) fn middle(bucket: usize) -> u64 {
    let shift = (bucket >> BITS).saturating_sub(1);
    let first = (bucket as u64 - ((shift as u64) << BITS)) << shift;
    first + ((1 << shift) - 1) / 2
}

/// The time that so many thousandths of all runs did not exceed, by the nearest rank.
pub(crate) fn percentile(counts: &[u64], thousandths: u64) -> Option<u64> {
    let all: u64 = counts.iter().sum();
    let rank = (all * thousandths).div_ceil(1000).max(1);
    let mut seen = 0;
    let at = counts.iter().position(|count| {
        seen += count;
        seen >= rank
    });
    at.map(middle)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_middle_is_near_and_buckets_keep_the_order(ms in 0u64..=LONGEST, more in 0u64..1_000_000) {
            let near = middle(bucket(ms));
            prop_assert!(near.abs_diff(ms) as f64 <= ms as f64 * ERROR, "{ms} {near}");
            prop_assert!(bucket(ms + more) >= bucket(ms) && bucket(ms + more) < BUCKETS);
            prop_assert_eq!(bucket(middle(bucket(ms))), bucket(ms));
        }

        #[test]
        fn percentiles_are_near_the_sorted_ones(times in prop::collection::vec(0u64..600_000, 1..200)) {
            let mut counts = vec![0; BUCKETS];
            times.iter().for_each(|ms| counts[bucket(*ms)] += 1);
            let mut sorted = times.clone();
            sorted.sort_unstable();
            for thousandths in [500, 950, 990] {
                let rank = (sorted.len() * thousandths as usize).div_ceil(1000).max(1);
                let exact = sorted[rank - 1];
                let found = percentile(&counts, thousandths).unwrap();
                prop_assert!(found.abs_diff(exact) as f64 <= exact as f64 * ERROR, "{exact} {found}");
            }
        }
    }

    #[test]
    fn the_longest_have_a_bucket_too() {
        assert!(bucket(u64::MAX) < BUCKETS);
        assert_eq!(percentile(&[0; BUCKETS], 500), None);
    }
}

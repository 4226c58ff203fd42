//! Ids and default seeds.

use sha2::{Digest, Sha256};

use crate::chance::bits;
use crate::clock;

/// A run's id: the date (in UTC, as in the log) and 40 random bits, such as `261122-7f3k9q2m`.
pub fn run_id() -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let random = bits();
    let tail = (0..8).map(|at| char::from(LETTERS[(random >> (5 * at)) as usize & 31]));
    clock::now().strftime("%y%m%d-").to_string() + &tail.collect::<String>()
}

/// A seed that every provider accepts: 31 bits.
pub fn seed() -> u64 {
    bits() >> 33
}

/// The seed that belongs to a prompt, for a picture that is to be the same again.
pub(crate) fn seed_of(prompt: &str) -> u64 {
    let digest = Sha256::digest(prompt);
    digest.iter().take(4).fold(0, |seed, byte| seed << 8 | u64::from(*byte)) >> 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_seeds_differ() {
        assert_ne!(run_id(), run_id());
        assert_eq!(run_id().len(), 15);
        assert!(seed() < 1 << 31 && seed_of("a fox") < 1 << 31);
        assert_eq!(seed_of("a fox"), seed_of("a fox"));
        assert_ne!(seed_of("a fox"), seed_of("an owl"));
    }
}

//! Chance, from the operating system's randomness.

use std::hash::{BuildHasher, Hasher, RandomState};

/// 64 random bits. Every `RandomState` has fresh keys, so the empty hash is random.
pub(crate) fn bits() -> u64 {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        return world.bits();
    }
    RandomState::new().build_hasher().finish()
}

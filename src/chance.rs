//! Chance, from the operating system's randomness.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;

/// 256 bits for a secret, from the operating system itself: what [`bits`] gives is for what nobody has to
/// be kept from guessing.
///
/// # Errors
/// The system has none.
pub(crate) fn secret() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    Ok(bytes)
}

/// 64 random bits. Every `RandomState` has fresh keys, so the empty hash is random.
pub(crate) fn bits() -> u64 {
    #[cfg(test)]
    if let Some(world) = crate::simulator::world::here() {
        return world.bits();
    }
    RandomState::new().build_hasher().finish()
}

//! Whole programs in a simulated machine.

#[expect(dead_code, reason = "nothing is simulated yet")]
pub(crate) mod world;

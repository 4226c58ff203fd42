//! The checks of `tests/it/checks`, compiled for the fuzzer: target and replay cannot drift apart.

#[path = "../tests/it/checks/mod.rs"]
pub mod checks;

//! Fuzz target; what must hold is said in `tests/it/checks`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pinx_fuzz::checks::foreign_recipe(data));

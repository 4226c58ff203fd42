//! pinx makes images from text, with any provider or with none.
//!
//! The straight line: `argv → cli → cmd::generate::Args → Request → engine::plan → Job{Route…} →
//! journal intent → Dialect::submit → Call → Route::authorize → Transport → Reply → Dialect::read → … →
//! Yield → verify → file → journal result`, with `Event`s falling out sideways to `ui`.
//!
//! The layers: a module may use modules on lines below its own, never above or beside it. The tidy
//! test reads this table.
//!
//! ```text
//! cli
//! cmd
//! ui
//! engine
//! batch page stats
//! store net settings
//! dialect
//! render catalog
//! style
//! request
//! money error secret text json fs process ranking zone
//! clock pool chance
//! ```
//!
//! Seven ideas carry it. A dialect is pure. A `Call` is data, keyless and serialisable, so a
//! journalled call is the continuation of its job. A `Route` alone puts address and key on a call. A
//! `Plan` is jobs, each with routes in order. The engine says only `Event`s. The journal is the only
//! memory. A reply is kept raw until it is understood.

pub mod batch;
pub mod catalog;
mod chance;
pub mod cli;
mod clock;
mod cmd;
pub mod dialect;
pub mod engine;
pub mod error;
mod fs;
pub mod json;
pub mod money;
pub mod net;
mod page;
mod pool;
mod process;
mod ranking;
pub mod render;
pub mod request;
mod secret;
pub mod settings;
#[cfg(test)]
#[path = "../tests/simulator/mod.rs"]
mod simulator;
mod stats;
pub mod store;
mod style;
pub mod text;
mod ui;
mod zone;

pub use cli::run;

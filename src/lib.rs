//! pinx makes images from text, with any provider or with none.
//!
//! `ARCHITECTURE.md` draws the straight line from a prompt to a file, and says where money and replies
//! live.
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
//! style syntax
//! request
//! money error secret text json fs process ranking zone
//! clock pool chance
//! ```

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
pub mod syntax;
pub mod text;
mod ui;
mod zone;

pub use cli::run;

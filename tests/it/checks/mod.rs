//! What must hold for any bytes whatever: one function a fuzz target, each panics where it does not.
//!
//! The fuzz crate includes this file, and `corpus` replays the committed samples with the same
//! functions, so that a target and its replay cannot drift apart.

mod base64;
mod batch;
mod foreign;
mod image;
mod journal;
mod name;
mod outline;
mod reply;
mod salvage;
mod settings;

pub use self::base64::base64_pieces;
pub use self::batch::batch_file;
pub use self::foreign::foreign_recipe;
pub use self::image::image_walk;
pub use self::journal::journal_reader;
pub use self::name::name_template;
pub use self::outline::body_outline;
pub use self::reply::{fal_reply, openai_reply};
pub use self::salvage::salvaged_body;
pub use self::settings::settings_text;

/// A target: the name of its directory of samples, and its check.
pub type Target = (&'static str, fn(&[u8]));

/// Every target with the name of its samples' directory.
pub const ALL: [Target; 11] = [
    ("base64_pieces", base64_pieces),
    ("batch_file", batch_file),
    ("body_outline", body_outline),
    ("fal_reply", fal_reply),
    ("foreign_recipe", foreign_recipe),
    ("image_walk", image_walk),
    ("journal_reader", journal_reader),
    ("name_template", name_template),
    ("openai_reply", openai_reply),
    ("salvaged_body", salvaged_body),
    ("settings_text", settings_text),
];

/// Text that may stand in a message: nothing in it moves a cursor, reorders or hides.
#[track_caller]
fn inert(text: &str) {
    let found = text.chars().find(|c| pinx::text::is_dangerous(*c));
    assert!(found.is_none(), "{found:?} in {text:?}");
}

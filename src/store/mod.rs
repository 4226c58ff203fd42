//! What is kept on the disk: images with their names and recipes, the log, and the cache.
//!
//! Files are written only through `fs`; a name is taken without ever replacing what is there.

mod artifact;
pub(crate) mod cache;
pub(crate) mod claim;
pub mod clients;
mod drawing;
mod input;
pub mod log;
mod metadata;
mod name;
pub(crate) mod pieces;
mod pixels;
mod profile;
mod runs;
mod sink;
mod verify;

pub(crate) use artifact::hashed_from;
pub use artifact::{
    Converted, KeptFile, Replace, SaveRequest, SavedFiles, Source, WHOLE, WrittenPart, holds,
    is_logged, is_whole, save, too_large, write_part,
};
pub use cache::{Cache, CacheKey};
pub use clients::{Client, Clients, Figures, Grant, fits};
pub use drawing::{Drawing, GivenFile, draw};
pub(crate) use input::{
    InputStore, LARGEST_INPUT, LeftOut, MaskOf, PictureSource, TakenInput, UploadKey, Uploads,
};
pub use log::{Entry, EntryKind, Log};
pub use metadata::{
    Peek, Program, Provenance, Recipe, embed, parameters, peek, peek_head, read, read_own,
    read_parameters,
};
pub use name::{FIELDS, Fields, Output, OutputTarget, SLUG, candidate, plan, taken, template_root};
pub use pixels::{DECODED_EDGE, DECODED_PIXELS, decode};
pub use runs::Runs;
pub(crate) use sink::Existing;
pub use sink::{Location, Sink};
pub use verify::{
    Facts, MAX_EDGE, MAX_PIXELS, VerifiedFile, is_inert_svg, sniff, verify, verify_file,
};

//! An input: a picture that another one is made from, or a mask that says where.
//!
//! It is known by what it is, never by its name or place: a recipe may be published.

use serde::{Deserialize, Serialize};

use super::Size;
use crate::text;

/// The fewest digits of a picture's hash that name it.
const DIGITS: usize = 12;

/// What an input is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It is changed, or lends what it shows.
    Image,
    /// It says which part of the first image is to be changed.
    Mask,
}

impl Role {
    /// What inputs of these roles are called where they are spoken of: `image 1`.
    pub fn names(roles: impl IntoIterator<Item = Role>) -> impl Iterator<Item = String> {
        let mut images = 0;
        roles.into_iter().map(move |role| {
            images += usize::from(role == Role::Image);
            match role {
                Role::Image => format!("image {images}"),
                Role::Mask => "the mask".to_owned(),
            }
        })
    }
}

/// Which part of a mask is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskMeans {
    /// What is white.
    White,
    /// What is transparent.
    Transparent,
}

impl MaskMeans {
    /// Both of them.
    pub const ALL: [MaskMeans; 2] = [MaskMeans::White, MaskMeans::Transparent];

    /// `white`.
    pub fn word(self) -> &'static str {
        match self {
            MaskMeans::White => "white",
            MaskMeans::Transparent => "transparent",
        }
    }
}

/// One input as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// What it is for.
    pub role: Role,
    /// Of the file, in hex.
    pub sha256: String,
    /// Its size as it is seen: upright.
    pub size: Size,
    /// Which part of a mask is to be changed, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<MaskMeans>,
}

impl Input {
    /// Whether it is named by a hash, as a recipe of ours does.
    pub fn has_hash(&self) -> bool {
        self.sha256.len() == 64 && self.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// The start of its hash for people, and its size: `3fa9c2d1e0ab, 64x96 pixels`.
    pub fn shown(&self) -> String {
        format!("{}, {} pixels", self.short_hash(), self.size)
    }

    /// The start of its hash, by which the log is asked for it.
    pub fn short_hash(&self) -> String {
        let start: String = self.sha256.chars().take(DIGITS).collect();
        text::clean(&start, DIGITS)
    }
}

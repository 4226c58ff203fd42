//! Words that say what is wanted of a picture that is there, and name nothing that could be drawn.
//!
//! Pure: no network, no clock, no files.

/// Words before a thing that is in the picture already.
pub(super) const THERE: [&str; 40] = [
    "the", "this", "that", "these", "those", "its", "his", "her", "their", "my", "our", "your",
    "der", "die", "das", "den", "dem", "le", "la", "les", "l", "el", "los", "las", "il", "lo",
    "gli", "o", "os", "as", "het", "ce", "cette", "diese", "dieser", "este", "esta", "questo",
    "questa", "seine",
];

/// Words that put something into a picture, even "the" fox.
pub(super) const ADD: [&str; 18] = [
    "put", "add", "place", "insert", "include", "draw", "paint", "give", "setze", "füge", "stelle",
    "ajoute", "mets", "añade", "pon", "aggiungi", "metti", "adiciona",
];

/// Words that ask for a change, and name nothing.
pub(super) const ASKING: [&str; 47] = [
    "make",
    "turn",
    "change",
    "let",
    "more",
    "less",
    "like",
    "look",
    "what",
    "about",
    "please",
    "now",
    "into",
    "keep",
    "same",
    "add",
    "put",
    "place",
    "insert",
    "include",
    "draw",
    "paint",
    "give",
    "use",
    "set",
    "render",
    "redo",
    "convert",
    "transform",
    "edit",
    "apply",
    "want",
    "would",
    "could",
    "should",
    "mach",
    "mache",
    "fais",
    "rends",
    "haz",
    "fai",
    "maak",
    "image",
    "picture",
    "print",
    "poster",
    "paper",
];

/// Words for all of a picture, which has the colour that is said of it.
pub(super) const ALL: [&str; 20] = [
    "it",
    "everything",
    "all",
    "whole",
    "image",
    "picture",
    "photo",
    "scene",
    "colors",
    "colours",
    "tones",
    "tint",
    "light",
    "alles",
    "bild",
    "tout",
    "todo",
    "tutto",
    "foto",
    "imagen",
];

/// Words before what is drawn small.
pub(super) const SMALL: [&str; 14] = [
    "tiny", "small", "little", "mini", "kleine", "kleinen", "kleiner", "kleines", "winzige",
    "petit", "petite", "pequeño", "pequeña", "piccolo",
];

/// Words that take away what is named after them.
pub(super) const REMOVE: [&str; 18] = [
    "remove", "delete", "erase", "replace", "swap", "without", "hide", "rid", "drop", "entferne",
    "lösche", "ersetze", "enlève", "supprime", "efface", "quita", "elimina", "rimuovi",
];

/// Of them those that give something else for it, which is not done either.
pub(super) const SWAP: [&str; 4] = ["replace", "swap", "ersetze", "exchange"];

//! Recipes of other programs: no text in any place makes the reader panic, and what it tells is bounded.

use pinx::store::read_parameters;

/// Keys under which programs leave their recipes.
const KEYS: [&str; 8] = [
    "parameters",
    "prompt",
    "workflow",
    "Comment",
    "invokeai_metadata",
    "sd-metadata",
    "Dream",
    "XML:com.adobe.xmp",
];

/// A byte that names the key, then a text; `0x80` puts it into EXIF instead, and what is a TIFF structure
/// already is taken as one.
pub fn foreign_recipe(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let image = if first & 0x80 == 0 {
        let key = KEYS[usize::from(first & 7)];
        png(b"iTXt", &[key.as_bytes(), b"\0\0\0\0\0", text].concat())
    } else {
        png(b"eXIf", text)
    };
    let Some(found) = read_parameters(&image) else { return };
    let request = &found.recipe.request;
    assert!(request.prompt.len() <= 2 * text.len().max(256 * 1024), "a prompt out of proportion");
    assert!(found.extra.len() <= 300 && found.notes.len() <= 10, "{:?}", found.notes);
    for note in &found.notes {
        super::inert(note);
        assert!(note.len() < 500, "{note}");
    }
}

/// A PNG without pixels that holds one chunk: its texts are read all the same.
fn png(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("samples are small").to_be_bytes();
    [b"\x89PNG\r\n\x1a\n", &length[..], kind, data, b"\0\0\0\0"].concat()
}

//! A line with pictures among its words, as the edit that was probably meant.
//!
//! Pure.

use crate::request::Format;

/// What programs call it to make a picture from another: no words of a prompt.
const VERBS: [&str; 12] = [
    "edit",
    "upscale",
    "enlarge",
    "inpaint",
    "outpaint",
    "vary",
    "variation",
    "variations",
    "img2img",
    "image2image",
    "image-to-image",
    "retouch",
];

/// What is written where nobody said what is to change.
const EXAMPLE: &str = "make it night";

/// The edit that words behind the program's name mean; nothing where no picture is among them, or where
/// one is given as it should be.
pub(super) fn meant(words: &[String]) -> Option<Vec<String>> {
    if words.iter().any(|word| word.starts_with("-i") || word.starts_with("--image")) {
        return None;
    }
    let (mut prompt, mut flags, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_behind_flag = false;
    for word in words {
        let is_flag = word.starts_with('-') && word.len() > 1;
        // A prompt has blanks; whatever else stands behind a flag may be its value.
        let is_value = is_behind_flag && !word.contains(char::is_whitespace);
        let to = match () {
            () if is_flag || is_value => &mut flags,
            () if is_picture(word) => &mut pictures,
            () => &mut prompt,
        };
        to.push(word.clone());
        is_behind_flag = is_flag && !word.contains('=');
    }
    prompt.retain(|word| !VERBS.contains(&word.to_lowercase().as_str()));
    if pictures.is_empty() {
        return None;
    }
    let prompt = if prompt.is_empty() { EXAMPLE.to_owned() } else { prompt.join(" ") };
    let pictures = pictures.into_iter().flat_map(|picture| ["-i".to_owned(), picture]);
    Some(["edit".to_owned(), prompt].into_iter().chain(flags).chain(pictures).collect())
}

/// Whether a word is called as pictures are.
fn is_picture(word: &str) -> bool {
    let (_, extension) = word.rsplit_once('.').unwrap_or_default();
    let is_file = Format::of_extension(&extension.to_lowercase()).is_some();
    word == "@last" || (is_file && !word.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_among_words_are_what_is_changed() {
        for (line, edit) in [
            ("edit|fox.png|make it night", Some("edit|make it night|-i|fox.png")),
            ("edit|make it night|a.jpg|b.png", Some("edit|make it night|-i|a.jpg|-i|b.png")),
            ("edit|@last|make it night|-q", Some("edit|make it night|-q|-i|@last")),
            ("upscale|house.JPG", Some("edit|make it night|-i|house.JPG")),
            ("make|it|pink|x.webp|-o|y.png", Some("edit|make it pink|-o|y.png|-i|x.webp")),
            ("edit|a red sky|--mask|m.png", None),
            ("edit|make it night|-i|a.png|b.png", None),
            ("edit|a poster of fox.png", None),
            ("edit|make it night|-s|512x512", None),
        ] {
            let words: Vec<String> = line.split('|').map(str::to_owned).collect();
            assert_eq!(meant(&words).map(|words| words.join("|")).as_deref(), edit, "{line}");
        }
    }
}

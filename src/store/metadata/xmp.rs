//! The properties of an XMP packet that may tell how a picture was made.
//!
//! Pure, and lenient: a packet that is no well-formed XML still gives what stands in it. Text in,
//! text out, in one pass for each property.

/// Properties that are read, as they are written almost everywhere.
const PROPERTIES: [&str; 8] = [
    "exif:UserComment",
    "dc:description",
    "xmp:CreatorTool",
    "tiff:Software",
    "tiff:ImageDescription",
    "tiff:Make",
    "tiff:Model",
    "photoshop:Instructions",
];

/// Bytes of a packet that is read at all.
const LONGEST: usize = 16 * 1024 * 1024;

/// How often a name may stand in a packet before its value: each time it is looked for to the end.
const TRIES: usize = 8;

/// The properties that are there, each with its name.
pub(super) fn properties(packet: &str) -> Vec<(&'static str, String)> {
    let text = if packet.len() > LONGEST { "" } else { packet };
    PROPERTIES.iter().filter_map(|name| Some((*name, property(text, name)?))).collect()
}

/// The value of one property: of an element, inside its list where it has one, or of an attribute.
fn property(text: &str, name: &str) -> Option<String> {
    let mut at = 0;
    for _ in 0..TRIES {
        let start = at + text[at..].find(name)?;
        at = start + name.len();
        let before = text[..start].chars().next_back()?;
        let after = &text[at..];
        match before {
            '<' => {
                let inner = element(after, &format!("</{name}"));
                if let Some(value) = inner.and_then(content) {
                    return Some(value);
                }
            }
            before if before.is_whitespace() => {
                let after = after.trim_start().strip_prefix('=').map(str::trim_start);
                let quote = after.and_then(|after| after.chars().next());
                let quote = quote.filter(|quote| ['"', '\''].contains(quote));
                if let (Some(after), Some(quote)) = (after, quote) {
                    return Some(plain(after[1..].split(quote).next()?));
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands in an element, from behind its name to its end.
fn element<'t>(after: &'t str, end: &str) -> Option<&'t str> {
    let (attributes, rest) = after.split_once('>')?;
    let is_name = attributes.is_empty() || attributes.starts_with(|c: char| c.is_whitespace());
    if !is_name || attributes.ends_with('/') {
        return None;
    }
    Some(rest.split_once(end)?.0)
}

/// The text in an element, or that of the first entry of its list.
fn content(inner: &str) -> Option<String> {
    let entry = inner.split_once("<rdf:li").map(|(_, after)| element(after, "</rdf:li"));
    let inner = match entry {
        Some(entry) => entry?,
        None => inner,
    };
    match inner.trim().strip_prefix("<![CDATA[") {
        Some(data) => Some(data.split("]]>").next().unwrap_or_default().to_owned()),
        None if inner.contains('<') => None,
        None => Some(plain(inner)),
    }
}

/// Text without entities; one that is none is kept as it stands there.
pub(super) fn plain(mut rest: &str) -> String {
    let mut text = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        // No entity is longer: what is between an ampersand and a far semicolon is text.
        let end = after.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((character(&after[..end])?, end))) {
            Some((letter, end)) => {
                text.push(letter);
                rest = &after[end + 1..];
            }
            None => {
                text.push('&');
                rest = after;
            }
        }
    }
    text + rest
}

/// What an entity stands for.
fn character(entity: &str) -> Option<char> {
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_property_is_read_in_every_form() {
        for (packet, value) in [
            ("<a exif:UserComment='{&quot;c&quot;: 1}'/>", Some("{\"c\": 1}")),
            ("<a\n exif:UserComment = \"x &amp;&#38; y\">", Some("x && y")),
            (
                "<exif:UserComment>a &lt;fox&gt; &nbsp; R&B</exif:UserComment>",
                Some("a <fox> &nbsp; R&B"),
            ),
            (
                "<exif:UserComment><rdf:Alt><rdf:li xml:lang=\"x-default\">a fox</rdf:li>\
                 <rdf:li>ein Fuchs</rdf:li></rdf:Alt></exif:UserComment>",
                Some("a fox"),
            ),
            ("<exif:UserComment> <![CDATA[a <fox> & b]]></exif:UserComment>", Some("a <fox> & b")),
            ("<exif:UserComment/><exif:UserComment>x</exif:UserComment>", Some("x")),
            ("<exif:UserCommentary>x</exif:UserCommentary>", None),
            ("<exif:UserComment>never ends", None),
            ("<exif:UserComment><b>bold</b></exif:UserComment>", None),
            ("a text about exif:UserComment", None),
            ("<exif:UserComment><rdf:li", None),
            ("<a exif:UserComment=", None),
        ] {
            let found = properties(packet);
            let found = found.first().map(|(_, value)| value.as_str());
            assert_eq!(found, value, "{packet}");
        }
    }

    proptest! {
        #[test]
        fn no_packet_makes_it_panic(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<", ">", "/", "exif:UserComment", "dc:description", "=", "\"", "'", " ", "&", "#x41;",
                    "amp;", "<rdf:li", "</rdf:li>", "<![CDATA[", "]]>", "é", "</exif:UserComment>",
                ]),
                0..40,
            ),
        ) {
            let _ = properties(&parts.concat());
        }
    }
}

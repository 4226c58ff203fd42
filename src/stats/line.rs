//! What statistics need of one line of the log, read from the first part of the line alone.
//!
//! The log writes its keys in a fixed order, the ones needed here first. A line whose keys stand
//! so is read up to the style, the last one needed, and not looked at behind it. Any other line (an
//! older version's, a newer one's, one with escapes) is parsed whole, as `pinx log` does it.

use memchr::{memchr, memchr2};

use super::days;
use crate::error::{Billed, Kind};
use crate::store::EntryKind;
use crate::store::log::{ADOPTED, CACHED, Check, Entry, KEYS, check, parts_of};

/// One line. Money is in micro-dollars, times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Line<'l> {
    pub e: EntryKind,
    /// Seconds since 1970.
    pub second: i64,
    pub job: &'l [u8],
    pub attempt: &'l [u8],
    pub provider: &'l str,
    pub model: &'l str,
    pub route: &'l str,
    pub estimate: Option<u64>,
    pub reserve: Option<u64>,
    pub cost: Option<u64>,
    pub billed: Billed,
    pub is_cached: bool,
    pub is_adopted: bool,
    pub is_refused: bool,
    pub queued_ms: Option<u64>,
    pub generation_ms: Option<u64>,
    pub download_ms: Option<u64>,
    pub images: u64,
    /// A JSON array, or nothing.
    pub tags: &'l str,
    pub client: &'l str,
    pub style: &'l str,
}

/// A line that was read from its first part, or the bytes of one that has to be parsed whole.
pub(crate) type Read<'l> = Result<Line<'l>, &'l [u8]>;

/// Reads the first part. A line that does not fit its checksum may hold more than one entry, and is
/// parsed whole.
pub(crate) fn read(line: &[u8]) -> Read<'_> {
    quick(line).filter(|_| check(line) != Check::Wrong).ok_or(line)
}

/// Parses a line whole and hands on what it holds; answers how many entries that are, and how many
/// parts that are none.
pub(crate) fn parse(line: &[u8], each: &mut impl FnMut(&Line)) -> (u64, u64) {
    let (mut entries, mut torn) = (0, 0);
    parts_of(line, &mut |part| {
        let Some(entry) = part.entry else {
            torn += 1;
            return;
        };
        let tags = if entry.tags.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&entry.tags).unwrap_or_default()
        };
        each(&of_entry(&entry, &tags));
        entries += 1;
    });
    (entries, torn)
}

fn of_entry<'l>(entry: &'l Entry, tags: &'l str) -> Line<'l> {
    let micros = |money: Option<crate::money::Money>| money.map(|money| money.as_micros());
    Line {
        e: entry.e,
        second: entry.t.as_second() - i64::from(entry.t.subsec_nanosecond() < 0),
        job: entry.job.as_bytes(),
        attempt: entry.attempt.as_bytes(),
        provider: &entry.provider,
        model: &entry.model,
        route: &entry.route,
        estimate: micros(entry.estimate),
        reserve: micros(entry.reserve),
        cost: micros(entry.cost),
        billed: entry.billed.unwrap_or_default(),
        is_cached: entry.code == CACHED,
        is_adopted: entry.code == ADOPTED,
        is_refused: entry.code == Kind::Content.code() || entry.kind == Some(Kind::Content),
        queued_ms: entry.queued_ms,
        generation_ms: entry.generation_ms,
        download_ms: entry.download_ms,
        images: entry.images.len() as u64,
        tags,
        client: entry.client.as_deref().unwrap_or_default(),
        style: entry.style.as_deref().unwrap_or_default(),
    }
}

fn billed(word: &[u8]) -> Billed {
    let all = [Billed::Yes, Billed::No];
    all.into_iter().find(|billed| billed.name().as_bytes() == word).unwrap_or_default()
}

/// The place of a key in the order in which the log writes them, counted from one: its rank.
const fn rank(key: &str) -> usize {
    let mut at = 0;
    while at < KEYS.len() {
        if is_same(KEYS[at].as_bytes(), key.as_bytes()) {
            return at + 1;
        }
        at += 1;
    }
    panic!("the log writes no such key")
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

const VERSION: usize = rank("v");
const TIME: usize = rank("t");
const KIND: usize = rank("e");
const JOB: usize = rank("job");
const ATTEMPT: usize = rank("attempt");
const PROVIDER: usize = rank("provider");
const MODEL: usize = rank("model");
const ROUTE: usize = rank("route");
const ESTIMATE: usize = rank("estimate");
const RESERVE: usize = rank("reserve");
const COST: usize = rank("cost");
const BILLED: usize = rank("billed");
const CODE: usize = rank("code");
const CLASS: usize = rank("kind");
const TOTAL: usize = rank("total_ms");
const WAITED: usize = rank("waited_ms");
const QUEUED: usize = rank("queued_ms");
const GENERATION: usize = rank("generation_ms");
const DOWNLOAD: usize = rank("download_ms");
const SAVE: usize = rank("save_ms");
const STATUS: usize = rank("status");
const IMAGES: usize = rank("images");
const TAGS: usize = rank("tags");
const CLIENT: usize = rank("client");
/// The last one that is needed.
const STYLE: usize = rank("style");
/// The rank of all keys behind that.
const BEHIND: usize = STYLE + 1;

/// The keys up to the last one that is needed.
static NAMES: [Name; STYLE] = {
    let mut names = [Name::of(KEYS[0]); STYLE];
    let mut at = 0;
    while at < STYLE {
        names[at] = Name::of(KEYS[at]);
        at += 1;
    }
    names
};

/// A key with its closing quote, and its first eight bytes as a number, so that most keys that it is
/// not are told by one comparison.
#[derive(Clone, Copy)]
struct Name {
    text: &'static str,
    head: u64,
    mask: u64,
    /// The last eight bytes of a longer one; none has more than sixteen.
    tail: u64,
}

impl Name {
    const fn of(text: &'static str) -> Name {
        let bytes = text.as_bytes();
        let (mut head, mut mask, mut tail, mut at) = (0, 0, 0, 0);
        while at < 8 && at <= bytes.len() {
            let byte = if at < bytes.len() { bytes[at] } else { b'"' };
            head |= (byte as u64) << (8 * at);
            mask |= 0xff << (8 * at);
            at += 1;
        }
        at = if bytes.len() > 8 { bytes.len() - 8 } else { bytes.len() };
        while at < bytes.len() {
            tail |= (bytes[at] as u64) << (8 * (at + 8 - bytes.len()));
            at += 1;
        }
        Name { text, head, mask, tail }
    }
}

/// Reads a line whose keys stand in the journal's order; `None` leaves it to the whole parse.
fn quick(bytes: &[u8]) -> Option<Line<'_>> {
    if !bytes.starts_with(br#"{"v":"#) || bytes.last() != Some(&b'}') {
        return None;
    }
    let mut text = Scanner { bytes, at: 1 };
    let mut line = Line::default();
    let (mut last, mut has_kind) = (0usize, false);
    loop {
        let rank = text.key(last)?;
        last = rank;
        match rank {
            VERSION => drop(text.number().filter(|version| *version > 0)?),
            TIME => line.second = days::second(text.string()?)?,
            KIND => {
                line.e = what(text.string()?)?;
                has_kind = true;
                // Of these nothing is counted.
                if matches!(line.e, EntryKind::Kept | EntryKind::Open) {
                    return Some(line);
                }
            }
            JOB => line.job = text.string()?,
            ATTEMPT => line.attempt = text.string()?,
            PROVIDER => line.provider = text.text()?,
            MODEL => line.model = text.text()?,
            ROUTE => line.route = text.text()?,
            ESTIMATE => line.estimate = Some(text.number()?),
            RESERVE => line.reserve = Some(text.number()?),
            // Of what a queue has taken the money is all that may be needed.
            COST.. if line.e == EntryKind::Submitted => break,
            COST => line.cost = Some(text.number()?),
            BILLED => line.billed = billed(text.string()?),
            CODE => {
                let code = text.string()?;
                line.is_cached = code == CACHED.as_bytes();
                line.is_adopted = code == ADOPTED.as_bytes();
                line.is_refused |= code == Kind::Content.code().as_bytes();
            }
            CLASS => line.is_refused |= text.string()? == b"content",
            QUEUED => line.queued_ms = Some(text.number()?),
            GENERATION => line.generation_ms = Some(text.number()?),
            DOWNLOAD => line.download_ms = Some(text.number()?),
            IMAGES => line.images = text.elements()?,
            TAGS => line.tags = text.array()?,
            CLIENT => line.client = text.text()?,
            STYLE => {
                line.style = text.text()?;
                break;
            }
            BEHIND => break,
            TOTAL | WAITED | SAVE | STATUS => drop(text.number()?),
            _ => text.skip_string()?,
        }
        match text.next()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    // One without a kind is no entry, and an intent of nothing is none.
    (has_kind && (line.e != EntryKind::Intent || !line.attempt.is_empty())).then_some(line)
}

fn what(word: &[u8]) -> Option<EntryKind> {
    Some(match word {
        b"intent" => EntryKind::Intent,
        b"submitted" => EntryKind::Submitted,
        b"kept" => EntryKind::Kept,
        b"open" => EntryKind::Open,
        b"tried" => EntryKind::Tried,
        b"failed" => EntryKind::Failed,
        b"done" => EntryKind::Done,
        b"settled" => EntryKind::Settled,
        _ => return None,
    })
}

/// Whether this is the whole key.
fn starts_with(rest: &[u8], key: &[u8]) -> bool {
    rest.first() == key.first()
        && rest.strip_prefix(key).is_some_and(|behind| behind.first() == Some(&b'"'))
}

/// A place in compact JSON. Everything answers `None` where something else stands.
struct Scanner<'l> {
    bytes: &'l [u8],
    at: usize,
}

impl<'l> Scanner<'l> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// Passes a key and its colon; answers with its rank, which is above the last one's.
    fn key(&mut self, last: usize) -> Option<usize> {
        self.expect(b'"')?;
        let rest = self.bytes.get(self.at..)?;
        let word = u64::from_le_bytes(*rest.first_chunk()?);
        let ends_so = |name: &Name| {
            let tail = rest.get(name.text.len() - 8..).and_then(|tail| tail.first_chunk());
            tail.is_some_and(|tail| u64::from_le_bytes(*tail) == name.tail)
        };
        let is_it =
            |name: &Name| word & name.mask == name.head && (name.text.len() <= 8 || ends_so(name));
        let place = NAMES.get(last..)?.iter().position(is_it).map(|place| last + place);
        let (length, rank) = match place {
            Some(place) => (NAMES[place].text.len(), place + 1),
            None => {
                let later = &KEYS[STYLE..];
                (later.iter().find(|key| starts_with(rest, key.as_bytes()))?.len(), BEHIND)
            }
        };
        (*rest.get(length)? == b'"' && *rest.get(length + 1)? == b':').then_some(())?;
        self.at += length + 2;
        Some(rank)
    }

    /// A string without escapes.
    fn string(&mut self) -> Option<&'l [u8]> {
        self.expect(b'"')?;
        let rest = &self.bytes[self.at..];
        let end = memchr2(b'"', b'\\', rest)?;
        self.at += end + 1;
        (rest[end] == b'"').then_some(&rest[..end])
    }

    fn text(&mut self) -> Option<&'l str> {
        std::str::from_utf8(self.string()?).ok()
    }

    /// A string, whatever it holds.
    fn skip_string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            let end = memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            self.at += end + 1;
            if self.bytes[self.at - 1] == b'"' {
                return Some(());
            }
            self.at += 1;
        }
    }

    /// A whole number.
    fn number(&mut self) -> Option<u64> {
        let start = self.at;
        let mut number = 0u64;
        while let Some(digit) = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            self.at += 1;
        }
        let is_odd = self.at == start || (self.bytes[start] == b'0' && self.at > start + 1);
        (!is_odd).then_some(number)
    }

    /// An array of strings, as it stands.
    fn array(&mut self) -> Option<&'l str> {
        let start = self.at;
        self.expect(b'[')?;
        // No escapes: a bracket inside of a tag is left to the whole parse.
        let end = self.at + memchr(b']', &self.bytes[self.at..])?;
        let inside = &self.bytes[self.at..end];
        let is_plain = inside.first() == Some(&b'"')
            && inside.last() == Some(&b'"')
            && !inside.contains(&b'\\')
            && !inside.contains(&b'[');
        self.at = end + 1;
        is_plain.then(|| std::str::from_utf8(&self.bytes[start..=end]).ok()).flatten()
    }

    /// Passes an array of objects and counts them.
    fn elements(&mut self) -> Option<u64> {
        self.expect(b'[')?;
        // One image, as nearly always: the first brace that closes ends it all.
        let rest = &self.bytes[self.at..];
        let end = memchr2(b'}', b'\\', rest)?;
        if rest[0] == b'{' && rest[end..].starts_with(b"}]") {
            self.at += end + 2;
            return Some(1);
        }
        let (mut depth, mut objects) = (1u32, 0);
        while depth > 0 {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' => {
                    objects += u64::from(depth == 1);
                    depth += 1;
                }
                b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        Some(objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = concat!(
        r#"{"v":1,"t":"2026-11-22T10:00:07.5Z","e":"done","run":"261122-7f3k9q2m","job":"261122-7f3k9q2m.1","#,
        r#""attempt":"261122-7f3k9q2m.1.2","key":"00ff","provider":"fal","model":"fal/flux-dev","#,
        r#""route":"FAL_KEY #778899 via edge","estimate":25000,"cost":25100,"certainty":"about","billed":"yes","#,
        r#""code":"done","total_ms":4100,"waited_ms":0,"queued_ms":120,"generation_ms":3800,"download_ms":90,"#,
        r#""save_ms":40,"images":[{"path":"/p/a [1] \"{x}\".png","width":64,"height":64,"format":"png","bytes":9,"sha256":"aa"},"#,
        r#"{"path":"/p/b.png","width":64,"height":64,"format":"png","bytes":9,"sha256":"bb"}],"#,
        r#""prompt":"a \"fox\", \\ ]}","tags":["shop","autumn"],"client":"web","style":"noir","style_as":"words","seed":7}"#,
    );

    /// What the whole parse makes of a line.
    fn whole(line: &str) -> Option<String> {
        let entry = crate::store::log::entry_of(line.as_bytes())?;
        let tags = if entry.tags.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&entry.tags).unwrap()
        };
        Some(format!("{:?}", of_entry(&entry, &tags)))
    }

    fn read_as(line: &str) -> Option<String> {
        let mut read = None;
        match super::read(line.as_bytes()) {
            Ok(line) => read = Some(format!("{line:?}")),
            Err(line) => drop(parse(line, &mut |line| read = Some(format!("{line:?}")))),
        }
        read
    }

    #[test]
    fn the_first_part_tells_what_the_whole_tells() {
        let line = quick(DONE.as_bytes()).unwrap();
        assert_eq!((line.images, line.tags, line.style), (2, r#"["shop","autumn"]"#, "noir"));
        assert_eq!(line.client, "web");
        assert_eq!((line.cost, line.generation_ms), (Some(25_100), Some(3_800)));
        let one = DONE.find(r#",{"path":"/p/b.png""#).unwrap();
        let behind = DONE[one..].find(r#"],"prompt""#).unwrap() + one;
        let one = format!("{}{}", &DONE[..one], &DONE[behind..]);
        assert!(quick(one.as_bytes()).is_some_and(|line| line.images == 1 && line.style == "noir"));
        for line in [DONE, &one, &one.replace("{x}", "}]"), &one.replace("{x}\\\"", "}]")] {
            assert_eq!(read_as(line), whole(line), "{line}");
            assert!(read_as(line).is_some(), "{line}");
        }
    }

    #[test]
    fn another_order_or_form_is_parsed_whole() {
        let sorted = {
            let entry: std::collections::BTreeMap<String, serde_json::Value> =
                serde_json::from_str(DONE).unwrap();
            serde_json::to_string(&entry).unwrap()
        };
        for odd in [
            sorted,
            DONE.replace(r#""e":"done""#, r#""new":[{"e":"x"}],"e":"done""#),
            DONE.replace("noir", "no\\u0069r"),
            DONE.replace(r#"["shop","autumn"]"#, r#"["sh]op","a"]"#),
            DONE.replace(r#"["shop","autumn"]"#, "[]"),
            DONE.replace("25100", "null"),
            DONE.replace(r#""v":1"#, r#""v": 1"#),
            DONE.replace("flux-dev", "flux\\u002ddev"),
        ] {
            assert!(quick(odd.as_bytes()).is_none(), "{odd}");
            assert_eq!(read_as(&odd), whole(&odd), "{odd}");
            assert!(read_as(&odd).is_some(), "{odd}");
        }
    }

    #[test]
    fn what_is_no_entry_is_none_here_either() {
        for bad in [
            "not json",
            "{}",
            r#"{"v":0,"t":"2026-11-22T10:00:07Z","e":"done"}"#,
            &DONE.replace("25100", "1e99"),
            &DONE.replace("25100", "\"x\""),
            &DONE.replace("2026-11-22", "2026-02-30"),
            &DONE.replace(r#""v":1"#, r#""v":1,"v":1"#),
            &DONE[..DONE.len() - 1],
            &DONE[..200],
        ] {
            assert_eq!(whole(bad), None, "{bad}");
            assert_eq!(read_as(bad), None, "{bad}");
        }
    }
}

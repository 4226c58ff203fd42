//! Makes texts equal in what comes by chance, by the clock or by the machine: everything else in
//! them is compared.
//!
//! Pure: the directory and the days are given.

use std::collections::HashMap;

/// What differs in the texts of one world.
pub struct Normal {
    /// Directories by their path, the inner ones first, each with the name that stands for it.
    pub places: Vec<(String, &'static str)>,
    /// The days on which the world was there, `2026-11-29`.
    pub days: Vec<String>,
    runs: HashMap<String, usize>,
}

/// What stands at a place of a text: its length, and what is written for it; where that is nothing,
/// the space before it goes too.
type Found = Option<(usize, String)>;

/// What is found by its form alone.
const FORMS: [fn(&str, &str) -> Found; 16] = [
    client_key, silence, segment, earlier, clock, measured, print, port, hash, seed, phases,
    duration, size, process, temporary, limit,
];

/// The letters of ids.
const LETTERS: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// After what a day is the clock's; so it is at the beginning of a line.
const OF_THE_CLOCK: [&str; 4] = ["began", "\"first\": \"", "\"last\": \"", "\"date\": \""];

/// A list of models that says this has the day on which a provider was asked; any other has those
/// of the catalog.
const ASKED: &str = "\"source\": \"the provider's own list";

/// Figures of documents that are measured.
const MEASURED: [(&str, &[&str]); 3] = [
    ("[MS]", &["ms", "p50", "p95", "p99", "mean", "seconds", "latencyMs", "aheadSeconds"]),
    ("[SIZE]", &["bytes", "freeBytes", "maxSize"]),
    ("[TIME]", &["estimatedTime"]),
];

impl Normal {
    pub fn new(places: Vec<(String, &'static str)>, days: Vec<String>) -> Normal {
        Normal { places, days, runs: HashMap::new() }
    }

    /// The text without what differs; ids of runs are numbered in the order in which they come.
    pub fn text(&mut self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            let rest = &text[at..];
            let before = &text[..at];
            let inside = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let found = if inside { None } else { self.found(before, rest) };
            let place = || self.places.iter().find(|(path, _)| rest.starts_with(path.as_str()));
            let found =
                found.or_else(|| place().map(|(path, name)| (path.len(), (*name).to_owned())));
            match found {
                Some((length, name)) => {
                    if name.is_empty() {
                        plain.truncate(plain.trim_end().len());
                    }
                    plain += &name;
                    at += length;
                }
                None => {
                    plain.push(next);
                    at += next.len_utf8();
                }
            }
        }
        plain
    }

    /// The text with names for the directories and the ports alone.
    pub fn places(&self, text: &str) -> String {
        let name = |text: String, (path, name): &(String, &str)| text.replace(path, name);
        let mut rest = self.places.iter().fold(text.to_owned(), name);
        let mut plain = String::new();
        while let Some(at) = rest.find("127.0.0.1:") {
            let found = port("", &rest[at..]).unwrap_or((1, "1".to_owned()));
            plain += &rest[..at];
            plain += &found.1;
            rest.drain(..at + found.0);
        }
        plain + &rest
    }

    fn found(&mut self, before: &str, rest: &str) -> Found {
        let found =
            self.run(before, rest).or_else(|| stamp(rest)).or_else(|| self.day(before, rest));
        found.or_else(|| FORMS.iter().find_map(|form| form(before, rest)))
    }

    /// `261122-7f3k9q2m`, its beginning, its end as tables show it, `9q2m.1`, and what a vote names
    /// it by.
    fn run(&mut self, before: &str, rest: &str) -> Found {
        let digits = digits(rest);
        if digits == 6 && rest[6..].starts_with('-') {
            let id = word(&rest[7..]);
            if id.len() == 8 && id.chars().all(|c| LETTERS.contains(c)) {
                let count = self.runs.len() + 1;
                let number = *self.runs.entry(rest[..15].to_owned()).or_insert(count);
                return Some((15, format!("[RUN{number}]")));
            }
            let is_part = (4..8).contains(&id.len()) && id.chars().all(|c| LETTERS.contains(c));
            return is_part.then(|| (7 + id.len(), "[RUN…]".to_owned()));
        }
        let end = word(rest);
        let is_tail = |id: &String| id[7..].starts_with(end) || id[7..].ends_with(end);
        let is_named = before.ends_with("vote ") && (4..8).contains(&end.len());
        if is_named && self.runs.keys().any(is_tail) {
            return Some((end.len(), "[ID]".to_owned()));
        }
        let is_end = end.len() == 5
            && end.chars().all(|c| LETTERS.contains(c))
            && rest[5..]
                .strip_prefix('.')
                .is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
        is_end.then(|| (5, "[ID]".to_owned()))
    }

    /// A day on which the world was there, where the clock says it; any other is a fact.
    fn day(&self, before: &str, rest: &str) -> Found {
        let day = self.days.iter().find(|day| rest.starts_with(day.as_str()))?;
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        let is_asked = || [before, rest].iter().any(|text| text.contains(ASKED));
        let is_of_the_clock = line.is_empty()
            || OF_THE_CLOCK.iter().any(|words| line.ends_with(words))
            || line.ends_with("\"asOf\": \"") && is_asked();
        is_of_the_clock.then(|| (day.len(), "[DATE]".to_owned()))
    }
}

/// How many bytes of the beginning are digits.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The letters and digits at the beginning.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    &text[..end]
}

/// The number at the beginning, with its fraction.
fn number(text: &str) -> usize {
    let whole = digits(text);
    match text[whole..].strip_prefix('.') {
        Some(rest) if whole > 0 && digits(rest) > 0 => whole + 1 + digits(rest),
        _ => whole,
    }
}

/// The key of a client of a server.
fn client_key(_: &str, rest: &str) -> Found {
    let length = 43;
    let key = word(rest.strip_prefix("px-")?);
    (key.len() == length).then(|| (3 + length, "[KEY]".to_owned()))
}

/// Whether the text has the form, where `0` stands for a digit.
fn is_form(text: &str, form: &str) -> bool {
    text.len() >= form.len()
        && form.bytes().zip(text.bytes()).all(|(form, is)| match form {
            b'0' => is.is_ascii_digit(),
            other => other == is,
        })
}

/// `2026-11-29T12:27:48.123Z`.
fn stamp(rest: &str) -> Found {
    if !is_form(rest, "0000-00-00T00:00") {
        return None;
    }
    let end = rest.find(|c: char| !(c.is_ascii_digit() || "-:.TZ+".contains(c)));
    Some((end.unwrap_or(rest.len()), "[STAMP]".to_owned()))
}

/// The line that is said after ten silent seconds, which a machine with much to do needs for anything.
fn silence(before: &str, rest: &str) -> Found {
    let is_line = before.is_empty() || before.ends_with('\n');
    let is_it =
        ["still waiting for ", "still drawing "].iter().any(|words| rest.starts_with(words));
    // What is left out takes the line's beginning with it; the first line has only an end.
    let end = rest.find('\n').map_or(rest.len(), |at| at + usize::from(before.is_empty()));
    (is_line && is_it).then(|| (end, String::new()))
}

/// A segment of the log, `2026-11.jsonl`: the clock says which month it is.
fn segment(_: &str, rest: &str) -> Found {
    is_form(rest, "0000-00.jsonl").then(|| (13, "[MONTH].jsonl".to_owned()))
}

/// `12:27` and `12:27:48`.
fn clock(_: &str, rest: &str) -> Found {
    let forms = ["00:00:00", "00:00"];
    let form = forms.iter().find(|form| is_form(rest, form))?;
    let ends = !rest[form.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':');
    ends.then(|| (form.len(), "[CLOCK]".to_owned()))
}

/// `11-29 12:27`, as a day later.
fn earlier(_: &str, rest: &str) -> Found {
    is_form(rest, "00-00 00:00").then(|| (11, "[CLOCK]".to_owned()))
}

/// `"total_ms": 171`.
fn measured(_: &str, rest: &str) -> Found {
    let key = rest.strip_prefix('"')?;
    let key = &key[..key.find('"')?];
    let colon = &rest[key.len() + 2..];
    let value = colon.strip_prefix(": ").or_else(|| colon.strip_prefix(':'))?;
    let length = number(value);
    let has =
        |words: &[&str]| words.contains(&key) || key.split('_').any(|part| words.contains(&part));
    let (name, _) = MEASURED.iter().find(|(_, words)| has(words))?;
    let head = rest.len() - value.len();
    (length > 0).then(|| (head + length, format!("{}{name}", &rest[..head])))
}

/// The fingerprint of a key: `FAL_KEY #a1b2c3`; not a colour.
fn print(before: &str, rest: &str) -> Found {
    let heads = ["\"keyFingerprint\": \"", "\"key_fingerprint\": \"", "\"fingerprint\": \""];
    let head = heads.into_iter().find(|head| rest.starts_with(*head));
    if let Some(head) = head.filter(|head| word(&rest[head.len()..]).len() == 6) {
        return Some((head.len() + 6, format!("{head}[PRINT]")));
    }
    let hex = word(rest.strip_prefix('#')?);
    let is_cut = rest[1 + hex.len()..].starts_with('…');
    let is_hex =
        (hex.len() == 6 || is_cut) && hex.bytes().all(|b| b"0123456789abcdef".contains(&b));
    let line = before.lines().next_back().unwrap_or_default();
    let is_print = is_hex && before.ends_with(' ') && !line.contains("color");
    is_print.then(|| (1 + hex.len(), "#[PRINT]".to_owned()))
}

/// A port of loopback that the system chose.
fn port(_: &str, rest: &str) -> Found {
    let hosts = ["127.0.0.1:", "localhost:", "[::1]:"];
    let host = hosts.iter().find(|host| rest.starts_with(*host))?;
    let length = digits(&rest[host.len()..]);
    let is_cut = rest[host.len() + length..].starts_with('…');
    (length >= 4 || is_cut).then(|| (host.len() + length, format!("{host}[PORT]")))
}

/// A hash in hexadecimal digits.
fn hash(_: &str, rest: &str) -> Found {
    let word = word(rest);
    let is_hash = word.len() >= 32 && word.bytes().all(|b| b"0123456789abcdef".contains(&b));
    is_hash.then(|| (word.len(), "[HASH]".to_owned()))
}

/// A seed by chance: those of tests are short.
fn seed(before: &str, rest: &str) -> Found {
    let length = digits(rest);
    let is_cell = before.ends_with("  ") && rest[length..].starts_with("  ");
    if (5..11).contains(&length) && is_cell {
        return Some((length, "[SEED]".to_owned()));
    }
    let near = before.lines().next_back().unwrap_or_default();
    let near = near.trim_end_matches(|c: char| !c.is_ascii_alphabetic()).to_ascii_lowercase();
    ((5..11).contains(&length) && near.ends_with("seed")).then(|| (length, "[SEED]".to_owned()))
}

/// What each step took, of which those that took nothing are left out: ` (generating 4 ms, saving
/// 9 ms)`, on one line or wrapped. Where all took nothing it is not there, and so it is left out
/// whole.
fn phases(before: &str, rest: &str) -> Found {
    let inside = rest.strip_prefix('(')?;
    let steps = ["waiting", "waited", "queued", "generating", "downloading", "saving"];
    let is_one = [" ms", " s"].iter().any(|unit| before.trim_end().ends_with(unit));
    let end = inside.find(')')?;
    (is_one && steps.contains(&word(inside))).then(|| (end + 2, String::new()))
}

/// A process.
fn process(before: &str, rest: &str) -> Found {
    let is_one = before.ends_with("pid ") || before.ends_with("process ");
    (is_one && digits(rest) > 0).then(|| (digits(rest), "[PID]".to_owned()))
}

/// A file that is being written, `.pinx-j4Zh4D.tmp`, and a directory of a test, `.tmpj4Zh4D`.
fn temporary(_: &str, rest: &str) -> Found {
    if let Some(name) = rest.strip_prefix(".pinx-").map(word) {
        let is_one = name.len() == 6 && rest[12..].starts_with(".tmp");
        return is_one.then(|| (16, ".pinx-[CHANCE].tmp".to_owned()));
    }
    let name = word(rest.strip_prefix(".tmp")?);
    (name.len() == 6).then(|| (10, ".tmp[CHANCE]".to_owned()))
}

/// A limit that a test makes from sizes: `MAX_SIZE=58317`.
fn limit(before: &str, rest: &str) -> Found {
    let length = digits(rest);
    (length > 3 && before.ends_with("MAX_SIZE=")).then(|| (length, "[SIZE]".to_owned()))
}

/// `126 ms`, `8.2 s`; not what is estimated, `~8 s`.
fn duration(before: &str, rest: &str) -> Found {
    unit(before, rest, &["ms", "s", "min", "h"], "[TIME]")
}

/// `18 kB`.
fn size(before: &str, rest: &str) -> Found {
    unit(
        before,
        rest,
        &["B", "kB", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TiB", "TB", "bytes"],
        "[SIZE]",
    )
}

fn unit(before: &str, rest: &str, units: &[&str], name: &str) -> Found {
    let length = number(rest);
    let unit = word(rest[length..].strip_prefix(' ')?);
    let is_one = length > 0 && units.contains(&unit) && !before.ends_with(['~', '–', '.', '$']);
    is_one.then(|| (length + 1 + unit.len(), name.to_owned()))
}

/// Whether it is one document of JSON.
fn is_json(text: &str) -> bool {
    text.starts_with("{\n") || text.starts_with("[\n")
}

/// Rows of CSV without what is measured.
pub fn csv(text: String) -> String {
    let header: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
    let name = |at: usize| match header.get(at) {
        Some(name) if name.ends_with("_ms") => Some("[MS]"),
        Some(&"seed") => Some("[SEED]"),
        _ => None,
    };
    if header.len() < 5 || (0..header.len()).all(|at| name(at).is_none()) {
        return text;
    }
    let mut lines: Vec<String> = vec![header.join(",")];
    for line in text.lines().skip(1) {
        let mut quoted = false;
        let ends = |c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        };
        let fields = line.split(ends).enumerate();
        let plain = |(at, field): (usize, &str)| match name(at) {
            Some(name) if !field.is_empty() => name.to_owned(),
            _ => field.to_owned(),
        };
        lines.push(fields.map(plain).collect::<Vec<_>>().join(","));
    }
    lines.join("\n") + "\n"
}

/// A document of JSON with its small objects and lists on one line each.
pub fn folded(text: String) -> String {
    const WIDTH: usize = 180;
    if !is_json(&text) {
        return text;
    }
    let mut lines: Vec<String> = Vec::new();
    let mut open = Vec::new();
    for line in text.lines() {
        let is_end = line.trim_start().starts_with(['}', ']']);
        lines.push(line.to_owned());
        if line.ends_with(['{', '[']) {
            open.push(lines.len() - 1);
        } else if let Some(start) = open.pop_if(|_| is_end) {
            let inside: Vec<&str> = lines[start + 1..].iter().map(|line| line.trim()).collect();
            let whole = format!("{} {}", lines[start], inside.join(" "));
            let is_timing = whole.trim_start().starts_with("\"timing\": { \"total_ms\": [MS]");
            if is_timing {
                lines.truncate(start);
                lines.push(whole.split('{').next().unwrap_or_default().to_owned() + "[TIMES],");
            } else if whole.chars().count() <= WIDTH {
                lines.truncate(start);
                lines.push(whole);
            }
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Columns are as wide as what stands in them: where that is not always the same, gaps and rules
/// are made equal.
pub fn table(text: String) -> String {
    const VARYING: [&str; 6] = ["[TIME]", "[SIZE]", "[SEED]", "[MS]", "[TIMES]", "[CLOCK]"];
    let is_row = |line: &str| line.trim_start().contains("  ");
    let varies = |line: &str| is_row(line) && VARYING.iter().any(|name| line.contains(name));
    if !text.lines().any(varies) || is_json(&text) {
        return text;
    }
    let even = |line: &str| {
        let start = line.len() - line.trim_start().len();
        let mut even = line[..start].to_owned();
        let cells = line.trim().split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        let cells = cells.map(|cell| if cell.ends_with('…') { "[CUT]…" } else { cell });
        even += &cells.collect::<Vec<_>>().join("  ");
        while even.contains("────") {
            even = even.replace("────", "───");
        }
        even + "\n"
    };
    text.lines().map(even).collect()
}

/// The text without the lines that only a slow machine prints: how far a long run is, and the parts
/// of a time, which are told where one of them took a millisecond.
pub fn unhurried(text: &str) -> String {
    let is_part = |line: &str| {
        let name = line.split_once("half in [TIME]").map(|(name, _)| name.trim());
        name.is_some_and(|name| ["queue", "making", "download"].contains(&name))
    };
    let is_report = |line: &str| {
        let (done, rest) = line.split_once('/').unwrap_or_default();
        let jobs = digits(rest);
        digits(done) > 0 && digits(done) == done.len() && rest[jobs..].starts_with(" images · ")
    };
    let lines = text.lines().filter(|line| !is_part(line) && !is_report(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The lines of jobs that end in any order, sorted: all of a list of paths, and of talk those that
/// begin alike and follow each other.
pub fn sorted(text: &str) -> String {
    if is_json(text) {
        return text.to_owned();
    }
    let mut lines: Vec<&str> = text.lines().collect();
    // How often it takes is a matter of time.
    lines.dedup_by(|one, other| one == other && one.ends_with("; trying again in [TIME]"));
    let lengths: Vec<usize> =
        lines.chunk_by(|one, other| kind(one) == kind(other)).map(<[&str]>::len).collect();
    let mut at = 0;
    for length in lengths {
        lines[at..at + length].sort_unstable();
        at += length;
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// How a line begins: `warning: line `; a path is a path.
fn kind(line: &str) -> &str {
    if !line.contains(' ') {
        return "";
    }
    let end = line.find(|c: char| c.is_ascii_digit()).unwrap_or(line.len());
    &line[..end]
}

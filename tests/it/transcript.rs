//! What every command of every test prints, whole, beside the tests.
//!
//! A [`Pinx`](crate::pinx::Pinx) records each of its commands: the line, stdout, stderr, the exit
//! code and the files it made. What comes by chance, by the clock or by the machine stands there as
//! `[TIME]`, `[RUN1]` and the like. At the end of a world its record is compared with its part of
//! `tests/it/transcripts/<module>/<test>.txt`, and with `UPDATE_GOLDEN=1` it is written. A test
//! does nothing for it; those whose output cannot be the same twice are named in `unstable.rs`.

mod normal;
mod unstable;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use self::normal::Normal;

/// What rewrites the transcripts, named by every failure.
const UPDATE: &str = "UPDATE_GOLDEN=1 cargo test --test it";

/// Parts the worlds of one test.
const NEXT_WORLD: &str = "\n════════\n\n";

/// Of a text longer than this, in bytes, only the beginning is shown, and the hash of the rest.
const LONGEST: usize = 4_000;

/// The same of a document of JSON.
const LONGEST_JSON: usize = 2_000;

/// Of a test with more worlds only the hash of the others is kept.
const SHOWN_WORLDS: usize = 8;

/// The worlds of every test so far, in the order in which they were made.
static WORLDS: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());

/// The record of one world.
pub struct Transcript {
    /// `module::test`; none in a thread that is no test's.
    test: Option<String>,
    /// Which of the worlds of its test this is.
    nth: usize,
    root: PathBuf,
    /// Nothing but the places of directories differs, and all of it is compared.
    is_exact: bool,
    /// The day on which it began.
    began: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: Vec<Entry>,
    /// How many commands have not ended.
    running: usize,
    /// The files before the first of those that run.
    files: Files,
    env: BTreeMap<String, String>,
}

/// Files of the working directory with their size and time.
type Files = BTreeMap<String, (u64, Option<SystemTime>)>;

/// One command.
struct Entry {
    /// As a user would type it.
    line: String,
    /// Jobs end in an order of chance.
    is_unordered: bool,
    /// Its stdout, its stderr, then the code and the files.
    end: Option<(String, String, String)>,
}

/// A command as it is typed.
pub struct Typed<'a> {
    pub args: &'a [String],
    /// The variables of the world.
    pub world: &'a BTreeMap<String, String>,
    /// Those of this command alone.
    pub env: &'a [(String, String)],
    pub stdin: Option<&'a [u8]>,
}

impl Transcript {
    /// Of a new world below this directory, made by the test whose thread this is.
    pub fn begin(root: &Path) -> Transcript {
        await_the_day();
        let thread = std::thread::current();
        let test = thread.name().filter(|name| name.contains("::")).map(str::to_owned);
        let nth = test.as_ref().map_or(0, |test| {
            let mut worlds = WORLDS.lock().unwrap();
            let worlds = worlds.entry(test.clone()).or_default();
            worlds.push(String::new());
            worlds.len() - 1
        });
        let (root, began, state) = (root.to_owned(), today(), Mutex::default());
        Transcript { test, nth, root, is_exact: false, began, state }
    }

    /// Nothing in it comes by chance: it is compared to the letter, but for directories.
    pub fn is_exact(&mut self) {
        self.is_exact = true;
    }

    /// A command starts; gives its place in the record.
    pub fn starts(&self, typed: &Typed<'_>) -> usize {
        let mut state = self.state.lock().unwrap();
        if state.running == 0 {
            state.files = files(&self.root.join("work"));
        }
        state.running += 1;
        let mut line = exports(&state.env, typed.world);
        state.env.clone_from(typed.world);
        line += &typed.line();
        let first = typed.args.iter().find(|arg| !arg.starts_with('-'));
        let unordered = ["generate", "redo", "batch", "compare", "recover", "resume"];
        let one_by_one = typed.args.windows(2).any(|two| two == ["-j", "1"]);
        let is_unordered =
            !one_by_one && first.is_some_and(|first| unordered.contains(&first.as_str()));
        state.entries.push(Entry { line, is_unordered, end: None });
        state.entries.len() - 1
    }

    /// The command at this place ended.
    pub fn ends(&self, at: usize, code: i32, stdout: &[u8], stderr: &[u8]) {
        let mut state = self.state.lock().unwrap();
        state.running -= 1;
        // How far one came before it was killed is chance.
        let (mut end, stdout, stderr) = match code {
            ..0 => ("killed".to_owned(), &[][..], &[][..]),
            code => (format!("exit {code}"), stdout, stderr),
        };
        if state.running == 0 {
            end += &changes(&state.files, &files(&self.root.join("work")));
        }
        state.entries[at].end = Some((shown(stdout), shown(stderr), end));
    }

    /// The whole record as it is compared.
    fn text(&self) -> String {
        let place = |name: &str| self.root.join(name).display().to_string();
        let places = [("work", "[WORK]"), ("pinx", "[DATA]"), ("home", "[HOME]"), ("", "[TEMP]")];
        let named = |(path, name)| (place(path).trim_end_matches('/').to_owned(), name);
        let mut places = places.map(named).to_vec();
        places.push((std::env::temp_dir().display().to_string(), "[TMP]"));
        let mut normal = Normal::new(places, vec![self.began.clone(), today()]);
        let state = self.state.lock().unwrap();
        let mut before = String::new();
        let one = |entry: &Entry| {
            let line = &entry.line;
            let mut text = if self.is_exact { normal.places(line) } else { normal.text(line) };
            let (stdout, stderr, end) = match &entry.end {
                Some((stdout, stderr, end)) => (stdout.as_str(), stderr.as_str(), end.as_str()),
                None => ("", "", "not ended"),
            };
            for (stream, mark) in [(stdout, ""), (stderr, "2> ")] {
                let stream = match self.is_exact {
                    true => normal.places(stream),
                    false => {
                        let text = normal::csv(normal::folded(normal.text(stream)));
                        normal::unhurried(&normal::table(text))
                    }
                };
                let stream = if entry.is_unordered { normal::sorted(&stream) } else { stream };
                let stream = if self.is_exact { stream } else { cut(&stream) };
                let is_long = mark.is_empty() && stream.lines().count() > 5;
                if is_long && stream == before {
                    text += "[the same as before]\n";
                    continue;
                }
                if is_long {
                    before.clone_from(&stream);
                }
                for line in stream.lines() {
                    let _ = writeln!(text, "{}", format!("{mark}{line}").trim_end());
                }
            }
            text + &normal.text(end) + "\n"
        };
        let entries: Vec<String> = state.entries.iter().map(one).collect();
        entries.join("\n")
    }
}

impl Drop for Transcript {
    fn drop(&mut self) {
        let Some(test) = &self.test else { return };
        if std::thread::panicking() || unstable::reason(test).is_some() {
            return;
        }
        let whole = self.text();
        let text = match self.nth < SHOWN_WORLDS {
            true => whole,
            false if whole.is_empty() => whole,
            false => format!("[{} lines, {}]\n", whole.lines().count(), hash(&whole)),
        };
        let path = place().join(test.replace("::", "/") + ".txt");
        if crate::golden::is_updating() {
            let mut worlds = WORLDS.lock().unwrap();
            let worlds = worlds.get_mut(test).expect("it was begun");
            worlds[self.nth] = text;
            write(&path, &worlds.join(NEXT_WORLD));
            return;
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        let golden = golden.split(NEXT_WORLD).nth(self.nth).unwrap_or_default();
        if let Some(difference) = difference(golden, &text) {
            panic!("{}", told(&path, &difference));
        }
    }
}

/// Where the transcripts are.
pub fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/transcripts")
}

fn write(path: &Path, text: &str) {
    if text.replace(NEXT_WORLD, "").is_empty() {
        let _ = fs::remove_file(path);
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn told(path: &Path, difference: &str) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).display();
    format!(
        "what the commands printed is not what {path} says (`-` is there, `+` is new):\n\
         {difference}\nis it meant? `{UPDATE}` with the name of the test rewrites it"
    )
}

/// The lines that differ, with those around them; none where the texts are the same.
fn difference(old: &str, new: &str) -> Option<String> {
    const AROUND: usize = 4;
    const MOST: usize = 60;
    if old == new {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = (&old[same..], &new[same..]);
    let tail = rest.0.iter().rev().zip(rest.1.iter().rev());
    let tail = tail.take_while(|(old, new)| old == new).count();
    let mut text = String::new();
    let mut say = |mark: char, lines: &[&str]| {
        lines.iter().take(MOST).for_each(|line| text += &format!("{mark} {line}\n"));
        if lines.len() > MOST {
            text += &format!("{mark} … {} lines more\n", lines.len() - MOST);
        }
    };
    say(' ', &old[same.saturating_sub(AROUND)..same]);
    say('-', &rest.0[..rest.0.len() - tail]);
    say('+', &rest.1[..rest.1.len() - tail]);
    let after = &rest.0[rest.0.len() - tail..];
    say(' ', &after[..tail.min(AROUND)]);
    Some(text)
}

impl Typed<'_> {
    fn line(&self) -> String {
        let env = self.env.iter().map(|(name, value)| format!("{} ", set(name, value)));
        let words = self.args.iter().map(|arg| format!(" {}", quoted(arg)));
        let stdin = self.stdin.map(piped).unwrap_or_default();
        let words: String = words.collect();
        format!("$ {stdin}{}pinx{words}\n", env.collect::<String>())
    }
}

/// What is piped in.
fn piped(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= 200 => {
            format!("printf '{}' | ", text.replace('\'', "'\\''").replace('\n', "\\n"))
        }
        _ => format!("[{} bytes] | ", bytes.len()),
    }
}

/// The variables of the world that are new, but for those of every test.
fn exports(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> String {
    let usual = [
        "PATH",
        "HOME",
        "TZ",
        "PINX_HOME",
        "PINX_NO_PROBE",
        "PINX_TODAY",
        "PINX_BACKOFF",
        "COLUMNS",
    ];
    let is_usual = |name: &str| {
        usual.contains(&name) || name.starts_with("PINX_POLL_") || name.ends_with("_URL")
    };
    let new = now.iter().filter(|(name, value)| before.get(*name) != Some(value));
    let new = new.filter(|(name, _)| !is_usual(name));
    let set: String = new.map(|(name, value)| format!(" {}", set(name, value))).collect();
    if set.is_empty() { set } else { format!("$ export{set}\n") }
}

fn set(name: &str, value: &str) -> String {
    let is_secret = name.contains("_KEY") || name.contains("TOKEN");
    let value = if is_secret && value.len() > 8 { "[KEY]".to_owned() } else { quoted(value) };
    format!("{name}={value}")
}

/// A word as a shell reads it; a very long one is cut.
fn quoted(word: &str) -> String {
    const LONGEST: usize = 300;
    let length = word.chars().count();
    if length > LONGEST {
        let start: String = word.chars().take(40).collect();
        return format!("{}[{length} characters]", quoted(&start));
    }
    let is_plain = |c: char| c.is_alphanumeric() || "-_./,:=@%+{}#~".contains(c);
    let word: String = word.chars().flat_map(visible).collect();
    match word {
        word if !word.is_empty() && word.chars().all(is_plain) => word,
        word if !word.contains(['"', '$', '`', '\\', '!']) => format!("\"{word}\""),
        word => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// Control characters and those that no one sees, escaped.
fn visible(c: char) -> Vec<char> {
    let is_hidden = (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    if is_hidden { c.escape_unicode().collect() } else { vec![c] }
}

/// A stream as text.
fn shown(bytes: &[u8]) -> String {
    if let Ok(image) = image::load_from_memory(bytes) {
        let format = image::guess_format(bytes).map(|format| format!("{format:?}").to_uppercase());
        return format!("[{} {}x{}]\n", format.unwrap(), image.width(), image.height());
    }
    let text: String = String::from_utf8_lossy(bytes).chars().flat_map(visible).collect();
    if text.is_empty() || text.ends_with('\n') { text } else { text + "[no newline]\n" }
}

/// The beginning of a long text, and a hash of the rest.
fn cut(text: &str) -> String {
    let longest = if text.starts_with('{') { LONGEST_JSON } else { LONGEST };
    if text.len() <= longest {
        return text.to_owned();
    }
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let shown = ends.take_while(|at| *at <= longest / 2).last().unwrap_or_default();
    let (shown, rest) = text.split_at(shown);
    format!("{shown}[{} lines more, {}]\n", rest.lines().count(), hash(rest))
}

/// The beginning of a hash, which is enough to see that a text is another.
fn hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// No world begins at the end of a day: what is of two days, or of two months, reads differently.
fn await_the_day() {
    const DAY: u64 = 86_400;
    const LAST: u64 = 120;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let left = DAY - now % DAY;
    if left <= LAST {
        std::thread::sleep(Duration::from_secs(left));
    }
}

fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn files(work: &Path) -> Files {
    let known = |path: PathBuf| {
        let meta = fs::metadata(&path).ok()?;
        let name = path.strip_prefix(work).unwrap().display().to_string();
        Some((name, (meta.len(), meta.modified().ok())))
    };
    crate::pinx::files_below(work).into_iter().filter_map(known).collect()
}

/// Files that were made, changed and taken away; of many only how many.
fn changes(before: &Files, now: &Files) -> String {
    const MOST: usize = 12;
    let new = now.keys().filter(|name| !before.contains_key(*name));
    let other = |(name, file): &(&String, &(u64, Option<SystemTime>))| {
        before.get(*name).is_some_and(|before| before != *file)
    };
    let changed = now.iter().filter(other).map(|(name, _)| name);
    let gone = before.keys().filter(|name| !now.contains_key(*name));
    let groups: [(&str, Vec<&String>); 3] =
        [("+", new.collect()), ("~", changed.collect()), ("-", gone.collect())];
    let mut text = String::new();
    for (mark, names) in groups {
        names.iter().take(MOST).for_each(|name| text += &format!(" · {mark} {name}"));
        if names.len() > MOST {
            text += &format!(" · {mark} {} more", names.len() - MOST);
        }
    }
    text.chars().flat_map(visible).collect()
}

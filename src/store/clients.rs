//! The clients of a server: who may ask it, by which key, and what each may spend and ask for.
//!
//! A private file of the home. Of a key only a salted hash is kept: the key itself is seen once, by whoever
//! adds the client. What a client has spent stands in the log, under its name.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::log::{ClientLimits, SpendingLimits};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::secret::Secret;
use crate::{chance, fs, text};

/// The version of the file written here; a newer one is not read, since it may forbid more.
const VERSION: u32 = 1;
/// How every key begins.
const PREFIX: &str = "px-";
/// What follows: so many letters and digits, which are 256 bits.
const LETTERS: usize = 43;
/// No name is longer, in characters.
const LONGEST: usize = 64;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What a client may do; what is left open, nobody limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Grant {
    /// What it may spend in a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_day: Option<Money>,
    /// What it may spend in a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_month: Option<Money>,
    /// Requests a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u32>,
    /// Patterns of the models that it may ask for, such as `openai/*`; none means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Whose figures it reads at `/metrics`.
    #[serde(skip_serializing_if = "Figures::are_own")]
    pub figures: Figures,
}

/// Whose figures a client reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Figures {
    /// Its own.
    #[default]
    Own,
    /// Those of all.
    All,
}

impl Figures {
    /// All, the usual one first.
    pub const ALL: [Figures; 2] = [Figures::Own, Figures::All];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Figures::Own => "own",
            Figures::All => "all",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    fn are_own(&self) -> bool {
        *self == Figures::Own
    }
}

impl Grant {
    /// Whether it reads the figures of all clients.
    pub fn sees_all_figures(&self) -> bool {
        self.figures == Figures::All
    }
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// What it may do.
    #[serde(flatten)]
    pub grant: Grant,
    /// When it was added.
    pub created: jiff::Timestamp,
    #[serde(flatten)]
    key: KeyHash,
}

/// What is kept of a key, in hexadecimal.
///
/// It is SHA-256 of salt and key, once: a slow hash protects what people can think of, and these keys are
/// 256 bits of chance, which nobody guesses however quick the hash is.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct KeyHash {
    salt: String,
    hash: String,
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash")
    }
}

impl KeyHash {
    fn of(salt: String, key: &str) -> KeyHash {
        let hash = hash(&salt, key);
        KeyHash { salt, hash }
    }

    fn is_of(&self, key: &str) -> bool {
        is_same(hash(&self.salt, key).as_bytes(), self.hash.as_bytes())
    }
}

fn hash(salt: &str, key: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update([0]).chain_update(key).finalize();
    text::hex(&digest)
}

/// Whether bytes are the same, in a time that depends on their number alone: an answer that comes sooner
/// must not tell how far a guess is right.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let pairs = one.iter().zip(other);
    let differing = pairs.fold(0, |differing, (a, b)| std::hint::black_box(differing | (a ^ b)));
    one.len() == other.len() && differing == 0
}

impl Client {
    /// What may be spent for it; `unknown_allowed` says whether a request of unknown price may be sent
    /// although there is a limit.
    pub fn limits(&self, unknown_allowed: bool) -> ClientLimits {
        let Grant { budget_day: day, budget_month: month, .. } = self.grant;
        let limits = SpendingLimits { day, month, unknown_allowed };
        ClientLimits { name: self.name.clone(), limits }
    }

    /// Whether it may ask for a model, by its whole id.
    pub fn allows(&self, model: &str) -> bool {
        let patterns = &self.grant.models;
        patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, model))
    }
}

/// Whether a text fits a pattern, in which `*` stands for anything.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts = rest.split('*');
    let last = parts.next_back().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

/// The clients of a home, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clients {
    v: u32,
    clients: Vec<Client>,
}

impl Clients {
    /// Those of a file; where there is none, there are no clients.
    ///
    /// # Errors
    /// It cannot be read or understood, or a newer version wrote it: nobody may be let in then.
    pub fn load(path: &Path) -> Result<Clients> {
        let text = match fs::read_input_text(path, LARGEST) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Clients::default()),
            other => other.map_err(|error| damaged(path, &error))?,
        };
        let clients: Clients =
            serde_json::from_str(&text).map_err(|error| damaged(path, &error))?;
        if clients.v > VERSION {
            let what = format!("the clients in {} are a newer version's", path.display());
            return Err(Error::usage(what).code("clients_unreadable").hint("update pinx"));
        }
        Ok(clients)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The one of a name.
    pub fn get(&self, name: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.name == name)
    }

    /// The one whose key this is. Each of them is looked at to its end, whichever it is.
    pub fn find(&self, key: &str) -> Option<&Client> {
        let mut found = None;
        for client in &self.clients {
            if client.key.is_of(key) {
                found = Some(client);
            }
        }
        found
    }

    /// Adds a client; answers with its key, which nothing else ever tells.
    ///
    /// # Errors
    /// The name or a pattern is none, there is one of that name, or the file cannot be read or written.
    pub fn add(path: &Path, name: &str, grant: Grant) -> Result<Secret> {
        check_name(name)?;
        grant.check()?;
        let unmade = |error| unwritable(path, error);
        let key = new_key().map_err(unmade)?;
        let salt = text::hex(&chance::secret().map_err(unmade)?[..16]);
        change(path, |clients| {
            if clients.get(name).is_some() {
                return Err(exists(name));
            }
            clients.clients.push(Client {
                name: name.to_owned(),
                grant,
                created: crate::clock::now(),
                key: KeyHash::of(salt, &key),
            });
            clients.clients.sort_by(|one, other| one.name.cmp(&other.name));
            Ok(())
        })?;
        Secret::new(&key).map_err(|why| Error::new(Kind::Internal, format!("a made key {why}")))
    }

    /// Changes what a client may do; its key stays.
    ///
    /// # Errors
    /// There is none of that name, a pattern is none, or the file cannot be read or written.
    pub fn set(path: &Path, name: &str, new: impl FnOnce(&mut Grant)) -> Result<Grant> {
        change(path, |clients| {
            let client = clients.clients.iter_mut().find(|client| client.name == name);
            let Some(client) = client else { return Err(unknown(clients, name)) };
            new(&mut client.grant);
            client.grant.check()?;
            Ok(client.grant.clone())
        })
    }

    /// Removes a client: its key is good for nothing any more.
    ///
    /// # Errors
    /// There is none of that name, or the file cannot be read or written.
    pub fn remove(path: &Path, name: &str) -> Result<()> {
        change(path, |clients| {
            let before = clients.clients.len();
            clients.clients.retain(|client| client.name != name);
            if clients.clients.len() < before { Ok(()) } else { Err(unknown(clients, name)) }
        })
    }
}

impl Grant {
    fn check(&self) -> Result<()> {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "*/-_.:".contains(c);
        let is_pattern = |text: &String| !text.is_empty() && text.chars().all(is_letter);
        match self.models.iter().find(|pattern| !is_pattern(pattern)) {
            None => Ok(()),
            Some(wrong) => {
                let wrong = text::clean(wrong, 80);
                Err(Error::usage(format!("`{wrong}` is no pattern of a model")).hint(
                    "write ids of `pinx models`, where `*` stands for anything: `provider/*`",
                ))
            }
        }
    }
}

fn new_key() -> io::Result<String> {
    const ALL: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut key = PREFIX.to_owned();
    while key.len() < PREFIX.len() + LETTERS {
        let left = PREFIX.len() + LETTERS - key.len();
        // Beyond the last whole row of letters the first ones would come more often than others.
        let even = chance::secret()?.into_iter().filter(|byte| *byte < 62 * 4);
        key.extend(even.take(left).map(|byte| char::from(ALL[usize::from(byte % 62)])));
    }
    Ok(key)
}

/// Changes the file under a lock, so that two commands at once lose nothing.
fn change<T>(path: &Path, change: impl FnOnce(&mut Clients) -> Result<T>) -> Result<T> {
    let unwritable = |error| unwritable(path, error);
    let _held = fs::lock_file(&lock_of(path)).map_err(unwritable)?;
    let mut clients = Clients { v: VERSION, ..Clients::load(path)? };
    let outcome = change(&mut clients)?;
    let mut bytes = serde_json::to_vec_pretty(&clients).map_err(|e| unwritable(e.into()))?;
    bytes.push(b'\n');
    fs::write_atomic(path, &bytes, fs::Mode::Private).map_err(unwritable)?;
    Ok(outcome)
}

fn lock_of(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

fn check_name(name: &str) -> Result<()> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins && name.len() <= LONGEST && name.chars().all(is_letter) {
        return Ok(());
    }
    let what = format!("`{}` cannot be the name of a client", text::clean(name, 80));
    Err(Error::usage(what).hint(format!(
        "it begins with a letter or a digit, and holds letters, digits, `-`, `_` and `.`, {LONGEST} at most"
    )))
}

fn exists(name: &str) -> Error {
    Error::usage(format!("there is a client `{name}` already"))
        .code("client_exists")
        .hint(format!("`pinx serve keys set {name}` changes what it may do, and keeps its key"))
        .hint(format!("`pinx serve keys remove {name}` ends its key; then a new one can be made"))
}

fn unknown(clients: &Clients, name: &str) -> Error {
    let names = clients.iter().map(|client| client.name.as_str());
    let error = Error::usage(format!("there is no client `{}`", text::clean(name, 80)))
        .code("unknown_client");
    match text::nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`pinx serve keys list` shows all of them"),
    }
}

fn damaged(path: &Path, why: &dyn fmt::Display) -> Error {
    let what = format!("the clients of the server in {} cannot be read: {why}", path.display());
    Error::usage(what).code("clients_unreadable").hint(
        "repair the file; or delete it, which ends every key, and add the clients again with \
         `pinx serve keys add`: what they have spent stays counted by their names",
    )
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    let what = format!("the clients of the server cannot be kept in {}", path.display());
    Error::new(Kind::Local, what).because(error)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn home() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("inside/clients.json");
        (home, path)
    }

    fn grant() -> Grant {
        Grant {
            budget_day: Some(Money::micros(5_000_000)),
            rpm: Some(30),
            models: vec!["openai/*".to_owned(), "pinx/*".to_owned()],
            ..Grant::default()
        }
    }

    #[test]
    fn a_key_finds_its_client_and_no_other_text_does() {
        let (_home, path) = home();
        assert!(Clients::load(&path).unwrap().is_empty(), "no file is no client");
        let keys = ["shop", "lab", "zoo"].map(|name| Clients::add(&path, name, grant()).unwrap());
        let clients = Clients::load(&path).unwrap();
        let found = |key: &str| clients.find(key).map(|client| client.name.clone());
        let owners = keys.each_ref().map(|key| found(key.expose()).unwrap());
        assert_eq!(owners, ["shop", "lab", "zoo"]);
        let key = keys[1].expose();
        assert!(key.starts_with("px-") && key.len() == 3 + 43, "256 bits");
        assert!(key[3..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(!crate::secret::redact(&format!("it is {key}"), []).contains(key));
        let (cut, longer) = (&key[..key.len() - 1], format!("{key}x"));
        let other = if key.ends_with('A') { 'B' } else { 'A' };
        for wrong in ["", "px-", cut, &longer, &format!("{cut}{other}"), &key[3..], " "] {
            assert_eq!(found(wrong), None);
        }
        let stored = clients.get("lab").unwrap().key.hash.clone();
        assert_eq!(found(&stored), None, "what is kept opens nothing");
    }

    #[test]
    fn the_file_is_private_and_holds_no_key_and_no_two_are_alike() {
        let (_home, path) = home();
        let keys = ["a", "b"].map(|name| Clients::add(&path, name, Grant::default()).unwrap());
        assert_ne!(keys[0], keys[1]);
        assert!(fs::is_private(&path) && fs::is_private(path.parent().unwrap()));
        let bytes = std::fs::read_to_string(&path).unwrap();
        for key in &keys {
            assert!(!bytes.contains(&key.expose()[3..]), "{bytes}");
        }
        let clients = Clients::load(&path).unwrap();
        let salts: HashSet<&String> = clients.iter().map(|client| &client.key.salt).collect();
        assert!(salts.len() == 2 && salts.iter().all(|salt| salt.len() == 32));
        let shown = format!("{clients:?}");
        assert!(clients.iter().all(|client| !shown.contains(&client.key.hash)), "{shown}");
    }

    #[test]
    fn every_byte_of_a_hash_counts_wherever_it_stands() {
        let hash = hash("0a", "px-x").into_bytes();
        assert!(is_same(&hash, &hash) && is_same(b"", b""));
        for at in 0..hash.len() {
            let mut other = hash.clone();
            other[at] ^= 1;
            assert!(!is_same(&hash, &other), "{at}");
            assert!(!is_same(&hash, &hash[..at]) && !is_same(&hash[..at], &hash), "{at}");
        }
    }

    #[test]
    fn of_many_that_add_at_once_none_is_lost_and_of_one_name_there_is_one() {
        let (_home, path) = home();
        let add = |name: String| Clients::add(&path, &name, Grant::default());
        let keys: Vec<Result<Secret>> = std::thread::scope(|scope| {
            let one = |n: usize| scope.spawn(move || add(format!("c{}", n / 2)));
            let all: Vec<_> = (0..16).map(one).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let clients = Clients::load(&path).unwrap();
        assert_eq!(clients.iter().count(), 8);
        let (made, refused): (Vec<_>, Vec<_>) = keys.into_iter().partition(Result::is_ok);
        assert_eq!((made.len(), refused.len()), (8, 8));
        for key in made {
            assert!(clients.find(key.unwrap().expose()).is_some());
        }
        let error = refused.into_iter().next().unwrap().unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (Kind::Usage, "client_exists"));
        assert!(error.hints[0].contains("pinx serve keys set c"), "{:?}", error.hints);
    }

    #[test]
    fn what_a_client_may_is_changed_with_its_key_and_what_is_removed_opens_nothing() {
        let (_home, path) = home();
        let key = Clients::add(&path, "shop", grant()).unwrap();
        let new = Clients::set(&path, "shop", |grant| {
            grant.budget_day = None;
            grant.budget_month = Some(Money::micros(7));
        });
        let limits = Clients::load(&path).unwrap().find(key.expose()).unwrap().limits(true);
        assert_eq!((limits.name.as_str(), limits.limits.day), ("shop", None));
        assert_eq!(limits.limits.month, new.unwrap().budget_month);
        assert!(limits.limits.unknown_allowed);
        let error = Clients::remove(&path, "shpo").unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.hints[0].as_str()),
            ("unknown_client", "did you mean `shop`?")
        );
        Clients::remove(&path, "shop").unwrap();
        assert_eq!(Clients::load(&path).unwrap().find(key.expose()), None);
    }

    #[test]
    fn a_pattern_holds_for_the_whole_id() {
        for (pattern, yes, no) in [
            ("openai/*", vec!["openai/gpt-image-2", "openai/"], vec!["fal/openai/x", "openai"]),
            ("*", vec!["", "fal/flux"], vec![]),
            ("fal/flux", vec!["fal/flux"], vec!["fal/flux-dev", "xfal/flux"]),
            (
                "*/flux-*-v*",
                vec!["fal/flux-pro-v1.1", "a/flux--v"],
                vec!["fal/flux-pro", "flux-a-v1"],
            ),
            ("a*a", vec!["aa", "aba"], vec!["a", "ab"]),
        ] {
            yes.iter().for_each(|text| assert!(fits(pattern, text), "{pattern} {text}"));
            no.iter().for_each(|text| assert!(!fits(pattern, text), "{pattern} {text}"));
        }
        let (_home, path) = home();
        let key = Clients::add(&path, "shop", grant()).unwrap();
        Clients::add(&path, "all", Grant::default()).unwrap();
        let clients = Clients::load(&path).unwrap();
        let shop = clients.find(key.expose()).unwrap();
        assert!(shop.allows("openai/gpt-image-2") && shop.allows("pinx/sketch"));
        assert!(!shop.allows("fal/flux") && clients.get("all").unwrap().allows("fal/flux"));
    }

    #[test]
    fn what_cannot_be_a_name_or_a_pattern_is_refused_before_anything_is_written() {
        let (_home, path) = home();
        let long = "x".repeat(65);
        for name in ["", "-x", ".x", "a b", "a/b", "ä", "a\n", &long] {
            let error = Clients::add(&path, name, Grant::default()).unwrap_err();
            assert_eq!(error.kind, Kind::Usage, "{name:?}");
        }
        for pattern in ["", "a b", "a,b", "?"] {
            let grant = Grant { models: vec![pattern.to_owned()], ..Grant::default() };
            assert!(Clients::add(&path, "shop", grant).is_err(), "{pattern:?}");
        }
        assert!(!path.exists());
        assert!(Clients::add(&path, &long[1..], grant()).is_ok());
    }

    #[test]
    fn a_damaged_file_lets_nobody_in_and_is_not_written_over() {
        let (_home, path) = home();
        let key = Clients::add(&path, "shop", grant()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        let newer = text.replace("\"v\": 1", "\"v\": 2").into_bytes();
        for bytes in [&whole[..whole.len() / 2], b"", b"{}", b"[]", b"\xff\xff\xff", &newer] {
            fs::write_atomic(&path, bytes, fs::Mode::Private).unwrap();
            let error = Clients::load(&path).unwrap_err();
            assert_eq!(error.code, "clients_unreadable", "{error}");
            assert!(error.message.contains("clients.json") && !error.hints.is_empty(), "{error}");
            assert!(Clients::add(&path, "lab", grant()).is_err());
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
        fs::write_atomic(&path, &whole, fs::Mode::Private).unwrap();
        assert!(Clients::load(&path).unwrap().find(key.expose()).is_some());
    }
}

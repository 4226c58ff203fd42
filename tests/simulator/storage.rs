//! Pictures that are sent along: fal's storage, which knows what was put where, and the files of a
//! request, which must be what they were said to be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::dice::Dice;
use super::machine::State;
use super::providers::{Mood, answer, json_answer, reset, waiting};
use crate::error::{CUT_WHILE_SENDING, Error, Kind, Result};
use crate::net::{HttpRequest, HttpResponse, InputFile, Payload, Piece};
use crate::text;

const HOST: &str = "v3.fal.media";

/// What was put where.
#[derive(Debug, Default)]
pub(super) struct Storage {
    /// The hashes of what lies behind the places that were named, by their numbers.
    places: Vec<Option<String>>,
    /// How often each picture was put there, by its hash.
    pub(super) put: BTreeMap<String, usize>,
    /// Pictures that had to be put there again: nobody was told that they are there, or somebody that they
    /// cannot be read.
    pub(super) again: usize,
}

impl Storage {
    /// The pictures that a body names by their links: all must be there.
    pub(super) fn named(&self, body: &Value) -> Result<BTreeSet<String>, String> {
        let links = body["image_urls"].as_array().into_iter().flatten();
        let of = |link: &Value| {
            let number = link.as_str()?.rsplit('/').next()?.strip_suffix(".in")?;
            self.places.get(number.parse::<usize>().ok()?)?.clone()
        };
        links.map(|link| of(link).ok_or_else(|| format!("{link} was never uploaded"))).collect()
    }
}

/// What becomes of a free request of the storage.
#[derive(Clone, Copy)]
enum Fate {
    Good,
    Busy,
    Broken,
    Refused,
    Nonsense,
    NotSent,
    Reset,
}

impl Fate {
    fn draw(mood: Mood, dice: &mut Dice) -> Fate {
        let rare = dice.of(&[Fate::Busy, Fate::Broken, Fate::NotSent, Fate::Reset]);
        let worse = dice.of(&[Fate::Refused, Fate::Nonsense]);
        match mood {
            Mood::Good => Fate::Good,
            Mood::Fair => dice.weighted(&[(12, Fate::Good), (1, rare)]),
            Mood::Bad => dice.weighted(&[(6, Fate::Good), (4, rare), (1, worse)]),
        }
    }
}

/// The files of a request as they lie there now.
fn files(payload: &Payload) -> Result<Vec<&InputFile>> {
    let files = payload.pieces.iter().filter_map(|piece| match piece {
        Piece::File(file) | Piece::Base64(file) => Some(file),
        Piece::Bytes(_) => None,
    });
    let checked = files.map(|file| {
        let bytes = std::fs::read(&file.path).unwrap_or_default();
        let is_it = crate::store::holds(&file.path, &file.sha256) && bytes.len() as u64 == file.len;
        let changed = || Error::usage("image 1 changed before it was sent").code("input_changed");
        is_it.then_some(file).ok_or_else(changed)
    });
    checked.collect()
}

impl State {
    /// A request with files breaks off within them, or is not sent because they have changed.
    pub(super) fn breaks_off(&mut self, request: &HttpRequest) -> Option<Error> {
        let payload = request.body.as_ref()?;
        if payload.in_memory().is_some() {
            return None;
        }
        if let Err(error) = files(payload) {
            return Some(error);
        }
        let is_cut = self.providers.mood != Mood::Good && self.dice.one_in(12);
        let error = || Error::new(Kind::NotSent, "the connection broke within the request");
        is_cut.then(|| error().code(CUT_WHILE_SENDING))
    }

    /// Names a place for a picture.
    pub(super) fn place(&mut self) -> Result<HttpResponse> {
        let fate = Fate::draw(self.providers.mood, &mut self.dice);
        let detail = |status| json_answer(status, &json!({ "detail": "no" }));
        Ok(match fate {
            Fate::Good => {
                let storage = &mut self.providers.storage;
                let number = storage.places.len();
                storage.places.push(None);
                let link = |what: &str| format!("https://{HOST}/{what}/{number}.in");
                let body = json!({ "upload_url": link("put"), "file_url": link("files") });
                json_answer(200, &body)
            }
            Fate::Busy => waiting(detail(429), Some(5)),
            Fate::Broken => detail(500),
            Fate::Refused => detail(422),
            Fate::Nonsense => answer(200, b"<html>".to_vec()),
            Fate::NotSent => return Err(Error::new(Kind::NotSent, "connection refused")),
            Fate::Reset => return Err(reset()),
        })
    }

    /// Takes a picture.
    pub(super) fn put(&mut self, request: &HttpRequest) -> Result<HttpResponse> {
        let payload = request.body.as_ref().expect("a picture");
        let sha256 = files(payload)?.remove(0).sha256.clone();
        if !request.secrets.is_empty() {
            self.wrong.push("a key goes to the storage".to_owned());
        }
        let name = request.url.path().rsplit('/').next().unwrap_or_default();
        let number: usize = name.trim_end_matches(".in").parse().unwrap();
        let fate = Fate::draw(self.providers.mood, &mut self.dice);
        let storage = &mut self.providers.storage;
        let is_there = matches!(fate, Fate::Good | Fate::Reset | Fate::Nonsense);
        if is_there {
            storage.places[number] = Some(sha256.clone());
            *storage.put.entry(sha256).or_default() += 1;
        }
        Ok(match fate {
            Fate::Good | Fate::Nonsense => answer(200, Vec::new()),
            Fate::Busy => answer(429, Vec::new()),
            Fate::Broken => answer(503, Vec::new()),
            Fate::Refused => answer(403, Vec::new()),
            Fate::NotSent => return Err(Error::new(Kind::NotSent, "connection refused")),
            Fate::Reset => {
                storage.again += 1;
                return Err(reset());
            }
        })
    }

    /// A paid request names its pictures by links.
    pub(super) fn names_its_pictures(&mut self, path: &str, body: &Value, is_refused: bool) {
        if !path.ends_with("/edit") {
            return;
        }
        match self.providers.storage.named(body) {
            Ok(named) if named.is_empty() => self.wrong.push(format!("{path} has no picture")),
            // Who is refused believes in its links no more.
            Ok(named) if is_refused => self.providers.storage.again += named.len(),
            Ok(_) => {}
            Err(wrong) => self.wrong.push(wrong),
        }
    }
}

/// What a request of the storage asks for, without its query.
pub(super) fn is_initiation(request: &HttpRequest) -> bool {
    text::clean(request.url.path(), 200).ends_with("/storage/upload/initiate")
}

//! What a request asks for: the fields of one job, as a line of a batch file has them.
//!
//! They are read as such a line is, with its names, its checks and its words for what is wrong; what
//! belongs to a file of many jobs is not taken.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Cursor};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::folders::{Folders, NamedFile};
use super::mark::{Mark, Repeatable, digest};
use super::pictures::{self, DataPictures, GivenPicture, PictureWords};
use crate::batch::{self, Base, Format, Item, Layout, Problems};
use crate::cmd::{App, generate, snake};
use crate::engine::{RunBudget, RunSpec};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::request::Request;
use crate::settings::Prefer;
use crate::store::{Client, Output};

/// Fields of a batch file that name places on this machine, or make many jobs of one.
const OF_FILES: [&str; 9] =
    ["output", "out", "filename", "file_name", "image_name", "matrix", "vars", "id", "fields"];

/// What a request asks for.
#[derive(Debug, Default)]
pub(in crate::cmd) struct Submission {
    /// Its fields, by the names of a batch file.
    pub(in crate::cmd) fields: Map<String, Value>,
    /// The pictures that came with it, behind those that its fields name.
    pub(in crate::cmd) pictures: Vec<GivenPicture>,
    /// Previews of each picture while it is made.
    pub(in crate::cmd) partials: u8,
    /// Whose it is, if a client's: what it may ask for.
    pub(in crate::cmd) client: Option<Arc<Client>>,
    /// How it may come again.
    pub(in crate::cmd) repeatable: Repeatable,
    /// What counts most where `auto` chooses, whatever the settings say.
    pub(in crate::cmd) prefer: Option<Prefer>,
    /// Images of each model at most.
    pub(in crate::cmd) most: u32,
    /// What it may cost at most, whatever its fields say.
    pub(in crate::cmd) most_money: Option<Money>,
    /// Nothing will be sent for it.
    pub(in crate::cmd) rehearsed: bool,
    /// The job of a file, instead of fields.
    pub(in crate::cmd) job: Option<Item>,
    /// The agent whose it is.
    pub(in crate::cmd) agent: Option<Agent>,
}

/// What an agent may do, beyond what is asked of everybody.
#[derive(Debug, Clone)]
pub(in crate::cmd) struct Agent {
    /// What its session may spend.
    pub(in crate::cmd) purse: Arc<RunBudget>,
    /// What it may read and write.
    pub(in crate::cmd) folders: Arc<Folders>,
    /// The place that it names for its images.
    pub(in crate::cmd) output: Option<String>,
    /// What its user has agreed to.
    pub(in crate::cmd) agreed: Option<Money>,
}

/// What was read of a request.
pub(super) struct Read {
    pub(super) spec: RunSpec,
    pub(super) tags: Vec<String>,
    /// What each of its images may cost at most, where a file says so.
    pub(super) each: Option<Money>,
    /// What it may cost at most.
    pub(super) limit: Option<Money>,
}

impl Submission {
    /// What it is known by, should it come again, however its fields are ordered. It blocks: pictures are
    /// read.
    ///
    /// # Errors
    /// The disk does not give them back.
    pub(super) fn mark(&mut self, client: Option<&str>) -> Result<Mark> {
        let fields = sorted(Value::Object(self.fields.clone())).to_string();
        let mut parts = vec![fields.into_bytes(), vec![self.partials]];
        parts.extend(self.prefer.map(|prefer| prefer.word().as_bytes().to_vec()));
        for picture in &mut self.pictures {
            parts.push(picture.hash()?.into_bytes());
        }
        if let Some(agent) = &self.agent {
            parts.push(format!("{:?} {:?}", agent.output, self.job).into_bytes());
        }
        let body = digest(parts.iter().map(Vec::as_slice));
        Ok(Mark::new(client, self.repeatable.key.as_deref(), body))
    }

    /// What it asks for, its pictures looked at. It blocks.
    ///
    /// # Errors
    /// A field is unknown or holds what it cannot hold, or a picture cannot be had.
    pub(super) fn read(mut self, app: &App, output: &Output) -> Result<Read> {
        let data = DataPictures::take(&mut self.fields);
        self.fields = std::mem::take(&mut self.fields).into_iter().map(as_in_a_file).collect();
        let (item, of_file) = match self.job.take() {
            Some(job) => (job, true),
            None => (self.item(app)?, false),
        };
        if item.count > self.most {
            let what =
                format!("`count` is {}, and at most {} are made at once", item.count, self.most);
            return Err(Error::usage(what)
                .code("too_many")
                .hint("ask several times, or raise `serve.max_images` where pinx serves"));
        }
        self.names_no_model(&item)?;
        let common = generate::Common::default();
        let (output, within) = match &self.agent {
            None => (output.clone(), None),
            Some(agent) => {
                let (output, within) = agent.folders.place(agent.output.as_deref())?;
                (output, Some(within))
            }
        };
        let mut spec = generate::ask(app, &common, item.request.prompt.clone(), output)?;
        spec.within = within.or(spec.within);
        // A file's extension has asked for its format.
        let format = item.request.format.or(spec.request.format);
        spec.request = Arc::new(Request { format, ..item.request.clone() });
        spec.fit = item.pictures.fit.unwrap_or(spec.fit);
        spec.models = item.models.unwrap_or(spec.models);
        spec.count = item.count as usize;
        spec.fallback = item.fallback.or(spec.fallback);
        spec.partials = self.partials;
        spec.client = self.client.clone();
        spec.rehearsed = self.rehearsed;
        spec.prefer = self.prefer.or(spec.prefer);
        spec.notices.extend(item.notices);
        let folders = self.agent.as_ref().map(|agent| &*agent.folders);
        let client = self.client.as_ref().map(|client| client.name.as_str());
        let source = PictureWords { app, data: &data, folders, client };
        pictures::give(&source, &item.pictures, self.pictures, &mut spec)?;
        let (each, whole) = if of_file { (item.max_cost, None) } else { (None, item.max_cost) };
        let limit = [whole, self.most_money].into_iter().flatten().min();
        Ok(Read { spec, tags: item.tags, each, limit })
    }

    /// Checks that no parameter that is passed on as it is asks for a model past the client's own.
    fn names_no_model(&self, item: &Item) -> Result<()> {
        let has_models = self.client.as_ref().is_some_and(|client| !client.grant.models.is_empty());
        let named = item.request.params.keys().find(|name| ["model", "models"].contains(&&***name));
        match named.filter(|_| has_models) {
            None => Ok(()),
            Some(name) => {
                let what = format!("`{name}` in `params` is no way to another model");
                Err(Error::new(Kind::Permission, what)
                    .code("model_not_allowed")
                    .hint("ask for it as `model`, where it is one of this client's"))
            }
        }
    }

    fn item(&self, app: &App) -> Result<Item> {
        if let Some(name) = self.fields.keys().find(|name| OF_FILES.contains(&name.as_str())) {
            return Err(wrong(format!("unknown key `{name}`")));
        }
        // One line, whatever the body looked like.
        let line = Value::Object(self.fields.clone()).to_string();
        let mut items = items(app, &mut Cursor::new(line), Format::Lines, 1)?;
        items
            .pop()
            .ok_or_else(|| Error::usage("the request asks for nothing").hint("give a `prompt`"))
    }
}

/// The jobs of a prompt file.
///
/// # Errors
/// It cannot be read, something in it is wrong, or there are more than so many.
pub(super) fn of_file(app: &App, file: NamedFile, most: usize) -> Result<Vec<Item>> {
    let NamedFile { path, file } = file;
    let shown = path.display();
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format = Format::EXTENSIONS.iter().find(|(known, _)| *known == ending.to_lowercase());
    let Some((_, format)) = format else {
        let known = Format::EXTENSIONS.map(|(ending, _)| ending).join(", ");
        return Err(wrong(format!("`{shown}` is no prompt file"))
            .hint(format!("its name ends in one of {known}")));
    };
    let items = items(app, &mut BufReader::new(file), *format, most)?;
    if items.len() > most {
        return Err(wrong(format!("`{shown}` has more than {most} jobs"))
            .code("too_many")
            .hint(format!("the user can run it whole: `pinx batch {shown}`")));
    }
    if items.iter().any(|item| item.output.is_some()) {
        return Err(wrong(format!("`{shown}` says where its images go"))
            .hint("leave `output` out of the file, and give it as an argument"));
    }
    Ok(items)
}

/// The jobs that are read, at most so many and one more.
fn items(app: &App, input: &mut dyn BufRead, format: Format, most: usize) -> Result<Vec<Item>> {
    let vars = BTreeMap::new();
    let base = Base {
        request: app.settings.request.clone(),
        count: app.settings.count,
        catalog: &app.settings.catalog,
        vars: &vars,
        layout: Layout::default(),
    };
    let (mut problems, mut items) = (Problems::default(), Vec::new());
    batch::read(input, format, &base, &mut problems, &mut |item| {
        items.push(item);
        if items.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .map_err(|error| Error::usage(format!("the request cannot be read: {error}")))?;
    if let Some(problem) = problems.list().first() {
        let error = wrong(problem.message.clone());
        return Err(match &problem.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        });
    }
    Ok(items)
}

/// A field as a batch file writes it: `maxCost` is `max_cost`.
fn as_in_a_file((name, value): (String, Value)) -> (String, Value) {
    match name.as_str() {
        "styleId" => (name, value),
        _ => (snake(&name), value),
    }
}

fn wrong(message: String) -> Error {
    Error::usage(message).code("invalid_request")
}

/// What a request of several prompts is known by. It blocks.
///
/// # Errors
/// As those of [`Submission::mark`].
pub(super) fn mark_of(asked: &mut [Submission], client: Option<&str>) -> Result<Mark> {
    let key = asked.first().and_then(|asked| asked.repeatable.key.clone());
    let mut marks = Vec::new();
    for asked in asked {
        marks.push(asked.mark(client)?);
    }
    if marks.len() == 1 {
        return Ok(marks.remove(0));
    }
    let body = digest(marks.iter().map(|mark| mark.body().as_bytes()));
    Ok(Mark::new(client, key.as_deref(), body))
}

/// A value whose objects have their fields in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(fields: Value, key: &str) -> Submission {
        let Value::Object(fields) = fields else { panic!() };
        let repeatable = Repeatable { key: Some(key.to_owned()), ..Repeatable::default() };
        Submission { fields, repeatable, ..Submission::default() }
    }

    #[test]
    fn a_request_is_known_by_its_key_its_client_and_what_it_asks_for() {
        let mark = |fields, key, client| asked(fields, key).mark(client).unwrap();
        let one =
            mark(json!({ "prompt": "a fox", "params": { "a": 1, "b": 2 } }), "k", Some("ann"));
        let same =
            mark(json!({ "params": { "b": 2, "a": 1 }, "prompt": "a fox" }), "k", Some("ann"));
        assert_eq!((one.key(), one.body()), (same.key(), same.body()));
        assert_eq!(one.logged(), same.logged());
        let other = mark(json!({ "prompt": "an owl" }), "k", Some("ann"));
        assert!(one.key() == other.key() && one.body() != other.body());
        let client = mark(json!({ "prompt": "an owl" }), "k", Some("bob"));
        assert_ne!(client.key(), other.key(), "a key is its client's own");
    }
}

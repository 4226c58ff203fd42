//! Pictures that are given, made ready for one model: in a format, size and number of bytes that it
//! takes, and a mask as it reads masks.
//!
//! The work is done once for each picture and treatment, however many jobs ask for it.

use super::plan::Planner;
use super::planned::RunSpec;
use crate::catalog::{
    Adjustment, Model, Provider, SentInput, State, TAKES_NO_MASK, TAKES_NONE, TOO_MANY, Treatment,
};
use crate::error::{Error, Result};
use crate::request::Role;
use crate::store::InputStore;

/// Bytes of pictures that were made ready and are kept in memory.
const HELD: usize = 64 << 20;

impl Planner<'_> {
    /// The pictures as this model gets them, and what of them is other than given.
    ///
    /// # Errors
    /// It cannot take them, or they cannot be made ready.
    pub(super) fn treated(
        &self,
        spec: &RunSpec,
        model: &Model,
    ) -> Result<(Vec<SentInput>, Vec<Adjustment>)> {
        let store = InputStore::new(&self.settings.places.inputs, spec.rehearsed);
        let (mut treated, mut adjustments) = (Vec::<SentInput>::new(), Vec::new());
        let treatments = model.treatments(&spec.inputs, spec.fit)?;
        let names = Role::names(spec.inputs.iter().map(|input| input.role));
        for ((given, mut treatment), name) in spec.inputs.iter().zip(treatments).zip(names) {
            // A mask lies over the first image, whatever became of that one's size.
            if let (Role::Mask, Some(first)) = (given.role, treated.first()) {
                treatment.size = first.size;
            }
            let (flat, rest) = treatment.in_turn(given);
            let opaque = match flat {
                Some(flat) => self.treated_once(&store, given, flat, &name)?,
                None => given.clone(),
            };
            if opaque.sha256 != given.sha256 {
                adjustments.push(flattened(&name, model));
            }
            let sent = self.treated_once(&store, &opaque, rest, &name)?;
            model.check_bytes(&sent, &name)?;
            adjustments.extend(adjusted(&opaque, &sent, &name, model));
            treated.push(SentInput { held: None, ..sent });
        }
        Ok((treated, adjustments))
    }

    /// What a model cannot take, with what makes it take that, where it is the user's own, and three that
    /// can, those with a key first, of these its provider's own.
    pub(super) fn who_can(
        &self,
        spec: &RunSpec,
        provider: &Provider,
        drops_masks: bool,
        error: Error,
    ) -> Error {
        let (word, ability, does) = match error.code.as_str() {
            TAKES_NONE => ("edit", "edit", "does"),
            TAKES_NO_MASK => ("mask", "mask", "does"),
            TOO_MANY => ("max_images", "references", "reads them all"),
            _ => return error,
        };
        let mut error = error;
        if drops_masks && error.code == TAKES_NO_MASK {
            let why = "this gateway leaves masks out in silence";
            return error.hint(format!("{why}: `pinx providers` shows where {} goes", provider.id));
        }
        if provider.is_yours() {
            let place = format!("`providers.{}.{word}`", provider.id);
            error = error.hint(format!("{place} says what it takes: `pinx help settings`"));
        }
        let can = |model: &&Model| {
            !model.is_drawn_here()
                && model.life.on(&spec.today) == State::Active
                && model.takes(&spec.inputs, spec.fit)
        };
        let models = self.settings.catalog.models.iter().filter(can);
        let (usable, others): (Vec<&Model>, Vec<&Model>) =
            models.partition(|model| self.usable(&model.provider));
        // Who has paid for this provider, or looks at its models, stays there.
        let (near, far): (Vec<&Model>, Vec<&Model>) =
            usable.into_iter().partition(|model| model.provider == provider.id);
        let named = near.into_iter().chain(far).chain(others).take(3);
        let named: Vec<String> = named.map(|model| format!("`-m {}`", model.full_id())).collect();
        match named.split_last() {
            None => error,
            Some((one, [])) => error.hint(format!("{one} {does}")),
            Some((last, first)) => error
                .hint(format!("{} or {last} {does}", first.join(", ")))
                .hint(format!("`pinx models --all --can {ability}` lists them")),
        }
    }

    /// A picture after a treatment, which is made once.
    fn treated_once(
        &self,
        store: &InputStore,
        given: &SentInput,
        treatment: Treatment,
        name: &str,
    ) -> Result<SentInput> {
        let key = (given.sha256.clone(), treatment);
        let done = self.inputs.borrow().get(&key).cloned();
        let sent = match done {
            Some(done) => done.found_as(given),
            None => store.treat(given, &key.1, name)?,
        };
        if sent.sha256 != given.sha256 {
            self.remember(key, &sent);
        }
        Ok(sent)
    }
}

impl Planner<'_> {
    /// Keeps what was made of a picture. Where nothing is written down its bytes are in memory: of many
    /// pictures only the last.
    fn remember(&self, key: (String, Treatment), sent: &SentInput) {
        let bytes = sent.held.as_ref().map_or(0, |held| held.len());
        let mut known = self.inputs.borrow_mut();
        if self.held.get() + bytes > HELD {
            known.clear();
            self.held.set(0);
        }
        if known.insert(key, sent.clone()).is_none() {
            self.held.set(self.held.get() + bytes);
        }
    }
}

/// That nothing of a picture is transparent any more.
fn flattened(name: &str, model: &Model) -> Adjustment {
    Adjustment {
        field: name.to_owned(),
        asked: "with transparency".to_owned(),
        got: "over white".to_owned(),
        why: format!("{} reads none", model.full_id()),
    }
}

/// What is other than given, for people.
fn adjusted(given: &SentInput, sent: &SentInput, name: &str, model: &Model) -> Vec<Adjustment> {
    let id = model.full_id();
    let adjustment = |asked: String, got: String, why: String| Adjustment {
        field: name.to_owned(),
        asked,
        got,
        why,
    };
    let format = (given.format != sent.format).then(|| {
        let why = format!("{id} does not read {}", given.format);
        adjustment(given.format.to_string(), sent.format.to_string(), why)
    });
    let size = (given.size != sent.size).then(|| {
        let why = format!("as large as {id} takes it");
        adjustment(given.size.to_string(), sent.size.to_string(), why)
    });
    format.into_iter().chain(size).collect()
}

//! What is offered from the user's home: the models that can be used there, and what its log has.
//!
//! Read only, and of the log only its end, so that a tab key is quick whatever its length. Nothing here
//! fails, writes or asks anybody; what cannot be read is not offered.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;

use jiff::Timestamp;

use super::offer::Offer;
use crate::catalog::{Catalog, Model, Provider, State};
use crate::cmd::{App, days};
use crate::settings::{Env, Settings, env};
use crate::store::{Client, Clients, Entry, EntryKind};
use crate::ui::{self, Ui};
use crate::zone;

/// Entries that are read, from the end of the log.
const READ: usize = 1_000;

/// A home as it is found; none where there is no place for one.
pub(super) struct Home(Option<App>);

impl Home {
    /// The user's own.
    pub(super) fn of_user() -> Home {
        Home::of(Env::system(), &env::current_dir().unwrap_or_default())
    }

    /// By variables and a working directory; where its settings cannot be read, the built-in ones.
    pub(super) fn of(env: Env, cwd: &Path) -> Home {
        let settings = Settings::load(&env, cwd, None, &[]);
        let settings = settings.or_else(|_| Settings::built_in(&env, cwd, None)).ok();
        let ui = || Ui::new(ui::Options { quiet: true, ..ui::Options::default() });
        Home(settings.map(|settings| App::of(settings, env, ui())))
    }

    /// The models and providers, those of the user's own among them.
    pub(super) fn catalog(&self) -> Option<Cow<'_, Catalog>> {
        match &self.0 {
            Some(app) => Some(Cow::Borrowed(&app.settings.catalog)),
            None => Catalog::load(&toml::Table::new(), &[]).ok().map(Cow::Owned),
        }
    }

    /// Models by their whole names and by those without a provider: first `auto` and those that can be
    /// used now, then the others. Those that will end are there only where nothing else is typed.
    pub(super) fn models(&self, typed: &str) -> Vec<Offer> {
        let begins = |offer: &Offer| offer.0.starts_with(typed);
        let kept = |state: State| {
            let (whole, bare) = self.models_of(state);
            [whole, bare].into_iter().find(|offers| offers.iter().any(begins))
        };
        kept(State::Active).or_else(|| kept(State::Deprecated)).unwrap_or_default()
    }

    fn models_of(&self, state: State) -> (Vec<Offer>, Vec<Offer>) {
        let Some(catalog) = self.catalog() else { return Default::default() };
        let today = self.0.as_ref().map(App::today).unwrap_or_default();
        let mut alive: Vec<&Model> =
            catalog.models.iter().filter(|model| model.life.on(&today) == state).collect();
        let usable: HashSet<&str> = catalog
            .providers
            .iter()
            .filter(|provider| self.is_usable(provider))
            .map(|provider| provider.id.as_str())
            .collect();
        alive.sort_by_key(|model| !usable.contains(model.provider.as_str()));
        let auto = ("auto".to_owned(), "the first model that can be used".to_owned());
        let mut whole: Vec<Offer> = (state == State::Active).then_some(auto).into_iter().collect();
        let mut bare: Vec<Offer> = Vec::new();
        for model in alive {
            let about = match usable.contains(model.provider.as_str()) {
                true => model.description.clone(),
                false => format!("no key: {}", model.description),
            };
            whole.push((model.full_id(), about.clone()));
            // Where several have it, the name must lead to one of them.
            let leads = catalog.model(&model.id, &|id| usable.contains(id)).is_ok();
            if leads && !bare.iter().any(|(name, _)| *name == model.id) {
                bare.push((model.id.clone(), format!("{}: {about}", model.provider)));
            }
        }
        (whole, bare)
    }

    fn is_usable(&self, provider: &Provider) -> bool {
        self.0.as_ref().is_some_and(|app| app.is_usable(provider))
    }

    /// The newest entries of the log, the newest first.
    fn newest(&self, mut each: impl FnMut(Entry)) {
        let Some(app) = &self.0 else { return };
        let mut read = 0;
        let _unread = app.log.read_backward(Timestamp::MIN, |entry| {
            each(entry);
            read += 1;
            if read < READ { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }

    /// Jobs with their prompts, the newest first: all of them, or those with an image; by the form of id
    /// that begins with what is typed.
    pub(super) fn jobs(&self, typed: &str, most: usize, with_image: bool) -> Vec<Offer> {
        let (mut seen, mut jobs, now) = (HashSet::new(), Vec::new(), zone::now());
        self.newest(|entry| {
            let has_image = entry.e.closes() && !entry.images.is_empty();
            let is_wanted = if with_image { has_image } else { !entry.prompt.is_empty() };
            if is_wanted && !entry.job.is_empty() && seen.insert(entry.job.clone()) {
                let about = format!("{} {}", days::short(entry.t, &now), entry.prompt);
                jobs.extend(form(&entry.job, typed).map(|id| (id, about)));
            }
        });
        jobs.truncate(most);
        jobs
    }

    /// Comparisons with their prompts, the newest first.
    pub(super) fn comparisons(&self, typed: &str) -> Vec<Offer> {
        let (mut seen, mut runs) = (HashSet::new(), Vec::new());
        self.newest(|entry| {
            if entry.e == EntryKind::Compared && seen.insert(entry.run.clone()) {
                runs.extend(form(&entry.run, typed).map(|id| (id, entry.prompt)));
            }
        });
        runs
    }

    /// What can be said in a verdict on a comparison: its models, or what else
    /// it is over, or letters while they are hidden.
    pub(super) fn choices(&self, run: &str) -> Vec<Offer> {
        let mut choices: Vec<Offer> = Vec::new();
        self.newest(|entry| {
            let Some(contest) = entry.contest.filter(|_| form(&entry.run, run).is_some()) else {
                return;
            };
            for entrant in contest.entrants {
                let name = match (contest.blind, entrant.name.is_empty()) {
                    (true, _) => entrant.label,
                    (false, true) => entrant.model,
                    (false, false) => entrant.name,
                };
                if !choices.iter().any(|(known, _)| *known == name) {
                    choices.push((name, String::new()));
                }
            }
        });
        choices.push(("tie".to_owned(), "none is better than the others".to_owned()));
        choices.push(("none".to_owned(), "none of them is good".to_owned()));
        choices
    }

    /// Clients of a server: those that have a key, and those that the end of the log names.
    pub(super) fn clients(&self) -> Vec<Offer> {
        let with_key = self.0.as_ref().map(|app| Clients::load(&app.settings.places.clients));
        let with_key = with_key.and_then(Result::ok).unwrap_or_default();
        let offer = |client: &Client| (client.name.clone(), "has a key".to_owned());
        let mut clients: Vec<Offer> = with_key.iter().map(offer).collect();
        self.newest(|entry| {
            if let Some(client) = entry.client
                && !clients.iter().any(|(known, _)| *known == client)
            {
                clients.push((client, entry.model));
            }
        });
        clients
    }

    /// Attempts that are open as far as the end of the log tells, the newest first.
    pub(super) fn open(&self, typed: &str) -> Vec<Offer> {
        let (mut closed, mut open) = (HashSet::new(), Vec::<Offer>::new());
        self.newest(|entry| {
            if entry.e.closes() {
                closed.insert(entry.attempt);
            } else if entry.e == EntryKind::Intent
                && entry.attempt.starts_with(typed)
                && !closed.contains(&entry.attempt)
            {
                open.push((entry.attempt, format!("{}: {}", entry.model, entry.prompt)));
            }
        });
        open
    }
}

/// The form of an id that begins with what is typed: as `pinx log` shows it, without its date, or whole.
fn form(id: &str, typed: &str) -> Option<String> {
    let (run, job) = id.split_once('.').map_or((id, ""), |(run, job)| (run, job));
    let chance = run.split_once('-').map_or(run, |(_, chance)| chance);
    let with_job = |run: &str| if job.is_empty() { run.to_owned() } else { format!("{run}.{job}") };
    let short: String = chance.chars().take(5).collect();
    [with_job(&short), with_job(chance), id.to_owned()]
        .into_iter()
        .find(|form| form.starts_with(typed))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests make and spoil files")]

    use super::*;

    #[test]
    fn ids_are_offered_in_the_form_that_is_typed() {
        let form = |typed: &str| form("261122-7f3k9q2m.12", typed);
        for (typed, offered) in [
            ("", "7f3k9.12"),
            ("7f", "7f3k9.12"),
            ("7f3k9.1", "7f3k9.12"),
            ("7f3k9q", "7f3k9q2m.12"),
            ("2611", "261122-7f3k9q2m.12"),
        ] {
            assert_eq!(form(typed).as_deref(), Some(offered), "{typed}");
        }
        assert_eq!(form("zz"), None);
        assert_eq!(super::form("261122-7f3k9q2m", "7").as_deref(), Some("7f3k9"));
    }

    #[test]
    fn what_can_be_used_comes_first_and_nothing_retired_at_all() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().to_str().unwrap().to_owned();
        let of = |variables: &[(&str, &str)]| {
            let all = [&[("PINX_HOME", place.as_str())], variables].concat();
            Home::of(Env::of(all.iter().copied()), home.path()).models_of(State::Active)
        };
        let (models, bare) = of(&[]);
        assert_eq!((models[0].0.as_str(), models[1].0.as_str()), ("auto", "pinx/sketch"));
        assert!(models[2].1.starts_with("no key: "), "{models:?}");
        assert!(bare.iter().any(|(name, about)| name == "sketch" && about.starts_with("pinx: ")));
        let (models, _) = of(&[("FAL_KEY", "a:b")]);
        assert!(models[1].0.starts_with("fal/") && !models[1].1.starts_with("no key"));
        let env = Env::of([("PINX_HOME", place.as_str())]);
        let offered = |typed: &str| -> Vec<String> {
            let offers = Home::of(env.clone(), home.path()).models(typed);
            let begun =
                offers.into_iter().map(|(name, _)| name).filter(|name| name.starts_with(typed));
            begun.collect()
        };
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        let ends: Vec<&Model> =
            catalog.models.iter().filter(|model| model.life.shutdown.is_some()).collect();
        assert!(ends.len() > 3, "there is something to see");
        for typed in ["", "gpt", "openai/", "openai/gpt", "fal/", "d", "chat"] {
            let offered = offered(typed);
            let lasting = offered.iter().filter(|name| {
                !ends.iter().any(|model| [&model.id, &model.full_id()].contains(name))
            });
            let is_short = ["d", "chat"].contains(&typed);
            assert_eq!(
                lasting.count() == offered.len(),
                !is_short || offered.is_empty(),
                "{offered:?}"
            );
        }
        assert!(offered("gpt").contains(&"gpt-image-2".to_owned()), "two providers have it");
        assert!(offered("openai/dall-e-3").is_empty(), "it is retired");
        // Settings that cannot be read are no reason to offer nothing.
        std::fs::write(home.path().join("config.toml"), "no toml [").unwrap();
        assert!(of(&[]).0.len() > 10);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "nothing is written");
    }
}

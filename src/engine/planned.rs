//! What is wanted of a run, and what planning makes of it: jobs, each with its routes in order.
//!
//! Nothing is sent or written here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::route::{Route, Turn};
use crate::catalog::{Adjustment, Defaults, Estimate, LEFT_OUT, Model, Order, Provider, SentInput};
use crate::money::Money;
use crate::render;
use crate::request::{Format, Request, Size};
use crate::settings::address::Endpoints;
use crate::settings::{Balance, Prefer};
use crate::store::claim::Claim;
use crate::store::{self, Client, Entry, Output, OutputTarget, Replace, SavedFiles};

/// What is wanted of a run.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// The image.
    pub request: Arc<Request>,
    /// The pictures that it is made from, as they are sent; the request names the same ones.
    pub inputs: Arc<[SentInput]>,
    /// They may be scaled down to what a model takes.
    pub fit: bool,
    /// What the user should know of it, whatever makes it.
    pub notices: Vec<String>,
    /// Models as written; each makes its own set.
    pub models: Vec<String>,
    /// The client of a server whose it is: which models it may ask for.
    pub client: Option<Arc<Client>>,
    /// How `auto` chooses.
    pub prefer: Option<Prefer>,
    /// Images of each model.
    pub count: usize,
    /// Which of equal routes comes first.
    pub balance: Balance,
    /// Models to fall back to; `None` means the same model elsewhere.
    pub fallback: Option<Vec<String>>,
    /// Where the images go.
    pub output: Output,
    /// The directory that no image may leave, not through a link either, where a file names the place.
    pub within: Option<PathBuf>,
    /// Further fields of a name's template.
    pub extra: BTreeMap<String, String>,
    /// Where an image waits that is to go to stdout.
    pub kept: PathBuf,
    /// Replace existing files.
    pub force: bool,
    /// An adjustment is an error.
    pub strict: bool,
    /// Previews of each picture while it is made: somebody must look at them.
    pub partials: u8,
    /// The size when none is asked for.
    pub size: Size,
    /// `--base-url`.
    pub base_url: Option<String>,
    /// Today in UTC, `YYYY-MM-DD`.
    pub today: String,
    /// Nothing will be sent, so that a missing key is told and no error.
    pub rehearsed: bool,
}

impl RunSpec {
    /// Whether whose it is may ask for a model.
    pub(super) fn allows(&self, model: &Model) -> bool {
        self.client.as_ref().is_none_or(|client| client.allows(&model.full_id()))
    }

    /// What an order takes that was not asked for.
    pub(super) fn defaults(&self, seed: u64) -> Defaults {
        let input = self.inputs.first().map(|input| input.size);
        Defaults { size: input.unwrap_or(self.size), is_inputs: input.is_some(), seed }
    }

    /// Asks for the previews that are wanted, or says why there are none.
    pub(super) fn ask_for_partials(
        &self,
        model: &Model,
        provider: &Provider,
        endpoints: &Endpoints,
        order: &mut Order,
    ) -> Option<Adjustment> {
        if self.partials == 0 {
            return None;
        }
        let streams = match &endpoints.gateway {
            Some((_, gateway)) => gateway.kind.streams,
            None => provider.streams_said.unwrap_or(provider.streams && endpoints.is_official()),
        };
        let had = match model.partials_of(provider, order, self.partials) {
            Ok(_) if !streams => Err("its address is not known to stream".to_owned()),
            had => had,
        };
        let why = match had {
            Ok(count) => {
                order.partials = count;
                return None;
            }
            Err(why) => why,
        };
        let (field, asked) = ("partials".to_owned(), self.partials.to_string());
        Some(Adjustment { field, asked, got: LEFT_OUT.to_owned(), why })
    }
}

/// One image to be made.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number, from zero.
    pub index: usize,
    /// `<run>.<number from one>`.
    pub id: String,
    /// The picture as asked. Its format, if one was asked for, is that of the file.
    pub request: Arc<Request>,
    /// The ways to make it, in order; never empty.
    pub routes: Vec<Route>,
    /// Whether its model was left to `auto`.
    pub is_auto: bool,
    /// The name wished for.
    pub target: OutputTarget,
    /// How many earlier jobs share that name.
    pub offset: usize,
    /// What it may replace.
    pub replace: Replace,
    /// What it may cost at most, with all its attempts.
    pub max_cost: Option<Money>,
    /// What a batch knows it by, whatever else the file asks for.
    pub key: Option<String>,
    /// What the user calls it besides.
    pub tags: Vec<String>,
    /// How it is claimed before other homes, if it is.
    pub claim: Option<Claiming>,
    /// When it was planned, by `clock::running`.
    pub created_at: Duration,
}

/// How a job is claimed.
#[derive(Debug, Clone)]
pub struct Claiming {
    /// What the claim is called.
    pub key: String,
    /// A claim that stands there and says nothing any more.
    pub void: Option<Claim>,
}

/// Jobs, and what they will cost.
#[derive(Debug)]
pub struct Plan {
    /// The jobs in order.
    pub jobs: Vec<Job>,
    /// The sum, without what is in the cache.
    pub estimate: Estimate,
    /// The numbers of the jobs whose pictures are in the cache.
    pub cached: HashSet<usize>,
    /// What the user should read before it starts.
    pub notices: Vec<String>,
}

impl Job {
    /// The job of an intent, as far as the journal tells.
    pub(super) fn of_intent(intent: &Entry) -> Job {
        let order = intent.order.clone().unwrap_or_default();
        let recipe = intent.recipe.as_deref();
        let target = intent.wish.clone().unwrap_or_else(|| OutputTarget {
            directory: std::path::absolute(".").unwrap_or_else(|_| PathBuf::from(".")),
            stem: intent.attempt.clone(),
            extension: "png".to_owned(),
            suffix_ok: true,
            within: None,
        });
        // Older intents do not say the format; then it is known only where the model makes it itself.
        let own = Format::of_extension(&target.extension);
        let own = own.filter(|format| Some(*format) == order.request.format);
        Job {
            index: 0,
            id: intent.job.clone(),
            request: Arc::new(Request {
                prompt: intent.prompt.clone(),
                style: intent.style.clone(),
                format: intent.format.or(own),
                ..recipe.map(|recipe| (*recipe.request).clone()).unwrap_or_default()
            }),
            routes: Vec::new(),
            is_auto: false,
            target,
            offset: intent.offset,
            replace: Replace::Nothing,
            max_cost: None,
            key: intent.key.clone(),
            tags: intent.tags.clone(),
            claim: None,
            created_at: crate::clock::running(),
        }
    }

    /// What it is expected to cost over the dearest of its equal routes: consent must cover
    /// whichever is taken.
    pub fn estimate(&self) -> Estimate {
        let equal = self.routes.iter().filter(|route| route.equal).map(|route| route.estimate);
        let dearer = |one: Estimate, other: Estimate| {
            let most = |one: Option<Money>, other: Option<Money>| Some(one?.max(other?));
            Estimate {
                expected: most(one.expected, other.expected),
                reserve: most(one.reserve, other.reserve),
                ..one.plus(other)
            }
        };
        equal.reduce(dearer).unwrap_or(self.routes[0].estimate)
    }

    /// A saved file as the user would write it: in the directory they named.
    pub fn shown(&self, path: &Path) -> String {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let directory = &self.target.directory;
        if directory.as_os_str().is_empty() || directory == Path::new(".") {
            name.to_string_lossy().into_owned()
        } else {
            directory.join(name).display().to_string()
        }
    }

    /// The name wished for, in a form that a later process in another directory understands.
    pub fn absolute_target(&self) -> OutputTarget {
        let directory = std::path::absolute(&self.target.directory);
        let directory = directory.unwrap_or_else(|_| self.target.directory.clone());
        OutputTarget {
            directory: directory.to_string_lossy().into_owned().into(),
            ..self.target.clone()
        }
    }

    /// What makes this picture again: its words as asked, the rest as the model took it.
    pub fn recipe(&self, route: &Route, seed: Option<u64>) -> store::Recipe {
        let (asked, fitted) = (&self.request, &route.order.request);
        let colors = if asked.colors.is_empty() { &fitted.colors } else { &asked.colors };
        // The renderer leaves nothing out: what it was not told does not make the picture.
        let negative = asked.negative.as_ref().filter(|_| !route.is_local());
        let request = Request {
            prompt: asked.prompt.clone(),
            negative: negative.or(fitted.negative.as_ref()).cloned(),
            seed: seed.or(fitted.seed),
            style: asked.style.clone(),
            colors: colors.clone(),
            inputs: asked.inputs.clone(),
            // Only the file's.
            format: None,
            ..(**fitted).clone()
        };
        store::Recipe {
            request: Arc::new(request),
            model: route.model_id(),
            look: route.is_local().then(|| render::LOOK.to_owned()),
            note: route.is_local().then(|| "procedural sketch, not AI".to_owned()),
        }
    }

    /// The same for the log, where prompt and model stand beside it.
    pub(super) fn logged_recipe(&self, route: &Route) -> store::Recipe {
        self.recipe(route, None).beside_prompt_and_model()
    }
}

impl Plan {
    /// What its jobs are expected to cost but for those whose pictures are in the cache.
    pub fn uncached_estimate(&self) -> Estimate {
        let paid = self.jobs.iter().filter(|job| !self.cached.contains(&job.index));
        sum_estimates(paid.map(Job::estimate))
    }
}

/// The models of a job in order.
pub(super) struct Chain {
    pub(super) models: Vec<Arc<Model>>,
    /// So many of them, from the first, are the same model and thus equal.
    pub(super) equal: usize,
    pub(super) auto: bool,
    /// What those behind the first are there for.
    pub(super) others: Others,
    /// What `prefer` has to do with the first of them.
    pub(super) reason: Option<String>,
    pub(super) successor: Option<Arc<Model>>,
}

/// What the models behind the first are there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// The user named them.
    Named,
    /// They are the same model elsewhere, or the next that `auto` finds.
    Found,
    /// `auto` takes one of them where the key does not have those before it, and after no other failure.
    Instead,
}

impl Chain {
    /// When the model at a place may be taken: further models of one provider are alternates of `auto`.
    pub(super) fn turn(&self, at: usize) -> Turn {
        let is_further = |before: &Arc<Model>| before.provider == self.models[at].provider;
        match self.others {
            Others::Instead if at > 0 => Turn::Instead,
            Others::Found if self.auto && self.models[..at].iter().any(is_further) => {
                Turn::Alternate
            }
            _ => Turn::InOrder,
        }
    }
}

/// Several parts as one run. Jobs of one name get suffixes in their order.
pub fn merge_plans(parts: Vec<Plan>) -> Plan {
    let mut whole = Plan {
        estimate: sum_estimates(parts.iter().map(|part| part.estimate)),
        jobs: Vec::new(),
        cached: HashSet::new(),
        notices: Vec::new(),
    };
    let saved = SavedFiles::default();
    let mut shared: HashMap<(PathBuf, String), usize> = HashMap::new();
    for part in parts {
        whole.cached.extend(part.cached);
        for notice in part.notices {
            if !whole.notices.contains(&notice) {
                whole.notices.push(notice);
            }
        }
        for mut job in part.jobs {
            let name = (job.target.directory.clone(), job.target.stem.clone());
            let before = shared.entry(name).or_default();
            job.offset = *before;
            *before += 1;
            if let Replace::Anything(ours) = &mut job.replace {
                *ours = saved.clone();
            }
            whole.jobs.push(job);
        }
    }
    whole
}

/// What several images are expected to cost together.
pub fn sum_estimates(estimates: impl Iterator<Item = Estimate>) -> Estimate {
    estimates.fold(Estimate::FREE, Estimate::plus)
}

//! Planning: from a wish to jobs, each with its routes in order. Nothing is sent here.
//!
//! Everything that can be known to fail before money is spent fails here: unknown models, missing
//! keys, prices over the budget, names that are taken, directories that cannot be written.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::Instant;

use super::balance::{self, Candidate};
use super::cached::Keys;
use super::chain::Chain;
use super::chance;
use super::claimed::Claiming;
use super::join::sum;
use super::places::check_places;
use super::route::{self, Route};
use crate::catalog::{Adjustment, Auth, Estimate, Model, State};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::render;
use crate::request::{Format, Request, Rgb, Size};
use crate::settings::address;
use crate::settings::env::Env;
use crate::settings::gateway::Gateway;
use crate::settings::keys::Key;
use crate::settings::{Balance, CacheMode, Prefer, Settings};
use crate::stats::History;
use crate::store::{self, Known, Output, Replace, Wish};

/// What pinx calls its own drawings, wherever they appear.
pub const SKETCH: &str = "this is a procedural sketch, not AI";

/// What is wanted of a run.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The image.
    pub request: Request,
    /// Models as written; each makes its own set.
    pub models: Vec<String>,
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
    /// The size when none is asked for.
    pub size: Size,
    /// `--base-url`.
    pub base_url: Option<String>,
    /// Today in UTC, `YYYY-MM-DD`.
    pub today: String,
}

/// One image to be made.
#[derive(Debug)]
pub struct Job {
    /// Its number, from zero.
    pub index: usize,
    /// `<run>.<number from one>`.
    pub id: String,
    /// The prompt as asked.
    pub prompt: String,
    /// The style as asked.
    pub style: Option<String>,
    /// Were colours asked for?
    pub has_colors: bool,
    /// The colours as asked; a model without a field for them is told in words.
    pub colors: Vec<Rgb>,
    /// What should not be seen, as asked.
    pub negative: Option<String>,
    /// The format that the file must have, if one was asked for.
    pub format: Option<Format>,
    /// The ways to make it, in order; never empty.
    pub routes: Vec<Route>,
    /// The name wished for.
    pub wish: Wish,
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
    /// When it was planned.
    pub born: Instant,
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
    /// What it is expected to cost over the dearest of its equal routes: consent must cover
    /// whichever is taken.
    pub fn estimate(&self) -> Estimate {
        let equal = self.routes.iter().filter(|route| route.equal).map(|route| route.estimate);
        let dearer = |one: Estimate, other: Estimate| {
            let most = |one: Option<Money>, other: Option<Money>| Some(one?.max(other?));
            Estimate {
                expected: most(one.expected, other.expected),
                reserve: most(one.reserve, other.reserve),
                ..sum([one, other].into_iter())
            }
        };
        equal.reduce(dearer).unwrap_or(self.routes[0].estimate)
    }

    /// A saved file as the user would write it: in the directory they named.
    pub fn shown(&self, path: &Path) -> String {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let directory = &self.wish.directory;
        if directory.as_os_str().is_empty() || directory == Path::new(".") {
            name.to_string_lossy().into_owned()
        } else {
            directory.join(name).display().to_string()
        }
    }

    /// The name wished for, in a form that a later process in another directory understands.
    pub fn absolute_wish(&self) -> Wish {
        let directory = std::path::absolute(&self.wish.directory);
        let directory = directory.unwrap_or_else(|_| self.wish.directory.clone());
        Wish { directory: directory.to_string_lossy().into_owned().into(), ..self.wish.clone() }
    }

    /// What makes this picture again.
    pub fn recipe(&self, route: &Route, seed: Option<u64>) -> store::Recipe {
        let order = &route.order;
        let colors = if self.colors.is_empty() { &order.colors } else { &self.colors };
        // The renderer leaves nothing out: what it was not told does not make the picture.
        let negative = self.negative.as_ref().filter(|_| !route.is_local());
        store::Recipe {
            prompt: self.prompt.clone(),
            negative: negative.or(order.negative.as_ref()).cloned(),
            model: route.model_id(),
            size: order.size,
            quality: order.quality.clone(),
            seed: seed.or(order.seed),
            style: self.style.clone(),
            colors: colors.clone(),
            background: order.background,
            params: order.extra.clone(),
            label: order.label.clone(),
            look: route.is_local().then(|| render::LOOK.to_owned()),
            note: route.is_local().then(|| "procedural sketch, not AI".to_owned()),
        }
    }

    /// The same for the log, where prompt and model stand beside it.
    pub(super) fn logged_recipe(&self, route: &Route) -> store::Recipe {
        store::Recipe { prompt: String::new(), model: String::new(), ..self.recipe(route, None) }
    }
}

/// What one plan after another goes by: settings, and what is found out only once.
pub struct Planning<'a> {
    settings: &'a Settings,
    env: &'a Env,
    run: &'a str,
    /// What the log says of the models; read where the order depends on it.
    pub(super) history: History,
    /// What the run has saved where it may replace files: that is not replaced again.
    saved: Known,
    /// The keys of each provider: finding them may run a command, which is done once.
    keys: RefCell<HashMap<String, Vec<Option<Key>>>>,
    /// The providers that can be asked, and those that cannot.
    pub(super) usable: RefCell<HashMap<String, bool>>,
}

impl<'a> Planning<'a> {
    /// For one run.
    pub fn new(settings: &'a Settings, env: &'a Env, run: &'a str) -> Self {
        let history = History::of_log(&settings.places.log);
        let (saved, keys, usable) = Default::default();
        Planning { settings, env, run, history, saved, keys, usable }
    }

    /// The jobs of one wish, counted from `first`; what the user should read goes into `notices`.
    ///
    /// # Errors
    /// Whatever can be known to fail before anything is sent, but for the state of the disk.
    pub fn jobs(&self, ask: &Ask, first: usize, notices: &mut Vec<String>) -> Result<Vec<Job>> {
        let Planning { settings, run, .. } = self;
        let planner = Planner { settings, env: self.env, ask, shared: self };
        if ask.request.prompt.trim().is_empty() {
            return Err(
                Error::usage("the prompt is empty").hint("pinx generate \"a lighthouse at dusk\"")
            );
        }
        if let Some(id) = &ask.request.style {
            settings.catalog.style(id)?;
        }
        let mut jobs: Vec<Job> = Vec::new();
        let first_seed = ask.request.seed.unwrap_or_else(|| match settings.cache_mode {
            // What is to be the same again is asked for in the same way.
            CacheMode::Always => chance::seed_of(&ask.request.prompt),
            CacheMode::Auto | CacheMode::Never => chance::seed(),
        });
        let mut keys = Keys::new(settings.cache_mode, ask.request.seed.is_some());
        let names: &[String] =
            if ask.models.is_empty() { &["auto".to_owned()] } else { &ask.models };
        for name in names {
            let chain = planner.chain(name)?;
            for n in 0..ask.count {
                let seed = first_seed.wrapping_add(n as u64);
                let mut routes = planner.routes(&chain, seed, notices)?;
                let index = first + jobs.len();
                for route in &mut routes {
                    Arc::make_mut(&mut route.order).id = format!("{run}.{}", index + 1);
                }
                keys.mark(&mut routes);
                let wish = planner.wish(&routes[0], seed, n, &format!("{run}.{}", index + 1))?;
                let same =
                    |job: &&Job| job.wish.directory == wish.directory && job.wish.stem == wish.stem;
                jobs.push(Job {
                    index,
                    id: format!("{run}.{}", index + 1),
                    prompt: ask.request.prompt.clone(),
                    style: ask.request.style.clone(),
                    has_colors: !ask.request.colors.is_empty(),
                    colors: ask.request.colors.clone(),
                    negative: ask.request.negative.clone(),
                    format: ask.request.format,
                    offset: jobs.iter().filter(same).count(),
                    replace: match ask.force {
                        true => Replace::Anything(self.saved.clone()),
                        false => Replace::Nothing,
                    },
                    max_cost: None,
                    key: None,
                    tags: Vec::new(),
                    claim: None,
                    wish,
                    routes,
                    born: Instant::now(),
                });
            }
        }
        Ok(jobs)
    }

    /// A part of a run whose first job has this number; the parts make a run with `join`.
    ///
    /// # Errors
    /// As [`Planning::jobs`].
    pub fn plan(&self, ask: &Ask, first: usize) -> Result<Plan> {
        let mut notices = Vec::new();
        let jobs = self.jobs(ask, first, &mut notices)?;
        let settings = self.settings;
        let cache = store::Cache::new(&settings.places.cache, settings.cache_max_size);
        let is_cached = |job: &&Job| job.routes[0].cache_key.as_ref().is_some_and(|k| cache.has(k));
        let cached: HashSet<usize> = jobs.iter().filter(is_cached).map(|job| job.index).collect();
        let paid = jobs.iter().filter(|job| !cached.contains(&job.index));
        let estimate = sum(paid.map(Job::estimate));
        let mut seen = HashSet::new();
        notices.retain(|notice| seen.insert(notice.clone()));
        Ok(Plan { jobs, estimate, cached, notices })
    }
}

/// Plans a run.
///
/// # Errors
/// Whatever can be known to fail before anything is sent.
pub fn plan(settings: &Settings, env: &Env, run: &str, ask: &Ask) -> Result<Plan> {
    plan_from(settings, env, run, ask, 0)
}

/// Plans a part of a run whose first job has this number; the parts make a run with `join`.
///
/// # Errors
/// As [`plan`].
pub fn plan_from(
    settings: &Settings,
    env: &Env,
    run: &str,
    ask: &Ask,
    first: usize,
) -> Result<Plan> {
    let plan = Planning::new(settings, env, run).plan(ask, first)?;
    check_places(&ask.output, ask.force, &plan.jobs)?;
    Ok(plan)
}

pub(super) struct Planner<'a> {
    pub(super) settings: &'a Settings,
    pub(super) env: &'a Env,
    pub(super) ask: &'a Ask,
    pub(super) shared: &'a Planning<'a>,
}

impl Planner<'_> {
    /// The routes of a job: the first must be possible, the others are left out where they are not.
    fn routes(&self, chain: &Chain, seed: u64, notices: &mut Vec<String>) -> Result<Vec<Route>> {
        let mut groups: Vec<Vec<Route>> = Vec::new();
        let mut equal = chain.equal;
        for (at, model) in chain.models.iter().enumerate() {
            match self.keyed_routes(model, seed, notices) {
                Ok(routes) => groups.push(routes),
                Err(error) if groups.is_empty() => return Err(error),
                Err(error) => {
                    equal -= usize::from(at < chain.equal);
                    notices.push(format!("{} is left out: {error}", model.full_id()));
                }
            }
        }
        self.balance(&mut groups[..equal]);
        let mut routes: Vec<Route> = groups.into_iter().flatten().collect();
        if routes.is_empty() {
            return Err(
                Error::new(Kind::Key, "no model can be used").hint("`pinx providers` shows why")
            );
        }
        if let Some(successor) = &chain.successor
            && let Ok(further) = self.keyed_routes(successor, seed, notices)
            && !further.iter().any(|new| routes.iter().any(|old| old.model_id() == new.model_id()))
        {
            routes.extend(further.into_iter().map(|route| Route { successor: true, ..route }));
        }
        notices.extend(chain.reason.iter().cloned());
        let first = &routes[0];
        if first.is_local() {
            let remedy = "; set OPENAI_API_KEY or FAL_KEY for real models (`pinx keys set`)";
            notices.push(format!("{SKETCH}{}", if chain.auto { remedy } else { "" }));
            if self.ask.base_url.is_some() {
                let what = "`--base-url` has nothing to apply to: the picture is drawn here";
                return Err(Error::usage(what).hint("name a provider's model with `-m`"));
            }
        }
        notices.extend(first.adjustments.iter().map(Adjustment::told));
        Ok(routes)
    }

    /// Seconds for one image, where the order depends on them: measured, else claimed.
    fn route_seconds(&self, route: &Route) -> Option<f64> {
        if self.ask.balance != Balance::Fastest {
            return None;
        }
        let measured = self.shared.history.measures().of(&route.model_id());
        measured.map(|measured| measured.p50 as f64 / 1000.0).or(route.claimed_seconds())
    }

    /// Puts equal groups of routes into the order in which they are to be taken.
    fn balance(&self, groups: &mut [Vec<Route>]) {
        let candidate = |group: &Vec<Route>| Candidate {
            weight: group[0].provider.weight,
            cost: group[0].estimate.expected,
            seconds: self.route_seconds(&group[0]),
        };
        let candidates: Vec<Candidate> = groups.iter().map(candidate).collect();
        let order = balance::order(self.ask.balance, &candidates, &mut |n| chance::bits() % n);
        let mut sorted: Vec<Vec<Route>> =
            order.into_iter().map(|at| std::mem::take(&mut groups[at])).collect();
        groups.swap_with_slice(&mut sorted);
        // Fixed in their order, only the keys of the first are equal.
        let equal = if self.ask.balance == Balance::Ordered { 1 } else { groups.len() };
        groups[..equal].iter_mut().flatten().for_each(|route| route.equal = true);
    }

    /// A model over each key of its provider; never empty.
    fn keyed_routes(
        &self,
        model: &Model,
        seed: u64,
        notices: &mut Vec<String>,
    ) -> Result<Vec<Route>> {
        let route = self.route(model, seed, notices)?;
        let known = self.shared.keys.borrow().get(&route.provider.id).cloned();
        let keys = match known {
            Some(keys) => keys,
            None => {
                let keys = route::keys_for(self.settings, self.env, &route.provider, &route.reach)?;
                notices.extend(keys.iter().flatten().filter_map(Key::notice));
                self.shared.keys.borrow_mut().insert(route.provider.id.clone(), keys.clone());
                keys
            }
        };
        Ok(keys.into_iter().map(|key| Route { key, ..route.clone() }).collect())
    }

    /// A model over no key yet.
    fn route(&self, model: &Model, seed: u64, notices: &mut Vec<String>) -> Result<Route> {
        let provider = self.settings.catalog.provider(&model.provider).ok_or_else(|| {
            Error::new(Kind::Internal, format!("the model {} has no provider", model.full_id()))
        })?;
        let base_url =
            (provider.auth != Auth::None).then_some(self.ask.base_url.as_deref()).flatten();
        let reach = address::reach(self.settings, self.env, provider, base_url)?;
        let official = reach.gateway.is_none() && reach.is_official();
        notices.extend(reach.warnings.iter().cloned());
        let today = &self.ask.today;
        let (model, mut adjustments) = match (model.life.on(today), &model.life.successor) {
            (State::Retired, Some(successor)) if official => {
                let shutdown = model.life.shutdown.as_deref().unwrap_or("an earlier day");
                let why = format!("{} was shut down on {shutdown}", model.full_id());
                if self.ask.strict || self.ask.fallback.as_ref().is_some_and(Vec::is_empty) {
                    return Err(Error::usage(why)
                        .code("retired_model")
                        .hint(format!("use `-m {successor}`")));
                }
                let next = self.resolve(successor)?;
                let told = Adjustment {
                    field: "model".to_owned(),
                    asked: model.full_id(),
                    got: next.full_id(),
                    why: format!("shut down on {shutdown}"),
                };
                (next, vec![told])
            }
            (State::Deprecated, successor) => {
                let mut text = format!(
                    "{} will be shut down on {}",
                    model.full_id(),
                    model.life.shutdown.as_deref().unwrap_or("?")
                );
                if let Some(successor) = successor {
                    text += &format!("; its successor is {successor}");
                }
                notices.push(text);
                (model.clone(), Vec::new())
            }
            _ => (model.clone(), Vec::new()),
        };
        let style = self
            .ask
            .request
            .style
            .as_ref()
            .map(|id| self.settings.catalog.style(id))
            .transpose()?;
        let request =
            Request { seed: self.ask.request.seed.map(|_| seed), ..self.ask.request.clone() };
        let (mut order, told) = model.fit(&request, style, &self.defaults(seed))?;
        adjustments.extend(told);
        if let (true, Some(first)) = (self.ask.strict, adjustments.first()) {
            let what = format!(
                "{} {} is not possible with {}: {}",
                first.field,
                first.asked,
                model.full_id(),
                first.why
            );
            return Err(Error::usage(what)
                .code("not_as_asked")
                .hint("without `--strict` it is adjusted and told"));
        }
        if let (Some((_, Gateway::Vercel { .. })), Some(prefix)) =
            (&reach.gateway, &provider.vercel)
        {
            order.wire = format!("{prefix}/{}", order.wire);
        }
        let estimate = model.price.estimate(model.rates.as_ref(), &order);
        let dialect = route::dialect_of(provider)?;
        Ok(Route {
            provider: provider.clone(),
            dialect,
            key: None,
            reach,
            order: Arc::new(order),
            adjustments,
            estimate,
            model,
            successor: false,
            cache_key: None,
            equal: false,
        })
    }
}

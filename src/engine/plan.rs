//! Planning: from what is asked for to jobs, each with its routes in order. Nothing is sent here.
//!
//! Everything that can be known to fail before money is spent fails here: unknown models, missing
//! keys, prices over the budget, names that are taken, directories that cannot be written.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Engine;
use super::balance::{self, Candidate};
use super::cache::Keys;
use super::ids;
use super::key_finder::KeyFinder;
use super::missing_models::MissingModels;
use super::planned::{Chain, Job, Plan, RunSpec};
use super::preflight::{check_places, is_no_place_of_ours, output_target};
use super::route::{self, Route, Turn};
use super::sketched::{sketched, without_style};
use crate::catalog::{
    Adjustment, Auth, Edit, Estimate, GatewayKind, Model, Provider, SentInput, State, Treatment,
};
use crate::chance::bits;
use crate::error::{Error, Kind, Result};
use crate::request::{Request, keyless};
use crate::settings::address::{self, Endpoints};
use crate::settings::env::Env;
use crate::settings::keys::{self, Key};
use crate::settings::{Balance, CacheMode, Settings};
use crate::stats::History;
use crate::store::{self, Log, Output, Replace, SavedFiles};
use crate::text;

/// What pinx calls its own drawings, wherever they appear.
pub const SKETCH: &str = "this is a procedural sketch, not AI";

/// What one plan after another goes by: settings, and what is found out only once.
pub struct Planner<'a> {
    pub(super) settings: &'a Settings,
    pub(super) env: &'a Env,
    run: &'a str,
    /// What the log says of the models; read where the order depends on it.
    pub(super) history: History<'a>,
    /// What the run has saved where it may replace files: that is not replaced again.
    saved: SavedFiles,
    /// The keys of each provider: finding them may run a command, which is done once.
    keys: RefCell<HashMap<String, Vec<Option<Key>>>>,
    /// Where they are found.
    finder: Arc<KeyFinder>,
    /// The models that keys turned out not to have.
    pub(super) missing: Arc<MissingModels>,
    /// All models that can be used today, those of `auto_order` first.
    pub(super) all: OnceCell<Vec<Arc<Model>>>,
    /// The models that names stand for.
    pub(super) models: RefCell<HashMap<String, Arc<Model>>>,
    /// The providers, shared by all routes to them.
    providers: RefCell<HashMap<String, Arc<Provider>>>,
    /// The providers that can be asked, and those that cannot.
    pub(super) usable: RefCell<HashMap<String, bool>>,
    /// Pictures that were made ready, by their hash and what was done with them.
    pub(super) inputs: RefCell<HashMap<(String, Treatment), SentInput>>,
    /// Bytes of these that are in memory.
    pub(super) held: Cell<usize>,
    /// The seed of what asks for none, if it is shared.
    seed: Cell<Option<u64>>,
}

impl<'a> Planner<'a> {
    /// For one run of a home with this log.
    pub fn new(settings: &'a Settings, env: &'a Env, log: &'a Log, run: &'a str) -> Self {
        let missing = Arc::new(MissingModels::of(&settings.places.limits));
        Planner { missing, ..Planner::with_keys(settings, env, Some(log), run, Arc::default()) }
    }

    /// For one run of an engine that others share.
    pub fn of_engine(engine: &'a Engine, run: &'a str) -> Self {
        let (log, keys) = (engine.log.as_deref(), Arc::clone(&engine.keys));
        let missing = Arc::clone(&engine.missing);
        let planner = Planner::with_keys(&engine.settings, &engine.env, log, run, keys);
        Planner { missing, ..planner }
    }

    fn with_keys(
        settings: &'a Settings,
        env: &'a Env,
        log: Option<&'a Log>,
        run: &'a str,
        finder: Arc<KeyFinder>,
    ) -> Self {
        Planner {
            settings,
            env,
            run,
            history: History::of_log(log),
            saved: SavedFiles::default(),
            keys: RefCell::default(),
            finder,
            missing: Arc::default(),
            all: OnceCell::new(),
            models: RefCell::default(),
            providers: RefCell::default(),
            usable: RefCell::default(),
            inputs: RefCell::default(),
            held: Cell::default(),
            seed: Cell::default(),
        }
    }

    /// Plans with this seed where none is asked for, so that what is compared differs in nothing else.
    pub fn share_seed(&self, seed: u64) {
        self.seed.set(Some(seed));
    }

    /// A provider of the catalog.
    pub(super) fn provider(&self, model: &Model) -> Result<Arc<Provider>> {
        if let Some(known) = self.providers.borrow().get(&model.provider) {
            return Ok(Arc::clone(known));
        }
        let provider = self.settings.catalog.provider(&model.provider).ok_or_else(|| {
            Error::new(Kind::Internal, format!("the model {} has no provider", model.full_id()))
        })?;
        let provider = Arc::new(provider.clone());
        self.providers.borrow_mut().insert(model.provider.clone(), Arc::clone(&provider));
        Ok(provider)
    }

    /// The jobs of one run spec, counted from `first`; what the user should read goes into `notices`.
    ///
    /// # Errors
    /// Whatever can be known to fail before anything is sent, but for the state of the disk.
    pub fn jobs(
        &self,
        spec: &RunSpec,
        first: usize,
        notices: &mut Vec<String>,
    ) -> Result<Vec<Job>> {
        let (settings, run) = (self.settings, self.run);
        notices.extend_from_slice(&spec.notices);
        let visible = visible(spec);
        if visible.is_some() {
            notices.push("control characters are left out of the prompt".to_owned());
        }
        let spec = visible.as_ref().unwrap_or(spec);
        if spec.request.prompt.trim().is_empty() {
            let example = match spec.inputs.is_empty() {
                true => "`pinx generate \"a lighthouse at dusk\"`",
                false => "say what is to change: `pinx edit \"make it night\" -i mug.png`",
            };
            return Err(Error::usage("the prompt is empty").hint(example));
        }
        keyless::check(&spec.request)?;
        if spec.request.inputs.len() != spec.inputs.len() {
            let what = "it is made from pictures, which are not given";
            return Err(Error::usage(what)
                .code("inputs_missing")
                .hint("`pinx edit PROMPT -i FILE` names them"));
        }
        spec.models
            .iter()
            .chain(spec.fallback.iter().flatten())
            .try_for_each(|name| keyless::check_model(name))?;
        if let Some(id) = &spec.request.style {
            settings.catalog.style(id)?;
        }
        let mut jobs: Vec<Job> = Vec::new();
        let first_seed = spec.request.seed.unwrap_or_else(|| match settings.cache_mode {
            // What is to be the same again is asked for in the same way.
            CacheMode::Always => ids::seed_of(&spec.request.prompt),
            CacheMode::Auto | CacheMode::Never => self.seed.get().unwrap_or_else(ids::seed),
        });
        let mut keys = Keys::new(settings.cache_mode, spec.request.seed.is_some());
        let names: &[String] =
            if spec.models.is_empty() { &["auto".to_owned()] } else { &spec.models };
        for name in names {
            let chain = self.chain(spec, name)?;
            for n in 0..spec.count {
                let seed = first_seed.wrapping_add(n as u64);
                let mut routes = self.routes(spec, &chain, seed, notices)?;
                without_keys(spec, &routes)?;
                let index = first + jobs.len();
                let id = format!("{run}.{}", index + 1);
                for route in &mut routes {
                    Arc::make_mut(&mut route.order).id.clone_from(&id);
                }
                keys.mark(&mut routes);
                let target = output_target(spec, &routes[0], seed, n, &id)?;
                if spec.output != Output::Stdout {
                    is_no_place_of_ours(&target.directory, &self.settings.places)?;
                }
                let same = |job: &&Job| {
                    job.target.directory == target.directory && job.target.stem == target.stem
                };
                jobs.push(Job {
                    index,
                    id,
                    request: Arc::clone(&spec.request),
                    offset: jobs.iter().filter(same).count(),
                    replace: match spec.force {
                        true => Replace::Anything(self.saved.clone()),
                        false => Replace::Nothing,
                    },
                    max_cost: None,
                    key: None,
                    tags: Vec::new(),
                    claim: None,
                    is_auto: chain.auto,
                    target,
                    routes,
                    created_at: crate::clock::running(),
                });
            }
        }
        Ok(jobs)
    }

    /// A part of a run whose first job has this number; the parts make a run with
    /// [`merge_plans`](super::merge_plans).
    ///
    /// # Errors
    /// As [`Planner::jobs`].
    pub fn plan(&self, spec: &RunSpec, first: usize) -> Result<Plan> {
        let mut notices = Vec::new();
        let jobs = self.jobs(spec, first, &mut notices)?;
        let settings = self.settings;
        let cache = store::Cache::new(&settings.places.cache, settings.cache_max_size);
        let is_cached = |job: &&Job| job.routes[0].cache_key.as_ref().is_some_and(|k| cache.has(k));
        let cached: HashSet<usize> = jobs.iter().filter(is_cached).map(|job| job.index).collect();
        let mut seen = HashSet::new();
        notices.retain(|notice| seen.insert(notice.clone()));
        let plan = Plan { jobs, estimate: Estimate::FREE, cached, notices };
        Ok(Plan { estimate: plan.uncached_estimate(), ..plan })
    }
}

/// The same without the characters of its prompts that nobody sees: what is paid for is what was read.
/// Nothing where there are none.
fn visible(spec: &RunSpec) -> Option<RunSpec> {
    let prompt = text::without_controls(&spec.request.prompt);
    let negative = spec.request.negative.as_deref().and_then(text::without_controls);
    if prompt.is_none() && negative.is_none() {
        return None;
    }
    let mut request = Request::clone(&spec.request);
    request.prompt = prompt.unwrap_or(request.prompt);
    request.negative = negative.or(request.negative);
    Some(RunSpec { request: Arc::new(request), ..spec.clone() })
}

/// Sees that no key of these routes stands in the prompt, whatever it looks like.
///
/// # Errors
/// One does.
fn without_keys(spec: &RunSpec, routes: &[Route]) -> Result<()> {
    const SHORTEST: usize = 12;
    let prompt = &spec.request.prompt;
    let mut keys = routes.iter().flat_map(Route::secrets);
    let found = keys.find_map(|key| {
        let key = key.expose();
        prompt.find(key).filter(|_| key.len() >= SHORTEST)
    });
    found.map_or(Ok(()), |at| Err(keyless::refused("prompt", &prompt[..at])))
}

/// Plans a run, or a part of one whose first job has this number.
///
/// # Errors
/// Whatever can be known to fail before anything is sent.
pub fn plan(planner: &Planner<'_>, spec: &RunSpec, first: usize) -> Result<Plan> {
    let plan = planner.plan(spec, first)?;
    check_places(&spec.output, spec.force, &plan.jobs)?;
    Ok(plan)
}

impl Planner<'_> {
    /// The routes of a job: the first must be possible, the others are left out where they are not.
    fn routes(
        &self,
        spec: &RunSpec,
        chain: &Chain,
        seed: u64,
        notices: &mut Vec<String>,
    ) -> Result<Vec<Route>> {
        let mut groups: Vec<Vec<Route>> = Vec::new();
        let mut equal = chain.equal;
        for (at, model) in chain.models.iter().enumerate() {
            let keyed = match self.keyed_routes(spec, model, seed, notices) {
                Err(error) if spec.rehearsed && at == 0 && error.code == keys::MISSING => {
                    self.keyless_route(spec, model, seed, notices, error)
                }
                other => other,
            };
            let turn = chain.turn(at);
            match keyed {
                Ok(routes) => {
                    groups.push(routes.into_iter().map(|route| Route { turn, ..route }).collect());
                }
                Err(error) if groups.is_empty() => return Err(error),
                Err(error) => {
                    equal -= usize::from(at < chain.equal);
                    notices.push(format!("{} is left out: {error}", model.full_id()));
                }
            }
        }
        self.balance(spec, &mut groups[..equal]);
        let mut routes: Vec<Route> = groups.into_iter().flatten().collect();
        if routes.is_empty() {
            return Err(
                Error::new(Kind::Key, "no model can be used").hint("`pinx providers` shows why")
            );
        }
        if let Some(successor) = &chain.successor
            && let Ok(further) = self.keyed_routes(spec, successor, seed, notices)
            && !further.iter().any(|new| routes.iter().any(|old| old.model_id() == new.model_id()))
        {
            routes
                .extend(further.into_iter().map(|route| Route { turn: Turn::Successor, ..route }));
        }
        let first = &routes[0];
        tell(spec, first, notices);
        notices.extend(chain.reason.iter().cloned());
        if first.is_local() {
            // It stands there on every run: one line of a usual terminal.
            let remedy = "; for a real model: `pinx keys set`";
            notices.push(format!("{SKETCH}{}", if chain.auto { remedy } else { "" }));
            if spec.base_url.is_some() {
                let what = "`--base-url` has nothing to apply to: the picture is drawn here";
                return Err(Error::usage(what).hint("name a provider's model with `-m`"));
            }
        }
        notices.extend(first.adjustments.iter().map(Adjustment::message));
        if let count @ 1.. = first.order.partials {
            let cost = first.model.partials_cost(count).in_words();
            notices
                .push(format!("{} of each image: {cost}", text::counted(count.into(), "preview")));
        }
        Ok(routes)
    }

    /// Seconds for one image, where the order depends on them: measured, else claimed.
    fn route_seconds(&self, spec: &RunSpec, route: &Route) -> Option<f64> {
        if spec.balance != Balance::Fastest {
            return None;
        }
        let measured = self.history.measures().of(&route.model_id());
        measured.map(|measured| measured.p50 as f64 / 1000.0).or(route.claimed_seconds())
    }

    /// Puts equal groups of routes into the order in which they are to be taken.
    fn balance(&self, spec: &RunSpec, groups: &mut [Vec<Route>]) {
        let candidate = |group: &Vec<Route>| Candidate {
            weight: group[0].provider.weight,
            cost: group[0].estimate.expected,
            seconds: self.route_seconds(spec, &group[0]),
        };
        let candidates: Vec<Candidate> = groups.iter().map(candidate).collect();
        let order = balance::order(spec.balance, &candidates, &mut |n| bits() % n);
        let mut sorted: Vec<Vec<Route>> =
            order.into_iter().map(|at| std::mem::take(&mut groups[at])).collect();
        groups.swap_with_slice(&mut sorted);
        // Fixed in their order, only the keys of the first are equal.
        let equal = if spec.balance == Balance::Ordered { 1 } else { groups.len() };
        groups[..equal].iter_mut().flatten().for_each(|route| route.equal = true);
    }

    /// A model over each key of its provider; never empty.
    fn keyed_routes(
        &self,
        spec: &RunSpec,
        model: &Arc<Model>,
        seed: u64,
        notices: &mut Vec<String>,
    ) -> Result<Vec<Route>> {
        let route = self.route(spec, model, seed, notices)?;
        let keys = self.keys_of(&route.provider, &route.endpoints, notices)?;
        let with_key = |key| {
            let mut route = Route { key, ..route.clone() };
            route.was_missing = self.missing.knows(model)
                && self.missing.of_origin(&route.origin().name, &route.model_id()).is_some();
            route
        };
        Ok(keys.into_iter().map(with_key).collect())
    }

    /// The keys of a provider, looked for once.
    pub(super) fn keys_of(
        &self,
        provider: &Provider,
        endpoints: &Endpoints,
        notices: &mut Vec<String>,
    ) -> Result<Vec<Option<Key>>> {
        if let Some(known) = self.keys.borrow().get(&provider.id) {
            return Ok(known.clone());
        }
        let keys = self.finder.find(self.settings, self.env, provider, endpoints)?;
        notices.extend(keys.iter().flatten().filter_map(Key::notice));
        self.keys.borrow_mut().insert(provider.id.clone(), keys.clone());
        Ok(keys)
    }

    /// The route of a plan that nobody carries out, where its key is missing: it shows price and call.
    fn keyless_route(
        &self,
        spec: &RunSpec,
        model: &Arc<Model>,
        seed: u64,
        notices: &mut Vec<String>,
        missing: Error,
    ) -> Result<Vec<Route>> {
        let route = self.route(spec, model, seed, notices)?;
        let remedies = missing.hints.join("; ");
        notices.push(format!("{}, which a real run needs: {remedies}", missing.message));
        Ok(vec![Route { no_key: Some(Arc::new(missing)), ..route }])
    }

    /// A model over no key yet.
    fn route(
        &self,
        spec: &RunSpec,
        model: &Arc<Model>,
        seed: u64,
        notices: &mut Vec<String>,
    ) -> Result<Route> {
        let provider = self.provider(model)?;
        let base_url = (provider.auth != Auth::None).then_some(spec.base_url.as_deref()).flatten();
        let endpoints = address::endpoints(self.settings, self.env, &provider, base_url)?;
        let official = endpoints.gateway.is_none() && endpoints.is_official();
        notices.extend(endpoints.warnings.iter().cloned());
        let today = &spec.today;
        let (model, mut adjustments) = match (model.life.on(today), &model.life.successor) {
            (State::Retired, Some(successor)) if official => {
                let shutdown = model.life.shutdown.as_deref().unwrap_or("an earlier day");
                let why = format!("{} was shut down on {shutdown}", model.full_id());
                if spec.strict || spec.fallback.as_ref().is_some_and(Vec::is_empty) {
                    return Err(Error::usage(why)
                        .code("retired_model")
                        .hint(format!("use `-m {successor}`")));
                }
                let next = self.resolve(successor)?;
                let replaced = Adjustment {
                    field: "model".to_owned(),
                    asked: model.full_id(),
                    got: next.full_id(),
                    why: format!("shut down on {shutdown}"),
                };
                (next, vec![replaced])
            }
            _ => (Arc::clone(model), Vec::new()),
        };
        let kind = endpoints.gateway.as_ref().map(|(_, gateway)| gateway.kind);
        let host =
            endpoints.roles.values().filter(|at| !at.official).find_map(|at| at.url.host_str());
        let drops_masks = GatewayKind::drops_masks(kind, host);
        let model = if drops_masks { without_masks(model) } else { model };
        let style =
            spec.request.style.as_ref().map(|id| self.settings.catalog.style(id)).transpose()?;
        let request = Request { seed: spec.request.seed.map(|_| seed), ..(*spec.request).clone() };
        let (mut order, fitted) = model.fit(&request, style, &spec.defaults(seed))?;
        let (inputs, treated) = self
            .treated(spec, &model)
            .map_err(|error| self.who_can(spec, &provider, drops_masks, error))?;
        model.fit_inputs(&mut order, &inputs)?;
        adjustments.extend(without_style(&mut order));
        adjustments.extend(treated.into_iter().chain(fitted));
        adjustments.extend(spec.ask_for_partials(&model, &provider, &endpoints, &mut order));
        if let (true, Some(first)) = (spec.strict, adjustments.first()) {
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
        if model.is_drawn_here() {
            adjustments.extend(sketched(&request, &order));
        }
        if let Some((_, gateway)) = &endpoints.gateway {
            order.wire = gateway.kind.wire(&provider, &order.wire);
        }
        let estimate = model.estimate(&order);
        let dialect = route::dialect_of(&provider)?;
        Ok(Route {
            provider,
            dialect,
            key: None,
            endpoints,
            order: Arc::new(order),
            adjustments,
            estimate,
            model,
            turn: Turn::InOrder,
            was_missing: false,
            no_key: None,
            cache_key: None,
            equal: false,
        })
    }
}

/// What is to be known of the model that is taken first: the others are there in case.
fn tell(spec: &RunSpec, first: &Route, notices: &mut Vec<String>) {
    let model = &first.model;
    if model.life.on(&spec.today) == State::Deprecated {
        let day = model.life.shutdown.as_deref().unwrap_or("?");
        let successor = model.life.successor.as_ref();
        let successor = successor.map(|id| format!("; its successor is {id}")).unwrap_or_default();
        notices.push(format!("{} will be shut down on {day}{successor}", model.full_id()));
    }
    let is_size_open = spec.request.size.is_none() && spec.request.aspect.is_none();
    // What is true of several is told of one.
    let what = |told: &str| told.split_once(' ').map(|(_, what)| what.to_owned());
    for told in model.told_of_inputs(&first.order, is_size_open) {
        if !notices.iter().any(|known| what(known) == what(&told)) {
            notices.push(told);
        }
    }
}

/// The same model where masks do not get through.
fn without_masks(model: Arc<Model>) -> Arc<Model> {
    if model.edit.as_ref().is_none_or(|edit| edit.mask.is_none()) {
        return model;
    }
    let mut model = Model::clone(&model);
    model.edit = model.edit.map(|edit| Edit { mask: None, ..edit });
    Arc::new(model)
}

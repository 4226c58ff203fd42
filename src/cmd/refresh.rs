//! `pinx models --refresh`: asks providers what they have and keeps the answers in the cache, where
//! later runs find them.
//!
//! Asking spends nothing. A provider that cannot be asked is told and keeps its older answer.

mod overlay;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{App, runtime};
use crate::catalog::{Model, Provider};
use crate::dialect::{ListedModel, Reply, dialect};
use crate::engine::{Route, route};
use crate::error::{Error, Exit, Kind, Result};
use crate::fs;
use crate::net::{HttpResponse, Transport};
use crate::secret::redact;
use crate::settings::Settings;
pub(crate) use overlay::{is_day, is_unlisted};

/// Pages of one provider's list at most.
const PAGES: usize = 100;
/// How often one page is asked for.
const TRIES: u32 = 3;
/// The longest wait between two of them.
const WAIT: Duration = Duration::from_secs(10);
/// Answers older than this many hours are told.
const FRESH: i64 = 24;

/// What a provider said it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Discovery {
    /// The provider's id; the file's name says it.
    #[serde(skip)]
    provider: String,
    /// When it was asked.
    as_of: Timestamp,
    /// Its models.
    found: Vec<ListedModel>,
}

/// Asks every provider that can be asked, or one of them. The first failure, if nobody answered.
pub(super) fn refresh(app: &App, only: Option<&str>) -> Option<Error> {
    let lists = |provider: &&Provider| {
        dialect(&provider.dialect).is_some_and(|dialect| dialect.discover().is_some())
    };
    let providers = app.settings.catalog.providers.iter();
    let providers = providers.filter(|provider| only.is_none_or(|id| provider.id == id));
    let (mut answers, mut failures) = (0, Vec::new());
    for provider in providers.filter(lists).filter(|provider| app.is_usable(provider)) {
        match refresh_one(app, provider) {
            Ok(count) => {
                answers += 1;
                app.ui.note(&format!("{} lists {count} models", provider.name));
            }
            Err(error) => {
                app.ui.warn(&format!("{} could not be asked: {error}", provider.name));
                failures.push(error);
            }
        }
    }
    if answers == 0 && failures.is_empty() {
        app.ui.warn("nobody was asked: there is no key of a provider that lists its models");
    }
    failures.into_iter().next().filter(|_| answers == 0)
}

/// The exit code when no provider could be asked.
pub(super) fn exit(error: &Error) -> Exit {
    if error.exit() == Exit::KEY { Exit::KEY } else { Exit::FAILED }
}

fn refresh_one(app: &App, provider: &Provider) -> Result<usize> {
    let route = route::probe(&app.settings, &app.env, provider)?;
    let client = app.client();
    let found = runtime()?.block_on(ask(&route, &app.settings, &client)).map_err(|error| {
        // A refusal may repeat the key.
        let secrets = route.secrets();
        Error { message: redact(&error.message, &secrets), ..error }
    })?;
    let discovery = Discovery { provider: provider.id.clone(), as_of: crate::clock::now(), found };
    keep(app, &discovery)?;
    Ok(discovery.found.len())
}

/// All pages of a provider's list, put together.
async fn ask(
    route: &Route,
    settings: &Settings,
    client: &impl Transport,
) -> Result<Vec<ListedModel>> {
    let mut found = Vec::new();
    let mut next = route.dialect.discover();
    for _ in 0..PAGES {
        let Some(call) = next.take() else { break };
        let mut tries = 0;
        let (page, then) = loop {
            tries += 1;
            let read = |answer: HttpResponse| {
                let body = answer.body.bytes().map_err(|error| {
                    Error::new(Kind::Local, "the answer cannot be read back").because(error)
                })?;
                route.dialect.models(&Reply {
                    stage: call.stage,
                    endpoint: route.endpoint_kind(&call.target),
                    status: answer.status,
                    headers: &answer.headers,
                    body: &body,
                    memo: &call.memo,
                })
            };
            match client.send(route.authorize(&call, settings)?, &|_| {}).await.and_then(read) {
                Ok(page) => break page,
                // A list costs nothing, so it may be asked for again, but not for long.
                Err(error) if error.kind.tries_again() && tries < TRIES => {
                    let wait = error.retry_after.unwrap_or(settings.backoff);
                    tokio::time::sleep(wait.min(WAIT)).await;
                }
                Err(error) => return Err(error),
            }
        };
        overlay::merge(&mut found, page);
        next = then;
    }
    Ok(found)
}

fn place(app: &App, provider: &str) -> PathBuf {
    app.settings.places.cache.join(format!("models-{provider}.json"))
}

fn keep(app: &App, discovery: &Discovery) -> Result<()> {
    let path = place(app, &discovery.provider);
    let text = serde_json::to_vec(discovery).map_err(|error| {
        Error::new(Kind::Internal, "the list cannot be written down").because(error)
    })?;
    fs::create_private_dir(&app.settings.places.cache)
        .and_then(|()| fs::write_atomic(&path, &text, fs::Mode::Normal))
        .map_err(|error| {
            Error::new(Kind::Local, format!("`{}` cannot be written", path.display()))
                .because(error)
        })
}

/// What providers said when they were last asked; a file that cannot be read counts as none.
fn discoveries(app: &App) -> Vec<Discovery> {
    let read = |provider: &Provider| {
        let bytes = std::fs::read(place(app, &provider.id)).ok()?;
        let discovery: Discovery = serde_json::from_slice(&bytes).ok()?;
        Some(Discovery { provider: provider.id.clone(), ..discovery })
    };
    app.settings.catalog.providers.iter().filter_map(read).collect()
}

/// Who was asked, and when.
pub(super) fn asked(app: &App) -> Vec<(String, Timestamp)> {
    discoveries(app).into_iter().map(|one| (one.provider, one.as_of)).collect()
}

/// Lays the same over the catalog that a run is planned with.
pub(crate) fn apply(app: &mut App) {
    let discoveries = discoveries(app);
    if discoveries.is_empty() {
        return;
    }
    let catalog = &mut Arc::make_mut(&mut app.settings).catalog;
    let mut models = std::mem::take(&mut catalog.models);
    for discovery in &discoveries {
        overlay::lay(discovery, catalog, &mut models);
    }
    catalog.models = models;
}

/// Lays what providers said when they were last asked over models of the catalog, and adds image
/// models that it does not have. An old answer is told.
pub(crate) fn overlay(app: &App, models: &mut Vec<Model>) {
    let now = crate::clock::now();
    for discovery in discoveries(app) {
        let age = now.duration_since(discovery.as_of);
        if age.as_hours() >= FRESH
            && models.iter().any(|model| model.provider == discovery.provider)
        {
            let day = discovery.as_of.strftime("%Y-%m-%d");
            app.ui.note(&format!(
                "what {} said is from {day}; `pinx models --refresh` asks again",
                discovery.provider
            ));
        }
        overlay::lay(&discovery, &app.settings.catalog, models);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::net::{Body, BoxFuture, HttpRequest, OnProgress};
    use crate::settings::{Env, Settings};
    use crate::ui::{self, Ui};

    /// Answers in order, and what was asked.
    struct Script(Mutex<Vec<(u16, &'static str)>>, Mutex<Vec<String>>);

    impl Transport for Script {
        fn send<'a>(
            &'a self,
            request: HttpRequest,
            _: OnProgress<'a>,
        ) -> BoxFuture<'a, Result<HttpResponse>> {
            self.1.lock().unwrap().push(request.url.to_string());
            let (status, body) = self.0.lock().unwrap().remove(0);
            let body = Body::of(body.as_bytes().to_vec());
            Box::pin(
                async move { Ok(HttpResponse { status, headers: Vec::new(), body, cut: None }) },
            )
        }
    }

    async fn asked(
        provider: &str,
        answers: &[(u16, &'static str)],
    ) -> (Result<Vec<ListedModel>>, Vec<String>) {
        let home = tempfile::tempdir().unwrap();
        let env = Env::of([
            ("PINX_HOME", home.path().to_str().unwrap()),
            ("FAL_KEY", "a:b"),
            ("OPENAI_API_KEY", "sk-x"),
        ]);
        let settings = Settings::load(&env, home.path(), None, &[]).unwrap();
        let provider = settings.catalog.provider(provider).unwrap();
        let route = route::probe(&settings, &env, provider).unwrap();
        let app = App::of(settings, env, Ui::new(ui::Options::default()));
        let script = Script(Mutex::new(answers.to_vec()), Mutex::default());
        let found = ask(&route, &app.settings, &script).await;
        (found, script.1.into_inner().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn pages_and_prices_become_one_list() {
        let (found, urls) = asked("fal", &[
            (200, r#"{"models":[{"endpoint_id":"fal-ai/a","metadata":{"display_name":"A"}}],"next_cursor":"c","has_more":true}"#),
            (503, "busy"),
            (200, r#"{"models":[{"endpoint_id":"fal-ai/b","metadata":{"status":"deprecated"}}],"next_cursor":null,"has_more":false}"#),
            (200, r#"{"prices":[{"endpoint_id":"fal-ai/a","unit_price":0.03,"unit":"images"}]}"#),
        ]).await;
        let found = found.unwrap();
        assert_eq!(urls.len(), 4, "{urls:?}");
        assert_eq!(urls[1], urls[2], "a busy page is asked for again");
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_deref(), found[0].unit_price), (Some("A"), Some(0.03)));
        assert!(found[1].deprecated);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_key_is_not_asked_again() {
        let (found, urls) = asked("openai", &[(401, r#"{"error":{"message":"no"}}"#)]).await;
        assert!(found.is_err());
        assert_eq!(urls, ["https://api.openai.com/v1/models"]);
    }
}

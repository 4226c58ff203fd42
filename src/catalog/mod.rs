//! The catalog: models, providers, styles and palettes as data, looked up by the names users type.
//!
//! The files in `data` say what there is; `build.rs` puts them together into what the program holds. A
//! user's own providers and models are laid over it. Pure: no network, no clock, no files.

mod edit;
mod edit_by_words;
mod edit_words;
mod fit;
pub(crate) mod gateway;
mod model;
mod order;
mod partials;
mod price;
mod provider;
mod spelling;
mod treatment;

use std::sync::LazyLock;

use serde::Deserialize;
use toml::{Table, Value};

pub use edit::Edit;
pub use edit_words::{EDIT_WORDS, EditWord, MASK_WORDS, MaskWord};
pub use fit::{Adjustment, Defaults, LEFT_OUT, TAKES_NO_MASK, TAKES_NONE, TOO_MANY};
pub use gateway::{GatewayKind, gateway_kinds};
pub use model::{DRAWN_HERE, Life, Model, Sizes, State, Tier, is_drawn_here};
pub use order::{ColorsField, EditForm, InputFields, Order, Params, SentInput, SizeField};
pub use partials::{MOST_PARTIALS, Partials};
pub use price::{Certainty, Estimate, Price, Rates, Row, Usage, output_tokens};
pub(crate) use provider::pairs;
pub use provider::{Auth, Check, FROM_VARIABLE, KeyHeader, Provider};
pub use treatment::{MaskForm, Treatment};

use crate::error::{Error, Result};
use crate::style::{Palette, Style};
use crate::text;

/// The embedded catalog, in the order in which tables show it.
const BUILT: &str = include_str!(concat!(env!("OUT_DIR"), "/catalog.json"));
const LOOKS: &str = include_str!(concat!(env!("OUT_DIR"), "/looks.json"));

/// Everything known about providers, models and styles.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The providers, in table order.
    pub providers: Vec<Provider>,
    /// The models, grouped by provider.
    pub models: Vec<Model>,
}

/// The embedded catalog as it is written; `M` is a model.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Built<M> {
    providers: Vec<Listing<M>>,
}

/// Styles and palettes, which few commands need.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Looks {
    styles: Vec<Style>,
    palettes: Vec<Palette>,
}

fn looks() -> &'static Looks {
    static READ: LazyLock<Looks> =
        LazyLock::new(|| serde_json::from_str(LOOKS).expect("the embedded looks are sound"));
    &READ
}

/// A provider and its models.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing<M> {
    provider: Provider,
    models: Vec<M>,
}

impl<M: serde::de::DeserializeOwned> Built<M> {
    fn read() -> Built<M> {
        serde_json::from_str(BUILT).expect("the embedded catalog is sound")
    }
}

/// The embedded catalog, read once: what asks for it again, and every machine that is simulated, has a copy.
fn embedded() -> &'static Catalog {
    static READ: LazyLock<Catalog> = LazyLock::new(|| {
        let mut catalog = Catalog { providers: Vec::new(), models: Vec::new() };
        for Listing { provider, models } in Built::<Model>::read().providers {
            let id = &provider.id;
            let own = models.into_iter().map(|model| Model { provider: id.clone(), ..model });
            catalog.models.extend(own);
            catalog.providers.push(provider);
        }
        catalog
    });
    &READ
}

impl Catalog {
    /// The embedded catalog with a user's tables laid over it: `[providers.ID]` and `[[models]]`.
    ///
    /// # Errors
    /// Names the table that cannot be read and what is wrong in it.
    pub fn load(providers: &Table, models: &[Value]) -> Result<Catalog> {
        let mut catalog = embedded().clone();
        for (id, table) in providers {
            catalog.lay_provider(id, table)?;
        }
        for model in models {
            catalog.lay_model(model)?;
        }
        Ok(catalog)
    }

    /// Completes the models with what was said of their providers, and checks the providers' headers;
    /// `secrets` are variables that hold the tokens of gateways, `takes_words` says whose words on pictures
    /// mean something, and `place` where a setting is written.
    ///
    /// # Errors
    /// A header that cannot be sent, or that would carry what belongs to another provider.
    pub fn finish(
        &mut self,
        secrets: &[&str],
        takes_words: impl Fn(&Provider) -> bool,
        place: impl Fn(&str) -> String,
    ) -> Result<()> {
        for provider in &self.providers {
            provider.check_edit(takes_words(provider), &place)?;
            for model in self.models.iter_mut().filter(|model| model.provider == provider.id) {
                if let Some(path) = &provider.images_path {
                    model.params.path.get_or_insert_with(|| path.clone());
                }
                provider.lay_edit(model);
            }
        }
        let tokens = gateway_kinds().iter().filter_map(|kind| kind.token_env.as_deref());
        let tokens: Vec<&str> = tokens.chain(secrets.iter().copied()).collect();
        provider::check_headers(&self.providers, &tokens)
    }

    /// The variables of keys that a newcomer is told to set: `OPENAI_API_KEY or FAL_KEY`.
    pub fn usual_keys(&self) -> String {
        let first = self.providers.iter().filter_map(|provider| provider.key_env.first());
        first.take(2).map(String::as_str).collect::<Vec<_>>().join(" or ")
    }

    fn add_model(
        &mut self,
        provider: &str,
        table: Value,
    ) -> std::result::Result<(), toml::de::Error> {
        let mut model: Model = table.try_into()?;
        provider.clone_into(&mut model.provider);
        self.models.retain(|known| known.provider != model.provider || known.id != model.id);
        self.models.push(model);
        Ok(())
    }

    /// A new provider of a known dialect, or facts about one that is known.
    fn lay_provider(&mut self, id: &str, table: &Value) -> Result<()> {
        let Some(dialect) = table.get("dialect").and_then(Value::as_str) else { return Ok(()) };
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return Err(Error::usage(format!("`{id}` cannot be a provider's name"))
                .hint("use lower-case letters and digits only"));
        }
        let words = |key: &str| match table.get(key) {
            Some(Value::Array(words)) => {
                words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(Value::String(word)) => vec![word.clone()],
            _ => Vec::new(),
        };
        let word = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
        let like = self.providers.iter().find(|known| known.dialect == dialect);
        // Variables belong to a name, whatever else is said of it.
        let same = self.provider(id);
        let mut provider = Provider {
            id: id.to_owned(),
            name: word("name").unwrap_or_else(|| id.to_owned()),
            dialect: dialect.to_owned(),
            auth: table.get("auth").and_then(Auth::read).unwrap_or_default(),
            key_env: words("key_env"),
            headers: pairs(table.get("headers")),
            images_path: word("images_path"),
            edit: None,
            mask: None,
            max_images: None,
            image_field: None,
            edits_path: None,
            key_starts: Vec::new(),
            key_halves: same.and_then(|same| same.key_halves.clone()),
            base_env: same.and_then(|same| same.base_env.clone()),
            gateway_env: same.and_then(|same| same.gateway_env.clone()),
            unread_env: same.and_then(|same| same.unread_env.clone()),
            unlisted: like.map(|like| like.unlisted.clone()).unwrap_or_default(),
            roles: std::collections::BTreeMap::new(),
            hosts: Vec::new(),
            dashboard: word("dashboard"),
            keys_page: None,
            behind: std::collections::BTreeMap::new(),
            check: None,
            failures_are_free: false,
            requests_per_minute: None,
            images_per_minute: None,
            in_flight: None,
            weight: 1,
            streams: false,
            streams_said: None,
            as_of: word("as_of").unwrap_or_else(|| "unknown".to_owned()),
            source: provider::YOURS.to_owned(),
        };
        if provider.key_env.is_empty() && provider.auth != Auth::None {
            provider.key_env = vec![format!("{}_API_KEY", id.to_ascii_uppercase())];
        }
        if let Some(base) = word("base_url") {
            provider.roles.insert("api".to_owned(), base);
        }
        self.providers.retain(|known| known.id != id);
        self.providers.insert(self.providers.len().saturating_sub(1), provider);
        Ok(())
    }

    /// A model of the user's own, or changes to one that is known.
    fn lay_model(&mut self, table: &Value) -> Result<()> {
        let wrong = |what: String| Error::usage(what).hint("see `pinx config init` for an example");
        let Some(full) = table.get("id").and_then(Value::as_str) else {
            return Err(wrong("a `[[models]]` block has no `id`".to_owned()));
        };
        let Some((provider, id)) = full.split_once('/') else {
            return Err(wrong(format!(
                "the model id `{full}` has no provider: write `provider/name`"
            )));
        };
        if !self.providers.iter().any(|known| known.id == provider) {
            return Err(wrong(format!(
                "the model `{full}` names an unknown provider `{provider}`"
            )));
        }
        let mut merged = self.base_block(provider, id);
        for (key, value) in table.as_table().into_iter().flatten() {
            merged.insert(key.clone(), value.clone());
        }
        merged.insert("id".to_owned(), Value::String(id.to_owned()));
        self.add_model(provider, Value::Table(merged)).map_err(|error| {
            wrong(format!("the model `{full}` cannot be read: {}", error.message()))
        })
    }

    /// What a user's model starts from: the embedded block of that name, or modest assumptions.
    fn base_block(&self, provider: &str, id: &str) -> Table {
        let mut blocks = Built::<Table>::read()
            .providers
            .into_iter()
            .filter(|listing| listing.provider.id == provider)
            .flat_map(|listing| listing.models);
        let is_it = |block: &Table| block.get("id").and_then(Value::as_str) == Some(id);
        if let Some(block) = blocks.find(is_it) {
            return block;
        }
        let model = self.unlisted(provider, id);
        let mut table = Table::new();
        for (key, text) in [
            ("name", model.name.as_str()),
            ("wire", id),
            ("description", "from your configuration"),
            ("as_of", "unknown"),
            ("source", provider::YOURS),
        ] {
            table.insert(key.to_owned(), Value::String(text.to_owned()));
        }
        let rest: Table =
            toml::from_str(UNLISTED).expect("the template of an unlisted model is TOML");
        table.extend(rest);
        if model.price == Price::Free {
            table.insert("price".to_owned(), Value::Table(Table::from_iter([free_kind()])));
        }
        if let Ok(params) = Value::try_from(&model.params) {
            table.insert("params".to_owned(), params);
        }
        table
    }

    /// A model that the catalog does not list, by its wire name, with unknown price, unless its server is the
    /// user's own machine.
    pub fn unlisted(&self, provider: &str, wire: &str) -> Model {
        let known = self.provider(provider);
        let is_free = known.is_some_and(Provider::is_own_loopback);
        let rest: Table =
            toml::from_str(UNLISTED).expect("the template of an unlisted model is TOML");
        let params =
            known.map(|known| Params { path: known.images_path.clone(), ..known.unlisted.clone() });
        Model {
            id: wire.to_owned(),
            provider: provider.to_owned(),
            name: wire.to_owned(),
            wire: wire.to_owned(),
            description: "not in the catalog; its price is unknown".to_owned(),
            aliases: Vec::new(),
            same_as: Vec::new(),
            sizes: rest["sizes"].clone().try_into().expect("the template's sizes are valid"),
            qualities: Vec::new(),
            quality: None,
            formats: vec![crate::request::Format::Png],
            backgrounds: Vec::new(),
            max_prompt: None,
            seconds: None,
            price: if is_free { Price::Free } else { Price::Unknown },
            rates: None,
            life: Life::default(),
            params: params.unwrap_or_default(),
            partials: None,
            edit: known.and_then(Provider::edit_of_unlisted),
            as_of: "unknown".to_owned(),
            source: "not in the catalog".to_owned(),
        }
    }

    /// The provider of an id.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// The full id of the model that a name means; the name itself where it means none.
    pub fn id_of(&self, name: &str) -> String {
        self.model(name, &|_| true).map_or_else(|_| name.to_owned(), |model| model.full_id())
    }

    /// The model that a user means: `provider/name`, an alias, a bare name that only one provider
    /// (or only one of the `usable` ones) has or that means the same model everywhere, or any other
    /// wire id of a known provider, then with unknown price.
    ///
    /// # Errors
    /// Names the nearest model, or the several that a bare name could mean.
    pub fn model(&self, name: &str, usable: &dyn Fn(&str) -> bool) -> Result<Model> {
        let answers =
            |model: &&Model, id: &str| model.id == id || model.aliases.iter().any(|a| a == id);
        if let Some((provider, id)) = name.split_once('/')
            && self.provider(provider).is_some()
        {
            let found = self.models.iter().find(|model| {
                model.provider == provider && (answers(model, id) || model.wire == id)
            });
            if let Some(model) = found {
                return Ok(model.clone());
            }
            let near = text::nearest(id, self.of_provider(provider).map(|model| model.id.as_str()));
            let unlistable = is_drawn_here(provider) || (near.is_some() && !id.contains('/'));
            if !unlistable && !id.is_empty() {
                return Ok(self.unlisted(provider, id));
            }
            return Err(self.unknown_model(name));
        }
        let found: Vec<&Model> = self.models.iter().filter(|model| answers(model, name)).collect();
        match found.as_slice() {
            [] => self
                .models
                .iter()
                .find(|model| model.wire == name)
                .cloned()
                .ok_or_else(|| self.unknown_model(name)),
            [one] => Ok((*one).clone()),
            several => {
                let ready: Vec<&Model> =
                    several.iter().filter(|model| usable(&model.provider)).copied().collect();
                let several = if ready.is_empty() { several } else { &ready };
                let (first, others) = several.split_first().expect("there are several");
                if others.iter().all(|other| first.same_as.contains(&other.full_id())) {
                    return Ok((*first).clone());
                }
                let ids: Vec<String> =
                    several.iter().map(|model| format!("`{}`", model.full_id())).collect();
                Err(Error::usage(format!("`{name}` could be {}", ids.join(" or ")))
                    .code("ambiguous_model")
                    .hint("write it with its provider"))
            }
        }
    }

    /// The models of a provider.
    pub fn of_provider(&self, provider: &str) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(move |model| model.provider == provider)
    }

    /// The models of which a name is the beginning, or all of the words before the number.
    fn family(&self, name: &str) -> Vec<String> {
        let begins = |id: &str| {
            let rest = id.strip_prefix(&name.to_lowercase());
            !name.is_empty() && rest.is_some_and(|rest| rest.starts_with(['-', '.']))
        };
        let current = self.models.iter().filter(|model| model.life.successor.is_none());
        current
            .filter(|model| begins(&model.id) || begins(&model.full_id()))
            .map(Model::full_id)
            .collect()
    }

    fn unknown_model(&self, name: &str) -> Error {
        if let Some(program) = spelling::closed(name) {
            let what =
                format!("`{}` cannot be asked: {program} has no API", text::clean(name, 120));
            return Error::usage(what)
                .code("unknown_model")
                .hint("`pinx models --all` lists what can be; `-m auto` takes the first that you have a key for");
        }
        if self.provider(name).is_some() {
            let lasting = |model: &&Model| model.life.shutdown.is_none();
            let first = self.of_provider(name).find(lasting).map(Model::full_id);
            let error =
                Error::usage(format!("`{}` is a provider and no model", text::clean(name, 120)))
                    .code("unknown_model");
            let error = match first {
                Some(first) => error.hint(format!("did you mean `{first}`?")),
                None => error.hint(format!("a model of its own is `{name}/its-id`")),
            };
            return error.hint(format!("`pinx models --all --provider {name}` lists its models"));
        }
        let family = self.family(name);
        if let [_, _, ..] = family.as_slice() {
            let shown: Vec<String> = family.iter().take(4).map(|id| format!("`{id}`")).collect();
            let more = if family.len() > shown.len() { ", …" } else { "" };
            return Error::usage(format!("`{}` is no model, but a family", text::clean(name, 120)))
                .code("unknown_model")
                .hint(format!("did you mean {}{more}?", shown.join(", ")))
                .hint(format!("`pinx models {} --all` lists them", text::shell_word(name)));
        }
        let ids: Vec<String> = self.models.iter().map(Model::full_id).collect();
        let bare = self.models.iter().map(|model| model.id.as_str());
        let near = spelling::known(name, &self.models)
            .map(Model::full_id)
            .or_else(|| text::nearest(name, ids.iter().map(String::as_str)).map(str::to_owned))
            .or_else(|| text::nearest(name, bare).map(str::to_owned))
            .or_else(|| spelling::alike(name, &self.models).map(Model::full_id));
        let followed = near.as_ref().and_then(|near| {
            let known = |model: &&Model| model.id == *near || model.full_id() == *near;
            let model = self.models.iter().find(known)?;
            Some((model.full_id(), model.life.successor.clone()?))
        });
        let error = Error::usage(format!("unknown model `{}`", text::clean(name, 120)))
            .code("unknown_model");
        match (near, followed) {
            (_, Some((old, new))) => {
                error.hint(format!("did you mean `{new}`? It follows `{old}`, which is retired"))
            }
            (Some(near), None) => {
                error.hint(format!("did you mean `{near}`? `pinx models --all` lists them"))
            }
            (None, None) => error.hint("`pinx models --all` lists them; any other model of a provider works as `provider/its-id`"),
        }
    }

    /// The styles.
    pub fn styles(&self) -> &'static [Style] {
        &looks().styles
    }

    /// The palettes.
    pub fn palettes(&self) -> &'static [Palette] {
        &looks().palettes
    }

    /// The style of an id.
    ///
    /// # Errors
    /// Names the nearest style.
    pub fn style(&self, id: &str) -> Result<&Style> {
        self.styles().iter().find(|style| style.id == id).ok_or_else(|| {
            let near = text::nearest(id, self.styles().iter().map(|style| style.id.as_str()));
            let error = Error::usage(format!("unknown style `{id}`")).code("unknown_style");
            error.hint(near.map_or_else(
                || "`pinx styles` lists them".to_owned(),
                |near| format!("did you mean `{near}`? `pinx styles` lists them"),
            ))
        })
    }

    /// Whether a model takes `output_compression` and `moderation`, as OpenAI's own image models do.
    pub fn takes_compression(&self, model: &Model) -> bool {
        let provider = self.provider(&model.provider);
        model.params.background.is_some() && provider.is_some_and(|it| it.dialect == "openai")
    }

    /// Colours from a list (`#FF6B6B,#4ECDC4`) or the name of a palette.
    ///
    /// # Errors
    /// Names the colour that cannot be read, or the nearest palette.
    pub fn colors(&self, text: &str) -> Result<Vec<crate::request::Rgb>> {
        if let Some(palette) = self.palettes().iter().find(|palette| palette.id == text) {
            return Ok(palette.colors.clone());
        }
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        words
            .map(|word| {
                word.parse().map_err(|why: String| {
                    let near = text::nearest(
                        text,
                        self.palettes().iter().map(|palette| palette.id.as_str()),
                    );
                    Error::usage(why).code("bad_color").hint(near.map_or_else(
                        || "give hex colours, or a palette of `pinx styles`".to_owned(),
                        |near| format!("did you mean the palette `{near}`?"),
                    ))
                })
            })
            .collect()
    }
}

/// What is assumed of a model that nobody described.
const UNLISTED: &str = r#"
formats = ["png", "jpeg", "webp"]
price = { kind = "unknown" }
[sizes]
kind = "free"
multiple_of = 1
min_edge = 16
max_edge = 8192
max_pixels = 67108864
"#;

/// The price of a server of one's own.
fn free_kind() -> (String, Value) {
    ("kind".to_owned(), Value::String("free".to_owned()))
}

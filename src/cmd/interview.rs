//! What `pinx generate` asks on a terminal when no prompt was given: prompt, model, size, style and,
//! with the price in sight, whether to go on. What a flag has already said is not asked again.

use std::cmp::Ordering;

use std::sync::Arc;

use super::App;
use crate::catalog::{Certainty, Defaults, Estimate, Model, State};
use crate::error::{Error, Kind, Result};
use crate::money::Money;
use crate::request::{Request, Size};
use crate::settings::Origin;
use crate::style::Style;
use crate::ui::{Column, Table, Typing};

/// A description with less room is left out whole: `An isometric…` tells nothing.
const DESCRIPTION: usize = 28;

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answers {
    /// The prompt.
    pub(crate) prompt: String,
    /// `provider/name`, or `auto`; as the flag has it, where there is one.
    pub(crate) model: String,
    /// The size; none keeps what the settings say.
    pub(crate) size: Option<Size>,
    /// The style; none keeps what the settings say.
    pub(crate) style: Option<String>,
}

/// What `auto` takes for a prompt, and what `prefer` has to do with it.
pub(crate) type Auto<'a> = &'a dyn Fn(&str) -> Option<(Arc<Model>, Option<String>)>;

/// Asks. `None` means that the user would rather not.
///
/// # Errors
/// There is no terminal, or no model that can be used.
pub(crate) fn interview(app: &App, auto: Auto<'_>) -> Result<Option<Answers>> {
    match ask(app, auto) {
        Err(error) if error.kind == Kind::Interrupted => {
            app.ui.note("nothing was sent");
            Ok(None)
        }
        Ok(None) => {
            app.ui.note("nothing was sent");
            Ok(None)
        }
        other => other,
    }
}

fn ask(app: &App, auto: Auto<'_>) -> Result<Option<Answers>> {
    let settings = &app.settings;
    let said = |name: &str| matches!(settings.origin(name), Origin::Flag(_));
    let prompt = app.ui.text_prompt("What should be seen?", None)?.trim().to_owned();
    let offer = Offer::new(app, &prompt, auto);
    let model = if said("model") { settings.model.clone() } else { offer.pick_model()? };
    let chosen = offer.resolve(&model);
    let size = match &chosen {
        Some(chosen) if !said("size") && !said("aspect") => offer.pick_size(chosen)?,
        _ => None,
    };
    let style = if said("style") { None } else { offer.pick_style(chosen.as_ref())? };
    let question = offer.question(&model, chosen.as_ref(), size);
    let answers = Answers { prompt, model, size, style };
    Ok(app.ui.confirm(&question, true)?.then_some(answers))
}

/// What can be chosen, and what it would cost.
struct Offer<'a> {
    app: &'a App,
    request: Request,
    today: String,
    /// What `auto` takes, and what `prefer` has to do with it.
    auto: Option<(Arc<Model>, Option<String>)>,
}

impl Offer<'_> {
    fn new<'a>(app: &'a App, prompt: &str, auto: Auto<'_>) -> Offer<'a> {
        let settings = &app.settings;
        let request = Request {
            prompt: prompt.to_owned(),
            size: settings.request.size,
            aspect: settings.request.aspect,
            quality: settings.request.quality.clone(),
            ..Request::default()
        };
        Offer { app, request, today: app.today(), auto: auto(prompt) }
    }

    /// Models that answer today, in the catalog's order.
    fn usable(&self) -> impl Iterator<Item = &Model> {
        let catalog = &self.app.settings.catalog;
        catalog.models.iter().filter(|model| self.is_usable(model))
    }

    fn is_usable(&self, model: &Model) -> bool {
        let provider = self.app.settings.catalog.provider(&model.provider);
        model.life.on(&self.today) != State::Retired
            && provider.is_some_and(|it| self.app.is_usable(it))
    }

    /// The model that a name stands for; `auto` for the first that would be tried.
    fn resolve(&self, name: &str) -> Option<Model> {
        let settings = &self.app.settings;
        let usable =
            |id: &str| settings.catalog.provider(id).is_some_and(|it| self.app.is_usable(it));
        if name != "auto" {
            return settings.catalog.model(name, &usable).ok();
        }
        self.auto.as_ref().map(|(model, _)| Model::clone(model))
    }

    /// What one image of a model would cost at a size.
    fn estimate(&self, model: &Model, size: Option<Size>) -> Estimate {
        let mut request = self.request.clone();
        if size.is_some() {
            (request.size, request.aspect) = (size, None);
        }
        let defaults = Defaults { size: self.app.settings.size, is_inputs: false, seed: 0 };
        match model.fit(&request, None, &defaults) {
            Ok((order, _)) => model.estimate(&order),
            Err(_) => Estimate::UNKNOWN,
        }
    }

    fn pick_model(&self) -> Result<String> {
        let auto = self.resolve("auto");
        let mut names = Vec::new();
        let mut rows = Table::new(vec![
            // An id is there to be copied, so it is whole; on a narrow terminal the time goes first.
            Column::new("").width(60, 60),
            Column::new("").right(),
            Column::new("").right().priority(2),
            Column::new("").width(DESCRIPTION, 80).priority(1),
        ]);
        if let Some(first) = &auto {
            names.push("auto".to_owned());
            rows.row(self.row(format!("auto → {}", first.id), first, &self.reason()));
        }
        for model in self.usable() {
            names.push(model.full_id());
            rows.row(self.row(model.full_id(), model, &model.description));
        }
        if names.is_empty() {
            let keys = self.app.settings.catalog.usual_keys();
            return Err(Error::new(Kind::Key, "no model can be used")
                .hint(format!("set {keys}, or `pinx keys set`")));
        }
        let wanted = self.resolve(&self.app.settings.model).map(|model| model.full_id());
        let named = if self.app.settings.model == "auto" { None } else { wanted };
        let at = named.and_then(|id| names.iter().position(|name| *name == id)).unwrap_or(0);
        let place = self.app.ui.pick("Model", &names, &rows, at, Typing::Seen)?;
        Ok(names.swap_remove(place))
    }

    /// Why `auto` takes its model.
    fn reason(&self) -> String {
        let reason = self.auto.as_ref().and_then(|(_, reason)| reason.clone());
        reason.unwrap_or_else(|| "the first that can be used".to_owned())
    }

    fn row(&self, name: String, model: &Model, words: &str) -> Vec<String> {
        vec![name, self.estimate(model, None).text(), seconds(model), words.to_owned()]
    }

    fn pick_size(&self, model: &Model) -> Result<Option<Size>> {
        let settings = &self.app.settings;
        let asked = settings.request.aspect.map_or(settings.size, |aspect| aspect.size());
        let default = model.sizes.nearest(asked);
        let row = |size: Size, words: &str| {
            vec![
                size.to_string(),
                shape(size).to_owned(),
                self.estimate(model, Some(size)).text(),
                words.to_owned(),
            ]
        };
        let mut sizes = vec![None];
        let mut names = vec![default.to_string()];
        let mut rows = Table::new(vec![
            Column::new(""),
            Column::new("").priority(2),
            Column::new("").right(),
            Column::new("").priority(1),
        ]);
        rows.row(row(default, "the default"));
        for size in common(model).into_iter().filter(|size| *size != default) {
            sizes.push(Some(size));
            names.push(size.to_string());
            rows.row(row(size, ""));
        }
        if sizes.len() == 1 {
            return Ok(None);
        }
        let place = self.app.ui.pick("Size", &names, &rows, 0, Typing::Seen)?;
        Ok(sizes[place])
    }

    fn pick_style(&self, model: Option<&Model>) -> Result<Option<String>> {
        let settings = &self.app.settings;
        let own = settings.request.style.as_deref();
        // A style of the settings stays unless another is chosen, so "none" is not offered then.
        let first = own.unwrap_or("none");
        let words = if own.is_some() { "as the settings say" } else { "the model's own look" };
        let mut names = vec![first.to_owned()];
        let mut rows =
            Table::new(vec![Column::new(""), Column::new("").width(DESCRIPTION, 80).priority(1)]);
        rows.row(vec![first.to_owned(), words.to_owned()]);
        let is_other = |style: &&Style| Some(style.id.as_str()) != own && fits(style, model);
        for style in settings.catalog.styles().iter().filter(is_other) {
            names.push(style.id.clone());
            rows.row(vec![style.id.clone(), style.description.clone()]);
        }
        if names.len() == 1 {
            return Ok(None);
        }
        let place = self.app.ui.pick("Style", &names, &rows, 0, Typing::Seen)?;
        Ok((place > 0).then(|| names.swap_remove(place)))
    }

    /// `Make 2 images with fal/flux-schnell for $0.006?`
    fn question(&self, name: &str, model: Option<&Model>, size: Option<Size>) -> String {
        let count = u64::from(self.app.settings.count);
        let images = if count == 1 { "the image".to_owned() } else { format!("{count} images") };
        let Some(model) = model else { return format!("Make {images} with {name}?") };
        let one = self.estimate(model, size);
        let times = |money: Option<Money>| money.map(|money| money * count);
        let all = Estimate {
            expected: times(one.expected),
            reserve: times(one.reserve),
            certainty: one.certainty,
        };
        let price = match all.certainty {
            Certainty::Unknown => "at an unknown price".to_owned(),
            _ if all.text() == "free" => "for free".to_owned(),
            _ => format!("for {}", all.in_words()),
        };
        format!("Make {images} with {} {price}?", model.full_id())
    }
}

/// The vendor's claim: `~6 s`, `~6–12 s`, `–`.
fn seconds(model: &Model) -> String {
    match model.seconds {
        None => "–".to_owned(),
        Some([low, high]) if (high - low).abs() < 0.05 => format!("~{high} s"),
        Some([low, high]) => format!("~{low}–{high} s"),
    }
}

/// Sizes worth offering: those of the model's list, or the usual ones that it takes.
fn common(model: &Model) -> Vec<Size> {
    let words = model.sizes.words();
    let written = words.iter().filter_map(|word| word.parse::<Size>().ok());
    let ratios = words.iter().filter_map(|word| word.parse::<crate::request::Aspect>().ok());
    let wide = ["1280x720", "720x1280"].into_iter().filter_map(|size| size.parse().ok());
    let mut sizes: Vec<Size> =
        written.chain(ratios.map(|ratio| model.sizes.nearest(ratio.size()))).collect();
    sizes.extend(wide.filter(|size| model.sizes.takes(*size)));
    let mut seen = std::collections::HashSet::new();
    sizes.retain(|size| seen.insert(*size));
    sizes.truncate(12);
    sizes
}

fn shape(size: Size) -> &'static str {
    match size.width.cmp(&size.height) {
        Ordering::Equal => "square",
        Ordering::Greater => "landscape",
        Ordering::Less => "portrait",
    }
}

/// Whether a style does anything for this model. One that is not resolved is some AI model's.
fn fits(style: &Style, model: Option<&Model>) -> bool {
    match model {
        Some(model) if model.is_drawn_here() => style.sketch.is_some(),
        Some(model) => {
            let family = model.params.styles.as_ref();
            style.fragment.is_some()
                || family.is_some_and(|family| style.native.contains_key(family))
        }
        None => style.fragment.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::{Model, common, fits};
    use crate::catalog::Catalog;

    #[test]
    fn styles_are_those_that_the_model_has() {
        let catalog = Catalog::load(&Table::new(), &[]).unwrap();
        let model = |id: &str| catalog.model(id, &|_| true).unwrap();
        let (sketch, openai) = (model("pinx/sketch"), model("openai/gpt-image-2"));
        for style in catalog.styles() {
            assert_eq!(fits(style, Some(&sketch)), style.sketch.is_some(), "{}", style.id);
            assert_eq!(fits(style, Some(&openai)), style.fragment.is_some(), "{}", style.id);
            assert_eq!(fits(style, None), style.fragment.is_some(), "{}", style.id);
        }
        let native = |model: &&Model| model.params.styles.is_some();
        for model in catalog.models.iter().filter(native) {
            let family = model.params.styles.as_ref().unwrap();
            let own = catalog.styles().iter().filter(|style| style.native.contains_key(family));
            own.for_each(|style| assert!(fits(style, Some(model)), "{}", style.id));
        }
    }

    #[test]
    fn every_model_offers_sizes_that_it_takes() {
        let catalog = Catalog::load(&Table::new(), &[]).unwrap();
        for model in &catalog.models {
            let sizes = common(model);
            assert!(sizes.len() <= 12, "{}", model.full_id());
            for size in sizes {
                assert!(model.sizes.takes(size), "{} does not take {size}", model.full_id());
            }
        }
    }
}

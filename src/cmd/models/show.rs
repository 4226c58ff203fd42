//! `pinx models show ID`: all that is known of one model, as a readable block or as JSON.

use std::time::Duration;

use serde_json::json;

use super::PricedImage;
use super::listed::{Listed, Now, abilities_text, time_text};
use super::quote::{self, Quote};
use crate::catalog::{ColorsField, Model, Price, Row, Sizes, State};
use crate::cmd::{App, refresh};
use crate::error::{Exit, Result};
use crate::money::Money;
use crate::stats::{Measured, Measures};
use crate::text;
use crate::ui::Ui;

/// What `models show` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name it: `provider/model`, an alias, or the provider's own id
    #[arg(value_name = "ID")]
    pub id: String,
    /// What the cost is for.
    #[command(flatten)]
    pub image: PricedImage,
}

/// Prints one model.
///
/// # Errors
/// An unknown model, or a size or quality that it cannot be asked for.
pub(super) fn run(app: &App, args: &Args) -> Result<Exit> {
    let catalog = &app.settings.catalog;
    let usable = |id: &str| catalog.provider(id).is_some_and(|provider| app.is_usable(provider));
    let mut models = catalog.models.clone();
    refresh::overlay(app, &mut models);
    let find = |id: &str| models.iter().find(|model| model.full_id() == id).cloned();
    let model = match find(&args.id) {
        Some(model) => model,
        None => {
            let model = catalog.model(&args.id, &usable)?;
            find(&model.full_id()).unwrap_or(model)
        }
    };
    let wanted = quote::Wanted::of(&app.settings, &args.image)?;
    let measures = Measures::of_log(&app.log);
    let listed = Listed::of(app, &Now::of(app, None), model, &wanted, &measures);
    wanted.check(std::iter::once(&listed.quote))?;
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "model": listed.document() }));
    } else {
        block(&app.ui, &facts(app, &listed, &wanted));
    }
    Ok(Exit::OK)
}

/// The facts in the order in which somebody who chooses a model asks for them.
fn facts(app: &App, listed: &Listed, wanted: &quote::Wanted) -> Vec<(&'static str, String)> {
    let model = &listed.model;
    let list = |words: &[String]| if words.is_empty() { String::new() } else { words.join(", ") };
    let provider = app.settings.catalog.provider(&model.provider);
    // What stands in such a model is what is sent when nothing is known, and no fact about it.
    let is_known = is_catalogued(model);
    let known = |words: String| if is_known { words } else { "unknown".to_owned() };
    let mut facts = vec![
        ("", format!("{} — {}", model.full_id(), model.name)),
        ("", model.description.clone()),
        ("", String::new()),
        ("cost", format!("{} for one image {}", listed.quote.text(), for_what(listed, wanted))),
        ("an edit", listed.edit.as_ref().map_or_else(String::new, edit_words)),
        ("price", price_words(model)),
        (
            "time",
            model.seconds.map_or_else(
                || known(String::new()),
                |seconds| {
                    let whose = if model.is_drawn_here() { "" } else { ", the vendor's claim" };
                    format!("{} for one image{whose}", time_text(seconds))
                },
            ),
        ),
        ("measured", listed.measured.as_ref().map_or_else(String::new, measured_words)),
        ("sizes", known(sizes_words(&model.sizes))),
        ("qualities", qualities(model)),
        (
            "formats",
            known(list(&model.formats.iter().map(ToString::to_string).collect::<Vec<_>>())),
        ),
        (
            "backgrounds",
            list(&model.backgrounds.iter().map(|b| b.name().to_owned()).collect::<Vec<_>>()),
        ),
        (
            "prompt",
            model.max_prompt.map_or_else(String::new, |max| format!("at most {max} characters")),
        ),
        ("abilities", known(abilities_text(model, ", ", &[]))),
        ("pictures in", pictures_words(model)),
        ("previews", previews_words(model)),
        ("--seed", seed_words(model).to_owned()),
        ("--negative", negative_words(model).to_owned()),
        ("--style", style_words(model)),
        ("--colors", colors_words(model)),
        ("state", state_words(listed, provider.and_then(|p| p.key_env.first()))),
        ("aliases", list(&model.aliases)),
        ("same as", list(&model.same_as)),
        ("wire id", model.wire.clone()),
        ("as of", model.as_of.clone()),
        ("source", model.source.clone()),
    ];
    facts.retain(|(label, value)| label.is_empty() || !value.is_empty());
    facts
}

/// `~$0.0215 for one image of 1024x1024 from one of 1024x1024`, or `unknown`.
fn edit_words(edit: &Quote) -> String {
    let (cost, Some(from)) = (edit.text(), edit.from) else { return String::new() };
    match edit.size {
        Some(size) if edit.estimate.expected.is_some() => {
            format!("{cost} for one image of {size} from one of {from}")
        }
        _ => cost,
    }
}

/// `up to 3 while it is made (png, jpeg, webp), ~$0.003 each`.
fn previews_words(model: &Model) -> String {
    let Some(partials) = &model.partials else { return String::new() };
    let formats: Vec<&str> = partials.formats.iter().map(|format| format.name()).collect();
    let (most, cost) = (partials.most, model.partials_cost(1).text());
    format!("up to {most} while it is made ({}), {cost} each", formats.join(", "))
}

/// `up to 16 (png, jpeg, webp; 50 MB each), and a mask`.
fn pictures_words(model: &Model) -> String {
    let Some(edit) = &model.edit else { return String::new() };
    let formats: Vec<&str> = edit.formats.iter().map(|format| format.name()).collect();
    // As providers count them.
    let (formats, size) = (formats.join(", "), edit.max_bytes / 1_000_000);
    let most = if edit.most == 1 { "one".to_owned() } else { format!("up to {}", edit.most) };
    let mask = match &edit.mask {
        None => "",
        Some(mask) if mask.is_hint => ", and a mask as a hint",
        Some(mask) if mask.endpoint.is_some() && edit.most > 1 => ", or one and a mask",
        Some(_) => ", and a mask",
    };
    let fidelity: Vec<&str> = edit.fidelity.iter().map(|level| level.name()).collect();
    let fidelity = match fidelity.as_slice() {
        [] => String::new(),
        levels => format!("; fidelity {}", levels.join(" or ")),
    };
    let kept = if edit.keeps_size { "; the first decides the size" } else { "" };
    format!("{most} ({formats}; {size} MB each){mask}{fidelity}{kept}")
}

/// `of 34 runs half took 2.1 s, 95 % at most 3.4 s; 97 % done; $0.0031 each`.
fn measured_words(measured: &Measured) -> String {
    let short = |ms: u64| text::duration(Duration::from_millis(ms));
    let Measured { runs, p50, p95, success, cost, .. } = measured;
    let (half, most) = (short(*p50), short(*p95));
    let mut words = format!("of {runs} runs half took {half}, 95 % at most {most}");
    words += &format!("; {:.0} % of what was tried got its image", success * 100.0);
    if let Some(cost) = cost.filter(|cost| *cost > Money::ZERO) {
        words += &format!("; {cost} an image on average");
    }
    words
}

fn for_what(listed: &Listed, wanted: &quote::Wanted) -> String {
    let quote = &listed.quote;
    let size = quote.size.map_or_else(|| wanted.text(), |size| format!("of {size}"));
    match &quote.quality {
        Some(quality) => format!("{size}, quality {quality}"),
        None => size,
    }
}

fn qualities(model: &Model) -> String {
    let words = model.qualities.join(", ");
    match &model.quality {
        Some(usual) => format!("{words} (sent: {usual})"),
        None => words,
    }
}

/// Whether anything is known of it but its name. A price may be: the provider's list tells some.
fn is_catalogued(model: &Model) -> bool {
    !refresh::is_unlisted(model) && model.source != "not in the catalog"
}

fn seed_words(model: &Model) -> &'static str {
    match (model.has_seed(), is_catalogued(model)) {
        (true, true) => "honoured",
        (true, false) => "sent; whether it is honoured is unknown",
        (false, true) => "left out: it has none",
        (false, false) => "left out: whether it has one is unknown",
    }
}

fn negative_words(model: &Model) -> &'static str {
    match model.params.negative {
        _ if model.is_drawn_here() => "left out: it draws only what the prompt names",
        Some(_) => "sent as a field",
        None => "becomes words in the prompt",
    }
}

fn style_words(model: &Model) -> String {
    match &model.params.styles {
        _ if model.is_drawn_here() => "chooses how it is drawn".to_owned(),
        Some(family) => {
            format!("sent as a field where {family} has a word for it, else as words in the prompt")
        }
        None => "becomes words in the prompt".to_owned(),
    }
}

fn colors_words(model: &Model) -> String {
    match model.params.colors {
        _ if model.is_drawn_here() => "are the colours it draws with",
        Some(ColorsField::Palette) => "sent as a field, a weighted palette",
        Some(ColorsField::Rgb | ColorsField::Controls) => "sent as a field",
        None => "become words in the prompt",
    }
    .to_owned()
}

fn state_words(listed: &Listed, variable: Option<&String>) -> String {
    let life = &listed.model.life;
    let day = life.shutdown.as_deref().unwrap_or("an earlier day");
    let mut words = match listed.state {
        State::Active if refresh::is_unlisted(&listed.model) => {
            "on the provider's own list".to_owned()
        }
        State::Active if !is_catalogued(&listed.model) => "unknown".to_owned(),
        State::Active => "in use, no end announced".to_owned(),
        State::Deprecated if refresh::is_day(day) => format!("ends on {day}"),
        State::Deprecated => "deprecated, its end not announced".to_owned(),
        State::Retired => format!("shut down on {day}"),
    };
    if let (true, Some(successor)) = (listed.state != State::Active, &life.successor) {
        words += &format!("; its successor is {successor}");
    }
    if let Some(missing) = &listed.missing {
        words += &format!("; {}: {}", missing.text(), missing.why);
    }
    if listed.is_auto {
        words += "; `auto` takes it";
    }
    if let (false, Some(variable)) = (listed.has_key, variable) {
        words += &format!("; no key: set {variable}");
    }
    words
}

/// The rule of a price, in words.
fn price_words(model: &Model) -> String {
    let usd = |dollars: f64| Money::dollars(dollars).to_string();
    match &model.price {
        Price::Free => "free".to_owned(),
        Price::Unknown => "unknown; a limit refuses it unless `--allow-unknown-cost`".to_owned(),
        Price::Image { rows } => rows.iter().map(row_words).collect::<Vec<_>>().join("\n"),
        Price::Megapixel { first, further } if first == further => {
            format!("{} for each megapixel (1,048,576 pixels), rounded up", usd(*first))
        }
        Price::Megapixel { first, further } => format!(
            "{} for the first megapixel (1,048,576 pixels), {} for each further one, rounded up",
            usd(*first),
            usd(*further)
        ),
        Price::Second { usd: second, typical } => {
            format!(
                "{} for a second of compute; an image typically takes {typical} s",
                usd(*second)
            )
        }
        Price::Tokens { approximate, .. } => {
            let mut words = "by tokens".to_owned();
            if let Some(rates) = &model.rates {
                words += &format!(
                    ": {} for a million of the image's, {} for a million of the prompt's",
                    usd(rates.image_out),
                    usd(rates.text_in)
                );
            }
            if *approximate {
                words +=
                    "; how many an image takes is not published, so the figure is near, not exact";
            }
            words
        }
    }
}

fn row_words(row: &Row) -> String {
    let size = row.size.map(|size| size.to_string());
    let conditions: Vec<&str> = [&row.quality, &row.resolution, &size]
        .into_iter()
        .filter_map(|word| word.as_deref())
        .collect();
    let price = Money::dollars(row.usd);
    if conditions.is_empty() {
        format!("{price} an image")
    } else {
        format!("{price}  {}", conditions.join(", "))
    }
}

fn sizes_words(sizes: &Sizes) -> String {
    match sizes {
        Sizes::List { .. } => sizes.words().join(", "),
        Sizes::Aspect { ratios, tiers } => {
            let names: Vec<&str> = tiers.iter().map(|tier| tier.name.as_str()).collect();
            match names.as_slice() {
                [] => ratios.join(", "),
                names => format!("{} at {}", ratios.join(", "), names.join(", ")),
            }
        }
        Sizes::Free { multiple_of, min_edge, max_edge, min_pixels, max_pixels, max_ratio } => {
            let mut words = format!("any, edges of {min_edge} to {max_edge} pixels");
            if *multiple_of > 1 {
                words += &format!(" in steps of {multiple_of}");
            }
            let mega = |pixels: u64| format!("{:.2}", pixels as f64 / 1_048_576.0);
            if *min_pixels > u64::from(*min_edge).pow(2) {
                words += &format!(", at least {} megapixels", mega(*min_pixels));
            }
            if *max_pixels < u64::from(*max_edge).pow(2) {
                words += &format!(", at most {} megapixels", mega(*max_pixels));
            }
            if *max_ratio < 50.0 {
                words += &format!(", no longer than {max_ratio}:1");
            }
            words
        }
    }
}

/// Prints labelled facts with their values in one column, wrapped to the terminal.
pub(crate) fn block(ui: &Ui, facts: &[(&str, String)]) {
    let indent = facts.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0) + 2;
    let width = ui.terminal().stdout_width().clamp(40, 100);
    for (label, value) in facts {
        let start = if label.is_empty() { 0 } else { indent };
        let mut label = *label;
        for line in
            value.split('\n').flat_map(|line| wrap(&text::clean(line, 4_000), width - start))
        {
            let line = if start == 0 { line } else { format!("{label:indent$}{line}") };
            ui.line(line.trim_end());
            label = "";
        }
    }
}

/// Lines of whole words, none wider than `width` unless a word is.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn words_are_wrapped_whole() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensibilities", 7), ["incomprehensibilities"]);
        assert_eq!(wrap("", 7), [""]);
    }
}

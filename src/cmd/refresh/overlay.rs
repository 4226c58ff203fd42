//! What a provider says of its models, laid over what the catalog says. Pure.
//!
//! A live price changes figures, never the shape of a richer rule: a table by quality or resolution
//! keeps its proportions.

use jiff::civil::Date;

use super::Discovery;
use crate::catalog::{Catalog, Model, Price, Row};
use crate::dialect::{self, ListedModel};

/// The day of a model whose end is announced without one. It sorts behind every date.
const UNDATED: &str = "a day not announced";
/// The source of a model that only a provider's list has.
const LISTED: &str = "the provider's own list";

/// Whether this is a model that the catalog does not have.
pub(crate) fn is_unlisted(model: &Model) -> bool {
    model.source == LISTED
}

/// Whether this is a date, `YYYY-MM-DD`.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}

/// Adds a page to the list: what it says of a known model completes it.
pub(super) fn merge(found: &mut Vec<ListedModel>, page: Vec<ListedModel>) {
    for new in page {
        match found.iter_mut().find(|known| known.wire == new.wire) {
            None => found.push(new),
            Some(known) => {
                known.name = new.name.or(known.name.take());
                known.description = new.description.or(known.description.take());
                known.shutdown = new.shutdown.or(known.shutdown.take());
                known.deprecated |= new.deprecated;
                if new.unit_price.is_some() {
                    (known.unit_price, known.unit) = (new.unit_price, new.unit);
                }
            }
        }
    }
}

/// Lays one provider's answer over the models, and adds image models that are not among them.
pub(super) fn lay(discovery: &Discovery, catalog: &Catalog, models: &mut Vec<Model>) {
    let as_of = discovery.as_of.strftime("%Y-%m-%d").to_string();
    let provider = discovery.provider.as_str();
    let dialect = catalog.provider(provider).and_then(|known| dialect::dialect(&known.dialect));
    for found in &discovery.found {
        let mut is_known = false;
        for model in models.iter_mut().filter(|m| m.provider == provider && m.wire == found.wire) {
            is_known = true;
            apply(model, found, &as_of);
        }
        if !is_known && dialect.is_some_and(|dialect| dialect.lists(found)) {
            let mut model = catalog.unlisted(provider, &found.wire);
            LISTED.clone_into(&mut model.source);
            model.as_of.clone_from(&as_of);
            if let Some(name) = &found.name {
                model.name.clone_from(name);
            }
            model.description =
                found.description.clone().unwrap_or_else(|| "not in the catalog".to_owned());
            apply(&mut model, found, &as_of);
            models.push(model);
        }
    }
}

fn apply(model: &mut Model, found: &ListedModel, as_of: &str) {
    let day = found.shutdown.as_ref().filter(|day| is_day(day));
    match day {
        Some(day) => model.life.shutdown = Some(day.clone()),
        None if found.deprecated && model.life.shutdown.is_none() => {
            model.life.shutdown = Some(UNDATED.to_owned());
        }
        None => {}
    }
    let (Some(usd), Some(unit)) = (found.unit_price, &found.unit) else { return };
    if let Some(price) = priced(&model.price, usd, unit) {
        // A price that is confirmed is as fresh as one that has changed.
        as_of.clone_into(&mut model.as_of);
        if price != model.price && !is_unlisted(model) {
            model.source = format!("{}; the price from the provider's own list", model.source);
        }
        model.price = price;
    }
}

/// The rule that a live price makes of a known one; `None` where it says nothing about an image.
fn priced(known: &Price, usd: f64, unit: &str) -> Option<Price> {
    if !usd.is_finite() || usd <= 0.0 {
        return None;
    }
    let unit = unit.trim().to_lowercase();
    let unit = unit.strip_suffix('s').unwrap_or(&unit);
    match (unit, known) {
        // Prices by token or by many rows say more than one figure does.
        (_, Price::Tokens { .. }) => None,
        ("image", Price::Image { rows }) if rows.len() > 1 => {
            let factor = usd / nearest(rows.iter().map(|row| row.usd), usd)?;
            let scaled = |row: &Row| Row { usd: row.usd * factor, ..row.clone() };
            Some(Price::Image { rows: rows.iter().map(scaled).collect() })
        }
        (_, Price::Image { rows }) if rows.len() > 1 => None,
        ("image", _) => {
            let row = Row { usd, quality: None, size: None, resolution: None };
            Some(Price::Image { rows: vec![row] })
        }
        ("megapixel", Price::Megapixel { first, further }) => {
            let factor = usd / nearest([*first, *further], usd)?;
            Some(Price::Megapixel { first: first * factor, further: further * factor })
        }
        ("megapixel", _) => Some(Price::Megapixel { first: usd, further: usd }),
        ("second" | "compute second", Price::Second { typical, .. }) => {
            Some(Price::Second { usd, typical: *typical })
        }
        _ => None,
    }
}

/// The known figure that a live one is most likely about.
fn nearest(known: impl IntoIterator<Item = f64>, usd: f64) -> Option<f64> {
    let away = |known: &f64| (known / usd).ln().abs();
    let known = known.into_iter().filter(|known| *known > 0.0);
    known.min_by(|a, b| away(a).total_cmp(&away(b)))
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;
    use crate::catalog::State;

    fn laid(provider: &str, found: Vec<ListedModel>) -> Vec<Model> {
        let catalog = Catalog::load(&Table::new(), &[]).unwrap();
        let mut models = catalog.models.clone();
        let as_of = "2026-11-23T01:00:00Z".parse().unwrap();
        lay(&Discovery { provider: provider.to_owned(), as_of, found }, &catalog, &mut models);
        models
    }

    fn row(usd: f64, quality: Option<&str>) -> Row {
        Row { usd, quality: quality.map(str::to_owned), size: None, resolution: None }
    }

    #[test]
    fn a_live_shutdown_date_wins() {
        let found = |shutdown: &str| ListedModel {
            wire: "gpt-image-2".to_owned(),
            shutdown: Some(shutdown.to_owned()),
            ..ListedModel::default()
        };
        let of = |models: &[Model]| {
            models
                .iter()
                .find(|m| m.full_id() == "openai/gpt-image-2")
                .map(|m| m.life.clone())
                .unwrap()
        };
        assert_eq!(
            of(&laid("openai", vec![found("2027-01-31")])).shutdown.as_deref(),
            Some("2027-01-31")
        );
        assert_eq!(of(&laid("openai", vec![found("\x1b[2Jsoon")])).shutdown, None);
    }

    #[test]
    fn a_price_that_is_confirmed_is_of_that_day() {
        let of = |models: &[Model]| {
            let model = models.iter().find(|model| model.full_id() == "fal/flux-schnell").unwrap();
            (model.as_of.clone(), model.source.clone(), model.price.clone())
        };
        let (_, source, price) = of(&laid("fal", Vec::new()));
        let Price::Megapixel { first, .. } = price else { panic!("{price:?}") };
        let found = ListedModel {
            wire: "fal-ai/flux/schnell".to_owned(),
            unit_price: Some(first),
            unit: Some("megapixels".to_owned()),
            ..ListedModel::default()
        };
        assert_eq!(of(&laid("fal", vec![found])), ("2026-11-23".to_owned(), source, price));
    }

    #[test]
    fn deprecated_without_a_day_is_deprecated() {
        let found = ListedModel {
            wire: "fal-ai/flux/dev".to_owned(),
            deprecated: true,
            ..ListedModel::default()
        };
        let models = laid("fal", vec![found]);
        let model = models.iter().find(|model| model.full_id() == "fal/flux-dev").unwrap();
        assert_eq!(model.life.on("2999-12-31"), State::Deprecated);
    }

    #[test]
    fn live_prices_keep_the_shape_of_what_is_known() {
        let megapixel = |first, further| Price::Megapixel { first, further };
        let image = |rows: &[Row]| Price::Image { rows: rows.to_vec() };
        let second = |usd| Price::Second { usd, typical: 2.25 };
        let (turbo, balanced) = (Some("TURBO"), Some("BALANCED"));
        for (known, usd, unit, new) in [
            (Price::Unknown, 0.04, "images", Some(image(&[row(0.04, None)]))),
            (image(&[row(0.03, None)]), 0.04, "image", Some(image(&[row(0.04, None)]))),
            (
                image(&[row(0.25, turbo), row(0.5, balanced)]),
                0.125,
                "images",
                Some(image(&[row(0.125, turbo), row(0.25, balanced)])),
            ),
            (image(&[row(0.25, turbo), row(0.5, balanced)]), 1.0, "megapixels", None),
            (Price::Unknown, 0.02, "Megapixels", Some(megapixel(0.02, 0.02))),
            (megapixel(0.5, 0.25), 1.0, "megapixels", Some(megapixel(1.0, 0.5))),
            (megapixel(0.5, 0.25), 0.25, "megapixels", Some(megapixel(0.5, 0.25))),
            (megapixel(0.04, 0.04), 0.05, "images", Some(image(&[row(0.05, None)]))),
            (second(0.001), 0.002, "compute seconds", Some(second(0.002))),
            (Price::Unknown, 0.002, "seconds", None),
            (Price::Unknown, 0.1, "units", None),
            (Price::Unknown, f64::NAN, "images", None),
            (Price::Unknown, 0.0, "images", None),
        ] {
            assert_eq!(priced(&known, usd, unit), new, "{known:?} at {usd} for {unit}");
        }
    }

    #[test]
    fn image_models_that_the_catalog_lacks_are_added() {
        let found = |wire: &str| ListedModel {
            wire: wire.to_owned(),
            unit_price: Some(0.02),
            unit: Some("images".to_owned()),
            ..ListedModel::default()
        };
        let models = laid("openai", vec![found("gpt-5"), found("gpt-image-9")]);
        let new: Vec<_> =
            models.iter().filter(|model| is_unlisted(model)).map(Model::full_id).collect();
        assert_eq!(new, ["openai/gpt-image-9"]);
        let models = laid("fal", vec![found("fal-ai/new/thing"), found("fal-ai/flux/dev")]);
        let new: Vec<_> = models.iter().filter(|model| is_unlisted(model)).collect();
        assert_eq!(new.len(), 1);
        assert_eq!(new[0].full_id(), "fal/fal-ai/new/thing");
        assert_eq!(new[0].price, Price::Image { rows: vec![row(0.02, None)] });
    }

    #[test]
    fn pages_complete_each_other() {
        let mut found = vec![ListedModel {
            wire: "a".to_owned(),
            name: Some("A".to_owned()),
            ..ListedModel::default()
        }];
        let priced = ListedModel {
            wire: "a".to_owned(),
            unit_price: Some(0.1),
            unit: Some("images".to_owned()),
            ..ListedModel::default()
        };
        merge(
            &mut found,
            vec![priced, ListedModel { wire: "b".to_owned(), ..ListedModel::default() }],
        );
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_deref(), found[0].unit_price), (Some("A"), Some(0.1)));
    }
}

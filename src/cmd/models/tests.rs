//! The list, without a terminal, a network or the caller's keys.

use toml::Table;

use super::*;
use crate::catalog::Catalog;
use crate::settings::{Env, Settings};
use crate::ui::Options;

fn app(variables: &[(&str, &str)]) -> (App, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let place = [("PINX_HOME", home.path().to_str().unwrap())];
    let env = Env::of(place.into_iter().chain(variables.iter().copied()));
    let settings = Settings::load(&env, home.path(), None, &[]).unwrap();
    (App::of(settings, env, Ui::new(Options::default())), home)
}

fn listed(app: &App, args: &Args) -> Vec<Listed> {
    let wanted = quote::Wanted::of(&app.settings, &args.image).unwrap();
    let (wanted, now) = (wanted.made_from(made_from(&args.can)), Now::of(app, None));
    let models = app.settings.catalog.models.iter().cloned();
    let mut listed: Vec<Listed> = models
        .filter(|model| args.query.as_ref().is_none_or(|query| matches(model, query)))
        .filter(|model| args.can.iter().all(|ability| abilities(model).contains(ability)))
        .map(|model| Listed::of(app, &now, model, &wanted, &Measures::default()))
        .filter(|listed| is_shown(listed, args))
        .collect();
    let providers: Vec<&str> = app.settings.catalog.providers.iter().map(|p| &*p.id).collect();
    sort(&mut listed, args.sort, &providers);
    listed
}

fn ids(listed: &[Listed]) -> Vec<String> {
    listed.iter().map(|listed| listed.model.full_id()).collect()
}

#[test]
fn without_a_key_there_is_the_sketch() {
    let (app, _home) = app(&[]);
    assert_eq!(ids(&listed(&app, &Args::default())), ["pinx/sketch"]);
}

#[test]
fn a_key_shows_its_provider_and_all_shows_everything() {
    let (app, _home) = app(&[("FAL_KEY", "a:b")]);
    let shown = listed(&app, &Args::default());
    assert!(shown.len() > 20);
    assert!(
        shown
            .iter()
            .all(|l| matches!(l.model.provider.as_str(), "fal" | "pinx") && l.is_available())
    );
    let all = listed(&app, &Args { all: true, ..Args::default() });
    assert_eq!(all.len(), app.settings.catalog.models.len());
    assert_eq!(all[0].model.provider, "fal", "what can be used comes first");
    let retired = all.iter().find(|l| l.model.full_id() == "openai/dall-e-3").unwrap();
    assert_eq!(retired.state_text(), "retired 2026-05-12");
    assert_eq!(all.last().map(Listed::state_text).as_deref(), Some("no key"));
}

#[test]
fn a_query_finds_by_any_name_and_finds_the_retired() {
    let (app, _home) = app(&[("OPENAI_API_KEY", "sk-x")]);
    let query = |query: &str| {
        ids(&listed(&app, &Args { query: Some(query.to_owned()), ..Args::default() }))
    };
    assert_eq!(query("DALL-E-3"), ["openai/dall-e-3"]);
    assert_eq!(query("2.6"), ["openai/gpt-image-2.6-flare", "openai/gpt-image-2.6-sunburst"]);
    assert_eq!(query("Procedural"), ["pinx/sketch"]);
    assert!(query("zebra").is_empty());
}

#[test]
fn unknown_prices_and_times_are_sorted_last() {
    let (app, _home) = app(&[("FAL_KEY", "a:b")]);
    let by = |sort| listed(&app, &Args { sort: Some(sort), ..Args::default() });
    let cost = by(Sort::Cost);
    assert_eq!(cost[0].model.full_id(), "pinx/sketch");
    let known: Vec<_> = cost.iter().map(|l| l.quote.estimate.expected).collect();
    let first_unknown = known.iter().position(Option::is_none).unwrap();
    assert!(
        known[..first_unknown].is_sorted() && known[first_unknown..].iter().all(Option::is_none)
    );
    let time = by(Sort::Time);
    let first_unknown = time.iter().position(|l| l.model.seconds.is_none()).unwrap();
    assert!(time[first_unknown..].iter().all(|l| l.model.seconds.is_none()));
    assert!(ids(&by(Sort::Name)).is_sorted());
}

#[test]
fn the_cost_is_that_of_the_image_asked_for() {
    let (app, _home) = app(&[("FAL_KEY", "a:b"), ("OPENAI_API_KEY", "sk-x")]);
    let cost = |id: &str, size: Option<&str>, quality: Option<&str>| {
        let wanted =
            PricedImage { size: size.map(str::to_owned), quality: quality.map(str::to_owned) };
        let wanted = quote::Wanted::of(&app.settings, &wanted).unwrap();
        let model = app.settings.catalog.model(id, &|_| true).unwrap();
        wanted.quote(&model).text()
    };
    assert_eq!(cost("fal/flux-schnell", None, None), "$0.003");
    assert_eq!(cost("fal/flux-schnell", Some("2048x2048"), None), "$0.012");
    assert_eq!(cost("fal/ideogram-v3", None, Some("TURBO")), "$0.03");
    assert_eq!(cost("fal/ideogram-v3", None, Some("nonsense")), "–");
    assert_eq!(cost("fal/fast-sdxl", None, None), "~$0.0025");
    assert_eq!(cost("pinx/sketch", None, None), "free");
    let wanted = PricedImage { size: Some("big".to_owned()), quality: None };
    assert!(quote::Wanted::of(&app.settings, &wanted).is_err());
}

#[test]
fn who_asks_for_what_edits_sees_what_an_edit_costs() {
    let (app, _home) = app(&[("FAL_KEY", "a:b"), ("OPENAI_API_KEY", "sk-x")]);
    let with = |can: &[Ability], size: Option<&str>| {
        let image = PricedImage { size: size.map(str::to_owned), quality: None };
        let can = can.to_vec();
        listed(&app, &Args { can, image, sort: Some(Sort::Cost), ..Args::default() })
    };
    let cost = |listed: &[Listed], id: &str| {
        listed.iter().find(|it| it.model.full_id() == id).map(|it| it.quote.text()).unwrap()
    };
    let flare = "openai/gpt-image-2.6-flare";
    let words = with(&[], None);
    assert_eq!((&*cost(&words, "fal/flux-2-pro"), &*cost(&words, flare)), ("$0.03", "~$0.0132"));
    assert_eq!(words[1].document()["costFor"]["from"], serde_json::Value::Null);
    for asked in [Ability::Edit, Ability::References] {
        let edits = with(&[asked], None);
        assert_eq!(cost(&edits, "fal/flux-2-pro"), "~$0.045");
        assert_eq!(cost(&edits, flare), "~$0.0214");
        assert_eq!(cost(&edits, "fal/flux-2"), "unknown");
        let costs: Vec<_> = edits.iter().map(|it| it.quote.estimate.expected).collect();
        let known = costs.iter().position(Option::is_none).unwrap();
        assert!(costs[..known].is_sorted() && costs[known..].iter().all(Option::is_none));
        assert_eq!(edits[1].document()["costFor"]["from"], "1024x1024");
    }
    assert_eq!(cost(&with(&[Ability::Edit], Some("2048x2048")), "fal/flux-2-pro"), "~$0.135");
    let masked = with(&[Ability::Mask], None);
    assert_eq!(cost(&masked, "fal/qwen-image"), "unknown", "its mask has an endpoint of its own");
    assert_eq!(masked[1].document()["costFor"]["mask"], true);
    let alone = words.iter().find(|it| it.model.full_id() == "fal/flux-2-pro").unwrap();
    assert_eq!(alone.document()["pictures_in"]["cost"], 0.045);
}

#[test]
fn what_is_asked_for_is_not_said_of_each_model() {
    let (app, _home) = app(&[]);
    let model = app.settings.catalog.model("openai/gpt-image-2", &|_| true).unwrap();
    let said = |asked: &[Ability]| abilities_text(&model, " ", &known(asked));
    assert_eq!(said(&[]), "alpha edit mask references");
    assert_eq!(said(&[Ability::Mask]), "alpha references");
    assert_eq!(said(&[Ability::Alpha]), "edit mask references");
}

#[test]
fn the_document_has_the_fields_that_are_documented() {
    let catalog = Catalog::load(&Table::new(), &[]).unwrap();
    let (app, _home) = app(&[]);
    let wanted = quote::Wanted::of(&app.settings, &PricedImage::default()).unwrap();
    for model in catalog.models {
        let document =
            Listed::of(&app, &Now::of(&app, None), model, &wanted, &Measures::default()).document();
        for field in ["id", "name", "provider", "description", "estimatedTime"] {
            assert!(
                document[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field} of {document}"
            );
        }
        assert!(document["costPerImage"].is_number() || document["costPerImage"].is_null());
        assert!(document["isAvailable"].is_boolean());
        assert!(
            document["supportedSizes"].as_array().is_some_and(|sizes| !sizes.is_empty()),
            "{document}"
        );
    }
}

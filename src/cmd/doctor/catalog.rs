//! Models: which one paints without a word about it, how old prices are, which named ones are gone.

use jiff::civil::Date;

use super::super::{generate, refresh};
use super::{App, Check};
use crate::catalog::{Auth, Model, State};
use crate::settings::{Origin, keys};
use crate::ui::Mark;

/// Prices older than this many days are likely to have changed.
const OLD: i32 = 90;

/// What is known of models, and how well.
pub(super) fn models(app: &App) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(ordinary(app));
    checks.push(prices(app));
    checks.extend(named(app));
    checks
}

/// What an ordinary command would do. Not said where the settings are broken, or where planning
/// would run a command that may ask for a password.
fn ordinary(app: &App) -> Option<Check> {
    let s = &app.settings;
    if s.broken.is_some() || keys::runs_a_command(s, &app.env) {
        return None;
    }
    let plan = match generate::ordinary(app) {
        Ok(plan) => plan,
        Err(error) => return Some(Check::fail("default", &error)),
    };
    let routes = &plan.jobs.first()?.routes;
    let first = routes.first()?;
    let command = "`pinx \"a red fox\"`";
    if first.is_local() {
        let text =
            format!("{command} draws with {}: procedural, not AI, and free", first.model_id());
        return Some(
            Check::note("default", text).remedy("a key gives AI models: see `keys` above"),
        );
    }
    let rest: Vec<String> = routes.iter().skip(1).map(|route| route.model_id()).collect();
    let rest = match rest.as_slice() {
        [] => "; nothing stands in for it".to_owned(),
        rest => format!("; if that cannot, with {}", rest.join(", ")),
    };
    let cost = match first.estimate.expected {
        None => "at an unknown price".to_owned(),
        Some(_) => format!("for {}", first.estimate.text()),
    };
    Some(Check::ok("default", format!("{command} paints with {} {cost}{rest}", first.model_id())))
}

/// How old the prices are that can matter: those of providers in use, or all where none is.
fn prices(app: &App) -> Check {
    let catalog = &app.settings.catalog;
    let used = |model: &&Model| {
        let provider = catalog.provider(&model.provider);
        provider.is_some_and(|provider| provider.auth != Auth::None && app.is_usable(provider))
    };
    let days = |models: &mut dyn Iterator<Item = &Model>| {
        let mut days: Vec<Date> = models.filter_map(|model| model.as_of.parse().ok()).collect();
        days.sort_unstable();
        days
    };
    let in_use = days(&mut catalog.models.iter().filter(used));
    let is_used = !in_use.is_empty();
    let days = if !is_used { days(&mut catalog.models.iter()) } else { in_use };
    let (Some(oldest), Some(newest)) = (days.first(), days.last()) else {
        return Check::note("prices", "no model says when its price was true")
            .remedy("`pinx models --refresh` asks the providers");
    };
    let asked = refresh::asked(app);
    let asked = asked.iter().map(|(id, at)| format!("; {id} was asked on {}", at.strftime("%F")));
    let asked: String = asked.collect();
    let today = app.today();
    let old = days.iter().filter(|day| age(**day, &today) > OLD).count();
    let count = days.len();
    let text = match old {
        0 => format!("{count} prices, the oldest of {oldest}{asked}"),
        _ => format!(
            "{old} of {count} prices are older than {OLD} days, the oldest of {oldest}{asked}"
        ),
    };
    let check = Check::ok("prices", text)
        .data("oldest", oldest.to_string())
        .data("newest", newest.to_string())
        .data("old", old);
    // A few that nobody changed are no matter; when most are old, the whole list is.
    match old {
        0 => check,
        _ if !is_used => check.state(Mark::Note).remedy("a newer pinx brings newer prices"),
        _ => check
            .state(if 2 * old > count { Mark::Warn } else { Mark::Note })
            .remedy("`pinx models --refresh` asks the providers; a newer pinx brings newer prices"),
    }
}

/// Days from then to today; 0 where then is in the future.
fn age(then: Date, today: &str) -> i32 {
    let today: Date = today.parse().unwrap_or(then);
    (today - then).get_days().max(0)
}

/// Models that the settings name and that are on their way out, gone, or unknown.
fn named(app: &App) -> Vec<Check> {
    let s = &app.settings;
    let words = |text: &str| text.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>();
    let lists = [
        ("model", words(&s.model)),
        ("auto_order", s.auto_order.clone()),
        ("fallback", s.fallback.clone().unwrap_or_default()),
    ];
    let mut checks = Vec::new();
    for (setting, names) in lists {
        for name in names.iter().filter(|name| !name.is_empty() && *name != "auto") {
            let usable = |id: &str| s.catalog.provider(id).is_some_and(|p| app.is_usable(p));
            let set = format!("`{name}` of the setting `{setting}`");
            let model = match s.catalog.model(name, &usable) {
                Ok(model) => model,
                Err(error) => {
                    let mut check = Check::fail(setting, &error);
                    if s.origin(setting) == Origin::Default {
                        check.state = Mark::Warn;
                    }
                    checks.push(check);
                    continue;
                }
            };
            let day = model.life.shutdown.clone().unwrap_or_default();
            let next = model.life.successor.clone();
            let next = next.map_or("choose another: `pinx models --all`".to_owned(), |next| {
                format!("write {next} instead: `pinx config edit`")
            });
            match model.life.on(&app.today()) {
                State::Active => {}
                State::Deprecated => {
                    checks.push(Check::warn(setting, format!("{set} ends on {day}")).remedy(next))
                }
                State::Retired => {
                    checks.push(Check::warn(setting, format!("{set} ended on {day}")).remedy(next))
                }
            }
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn ages_count_days_and_never_backwards() {
        for (then, today, days) in [
            ("2026-11-22", "2026-11-25", 3),
            ("2026-08-01", "2026-11-25", 116),
            ("2025-11-25", "2026-11-25", 365),
            ("2026-11-26", "2026-11-25", 0),
        ] {
            assert_eq!(age(then.parse().unwrap(), today), days, "{then}");
        }
    }
}

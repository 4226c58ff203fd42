//! `pinx cache`: the pictures that were made before and can be had again for nothing.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::App;
use crate::error::{Error, Exit, Kind, Result};
use crate::money::Money;
use crate::settings::{Bytes, CacheMode, Typed};
use crate::store::cache::{Listed, Removed};
use crate::text::{self, size};
use crate::ui::{Column, Table};

/// What `cache` takes.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// What else than the list is wanted.
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What can be done with the cache.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// List the pictures, the most recently used first
    #[command(visible_alias = "list")]
    Ls,
    /// Remove the least recently used pictures
    Prune {
        /// Keep so many bytes at most, such as 100MiB [default: the setting `cache.max_size`]
        #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
        max_size: Option<String>,
        /// Remove what was not used for this long, such as 30d or 12h
        #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
        older_than: Option<String>,
    },
    /// Remove every picture
    Clear {
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Lists or removes.
///
/// # Errors
/// A value that cannot be read, a cache that cannot be read or emptied, or nobody to ask.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    match &args.action {
        None => {
            let listed = list(app)?;
            if !app.ui.options().json {
                let total: u64 = listed.iter().map(|entry| entry.size).sum();
                let most = size(app.settings.cache_max_size);
                let many = pictures(listed.len());
                app.ui.note(&format!("{many} · {} of at most {most}", size(total)));
                app.ui.note(&app.cache().directory().display().to_string());
            }
        }
        Some(Action::Ls) => drop(list(app)?),
        Some(Action::Prune { max_size, older_than }) => {
            let most = max_size.as_deref().map(bytes).transpose()?;
            let since = older_than.as_deref().map(since).transpose()?;
            // An age alone is no reason to forget the cap.
            let most = most.unwrap_or(app.settings.cache_max_size);
            let removed = app.cache().prune(most, since).map_err(|error| unusable(app, &error))?;
            report(app, removed);
        }
        Some(Action::Clear { yes }) => clear(app, *yes)?,
    }
    Ok(Exit::OK)
}

fn clear(app: &App, yes: bool) -> Result<()> {
    let cache = app.cache();
    let entries = cache.list().map_err(|error| unusable(app, &error))?.len();
    if !yes && entries > 0 {
        if !(app.ui.stdin_is_terminal() && app.ui.stderr_is_terminal()) {
            return Err(Error::usage("the cache is not emptied, since nobody is there to agree")
                .code("consent_needed")
                .hint("agree with `pinx cache clear --yes`"));
        }
        let many = pictures(entries);
        if !app.ui.confirm(&format!("Remove {many} from the cache?"), false)? {
            report(app, Removed::default());
            return Ok(());
        }
    }
    report(app, cache.clear().map_err(|error| unusable(app, &error))?);
    Ok(())
}

fn report(app: &App, removed: Removed) {
    let Removed { entries, bytes } = removed;
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "removed": { "entries": entries, "bytes": bytes } }));
    } else {
        app.ui.note(&format!("removed {} · {}", pictures(entries), size(bytes)));
    }
}

fn list(app: &App) -> Result<Vec<Listed>> {
    let cache = app.cache();
    let listed = cache.list().map_err(|error| unusable(app, &error))?;
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": true,
            "directory": cache.directory(),
            "max_size": app.settings.cache_max_size,
            "maxSize": app.settings.cache_max_size,
            "entries": listed.iter().map(document).collect::<Vec<_>>(),
            "total": {
                "entries": listed.len(),
                "bytes": listed.iter().map(|entry| entry.size).sum::<u64>(),
            },
        }));
        return Ok(listed);
    }
    if listed.is_empty() {
        app.ui.note(match app.settings.cache_mode {
            CacheMode::Never => "the cache is off: the setting `cache.mode` is never",
            CacheMode::Always => "nothing is in the cache",
            CacheMode::Auto => {
                "nothing is in the cache; what providers make with `--seed` or `--cache` is kept there; \
                 a sketch never is, since it is drawn again for nothing"
            }
        });
        return Ok(listed);
    }
    let mut table = Table::new(vec![
        Column::new("age"),
        Column::new("model").width(16, 34),
        Column::new("size").right().priority(2),
        Column::new("bytes").right().priority(1),
        Column::new("cost").right(),
        Column::new("prompt").width(16, 60),
    ]);
    let now = SystemTime::from(crate::clock::now());
    for Listed { about, size: bytes, .. } in &listed {
        let made = SystemTime::from(about.created);
        table.row(vec![
            age(now.duration_since(made).unwrap_or_default()),
            about.model.clone(),
            format!("{}x{}", about.width, about.height),
            size(*bytes),
            about.cost.map_or_else(|| "unknown".to_owned(), Money::cost),
            about.prompt.clone(),
        ]);
    }
    app.ui.table(table);
    Ok(listed)
}

/// One entry; money in dollars, `cost` is what a hit saves.
fn document(entry: &Listed) -> Value {
    let about = &entry.about;
    json!({
        "key": entry.key,
        "prompt": about.prompt,
        "model": about.model,
        "provider": about.provider,
        "seed": about.seed,
        "width": about.width,
        "height": about.height,
        "format": about.format,
        "bytes": entry.size,
        "sha256": about.sha256,
        "cost": about.cost.map(Money::as_dollars),
        "created": about.created,
        "used": Timestamp::try_from(entry.used).ok(),
    })
}

fn pictures(count: usize) -> String {
    if count == 1 { "1 picture".to_owned() } else { format!("{count} pictures") }
}

/// `40 s`, `12 min`, `5 h`, `31 d`.
fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

fn bytes(text: &str) -> Result<u64> {
    let read = Bytes::read(&toml::Value::String(text.to_owned())).map(|bytes| bytes.0);
    read.ok_or_else(|| {
        let shown = text::clean(text, 60);
        Error::usage(format!("`--max-size {shown}` must be {}", Bytes::WANTS))
    })
}

/// The moment that a duration ago was; days are understood too.
fn since(text: &str) -> Result<SystemTime> {
    let days = text.trim().strip_suffix('d').map(|days| days.trim().parse::<u32>());
    let duration = match days {
        Some(Ok(days)) => Some(Duration::from_secs(u64::from(days) * 86_400)),
        Some(Err(_)) => None,
        None => text::parse_duration(text).ok(),
    };
    duration
        .and_then(|duration| SystemTime::from(crate::clock::now()).checked_sub(duration))
        .ok_or_else(|| {
            let shown = text::clean(text, 60);
            Error::usage(format!(
                "`--older-than {shown}` must be a duration, such as `30d` or `12h`"
            ))
        })
}

fn unusable(app: &App, error: &std::io::Error) -> Error {
    let place = app.cache().directory().display().to_string();
    Error::new(Kind::Local, format!("the cache in `{place}` cannot be used: {error}"))
        .hint("PINX_HOME moves everything that pinx keeps")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        for (seconds, shown) in [(59, "59 s"), (60, "1 min"), (86_399, "23 h"), (172_800, "2 d")] {
            assert_eq!(age(Duration::from_secs(seconds)), shown);
        }
    }

    #[test]
    fn days_are_durations_too() {
        let seconds = |text: &str| {
            let moment = since(text).unwrap();
            SystemTime::from(crate::clock::now()).duration_since(moment).unwrap().as_secs()
        };
        assert_eq!((seconds("30d") + 1) / 86_400, 30);
        assert_eq!(seconds("2h"), 7_200);
        for wrong in ["x", "-1d", "d", "99999999999999999999h"] {
            assert!(since(wrong).unwrap_err().message.contains("--older-than"), "{wrong}");
        }
        assert!(bytes("12 apples").is_err());
    }
}

//! `pinx config`: show settings with their origins, change the user's file.
//!
//! What it writes is checked first, so that a command never leaves settings that cannot be read.

use std::process::Command;

use clap::Subcommand;
use serde_json::json;

use super::App;
use crate::error::{Error, Exit, Kind, Result};
use crate::fs;
use crate::request::is_ratio;
use crate::secret::redact;
use crate::settings::schema::Setting;
use crate::settings::{Origin, edit, schema};
use crate::text;
use crate::ui::{Column, Paging, Table};

/// Arguments of `pinx config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show every setting with its value and where it comes from (this is the default)
    Show,
    /// Print the value of one setting
    Get {
        /// Its name, such as `model` or `providers.fal.queue_url`
        name: String,
    },
    /// Change one setting in your file
    Set {
        /// Its name
        name: String,
        /// Its value [lists: `a,b`]
        #[arg(allow_hyphen_values = true)]
        value: Option<String>,
    },
    /// Take one setting out of your file, so that its default counts again
    Unset {
        /// Its name
        name: String,
    },
    /// Open your file in an editor, then check it
    Edit,
    /// Print where your file is
    Path,
    /// Write a file to start from, every setting explained
    Init,
}

impl Args {
    /// Whether it must work although the settings cannot be read, because it repairs them.
    pub fn repairs(&self) -> bool {
        !matches!(self.action, None | Some(Action::Show | Action::Get { .. }))
    }
}

/// Runs `pinx config`.
///
/// # Errors
/// An unknown setting, a value that it cannot take, or a file that cannot be written.
pub(crate) fn run(app: &mut App, args: &Args) -> anyhow::Result<Exit> {
    match &args.action {
        None | Some(Action::Show) => show(app),
        Some(Action::Get { name }) => return Ok(get(app, name)?),
        Some(Action::Set { name, value: Some(value) }) => set(app, name, Some(value))?,
        Some(Action::Set { name, value: None }) => return Err(without_value(name)?.into()),
        Some(Action::Unset { name }) => set(app, name, None)?,
        Some(Action::Edit) => open_editor(app)?,
        Some(Action::Init) => {
            init(app)?;
            app.ui.note("wrote a file to start from; `pinx config edit` opens it");
            path(app);
        }
        Some(Action::Path) => path(app),
    }
    Ok(Exit::OK)
}

/// A value that was forgotten takes nothing away: the setting may be a limit.
fn without_value(name: &str) -> Result<Error> {
    if let Some((name, value)) = name.split_once('=')
        && let Ok(setting) = edit::known(name)
    {
        if redact(value, []) != value || key_of(&setting.name).is_some() {
            return Ok(key_as_value(&setting.name));
        }
        let meant = text::shell_line([name.trim(), value.trim()]);
        return Ok(Error::usage(format!(
            "the name and the value of `{}` are two words",
            setting.name
        ))
        .hint(format!("did you mean `pinx config set {meant}`?")));
    }
    let name = edit::known(name)?.name;
    let set = match key_of(&name) {
        Some(provider) => format!("`pinx keys set {provider}` asks for it unseen"),
        None => format!("`pinx config set {name} VALUE` sets it"),
    };
    Ok(Error::usage(format!("no value for `{name}`"))
        .hint(set)
        .hint(format!("`pinx config unset {name}` takes it out")))
}

fn show(app: &App) {
    let explained = app.settings.explain();
    if app.ui.options().json {
        let lines: Vec<_> = explained
            .iter()
            .map(|line| {
                json!({
                    "name": line.name,
                    "value": line.value,
                    "origin": line.origin.to_string(),
                    "doc": line.doc,
                })
            })
            .collect();
        app.ui.json(&json!({ "success": true, "settings": lines }));
        return;
    }
    let columns = [
        Column::new("setting"),
        Column::new("value").width(20, 60),
        Column::new("from").priority(1),
    ];
    let mut table = Table::new(columns.to_vec());
    for line in explained {
        let from = match (&line.value, &line.origin) {
            (None, Origin::Default) => "not set".to_owned(),
            (_, origin) => origin.to_string(),
        };
        table.row(vec![line.name.clone(), line.text(), from]);
    }
    app.ui.paged(Paging::Auto, |ui| ui.table(table));
}

fn get(app: &App, name: &str) -> Result<Exit> {
    let setting = edit::known(name)?;
    let line = app.settings.explain().into_iter().find(|line| line.name == setting.name);
    let origin = line.as_ref().map_or(Origin::Default, |line| line.origin.clone());
    let value = line.and_then(|line| line.value);
    let aspect = app.settings.request.aspect.filter(|_| setting.name == "size");
    if let Some(aspect) = aspect {
        app.ui.note(&format!("`aspect` is set and counts instead: {aspect}"));
    }
    let exit = if value.is_some() { Exit::OK } else { Exit::FAILED };
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": true,
            "name": setting.name,
            "value": value,
            "origin": origin.to_string(),
        }));
    } else {
        match value {
            Some(toml::Value::String(text)) => app.ui.line(&text),
            Some(value) => app.ui.line(&value.to_string()),
            None => app.ui.note(&format!("`{}` is not set", setting.name)),
        }
    }
    Ok(exit)
}

fn set(app: &App, name: &str, value: Option<&str>) -> Result<()> {
    let setting = edit::known(name)?;
    if let (Some(_), Some(provider)) = (value, key_of(&setting.name)) {
        return Err(Error::usage(format!(
            "`{}` is a key, and a key is never an argument: others could read it, and the shell \
             remembers it",
            setting.name
        ))
        .hint(format!(
            "`pinx keys set {provider}` asks for it unseen, or reads it with `--stdin`"
        )));
    }
    if value.is_some_and(|value| redact(value, []) != value) {
        return Err(key_as_value(&setting.name));
    }
    let path = &app.settings.places.config;
    let old = text_of(app)?.unwrap_or_default();
    // A ratio is read as one, whichever of the two names it stands under.
    let is_size = |setting: &Setting| setting.name == "size";
    let setting = match value {
        Some(value) if is_size(&setting) && is_ratio(value.trim()) => edit::known("aspect")?,
        _ => setting,
    };
    let value = value.map(|value| schema::value_of(setting.shape, value));
    let mut new = edit::set(&old, &setting, value.as_ref())?;
    if setting.name == "aspect" && edit::text(&new, "size").is_some_and(|size| is_ratio(&size)) {
        new = edit::set(&new, &edit::known("size")?, None)?;
    }
    let is_same = new == old;
    if value.is_some() || !is_same {
        app.settings.check_change(&new, &setting.name)?;
        write(app, &new)?;
    }
    let place = path.display();
    app.ui.note(&match (value.is_some(), is_same) {
        (true, _) => format!("set `{}` in {place}", setting.name),
        (false, false) => format!("took `{}` out of {place}", setting.name),
        (false, true) => format!("`{}` was not set in {place}", setting.name),
    });
    let lines = app.settings.explain();
    let origin = lines.into_iter().find(|line| line.name == setting.name).map(|line| line.origin);
    if let Some(origin @ (Origin::Project(..) | Origin::Env(_))) = origin {
        app.ui.note(&format!("but {origin} comes first and is used here"));
    }
    if app.ui.options().json {
        app.ui.json(&json!({ "success": true, "name": setting.name, "path": path }));
    }
    Ok(())
}

/// What is said of a value that is a key: a command that prints one is meant, a variable that holds
/// one, or none at all.
fn key_as_value(setting: &str) -> Error {
    let (of, key) = setting.rsplit_once('.').unwrap_or(("", setting));
    let provider = of.strip_prefix("providers.").unwrap_or("PROVIDER");
    let error = Error::usage(format!(
        "the value for `{setting}` looks like a key, and a key is never an argument: others could \
         read it, and the shell remembers it"
    ))
    .code("key_as_argument");
    let error = match key {
        "key_cmd" | "token_cmd" => error.hint(format!(
            "it is a command that prints it: `pinx config set {setting} pass,show,NAME`"
        )),
        "key_env" | "token_env" => {
            error.hint(format!("it is the name of a variable: `pinx config set {setting} MY_KEY`"))
        }
        _ => error,
    };
    error.hint(format!("`pinx keys set {provider}` asks for the key unseen and stores it"))
}

fn open_editor(app: &App) -> Result<()> {
    if text_of(app)?.is_none() {
        init(app)?;
    }
    let usual = if cfg!(windows) { "notepad" } else { "vi" };
    let editor = app.env.get("VISUAL").or_else(|| app.env.get("EDITOR")).unwrap_or(usual);
    let path = &app.settings.places.config;
    let mut words = editor.split_whitespace();
    let cannot = |what: String| {
        Error::usage(what)
            .hint(format!("set `EDITOR` to your editor, or open {} yourself", path.display()))
    };
    let status =
        Command::new(words.next().unwrap_or(usual)).args(words).arg(path).status().map_err(
            |error| cannot(format!("the editor `{editor}` cannot be started")).because(error),
        )?;
    if !status.success() {
        return Err(cannot(format!("the editor `{editor}` ended with {status}")));
    }
    app.settings.check_user_text(&text_of(app)?.unwrap_or_default())?.check_meanings()?;
    app.ui.note(&format!("{} is fine", path.display()));
    Ok(())
}

fn path(app: &App) {
    let places = &app.settings.places;
    if app.ui.options().json {
        app.ui.json(&json!({
            "success": true,
            "config": places.config,
            "credentials": places.credentials,
            "log": app.log.directory(),
            "kept": places.kept,
            "cache": places.cache,
        }));
    } else {
        app.ui.line(&places.config.display().to_string());
    }
}

fn init(app: &App) -> Result<()> {
    let path = &app.settings.places.config;
    if text_of(app)?.is_some() {
        return Err(Error::usage(format!("{} is there already", path.display()))
            .hint("`pinx config edit` opens it"));
    }
    write(app, &schema::starter())
}

/// The provider whose key a setting is.
fn key_of(setting: &str) -> Option<&str> {
    setting.strip_prefix("providers.")?.strip_suffix(".api_key")
}

fn text_of(app: &App) -> Result<Option<String>> {
    let path = &app.settings.places.config;
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Error::usage(format!("{} cannot be read", path.display())).because(error))
        }
    }
}

fn write(app: &App, text: &str) -> Result<()> {
    let path = &app.settings.places.config;
    let written = match path.parent() {
        Some(dir) => fs::create_private_dir(dir),
        None => Ok(()),
    };
    written.and_then(|()| fs::write_atomic(path, text.as_bytes(), fs::Mode::Normal)).map_err(
        |error| {
            Error::new(Kind::Local, format!("{} cannot be written", path.display())).because(error)
        },
    )
}

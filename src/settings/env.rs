//! The environment: the only place that reads it, and the list of every variable pinx knows.
//!
//! A snapshot is taken once and handed on, so that tests are hermetic. A variable that is set but
//! empty counts as not set, unless it is one for money. Libraries read some variables for themselves: the HTTP client its
//! proxies, `directories` the home directory, the terminal libraries what is listed here.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use jiff::civil::Date;
use toml::Value;

use super::origin::Origin;
use super::schema;
#[cfg(test)]
use crate::simulator::world;
use crate::text;

/// The day that tables are made for.
const TODAY: &str = "PINX_TODAY";

/// Every variable with a name of its own. Besides these, each setting has one (`PINX_` and its name
/// in capitals, dots as `_`), and each provider names those of its key.
pub(crate) const VARIABLES: [(&str, &str); 30] = [
    ("PINX_HOME", "a directory for settings, keys, log and cache, instead of the platform's"),
    ("HOME", "the home directory, in which agents have their skills"),
    (
        "CLAUDE_CONFIG_DIR",
        "Claude Code's own directory, where it is not `.claude` in the home directory",
    ),
    ("CODEX_HOME", "Codex's own directory, where it is not `.codex` in the home directory"),
    ("PINX_NO_PROBE", "1: never query the terminal, nor look for local servers"),
    (
        TODAY,
        "the day for prices and retirements, such as `2026-11-22`, for reproducible output; what is \
         spent and logged has the real day",
    ),
    ("OPENAI_BASE_URL", "OpenAI's address, as its own tools read it"),
    ("OPENAI_GATEWAY_URL", "a gateway that speaks OpenAI's API, with or without `/v1`"),
    ("CF_AIG_TOKEN", "the token of a Cloudflare AI Gateway, unless the gateway names another"),
    ("AI_GATEWAY_API_KEY", "the key of Vercel's AI Gateway"),
    ("FAL_KEY_ID", "the first half of a fal key, with `FAL_KEY_SECRET`"),
    ("FAL_KEY_SECRET", "the second half of a fal key, with `FAL_KEY_ID`"),
    ("NO_COLOR", "no colours"),
    ("CLICOLOR", "0: no colours"),
    ("CLICOLOR_FORCE", "colours also where there is no terminal"),
    ("TERM", "what the terminal is"),
    ("TERM_PROGRAM", "which program the terminal is"),
    ("COLORTERM", "whether the terminal has all colours"),
    ("HTTPS_PROXY", "the proxy for https, never used for this machine"),
    ("HTTP_PROXY", "the proxy for plain http"),
    ("ALL_PROXY", "the proxy for both"),
    ("NO_PROXY", "hosts that are reached without a proxy"),
    ("SSL_CERT_FILE", "a file of certificate authorities to trust, instead of the system's"),
    ("SSL_CERT_DIR", "the same as a directory"),
    ("LANG", "what the terminal's letters are; `LC_ALL` and `LC_CTYPE` come first"),
    ("VISUAL", "the editor of `pinx config edit`"),
    ("EDITOR", "the editor, when `VISUAL` is not set"),
    ("DISPLAY", "the display that pictures are opened on"),
    ("WAYLAND_DISPLAY", "the same, under Wayland"),
    ("COMPLETE", "set by shells that ask for completions"),
];

/// A snapshot of the environment. Its `Debug` shows names only, since values may be keys.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// The process's environment; what is not Unicode is left out.
    pub fn system() -> Env {
        #[cfg(test)]
        if let Some(world) = world::here() {
            return Env::of(world.variables());
        }
        let text = |os: std::ffi::OsString| os.into_string().ok();
        Env(std::env::vars_os()
            .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
            .collect())
    }

    /// Exactly these variables, for tests.
    pub fn of<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Env {
        Env(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value of a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// Whether a switch such as `NO_COLOR` or `PINX_NO_PROBE` is on. `0` and `false` are off.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !matches!(value.trim(), "0" | "false"))
    }

    /// The home directory, by `HOME`, on Windows `USERPROFILE`.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.get(name).map(PathBuf::from)
    }

    /// The settings that `PINX_*` variables make, and a warning for each that is none.
    pub(super) fn layer(&self) -> (Vec<(String, Value, Origin)>, Vec<String>) {
        let (mut entries, mut warnings) = (Vec::new(), Vec::new());
        for (variable, value) in &self.0 {
            let Some(rest) = variable.strip_prefix("PINX_") else { continue };
            if VARIABLES.iter().any(|(known, _)| known == variable) {
                continue;
            }
            let name = setting_of(rest);
            let is_money = name.as_deref().is_some_and(schema::is_money);
            if self.get(variable).is_none() && !is_money {
                continue;
            }
            match name.and_then(|name| schema::find(&name)) {
                Some(known) => {
                    let value = schema::value_of(known.shape, value);
                    entries.push((known.name, value, Origin::Env(variable.clone())));
                }
                None => warnings.push(unknown(variable)),
            }
        }
        if let Some(day) = self.get(TODAY).filter(|_| self.today().is_none()) {
            let day = text::clean(day, 40);
            warnings.push(format!(
                "`{TODAY}` is `{day}`, which is no day such as `2026-11-22`: the real one counts"
            ));
        }
        (entries, warnings)
    }

    /// The day that prices and retirements go by, where one is given.
    pub(crate) fn today(&self) -> Option<Date> {
        self.get(TODAY)?.parse().ok()
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The variable of a setting: `PINX_BUDGET_RUN`.
pub(crate) fn variable_of(setting: &str) -> String {
    format!("PINX_{}", setting.to_ascii_uppercase().replace(['.', '-'], "_"))
}

/// The setting of a variable, given what follows `PINX_`.
fn setting_of(rest: &str) -> Option<String> {
    let fixed = schema::all().iter().map(|known| known.name.as_str());
    let named = |name: &&str| variable_of(name).strip_prefix("PINX_") == Some(rest);
    if let Some(name) = fixed.clone().find(named) {
        return Some(name.to_owned());
    }
    if let Some((_, name)) = schema::aliases().find(|(alias, _)| named(alias)) {
        return Some(name.to_owned());
    }
    for (table, keys) in [("providers", &schema::PROVIDER[..]), ("gateways", &schema::GATEWAY[..])]
    {
        let rest = rest.to_ascii_lowercase();
        let Some(rest) = rest.strip_prefix(table).and_then(|rest| rest.strip_prefix('_')) else {
            continue;
        };
        // The longest key counts: `…_QUEUE_URL` of gateways ends in `_URL` too.
        let ends = |key: &&str| rest.strip_suffix(key).is_some_and(|id| id.ends_with('_'));
        let key = keys.iter().map(|(key, ..)| *key).filter(ends).max_by_key(|key| key.len())?;
        return Some(format!("{table}.{}.{key}", &rest[..rest.len() - key.len() - 1]));
    }
    None
}

fn unknown(variable: &str) -> String {
    let settings = schema::all().iter().map(|known| variable_of(&known.name));
    let known: Vec<String> =
        settings.chain(VARIABLES.iter().map(|(name, _)| (*name).to_owned())).collect();
    let variable = text::clean(variable, 80);
    match text::nearest(
        &variable,
        known.iter().map(String::as_str).filter(|n| n.starts_with("PINX_")),
    ) {
        Some(near) => format!("`{variable}` is no setting; did you mean `{near}`?"),
        None => format!("`{variable}` is no setting; `pinx config show` lists them all"),
    }
}

/// The arguments as they were typed, without the name of the program; nothing where one is no text.
pub(crate) fn arguments() -> Option<Vec<String>> {
    std::env::args_os().skip(1).map(|word| word.into_string().ok()).collect()
}

/// Where the system keeps what may go, as `TMPDIR` says: the last resort for bytes that were paid for.
pub(crate) fn temporary_dir() -> PathBuf {
    #[cfg(test)]
    if let Some(world) = world::here() {
        return world.temporary_dir();
    }
    std::env::temp_dir()
}

/// The current directory.
///
/// # Errors
/// It is gone, or may not be read.
pub(crate) fn current_dir() -> std::io::Result<PathBuf> {
    #[cfg(test)]
    if let Some(world) = world::here() {
        return Ok(world.current_dir());
    }
    std::env::current_dir()
}

/// Where this program is.
///
/// # Errors
/// The system does not tell.
pub(crate) fn program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_has_its_variable() {
        for known in schema::all() {
            let variable = variable_of(&known.name);
            let (entries, warnings) = Env::of([(variable.as_str(), "x")]).layer();
            assert_eq!(entries.len(), 1, "{variable}");
            assert_eq!(entries[0].0, known.name);
            assert_eq!(entries[0].2, Origin::Env(variable));
            assert!(warnings.is_empty());
        }
    }

    #[test]
    fn tables_have_variables_too() {
        for (variable, name) in [
            ("PINX_MAX_COST", "budget.run"),
            ("PINX_PROVIDERS_OPENAI_BASE_URL", "providers.openai.base_url"),
            ("PINX_PROVIDERS_FAL_QUEUE_URL", "providers.fal.queue_url"),
            ("PINX_GATEWAYS_MY_CF_TOKEN_ENV", "gateways.my_cf.token_env"),
        ] {
            let (entries, _) = Env::of([(variable, "1")]).layer();
            assert_eq!(entries.first().map(|entry| entry.0.as_str()), Some(name), "{variable}");
        }
    }

    #[test]
    fn an_unknown_variable_is_told_and_others_are_left_alone() {
        let env = Env::of([
            ("PINX_MODLE", "x"),
            ("PATH", "/bin"),
            ("PINX_HOME", "/h"),
            ("PINX_SEED", ""),
        ]);
        let (entries, warnings) = env.layer();
        assert!(entries.is_empty());
        assert_eq!(warnings, ["`PINX_MODLE` is no setting; did you mean `PINX_MODEL`?"]);
    }

    #[test]
    fn a_day_that_is_none_is_told() {
        for (day, warnings) in [("2026-11-22", 0), ("", 0), ("2026-99-01", 1), ("banana", 1)] {
            let env = Env::of([(TODAY, day)]);
            assert_eq!(env.layer().1.len(), warnings, "{day}");
            assert_eq!(env.today().is_some(), day == "2026-11-22");
        }
    }

    #[test]
    fn values_are_not_shown() {
        let env = Env::of([("OPENAI_API_KEY", "sk-secret")]);
        assert_eq!(format!("{env:?}"), "{\"OPENAI_API_KEY\"}");
        assert!(Env::of([("NO_COLOR", "1")]).is_on("NO_COLOR"));
        assert!(!Env::of([("NO_COLOR", "")]).is_on("NO_COLOR"));
    }
}

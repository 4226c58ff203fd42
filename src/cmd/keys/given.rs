//! A key that was given as an argument: refused, and never repeated.
//!
//! Pure: words in, errors out.

use crate::catalog::{Auth, Catalog, Provider};
use crate::error::{Error, Kind};
use crate::text;

/// No provider's name is longer than this.
const LONGEST: usize = 20;

/// The providers whose keys can be stored.
pub(super) fn keyed(catalog: &Catalog) -> impl Iterator<Item = &Provider> {
    catalog.providers.iter().filter(|provider| provider.auth != Auth::None)
}

/// Whether a word stands where a provider's name belongs and cannot be one: letters, digits and
/// hyphens are, and no more of them than anybody would type.
pub(super) fn is_no_name(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    word.len() > LONGEST || !word.to_ascii_lowercase().chars().all(is_plain) || starts_key(word)
}

/// Whether it begins as keys do.
fn starts_key(word: &str) -> bool {
    ["sk-", "vck", "key-", "hf-", "xai-"].iter().any(|start| word.starts_with(start))
}

/// The provider whose key it is, by the name or variable before it (`openai=…`), or by its beginning.
pub(super) fn owner<'c>(catalog: &'c Catalog, key: &str) -> Option<&'c Provider> {
    let (name, key) = key.split_once('=').unwrap_or(("", key));
    let begins = |start: &String| key.starts_with(start.as_str());
    let is_named = |it: &&Provider| it.id == name || it.key_env.iter().any(|known| known == name);
    let by_key = |it: &&Provider| it.key_starts.iter().any(begins);
    keyed(catalog).find(is_named).or_else(|| keyed(catalog).find(by_key))
}

/// Whose key it is, where it begins as another provider's do and not as those of this one. A provider of
/// the user's own has keys of any kind.
pub(super) fn other_owner<'c>(
    catalog: &'c Catalog,
    provider: &Provider,
    key: &str,
) -> Option<&'c Provider> {
    let begins = |it: &Provider| it.key_starts.iter().any(|start| key.starts_with(start));
    let is_foreign = provider.keys_page.is_some() && !begins(provider);
    let mut others = keyed(catalog).filter(|it| it.id != provider.id && it.keys_page.is_some());
    others.find(|it| begins(it)).filter(|_| is_foreign)
}

/// What to say to a key that begins as another provider's do: it would be sent to the wrong one.
pub(super) fn of_another(provider: &Provider, owner: &Provider, is_piped: bool) -> Error {
    let (id, own) = (&provider.id, &owner.id);
    let stdin = if is_piped { " --stdin" } else { "" };
    let what = format!("the key begins as those of {} do, not of {}", owner.name, provider.name);
    Error::new(Kind::Key, what)
        .code("key_of_another")
        .hint(format!("`pinx keys set {own}{stdin}` stores it for {}", owner.name))
        .hint(format!(
            "`pinx keys set {id}{stdin} --no-check` stores it for {} all the same",
            provider.name
        ))
}

/// What a text is that holds more than a key, or something else.
pub(super) fn no_key(text: &str) -> Option<&'static str> {
    match text {
        _ if text.starts_with(['{', '[']) => Some("JSON"),
        _ if text.starts_with("http://") || text.starts_with("https://") => Some("an address"),
        _ if text.starts_with('<') => Some("a page or a placeholder"),
        _ if text.starts_with("-----BEGIN") => Some("a certificate"),
        _ => None,
    }
}

/// What to say to a key that is an argument; `provider` is whose it is, as far as that is known.
pub(super) fn refused(provider: Option<&Provider>) -> Error {
    let id = provider.map_or("PROVIDER", |provider| provider.id.as_str());
    let what = "a key is never an argument: the shell's history keeps it, and whoever lists the \
                processes of this machine sees it";
    let error = Error::usage(what)
        .code("key_as_argument")
        .hint(format!("`pinx keys set {id}` asks for it unseen"))
        .hint(format!("in a script: `printf %s \"$KEY\" | pinx keys set {id} --stdin`"));
    match provider.and_then(|provider| provider.keys_page.as_ref()) {
        Some(page) => {
            error.hint(format!("where others may have seen it: a new one is made at {page}"))
        }
        None => error,
    }
}

/// What to say where nobody is named: the providers, each with the place where its keys are made.
pub(super) fn nobody_named(catalog: &Catalog, is_piped: bool) -> Error {
    let stdin = if is_piped { " --stdin" } else { "" };
    keyed(catalog).fold(Error::usage("whose key is it?").code("no_provider"), |error, provider| {
        let made = provider.keys_page.as_ref().map(|page| format!(" (made at {page})"));
        error.hint(format!("`pinx keys set {}{stdin}`{}", provider.id, made.unwrap_or_default()))
    })
}

/// What to say to a name that no provider has.
pub(super) fn unknown(catalog: &Catalog, word: &str) -> Error {
    let ids = || keyed(catalog).map(|known| known.id.as_str());
    let error = Error::usage(format!("unknown provider `{}`", text::clean(word, 60)));
    match text::nearest(word, ids()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!(
            "keys can be stored for {}; `pinx providers` lists them",
            ids().collect::<Vec<_>>().join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_names() {
        for name in ["openai", "OpenAI", "openia", "fal", "together", "gpt-image-2", "my-server"] {
            assert!(!is_no_name(name), "{name}");
        }
        for key in [
            "sk-proj-abc",
            "sk-1",
            "r8_abcdefgh",
            "AIzaSyA_1",
            "vck_1",
            "0b0c0d0e-0000:0123",
            "0123456789abcdef0123456789abcdef",
            "OPENAI_API_KEY=sk-1",
            "openai=x",
            "a b",
            "é",
        ] {
            assert!(is_no_name(key), "{key}");
        }
    }

    #[test]
    fn a_key_of_another_provider_is_known_by_its_beginning() {
        let own: toml::Table =
            "[own]\nbase_url = 'http://127.0.0.1:1/v1'\ndialect = 'openai'".parse().unwrap();
        let catalog = Catalog::load(&own, &[]).unwrap();
        let other = |id: &str, key: &str| {
            let provider = catalog.provider(id).unwrap();
            other_owner(&catalog, provider, key).map(|owner| owner.id.as_str())
        };
        assert_eq!(other("fal", "sk-proj-1"), Some("openai"));
        assert_eq!(other("openai", "vck_1"), Some("vercel"));
        assert_eq!(other("vercel", "sk-1"), Some("openai"));
        for (id, key) in
            [("fal", "0b0c:1f"), ("openai", "sk-1"), ("openai", "odd"), ("own", "sk-1")]
        {
            assert_eq!(other(id, key), None, "{id} {key}");
        }
    }

    #[test]
    fn the_owner_of_a_key_is_known_by_its_beginning() {
        let catalog = Catalog::load(&toml::Table::new(), &[]).unwrap();
        let of = |key: &str| owner(&catalog, key).map(|provider| provider.id.as_str());
        assert_eq!((of("sk-1"), of("vck_1"), of("x")), (Some("openai"), Some("vercel"), None));
        assert_eq!((of("FAL_KEY=a:b"), of("fal=a:b")), (Some("fal"), Some("fal")));
    }
}

//! Files of other programs whose columns or keys are not pinx's: which one is the prompt, what prompts
//! are put together from, and what is left out.
//!
//! Pure.

use std::borrow::Cow;

use super::Base;
use super::key::{self, Field};
use super::node::{Broken, Data, Name, Node, shown};
use super::value::Check;
use crate::syntax::Remark;
use crate::text;

/// What data sets call their prompts, as `key::plain` writes it.
const PROMPTS: [&str; 6] =
    ["prompts", "caption", "captions", "prompt_text", "text_prompt", "image_prompt"];

/// How files of other programs are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The column or key that holds the prompt; one inside tables is written with dots.
    pub prompt_column: Option<String>,
    /// What the prompt is put together from: `{subject}, {place}`.
    pub prompt_template: Option<String>,
    /// Whether unknown columns and keys are left out.
    pub ignores_unknown: bool,
}

impl Layout {
    /// Whether the template names a column.
    pub(super) fn takes(&self, column: &str) -> bool {
        let fields = self.prompt_template.as_deref().map(fields).unwrap_or_default();
        fields.iter().any(|field| is_same(field, column) || is_same(root(field), column))
    }

    /// Whether a column holds the prompts because the user says so.
    pub(super) fn is_prompt(&self, column: &str) -> bool {
        self.prompt_column.as_deref().is_some_and(|wanted| is_same(wanted, column))
    }
}

/// Whether a column probably holds the prompts although it is not called `prompt`.
pub(super) fn is_like_prompt(column: &str) -> bool {
    PROMPTS.contains(&key::plain(column).as_str())
}

/// The hint for a key that is none.
pub(super) fn unknown_key() -> String {
    format!(
        "`--ignore-unknown` leaves such keys out, `--prompt-column NAME` says which one is the prompt; the \
         keys are {}",
        key::own()
    )
}

fn is_same(one: &str, other: &str) -> bool {
    one == other || key::plain(one) == key::plain(other)
}

fn root(field: &str) -> &str {
    field.split('.').next().unwrap_or(field)
}

/// The names in a template.
fn fields(template: &str) -> Vec<&str> {
    let inner = template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    inner.filter(|name| super::fill::is_name(name)).collect()
}

type Keys<'n> = Cow<'n, [(Name, Node)]>;

/// The keys of a job with its prompt where it belongs.
pub(super) fn arranged<'n>(
    base: &Base<'_>,
    own: Keys<'n>,
    defaults: &[(Name, Node)],
    job: &Node,
    check: &mut Check<'_>,
) -> Keys<'n> {
    let at = job.at;
    let own = match &job.data {
        // A prompt alone has no keys.
        Data::Text(_) => own,
        _ => with_prompt(&base.layout, own, at, check),
    };
    match &base.layout.prompt_template {
        Some(template) => composed(base, template, own, defaults, at, check),
        None => own,
    }
}

fn is_prompt(name: &Name) -> bool {
    key::find(&name.text) == Some(Field::Picture("prompt"))
}

/// The keys with the one as `prompt` that the user says, or that data sets call so.
fn with_prompt<'n>(layout: &Layout, own: Keys<'n>, at: usize, check: &mut Check<'_>) -> Keys<'n> {
    let has_prompt = own.iter().any(|(name, _)| is_prompt(name));
    let Some(column) = &layout.prompt_column else {
        let mut like = own.iter().enumerate().filter(|(_, (name, _))| {
            is_like_prompt(&name.text) || key::plain(&name.text) == "prompt"
        });
        let (Some((like, _)), None) = (like.next().filter(|_| !has_prompt), like.next()) else {
            return own;
        };
        let mut own = own.into_owned();
        let name = &mut own[like].0;
        if is_like_prompt(&name.text) {
            check.remark(name.at, Remark::Column, &text::clean(&name.text, 40));
        }
        name.text = "prompt".to_owned();
        return Cow::Owned(own);
    };
    let found = look_up(&own, column).cloned();
    let mut own = own.into_owned();
    own.retain(|(name, _)| !is_prompt(name) && !is_same(&name.text, root(column)));
    match found {
        Some(node) => own.push((Name { at: node.at, text: "prompt".to_owned() }, node)),
        None => {
            check.is_prompt_told = true;
            let message = format!("the job has no {}", shown(column));
            check.wrong(
                Broken::new(at, message).hint("`--prompt-column` names what holds the prompt"),
            );
        }
    }
    Cow::Owned(own)
}

/// The value of a name, which may lead into tables.
fn look_up<'n>(keys: &'n [(Name, Node)], name: &str) -> Option<&'n Node> {
    let find = |wanted: &str| {
        let exact = keys.iter().find(|(name, _)| name.text == wanted);
        exact.or_else(|| keys.iter().find(|(name, _)| is_same(&name.text, wanted)))
    };
    if let Some((_, node)) = find(name) {
        return Some(node);
    }
    let (first, rest) = name.split_once('.')?;
    match &find(first)?.1.data {
        Data::Map(inner) => look_up(inner, rest),
        _ => None,
    }
}

/// The keys with a prompt that is put together from them. What is a part of the prompt is nothing else
/// besides, unless it says something of the picture.
fn composed<'n>(
    base: &Base<'_>,
    template: &str,
    own: Keys<'n>,
    defaults: &[(Name, Node)],
    at: usize,
    check: &mut Check<'_>,
) -> Keys<'n> {
    let mut prompt = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        prompt.push_str(before);
        rest = after;
        let Some((name, behind)) =
            after.split_once('}').filter(|(name, _)| super::fill::is_name(name))
        else {
            prompt.push('{');
            continue;
        };
        let node = look_up(&own, name).or_else(|| look_up(defaults, name));
        let words = match node {
            Some(node) => words(node),
            None => base.vars.get(name).cloned(),
        };
        match words.filter(|words| !words.trim().is_empty()) {
            Some(words) => prompt.push_str(words.trim()),
            None => {
                let why = match node {
                    Some(node) if !node.is_null() && words_or_blank(node) => "is empty here",
                    Some(node) if !node.is_null() => "is a table",
                    _ => "has no value here",
                };
                check.is_prompt_told = true;
                let names: Vec<&str> = own.iter().map(|(name, _)| name.text.as_str()).collect();
                let names = text::clean(&names.join(", "), 120);
                let message = format!("`{{{name}}}` of the prompt template {why}");
                check.wrong(Broken::new(at, message).hint(format!("the job has {names}")));
            }
        }
        rest = behind;
    }
    prompt.push_str(rest);
    let mut own = own.into_owned();
    own.retain(|(name, _)| {
        let is_part = match key::find(&name.text) {
            None => true,
            Some(Field::Picture(known)) => {
                ["prompt", "style", "colors", "negative"].contains(&known)
            }
            Some(field) => field.is_prompt_field(),
        };
        !(is_prompt(name) || is_part && base.layout.takes(&name.text))
    });
    own.push((Name { at, text: "prompt".to_owned() }, Node::text(at, prompt)));
    Cow::Owned(own)
}

/// A value as words: a list has commas.
fn words(node: &Node) -> Option<String> {
    match &node.data {
        Data::List(list) => {
            let words: Option<Vec<String>> = list.iter().map(Node::as_word).collect();
            Some(words?.join(", "))
        }
        _ => node.as_word(),
    }
}

fn words_or_blank(node: &Node) -> bool {
    words(node).is_some()
}

//! A job of any format: its keys over the defaults of the file, its variables, its matrix; each
//! combination becomes an `Item`.
//!
//! Pure.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;

use super::fill::{self, Vars};
use super::item;
use super::key::{self, Field};
use super::node::{Broken, Data, Name, Node, SourceText, shown};
use super::problem::Problems;
use super::value::{Check, Defaults, Entry, Layer};
use super::{Base, Item, foreign, layout};
use crate::syntax::Remark;
use crate::text;

/// Jobs that one matrix may make.
const MATRIX: usize = 10_000;

/// Keys of which one takes the place of the others.
const GROUPS: [&[Field]; 2] = [
    &[Field::Picture("size"), Field::Picture("aspect"), Field::Width, Field::Height],
    &[Field::Provider, Field::Model],
];

/// A job as it stands in a file.
pub(super) struct Job<'j> {
    pub(super) source: &'j SourceText<'j>,
    pub(super) node: &'j Node,
    /// Its prompt, where that is written in another way than it is read.
    pub(super) as_written: Option<&'j str>,
}

/// Hands out every item of a job.
pub(super) fn expand(
    base: &Base<'_>,
    defaults: &Defaults,
    job: &Job<'_>,
    problems: &mut Problems,
    each: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Job { source, node, as_written } = *job;
    let nothing = Vars::new();
    let mut check = Check {
        source,
        problems,
        vars: &nothing,
        as_written,
        is_bad: false,
        is_prompt_told: false,
    };
    let own = match &node.data {
        Data::Map(map) => Cow::Borrowed(map.as_slice()),
        Data::Text(_) => {
            Cow::Owned(vec![(Name { at: node.at, text: "prompt".to_owned() }, node.clone())])
        }
        _ => {
            let message = format!("a job must be a table or a prompt, not {}", node.shown());
            check.wrong(Broken::new(node.at, message));
            return ControlFlow::Continue(());
        }
    };
    let own = foreign::own_keys(own, &mut check);
    let own = layout::arranged(base, own, &defaults.map, node, &mut check);
    let mut entries = entries(&own, Layer::Own, base, &mut check);
    merge(&mut entries, &defaults.map, &nulled(&own, base), base, &mut check);
    // What is wrong with keys is no reason not to look at their values; wrong variables are.
    let is_bad = std::mem::take(&mut check.is_bad);
    let is_prompt_told = check.is_prompt_told;
    let vars = variables(base, &entries, &mut check);
    let matrix = matrix(&entries, &mut check);
    if check.is_bad {
        return ControlFlow::Continue(());
    }
    let mut at = vec![0; matrix.len()];
    loop {
        let mut vars = vars.clone();
        for ((name, values), at) in matrix.iter().zip(&at) {
            vars.insert(name.clone(), values[*at].clone());
        }
        let mut check = Check { source, problems, vars: &vars, as_written, is_bad, is_prompt_told };
        match item::item(base, defaults, &entries, node.at, &mut check) {
            Some(item) => each(item)?,
            None => return ControlFlow::Continue(()),
        }
        if check.is_bad {
            // The other combinations would say the same.
            return ControlFlow::Continue(());
        }
        // The last key turns fastest.
        let Some(turn) = (0..at.len()).rfind(|key| at[*key] + 1 < matrix[*key].1.len()) else {
            return ControlFlow::Continue(());
        };
        at[turn] += 1;
        at[turn + 1..].fill(0);
    }
}

/// The keys of a table; unknown ones and those that are there twice are told.
fn entries<'n>(
    map: &'n [(Name, Node)],
    layer: Layer,
    base: &Base<'_>,
    check: &mut Check<'_>,
) -> Vec<Entry<'n>> {
    let mut entries: Vec<Entry<'n>> = Vec::with_capacity(map.len());
    for (name, node) in map {
        let Some(field) = key::known(&name.text, base.layout.ignores_unknown) else {
            if key::is_unused(&name.text) {
                check.remark(name.at, Remark::Dropped, &text::clean(&name.text, 40));
                continue;
            }
            if base.layout.ignores_unknown {
                check.remark(name.at, Remark::Ignored, &text::clean(&name.text, 40));
                continue;
            }
            let broken = Broken::new(name.at, format!("unknown key {}", shown(&name.text)));
            let near = key::nearest(&name.text);
            check.is_prompt_told |= near == Some("prompt");
            check.wrong(match near {
                Some(near) => broken.hint(format!("did you mean `{near}`?")),
                None => broken.hint(layout::unknown_key()),
            });
            continue;
        };
        if node.is_null() {
            continue;
        }
        if let Some(before) = entries.iter().find(|entry| entry.field == field) {
            let known = &before.name.text;
            let message = if *known == name.text {
                format!("`{known}` is there twice")
            } else {
                format!("`{known}` and `{}` say the same", name.text)
            };
            check.wrong(Broken::new(name.at, message).hint("leave one of them out"));
            continue;
        }
        entries.push(Entry { field, name, node, layer });
    }
    entries
}

/// The keys of pictures that a job says are none; without its pictures it has no mask either.
fn nulled(own: &[(Name, Node)], base: &Base<'_>) -> Vec<Field> {
    let nulls = own.iter().filter(|(_, node)| node.is_null());
    let fields = nulls.filter_map(|(name, _)| key::known(&name.text, base.layout.ignores_unknown));
    let none = fields.flat_map(|field| match field {
        Field::Images => &[Field::Images, Field::Mask, Field::MaskMeans][..],
        Field::Mask => &[Field::Mask, Field::MaskMeans],
        _ => &[],
    });
    none.copied().collect()
}

/// Puts the defaults under the keys of the job, but for those that it says are `none`. Tables are kept from
/// both, the job's first.
fn merge<'n>(
    entries: &mut Vec<Entry<'n>>,
    defaults: &'n [(Name, Node)],
    none: &[Field],
    base: &Base<'_>,
    check: &mut Check<'_>,
) {
    if defaults.is_empty() {
        return;
    }
    let own = entries.len();
    for entry in self::entries(defaults, Layer::Default, base, check) {
        if entry.field == Field::Id {
            let message = format!("`{}` cannot be the same for all jobs", entry.name.text);
            check.wrong(Broken::new(entry.name.at, message).hint("write it into each job"));
            continue;
        }
        let is_given =
            |fields: &[Field]| entries[..own].iter().any(|entry| fields.contains(&entry.field));
        let is_replaced = match entry.field {
            field if none.contains(&field) && !is_given(&[field]) => true,
            Field::Vars | Field::Picture("params") | Field::Fields => false,
            // A provider in the defaults completes the model of a job.
            Field::Provider => is_given(&[Field::Provider]),
            field => {
                let group = GROUPS.into_iter().find(|group| group.contains(&field));
                is_given(group.unwrap_or(&[field]))
            }
        };
        if !is_replaced {
            entries.push(entry);
        }
    }
}

/// The variables of a job: its own over those of the defaults over the command line's.
fn variables(base: &Base<'_>, entries: &[Entry<'_>], check: &mut Check<'_>) -> Vars {
    let mut vars = base.vars.clone();
    for entry in entries.iter().rev().filter(|entry| entry.field == Field::Vars) {
        let Data::Map(map) = &entry.node.data else {
            wrong_table(entry, "names and their values, such as {animal: fox}", check);
            continue;
        };
        let mut seen = HashSet::new();
        for (name, node) in map {
            check.once(&mut seen, name);
            if let Some(value) = value(name, node, check) {
                vars.insert(name.text.clone(), value);
            }
        }
    }
    vars
}

fn wrong_table(entry: &Entry<'_>, wants: &str, check: &mut Check<'_>) {
    let message =
        format!("`{}` must be a table of {wants}, not {}", entry.name.text, entry.node.shown());
    check.wrong(Broken::new(entry.node.at, message));
}

/// The value of a variable.
fn value(name: &Name, node: &Node, check: &mut Check<'_>) -> Option<String> {
    if !fill::is_name(&name.text) {
        let message = format!("{} cannot be the name of a variable", shown(&name.text));
        check.wrong(Broken::new(name.at, message).hint("use letters, digits, `_`, `-` and `.`"));
        return None;
    }
    let word = node.as_word();
    if word.is_none() {
        let message = format!("`{}` must be text or a number, not {}", name.text, node.shown());
        check.wrong(Broken::new(node.at, message));
    }
    word
}

/// What helps where nothing uses a variable of the matrix. One that is called like a key of pictures is
/// meant for that key: in a prompt it would be a file's name.
fn unused(name: &str, values: usize) -> String {
    match key::find(name) {
        Some(Field::Images | Field::Mask | Field::MaskMeans | Field::Fit) => {
            format!("write `{name}: \"{{{name}}}\"` into the job, beside `matrix`")
        }
        _ => format!(
            "write `{{{name}}}` into the prompt: the same picture would be made {values} times"
        ),
    }
}

/// The keys of a matrix with their values.
fn matrix(entries: &[Entry<'_>], check: &mut Check<'_>) -> Vec<(String, Vec<String>)> {
    let Some(entry) = entries.iter().find(|entry| entry.field == Field::Matrix) else {
        return Vec::new();
    };
    let Data::Map(map) = &entry.node.data else {
        wrong_table(entry, "lists, such as {animal: [fox, owl]}", check);
        return Vec::new();
    };
    let mut matrix: Vec<(String, Vec<String>)> = Vec::new();
    for (name, node) in map {
        let values: Vec<String> = match &node.data {
            Data::List(list) => list.iter().filter_map(|node| value(name, node, check)).collect(),
            _ => value(name, node, check).into_iter().collect(),
        };
        let used = entries
            .iter()
            .any(|entry| entry.field != Field::Matrix && fill::is_used(&name.text, entry.node));
        if values.is_empty() && !check.is_bad {
            let message = format!("`{}` has no values", name.text);
            check.wrong(Broken::new(node.at, message).hint("leave it out, or list some"));
        } else if matrix.iter().any(|(known, _)| *known == name.text) {
            check.wrong(Broken::new(name.at, format!("`{}` is there twice", name.text)));
        } else if !used && !check.is_bad {
            let message = format!("nothing in the job uses `{{{}}}` of the matrix", name.text);
            check.wrong(Broken::new(name.at, message).hint(unused(&name.text, values.len())));
        }
        matrix.push((name.text.clone(), values));
    }
    let product = matrix.iter().try_fold(1_usize, |all, (_, values)| {
        all.checked_mul(values.len()).filter(|all| *all <= MATRIX)
    });
    if product.is_none() {
        let message = format!("the matrix makes more than {MATRIX} jobs of one");
        check.wrong(Broken::new(entry.node.at, message).hint("divide it into several jobs"));
    }
    matrix
}

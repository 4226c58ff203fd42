//! Variables: `{animal}` in a job's texts, from `vars`, from the command line and from `matrix`.
//!
//! Pure. Braces around anything but a name are plain text, and so are all braces of a job without
//! variables.

use std::collections::BTreeMap;

use super::node::{Data, Node};
use crate::text;

/// The variables of a job.
pub(super) type Vars = BTreeMap<String, String>;

/// Whether it can be the name of a variable.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

/// A text with its variables filled in; `unknown` hears of names that are none, which stay.
pub(super) fn fill(text: &str, vars: &Vars, unknown: &mut dyn FnMut(&str)) -> String {
    replaced(text, vars, &|value| value.to_owned(), unknown)
}

/// The same for a path: a value makes no directory and no template.
pub(super) fn fill_path(text: &str, vars: &Vars, unknown: &mut dyn FnMut(&str)) -> String {
    replaced(text, vars, &part, unknown)
}

fn replaced(
    text: &str,
    vars: &Vars,
    shape: &dyn Fn(&str) -> String,
    unknown: &mut dyn FnMut(&str),
) -> String {
    let mut out = String::with_capacity(text.len());
    if vars.is_empty() {
        out.push_str(text);
        return out;
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        rest = after;
        let Some((name, behind)) = after.split_once('}') else {
            out.push('{');
            continue;
        };
        match vars.get(name) {
            Some(value) => {
                out.push_str(&shape(value));
                rest = behind;
            }
            None => {
                if is_name(name) {
                    unknown(name);
                }
                out.push('{');
            }
        }
    }
    out + rest
}

/// A value as a part of a file's name.
pub(super) fn part(value: &str) -> String {
    let value = text::clean(value, 80).replace(|c: char| "/\\:{}*?\"<>|".contains(c), "-");
    value.trim_matches(['.', ' ', '-']).to_owned()
}

/// Whether `{name}` stands in any text of the value.
pub(super) fn is_used(name: &str, node: &Node) -> bool {
    match &node.data {
        Data::Text(text) => text.contains(&format!("{{{name}}}")),
        Data::List(list) => list.iter().any(|node| is_used(name, node)),
        Data::Map(map) => map.iter().any(|(_, node)| is_used(name, node)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, vars: &[(&str, &str)]) -> (String, Vec<String>) {
        let vars = vars.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut unknown = Vec::new();
        (fill(text, &vars, &mut |name| unknown.push(name.to_owned())), unknown)
    }

    #[test]
    fn names_are_filled_and_other_braces_stay() {
        let vars = [("animal", "{fox}"), ("n", "2")];
        for (text, expected, unknown) in [
            ("a {animal} and {n} more", "a {fox} and 2 more", &[][..]),
            ("{animal}{animal}", "{fox}{fox}", &[]),
            ("{\"a\": 1} { } {} {", "{\"a\": 1} { } {} {", &[]),
            ("{ {n} }", "{ 2 }", &[]),
            ("{anmal} {n}", "{anmal} 2", &["anmal"]),
        ] {
            assert_eq!(
                filled(text, &vars),
                (expected.to_owned(), unknown.iter().map(|u| u.to_string()).collect())
            );
        }
        assert_eq!(filled("{anmal}", &[]), ("{anmal}".to_owned(), vec![]));
    }

    #[test]
    fn a_value_is_one_part_of_a_path() {
        for (value, expected) in
            [("../x", "x"), ("a/b\\c", "a-b-c"), (" {n}. ", "n"), ("a\u{7}b", "ab")]
        {
            assert_eq!(part(value), expected);
        }
    }
}

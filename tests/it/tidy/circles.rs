//! Circles of files: files that need one another cannot be read one after the other.
//!
//! An arrow goes from a file to the file in which a name that it imports is defined, through
//! re-exports. Unit tests do not count, nor does what a part (`a/b.rs`) takes from the file that it is
//! a part of (`a.rs`): together they are one idea. In `engine/` it counts, too.

use std::collections::{BTreeMap, BTreeSet};

use super::rust::{Token, tokens};
use super::without_tests;

/// Circles that may stay, each with its reason: the file by which it is found, and why.
const HARMLESS: [(&str, &str); 0] = [];

/// A path as it is written: its segments, and the name under which it is known here.
#[derive(Debug, Clone, PartialEq)]
struct Import {
    segments: Vec<String>,
    alias: Option<String>,
    is_public: bool,
}

/// Every path that starts at `crate`, `super` or `self`, and those of `use` statements.
fn imports(tokens: &[Token]) -> Vec<Import> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_use = text(at) == "use";
        let starts = ["crate", "super", "self"].contains(&text(at)) && text(at + 1) == "::";
        let is_inside = at > 0 && text(at - 1) == "::";
        if is_use {
            let is_public = at > 0 && ["pub", ")"].contains(&text(at - 1));
            let first = found.len();
            at = tree(tokens, at + 1, &[], &mut found);
            found[first..].iter_mut().for_each(|import| import.is_public = is_public);
        } else if starts && !is_inside {
            at = tree(tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads a tree of paths; answers with the place behind it.
fn tree(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Import>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut segments = before.to_vec();
    loop {
        match text(at) {
            "{" => {
                at += 1;
                while !["}", ""].contains(&text(at)) {
                    at = tree(tokens, at, &segments, found);
                    at += usize::from(text(at) == ",");
                }
                return at + 1;
            }
            name if name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty() => {
                segments.push(name.to_owned());
                at += 1;
            }
            "*" => {
                segments.push("*".to_owned());
                at += 1;
            }
            _ => return at + 1,
        }
        if text(at) == "::" {
            at += 1;
            continue;
        }
        let alias = (text(at) == "as").then(|| text(at + 1).to_owned());
        at += if alias.is_some() { 2 } else { 0 };
        found.push(Import { segments, alias, is_public: false });
        return at;
    }
}

/// The files of a crate by their modules, and what each imports.
struct House<'s> {
    files: BTreeMap<Vec<String>, &'s str>,
    imports: BTreeMap<&'s str, Vec<Import>>,
}

/// The module of a file, from the crate's root.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    inside.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}

/// Whether a file is a part of another; of the crate's root everything is.
fn is_part(file: &str, whole: &str) -> bool {
    let (inside, module) = (module_of(file), module_of(whole));
    inside.starts_with(&module) && module.first().is_none_or(|first| first != "engine")
}

impl<'s> House<'s> {
    fn of(sources: &'s [(String, String)]) -> House<'s> {
        let is_code = |path: &str| !path.ends_with("/tests.rs") && !path.contains("/tests/");
        let sources = || sources.iter().filter(|(path, _)| is_code(path));
        House {
            files: sources().map(|(path, _)| (module_of(path), path.as_str())).collect(),
            imports: sources()
                .map(|(path, text)| (path.as_str(), imports(&tokens(without_tests(path, text)))))
                .collect(),
        }
    }

    /// A path that stands in a module, from the crate's root.
    fn absolute(&self, module: &[String], segments: &[String]) -> Option<Vec<String>> {
        let mut base = module.to_vec();
        let mut rest = segments;
        match rest.first()?.as_str() {
            "crate" => (base, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            // A child module, or another crate.
            child => {
                let child: Vec<String> = base.iter().cloned().chain([child.to_owned()]).collect();
                self.files.get(&child)?;
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The file that defines what a path from the root names.
    fn definer(&self, path: &[String], depth: usize) -> Option<&'s str> {
        let known = (0..=path.len()).rev().find(|end| self.files.contains_key(&path[..*end]))?;
        let (module, file) = (&path[..known], self.files[&path[..known]]);
        let Some(name) = path.get(known).filter(|_| depth < 8) else { return Some(file) };
        // A child also sees what its parent imports for itself.
        for import in &self.imports[file] {
            let last = import.alias.as_ref().or(import.segments.last())?;
            if last == name
                && let Some(target) = self.absolute(module, &import.segments)
                && target != path[..=known]
            {
                return self.definer(&target, depth + 1);
            }
        }
        Some(file)
    }

    /// The files that each file needs, other than itself.
    fn arrows(&self) -> BTreeMap<&'s str, BTreeSet<&'s str>> {
        let of = |(module, file): (&Vec<String>, &&'s str)| {
            // What is only handed on is not needed here.
            let used = self.imports[*file].iter().filter(|import| !import.is_public);
            let needed = used
                .filter_map(|import| self.definer(&self.absolute(module, &import.segments)?, 0))
                .filter(|needed| needed != file && !is_part(file, needed));
            (*file, needed.collect())
        };
        self.files.iter().map(of).collect()
    }
}

/// Sets of files that all reach one another.
fn circles(arrows: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<Vec<String>> {
    let reach = |from: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = next.pop() {
            for needed in arrows.get(file.as_str()).into_iter().flatten() {
                if seen.insert((*needed).to_owned()) {
                    next.push((*needed).to_owned());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> =
        arrows.keys().map(|file| (*file, reach(file))).collect();
    let circle_of = |file: &&str| -> Vec<String> {
        let back = |other: &&String| {
            reached.get(other.as_str()).is_some_and(|reached| reached.contains(*file))
        };
        reached[*file].iter().filter(back).cloned().collect()
    };
    let all: BTreeSet<Vec<String>> = arrows.keys().map(circle_of).collect();
    all.into_iter().filter(|circle| circle.len() > 1).collect()
}

/// Circles that no reason allows; none may be in `engine`.
pub fn violations(sources: &[(String, String)]) -> Vec<String> {
    let house = House::of(sources);
    let arrows = house.arrows();
    let is_harmless = |circle: &Vec<String>| {
        let allowed = |(file, _): &(&str, &str)| circle.iter().any(|member| member == file);
        !circle[0].starts_with("src/engine") && HARMLESS.iter().any(allowed)
    };
    let told = |circle: Vec<String>| {
        let inside = |file: &String| {
            let needed = arrows[file.as_str()].iter().filter(|to| circle.contains(&to.to_string()));
            format!("  {file} -> {}", needed.copied().collect::<Vec<_>>().join(", "))
        };
        let lines: Vec<String> = circle.iter().map(inside).collect();
        format!("{} files in a circle:\n{}", circle.len(), lines.join("\n"))
    };
    circles(&arrows).into_iter().filter(|circle| !is_harmless(circle)).map(told).collect()
}

#[test]
fn a_circle_is_seen_also_through_what_is_handed_on() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let found = |b: &str| {
        violations(&[
            source("src/lib.rs", "pub mod engine;"),
            source("src/engine/mod.rs", "mod a;\nmod b;\npub use a::{A, other::C as D};"),
            source("src/engine/a.rs", "use super::b::B;\npub struct A(B);"),
            source("src/engine/b.rs", b),
        ])
        .len()
    };
    assert_eq!(found("pub struct B;"), 0);
    assert_eq!(found("use super::a::A;"), 1);
    assert_eq!(found("use super::{x, a::{A, C}};"), 1, "in a group");
    assert_eq!(found("fn f() -> super::a::A { x }"), 1, "in the code");
    assert_eq!(found("use crate::engine::A;"), 1, "handed on by its parent");
    assert_eq!(found("use super::Missing;"), 0, "the parent's own");
    let parts = |root: &str| {
        violations(&[
            source(&format!("src/{root}.rs"), "mod a;\nuse a::A;\npub struct B;"),
            source(&format!("src/{root}/a.rs"), "use super::B;\npub struct A(B);"),
        ])
        .len()
    };
    assert_eq!((parts("cmd/log"), parts("engine/limit")), (0, 1), "a part and its whole");
    assert_eq!(found("#[cfg(test)]\npub mod tests { use super::super::a::A; }"), 0, "in tests");
    assert_eq!(found("#[cfg(test)]\nmod tests { use super::super::a::A; }"), 0, "in tests");
}

#[test]
fn the_files_stand_in_no_circle() {
    let wrong = violations(&super::sources("src", "rs"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(HARMLESS.iter().all(|(_, reason)| reason.len() > 20));
}

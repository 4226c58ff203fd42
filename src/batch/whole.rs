//! Files that are read whole: YAML, JSON and TOML, `{defaults, jobs}` or a bare list.

use std::io;

use super::input::{Input, WHOLE};
use super::lines;
use super::node::{Broken, Budget, Data, Node, SourceText, shown};
use super::problem::Problem;
use super::value::Defaults;
use super::{Format, Reader, Stop, json, toml, yaml};
use crate::text;

/// Reads the file.
pub(super) fn read(
    input: &mut Input<'_>,
    format: Format,
    reader: &mut Reader<'_, '_>,
) -> io::Result<Stop> {
    let Some(bytes) = input.whole()? else {
        reader.report(Problem {
            line: 1,
            column: None,
            message: format!("the file is larger than {} MiB", WHOLE >> 20),
            hint: Some(
                "write it as `.jsonl`, one job a line, which may be of any length".to_owned(),
            ),
        });
        return Ok(Stop::Ended);
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            reader.report(lines::not_utf8(&bytes, error.valid_up_to(), 1));
            return Ok(Stop::Ended);
        }
    };
    if text.trim().is_empty() {
        return Ok(Stop::Ended);
    }
    let source = SourceText::new(text, 1);
    let mut budget = Budget::default();
    let root = match format {
        Format::Json => json::parse(text, &mut budget),
        Format::Toml => toml::parse(text, &mut budget),
        _ => yaml::parse(text, &mut budget),
    };
    let jobs = root.and_then(|root| jobs(root, &source, reader));
    let jobs = match jobs {
        Ok(jobs) => jobs,
        Err(broken) => {
            reader.problem(&source, broken);
            return Ok(Stop::Ended);
        }
    };
    for job in &jobs {
        if reader.job(&source, job).is_break() {
            return Ok(Stop::Asked);
        }
    }
    Ok(Stop::Ended)
}

/// The jobs of a file; its defaults go to the reader.
fn jobs(
    root: Node,
    source: &SourceText<'_>,
    reader: &mut Reader<'_, '_>,
) -> Result<Vec<Node>, Broken> {
    let map = match root.data {
        Data::Null => return Ok(Vec::new()),
        Data::List(list) => return Ok(list),
        Data::Map(map) => map,
        _ => {
            let message = format!("the file must hold a list of jobs, not {}", root.shown());
            return Err(Broken::new(root.at, message).hint("prompts alone go into a `.txt` file"));
        }
    };
    let mut jobs: Option<(String, Vec<Node>)> = None;
    let mut defaults = Defaults::default();
    let mut is_single = false;
    let mut has_defaults = false;
    for (name, node) in map {
        if name.text == "defaults" && std::mem::replace(&mut has_defaults, true) {
            let broken = Broken::new(name.at, "`defaults` is there twice");
            return Err(broken.hint("put all defaults into one table"));
        }
        match (name.text.as_str(), node.data) {
            ("defaults", Data::Map(map)) => defaults.map = map,
            ("defaults", Data::Null) => {}
            ("jobs" | "images", Data::List(list)) => {
                if let Some((before, _)) = &jobs {
                    let message = format!("`{before}` and `{}` are both there", name.text);
                    return Err(Broken::new(name.at, message).hint("put all jobs into one list"));
                }
                defaults.is_imgforge = name.text == "images";
                jobs = Some((name.text, list));
            }
            (key @ ("defaults" | "jobs" | "images"), data) => {
                let wants = if key == "defaults" { "a table" } else { "a list" };
                let node = Node { at: node.at, data };
                let message = format!("`{key}` must be {wants}, not {}", node.shown());
                return Err(Broken::new(node.at, message));
            }
            ("prompt", _) => is_single = true,
            (key, _) if is_single && super::key::find(key).is_some() => {}
            (key, _) => {
                let broken = Broken::new(name.at, format!("unknown key {}", shown(key)));
                let broken = match text::nearest(key, ["defaults", "jobs", "images"]) {
                    Some(near) => broken.hint(format!("did you mean `{near}`?")),
                    None => broken.hint("a file has `defaults` and `jobs`"),
                };
                reader.problem(source, broken);
            }
        }
    }
    reader.defaults = defaults;
    match jobs {
        Some((_, jobs)) => Ok(jobs),
        None if reader.problems.is_empty() => {
            let broken = Broken::new(root.at, "there is no list `jobs`");
            Err(if is_single {
                broken.hint("put the job into a list, with a `-` in front, or under `jobs`")
            } else {
                broken.hint("list the jobs under `jobs`")
            })
        }
        None => Ok(Vec::new()),
    }
}

//! Batch files: any bytes are jobs or problems that stand inside the file, in bounded numbers.
//!
//! A sample is a line with the format's extension, then the file.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::LazyLock;

use pinx::batch::{Base, Format, Layout, Problems, read};
use pinx::catalog::Catalog;
use pinx::request::Request;

/// Jobs that are looked at; a matrix makes many of a few bytes.
const JOBS: usize = 2_000;

/// Any bytes as a file of any format.
pub fn batch_file(data: &[u8]) {
    static CATALOG: LazyLock<Catalog> =
        LazyLock::new(|| Catalog::load(&toml::Table::new(), &[]).expect("it is embedded"));
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let extension = String::from_utf8_lossy(&data[..end]);
    let text = &data[(end + 1).min(data.len())..];
    let path = format!("x.{}", extension.trim());
    let format = Format::of_path(Path::new(&path)).unwrap_or(Format::Lines);
    let vars = BTreeMap::from([("animal".to_owned(), "fox".to_owned())]);
    let nothing = BTreeMap::new();
    let lines = text.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    for vars in [&vars, &nothing] {
        let base = Base {
            request: Request::default(),
            count: 1,
            catalog: &CATALOG,
            vars,
            layout: Layout::default(),
        };
        let (mut problems, mut next) = (Problems::default(), 0);
        let mut bytes = text;
        let summary = read(&mut bytes, format, &base, &mut problems, &mut |item| {
            assert_eq!(item.index, next);
            assert!((1..=lines).contains(&item.line), "{} of {lines}", item.line);
            assert!(!item.request.prompt.trim().is_empty());
            assert!((1..=1_000).contains(&item.count));
            let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
            assert!(!item.request.prompt.contains(control));
            if let Some(output) = &item.output {
                super::inert(output);
                assert!(
                    !output.is_empty() && output != "-" && !output.starts_with(['/', '\\', '~'])
                );
                assert!(output.split(['/', '\\']).all(|part| part != ".."), "{output}");
            }
            assert!(item.id.as_ref().is_none_or(|id| !id.is_empty()));
            next += 1;
            if next < JOBS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .expect("a slice is read without errors");
        assert_eq!(summary.items, next);
        assert!(next > 0 || !problems.is_empty(), "a file without jobs is told");
        assert!(problems.list().len() <= 200);
        for problem in problems.list() {
            assert!((1..=lines).contains(&problem.line), "{problem} of {lines}");
            assert_ne!(problem.column, Some(0), "{problem}");
            super::inert(&problem.to_string());
            assert!(problem.message.len() < 1_000 && !problem.message.ends_with('.'), "{problem}");
            problem.hint.iter().for_each(|hint| super::inert(hint));
        }
    }
}

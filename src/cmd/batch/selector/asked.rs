//! What an item asks for, in the words of a plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::names::name_of;
use super::{NAMED, Selector};
use crate::batch::{EXTRA_FIELDS, Item};
use crate::catalog::DRAWN_HERE;
use crate::cmd::App;
use crate::engine::RunSpec;
use crate::store::{Output, SLUG};
use crate::text;

/// The names of images where the file says nothing.
const DEFAULT: &str = "{number}-{title}.{ext}";

impl Selector<'_> {
    /// What an item asks for.
    pub(super) fn ask(&self, item: &Item) -> RunSpec {
        let number = format!("{:03}", item.index + 1);
        let title = match text::slug(item.title.as_ref().unwrap_or(&item.request.prompt), SLUG) {
            title if title.is_empty() => "image".to_owned(),
            title => title,
        };
        let name = name_of(item).unwrap_or(&number).to_owned();
        let fields = [("id", name.clone()), ("name", name), ("number", number), ("title", title)];
        let extra = fields.map(|(field, value)| (field.to_owned(), value));
        let extra = BTreeMap::from(extra);
        let mut spec = RunSpec {
            request: Arc::new(item.request.clone()),
            inputs: item.sent.clone().unwrap_or_default(),
            fit: item.pictures.fit.unwrap_or(self.pattern.fit),
            notices: item.notices.clone(),
            client: None,
            models: self.models(item),
            count: item.count as usize,
            fallback: item.fallback.clone().or_else(|| self.pattern.fallback.clone()),
            output: self.output(item),
            within: match item.output {
                Some(_) => Some(self.directory.clone()),
                None => self.pattern.within.clone(),
            },
            extra,
            ..self.pattern.clone()
        };
        if self.args.sketch {
            rehearse(self.app, &mut spec);
        }
        spec
    }

    /// Where its images go.
    pub(super) fn output(&self, item: &Item) -> Output {
        let place = escaped(&self.directory);
        let own = if item.id.is_some() { NAMED } else { DEFAULT };
        match &item.output {
            None => {
                let template = self.template.clone();
                Output::Template(template.unwrap_or_else(|| format!("{place}/{own}")))
            }
            Some(output) if output.ends_with('/') => {
                Output::Template(format!("{place}/{output}{own}"))
            }
            Some(output) => match Output::parse_with(output, &EXTRA_FIELDS, |_| false) {
                Output::Template(template) => Output::Template(format!("{place}/{template}")),
                _ => Output::File(self.directory.join(output)),
            },
        }
    }
}

/// A path as it stands in a template.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace('{', "{{").replace('}', "}}")
}

/// The same pictures as drawings: names and formats of the models that would make them.
fn rehearse(app: &App, spec: &mut RunSpec) {
    let request = Arc::make_mut(&mut spec.request);
    if request.format.is_none() {
        let first = spec.models.first().map(String::as_str).unwrap_or("auto");
        let model = app.settings.catalog.model(first, &|_| true).ok();
        request.format = model.and_then(|model| model.formats.first().copied());
    }
    request.quality = None;
    request.params.clear();
    let count = spec.models.len().max(1);
    spec.models = vec![DRAWN_HERE.to_owned(); count];
    spec.fallback = Some(Vec::new());
}

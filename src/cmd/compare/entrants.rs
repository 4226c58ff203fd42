//! Who is compared: models, and of each the styles, qualities and seeds that are asked for; every one
//! with every other.
//!
//! Pure. An entrant is called by what tells it from the others: the model, where there are several,
//! and each word of a list.

use crate::cmd::generate::Common;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::request::parameter::{self, Parameter};

/// Flags that take a list here, in the order of an entrant's name.
const LISTS: [&str; 3] = ["style", "quality", "seed"];

/// Entrants of one prompt at most: a letter each, and a question that can be answered.
const MOST: usize = 26;

/// Whether a flag takes a list here.
pub(super) fn takes_list(name: &str) -> bool {
    LISTS.contains(&name)
}

/// One value of each list.
pub(super) type Changes = Vec<(&'static Parameter, String)>;

/// The lists that are given.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists(Vec<(&'static Parameter, Vec<String>)>);

/// The flags without their lists, and those.
///
/// # Errors
/// A list has an empty place, or says a value twice.
pub(super) fn lists(common: &Common) -> Result<(Common, Lists)> {
    let (mut rest, mut lists) = (common.clone(), Lists::default());
    for parameter in LISTS.iter().filter_map(|name| parameter::find(name)) {
        let name = parameter.name;
        let Some(text) = rest.picture.take_list(name) else { continue };
        let values: Vec<String> = text.split(',').map(|value| value.trim().to_owned()).collect();
        let twice = values.iter().enumerate().find(|(at, value)| values[..*at].contains(value));
        if values.iter().any(String::is_empty) {
            return Err(Error::usage(format!("`--{name} {text}` has an empty place"))
                .hint(format!("write `--{name} ONE,OTHER`")));
        }
        if let Some((_, value)) = twice {
            return Err(Error::usage(format!("`--{name} {text}` names `{value}` twice"))
                .code("same_entrant")
                .hint("a comparison needs at least two that differ"));
        }
        lists.0.push((parameter, values));
    }
    Ok((rest, lists))
}

impl Lists {
    /// Every combination of the values, in the order in which they are written.
    fn products(&self) -> Vec<Changes> {
        self.0.iter().fold(vec![Changes::new()], |products, (parameter, values)| {
            let with = |before: &Changes, value: &String| {
                let mut changes = before.clone();
                changes.push((*parameter, value.clone()));
                changes
            };
            let each =
                products.iter().flat_map(|before| values.iter().map(|value| with(before, value)));
            each.collect()
        })
    }

    /// Every model with every combination.
    ///
    /// # Errors
    /// They are more than can be told apart.
    pub(super) fn entrants(&self, models: &[String]) -> Result<Vec<(String, Changes)>> {
        let products = self.products();
        let count = models.len() * products.len();
        if count > MOST {
            return Err(Error::usage(format!("{count} entrants are more than can be compared"))
                .code("too_many_entrants")
                .hint(format!("at most {MOST}: shorten one of the lists")));
        }
        let of_model = |model: &String| {
            products.iter().map(|product| (model.clone(), product.clone())).collect::<Vec<_>>()
        };
        Ok(models.iter().flat_map(of_model).collect())
    }

    /// Whether anything but the model is varied.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The request of an entrant.
///
/// # Errors
/// A value is none of its parameter.
pub(super) fn changed(request: &Request, changes: &Changes) -> Result<Request> {
    let mut request = request.clone();
    for (parameter, value) in changes {
        parameter
            .parse(&mut request, value)
            .map_err(|why| Error::usage(format!("`--{}`: {why}", parameter.name)))?;
    }
    Ok(request)
}

/// What an entrant is called: nothing beside its model where only models differ. No name needs quotes
/// in a shell.
pub(super) fn name(model: Option<&str>, changes: &Changes) -> String {
    let words = changes.iter().map(|(parameter, value)| match parameter.name {
        "seed" => format!("seed-{value}"),
        _ => value.clone(),
    });
    model.map(str::to_owned).into_iter().chain(words).collect::<Vec<_>>().join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(flags: &[(&str, &str)]) -> Result<Lists> {
        let mut common = Common::default();
        for (name, value) in flags {
            common.picture.set(parameter::find(name).unwrap(), (*value).to_owned());
        }
        let (rest, lists) = lists(&common)?;
        let left: Vec<&str> = LISTS.into_iter().filter(|name| rest.picture.has(name)).collect();
        let single = flags.iter().filter(|(_, value)| !value.contains(','));
        assert_eq!(left, single.map(|(name, _)| *name).collect::<Vec<_>>());
        Ok(lists)
    }

    #[test]
    fn every_one_is_compared_with_every_other_and_called_by_what_differs() {
        let models =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (flags, names, called) in [
            (&[("style", "noir,watercolor")][..], &["p/a"][..], &["noir", "watercolor"][..]),
            (&[("seed", "1, 2,3")], &["p/a"], &["seed-1", "seed-2", "seed-3"]),
            (
                &[("quality", "low,high"), ("style", "noir,flat")],
                &["p/a"],
                &["noir+low", "noir+high", "flat+low", "flat+high"],
            ),
            (
                &[("style", "noir,flat"), ("quality", "low")],
                &["p/a", "p/b"],
                &["p/a+noir", "p/a+flat", "p/b+noir", "p/b+flat"],
            ),
        ] {
            let lists = of(flags).unwrap();
            let entrants = lists.entrants(&models(names)).unwrap();
            let names: Vec<String> = entrants
                .iter()
                .map(|(model, changes)| name((names.len() > 1).then_some(model.as_str()), changes))
                .collect();
            assert_eq!(names, called);
        }
        assert!(of(&[]).unwrap().is_empty());
        assert_eq!(of(&[]).unwrap().entrants(&models(&["p/a"])).unwrap().len(), 1);
        let many = (1..28).map(|seed| seed.to_string()).collect::<Vec<_>>().join(",");
        let many = of(&[("seed", &many)]).unwrap().entrants(&models(&["p/a"]));
        assert_eq!(many.unwrap_err().code, "too_many_entrants");
        for wrong in ["noir,", ",noir", "noir,noir"] {
            assert!(of(&[("style", wrong)]).is_err(), "{wrong}");
        }
    }
}

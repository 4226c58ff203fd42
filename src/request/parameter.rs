//! What can be asked of a picture: the request, and one table with a row for each of its parameters.
//!
//! Flags and their help, settings, keys of batch files, `redo --set`, `info`, the text inside images,
//! recipes, orders in the log and the identity of a job all read this table: a new parameter is a field
//! and a row here. Pure.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Aspect, Background, Fidelity, Format, Input, Rgb, Size};

/// What is wanted of one image.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// The prompt, after `--var` was filled in.
    pub prompt: String,
    /// What should not be seen.
    pub negative: Option<String>,
    /// The size asked for; none means the default.
    pub size: Option<Size>,
    /// The ratio asked for; never together with a size.
    pub aspect: Option<Aspect>,
    /// The quality word asked for.
    pub quality: Option<String>,
    /// The format asked for; none means the model's own.
    pub format: Option<Format>,
    /// The seed asked for.
    pub seed: Option<u64>,
    /// The id of a style.
    pub style: Option<String>,
    /// The palette.
    pub colors: Vec<Rgb>,
    /// What is behind the subject.
    pub background: Option<Background>,
    /// Words set in type over the picture (the built-in renderer only).
    pub label: Option<String>,
    /// Passed through raw to the provider.
    pub params: BTreeMap<String, Value>,
    /// The pictures that it is made from, and a mask.
    pub inputs: Vec<Input>,
    /// How closely these are kept.
    pub input_fidelity: Option<Fidelity>,
}

/// What a value looks like in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// An integer or a float.
    Number,
    /// true or false.
    Switch,
    /// An array of strings.
    List,
    /// Tables, which only a file can hold.
    Tables,
    /// A table of names and texts.
    Pairs,
    /// How a key is sent: a word, or a table.
    Auth,
}

/// One parameter of a picture.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    /// Its name: of the field, the setting, and the key in JSON.
    pub name: &'static str,
    /// The name of its flag, where it has another.
    long: Option<&'static str>,
    /// Its keys in a batch file, its own first; none where a file cannot ask for it.
    pub keys: &'static [&'static str],
    /// What it takes.
    pub shape: Shape,
    /// Completes "it must be …".
    pub wants: &'static str,
    /// What its value is called in help; empty where it has no flag of its own.
    pub value_name: &'static str,
    /// The letter of its flag.
    pub short: Option<char>,
    /// The help of its flag.
    pub doc: &'static str,
    /// Its label in the parameters text inside images; empty where it has none there.
    pub infotext: &'static str,
    /// It is part of a recipe. What only decides about the file, or became a size, is not.
    pub makes_picture: bool,
    field: Field,
}

/// How a field of the request is read and written.
#[derive(Debug, Clone)]
struct Field {
    get: fn(&Request) -> Value,
    set: fn(&mut Request, Value) -> Result<(), String>,
    copy: fn(&Request, &mut Request),
}

macro_rules! field {
    ($name:ident, $read:ident) => {
        Field {
            get: |request| {
                serde_json::to_value(&request.$name).expect("all of them can be written")
            },
            set: |request, value| $read(&mut request.$name, value),
            copy: |from, to| to.$name.clone_from(&from.$name),
        }
    };
}

/// What most rows say.
const TEXT: Parameter = Parameter {
    name: "prompt",
    long: None,
    keys: &["prompt"],
    shape: Shape::Text,
    wants: "text",
    value_name: "",
    short: None,
    doc: "",
    infotext: "",
    makes_picture: true,
    field: field!(prompt, typed),
};

/// Every parameter, in the order of the fields.
pub(crate) static PARAMETERS: [Parameter; 14] = [
    TEXT,
    Parameter {
        name: "negative",
        keys: &["negative", "negative_prompt"],
        value_name: "TEXT",
        doc: "Say what should not be seen",
        field: field!(negative, typed),
        ..TEXT
    },
    Parameter {
        name: "size",
        keys: &["size"],
        wants: "a size in pixels from 1x1 to 16384x16384, such as `1024x1024`, a ratio, or one of \
                square, portrait, landscape, hd, 720p, 1080p, 2k, 4k, 8k",
        value_name: "SIZE",
        short: Some('s'),
        doc: "Ask for a size: square, portrait, landscape, hd, 2k, 4k, or pixels [default: 1024x1024]",
        infotext: "Size",
        field: field!(size, parsed),
        ..TEXT
    },
    Parameter {
        name: "aspect",
        keys: &["aspect", "aspect_ratio", "ratio"],
        wants: "a ratio, such as `16:9`",
        value_name: "W:H",
        short: Some('a'),
        doc: "Ask for a ratio instead: 16:9, 3x2, 1.78",
        makes_picture: false,
        field: field!(aspect, parsed),
        ..TEXT
    },
    Parameter {
        name: "quality",
        keys: &["quality"],
        value_name: "WORD",
        doc: "Ask for a quality in the model's own word [default: medium, where there is one]",
        infotext: "Quality",
        field: field!(quality, typed),
        ..TEXT
    },
    Parameter {
        name: "format",
        keys: &["format", "output_format"],
        wants: "png, jpeg, webp, gif, avif or svg",
        value_name: "FORMAT",
        short: Some('f'),
        doc: "Ask for png, jpeg, webp, gif, avif or svg [default: the model's own]",
        makes_picture: false,
        field: field!(format, parsed),
        ..TEXT
    },
    Parameter {
        name: "seed",
        keys: &["seed"],
        shape: Shape::Number,
        wants: "a whole number from 0 to 9223372036854775807",
        value_name: "NUMBER",
        doc: "Repeat a picture on models that honour it [default: random]",
        infotext: "Seed",
        field: field!(seed, typed),
        ..TEXT
    },
    Parameter {
        name: "style",
        keys: &["style", "preset", "styleId", "style_id"],
        value_name: "ID",
        doc: "Choose a style of `pinx styles`",
        infotext: "Style",
        field: field!(style, typed),
        ..TEXT
    },
    Parameter {
        name: "colors",
        keys: &["colors", "palette"],
        shape: Shape::List,
        wants: "a list of colours, or a palette's name",
        value_name: "COLOURS",
        doc: "Use colours (`#FF6B6B,#4ECDC4`) or a palette of `pinx styles`",
        infotext: "Colors",
        field: field!(colors, typed),
        ..TEXT
    },
    Parameter {
        name: "background",
        keys: &["background"],
        wants: "transparent, opaque or auto",
        value_name: "KIND",
        doc: "Ask for a background: transparent, opaque or auto",
        infotext: "Background",
        field: field!(background, parsed),
        ..TEXT
    },
    Parameter {
        name: "label",
        keys: &[],
        value_name: "TEXT",
        doc: "Set words in type over the picture (pinx/sketch only)",
        infotext: "Label",
        field: field!(label, typed),
        ..TEXT
    },
    Parameter {
        name: "params",
        keys: &["params"],
        shape: Shape::Tables,
        wants: "a table",
        field: field!(params, typed),
        ..TEXT
    },
    Parameter {
        name: "inputs",
        keys: &[],
        shape: Shape::Tables,
        wants: "pictures, each with its role, hash and size",
        field: field!(inputs, typed),
        ..TEXT
    },
    Parameter {
        name: "input_fidelity",
        long: Some("input-fidelity"),
        keys: &["input_fidelity"],
        wants: "high or low",
        value_name: "LEVEL",
        doc: "Keep faces and details of the pictures closely, where the model has it: high or low",
        field: field!(input_fidelity, parsed),
        ..TEXT
    },
];

/// The row of a parameter.
pub(crate) fn find(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

/// These names, separated by spaces, then those of the parameters that are none of them.
pub(crate) fn names(first: &'static str) -> impl Iterator<Item = &'static str> {
    first.split(' ').chain(others(first).map(|parameter| parameter.name))
}

/// The parameters that are none of these.
pub(crate) fn others(names: &'static str) -> impl Iterator<Item = &'static Parameter> {
    PARAMETERS.iter().filter(|parameter| names.split(' ').all(|name| name != parameter.name))
}

/// Whether a value asks for nothing.
pub(crate) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

impl Parameter {
    /// The name of its flag.
    pub(crate) fn flag(&self) -> &'static str {
        self.long.unwrap_or(self.name)
    }

    /// Its value as JSON: `null`, an empty list or table where it is not asked for.
    pub(crate) fn value(&self, request: &Request) -> Value {
        (self.field.get)(request)
    }

    /// Its value as JSON, where it is asked for.
    pub(crate) fn asked(&self, request: &Request) -> Option<Value> {
        Some(self.value(request)).filter(|value| !is_nothing(value))
    }

    /// Asks for a value.
    ///
    /// # Errors
    /// Why it is none of this parameter, in words.
    pub(crate) fn set(&self, request: &mut Request, value: Value) -> Result<(), String> {
        (self.field.set)(request, value)
    }

    /// Asks for a value that is written as text.
    ///
    /// # Errors
    /// As [`Parameter::set`].
    pub(crate) fn parse(&self, request: &mut Request, text: &str) -> Result<(), String> {
        let words = || text.split([',', ' ']).filter(|word| !word.is_empty());
        let value = match self.shape {
            Shape::Number | Shape::Switch => serde_json::from_str(text.trim()).unwrap_or_default(),
            Shape::List => words().collect(),
            Shape::Text | Shape::Tables | Shape::Pairs | Shape::Auth => Value::from(text),
        };
        match value {
            Value::Null => Err(format!("`{text}` is not {}", self.wants)),
            value => self.set(request, value),
        }
    }

    /// Whether every text is a value.
    pub(crate) fn takes_any_text(&self) -> bool {
        self.shape == Shape::Text && self.wants == TEXT.wants
    }

    /// Asks for what another request asks for.
    pub(crate) fn copy(&self, from: &Request, to: &mut Request) {
        (self.field.copy)(from, to);
    }

    /// Asks for nothing.
    pub(crate) fn clear(&self, request: &mut Request) {
        self.copy(&Request::default(), request);
    }
}

/// A value in a line.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}={value}"));
            fields.collect::<Vec<_>>().join(" · ")
        }
        other => other.to_string(),
    }
}

/// For types that are read from JSON.
fn typed<T: DeserializeOwned>(field: &mut T, value: Value) -> Result<(), String> {
    *field = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(())
}

/// For words that are read from their text, as wherever else they are written.
fn parsed<T: FromStr<Err = String>>(field: &mut Option<T>, value: Value) -> Result<(), String> {
    *field = match value {
        Value::Null => None,
        Value::String(text) => Some(text.parse()?),
        other => return Err(format!("`{other}` is not text")),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::{MAX_EDGE, MaskMeans, Role, SIZE_WORDS};

    /// A value of every parameter.
    pub(crate) fn everything() -> Request {
        Request {
            prompt: "a fox".to_owned(),
            negative: Some("rain".to_owned()),
            size: Some(Size::new(64, 32)),
            aspect: Some(Aspect { width: 2, height: 1 }),
            quality: Some("low".to_owned()),
            format: Some(Format::Webp),
            seed: Some(7),
            style: Some("noir".to_owned()),
            colors: vec![Rgb([1, 2, 3]), Rgb([255, 0, 0])],
            background: Some(Background::Opaque),
            label: Some("FOX".to_owned()),
            params: [("steps".to_owned(), json!(4))].into(),
            inputs: vec![Input {
                role: Role::Mask,
                sha256: "0".repeat(64),
                size: Size::new(64, 32),
                means: Some(MaskMeans::White),
            }],
            input_fidelity: Some(Fidelity::High),
        }
    }

    #[test]
    fn each_row_is_about_its_own_field() {
        let all = everything();
        let mut built = Request::default();
        for parameter in &PARAMETERS {
            let value = parameter.asked(&all).unwrap_or_else(|| panic!("{}", parameter.name));
            assert_eq!(parameter.asked(&built).filter(|value| *value != ""), None);
            parameter.set(&mut built, value).unwrap();
            let told = format!("{built:?}");
            let mut cleared = built.clone();
            parameter.clear(&mut cleared);
            assert_ne!(format!("{cleared:?}"), told, "{}", parameter.name);
            assert!(parameter.set(&mut cleared, json!([[]])).is_err(), "{}", parameter.name);
        }
        assert_eq!(built, all);
    }

    #[test]
    fn what_is_shown_in_a_line_is_read_from_it() {
        let all = everything();
        for parameter in PARAMETERS.iter().filter(|parameter| !parameter.infotext.is_empty()) {
            let mut read = Request::default();
            parameter.parse(&mut read, &words(&parameter.value(&all))).unwrap();
            assert_eq!(parameter.value(&read), parameter.value(&all), "{}", parameter.name);
        }
        for (name, text) in [("seed", "-1"), ("seed", ""), ("background", "blue"), ("colors", "x")]
        {
            let parameter = find(name).unwrap();
            assert!(parameter.parse(&mut Request::default(), text).is_err(), "{name} {text}");
        }
    }

    #[test]
    fn no_name_means_two_parameters_and_limits_are_told_as_they_hold() {
        let mut seen = std::collections::HashSet::new();
        for parameter in &PARAMETERS {
            assert!(parameter.keys.iter().all(|key| seen.insert(*key)), "{}", parameter.name);
            assert!(parameter.value_name.is_empty() == parameter.doc.is_empty());
        }
        let wants = find("size").unwrap().wants;
        assert!(wants.contains(&format!("to {MAX_EDGE}x{MAX_EDGE}")));
        assert!(SIZE_WORDS.iter().all(|(word, ..)| wants.contains(word)), "{wants}");
        let names: Vec<&str> = names("own seed").collect();
        assert_eq!(names[..3], ["own", "seed", "prompt"]);
        assert_eq!(names.len(), PARAMETERS.len() + 1);
    }
}

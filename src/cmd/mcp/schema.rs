//! The tools and their arguments: what a client is told of them, and what is checked by the same table.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Map, Value, json};

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Takes {
    Text,
    Texts,
    Whole(u64, u64),
    Number,
    Switch,
    Table,
    /// Prompts, or objects with a prompt and what differs for it.
    Prompts,
}

/// An argument of a tool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    doc: &'static str,
}

/// A tool.
pub(super) struct Shape {
    pub(super) name: &'static str,
    title: &'static str,
    doc: &'static str,
    pub(super) arguments: &'static [&'static [Argument]],
    pub(super) required: &'static [&'static str],
    is_read_only: bool,
    /// Whether the same call again changes nothing more.
    is_idempotent: bool,
    /// Whether it talks to somebody beyond this machine.
    is_open: bool,
}

const fn argument(name: &'static str, takes: Takes, doc: &'static str) -> Argument {
    Argument { name, takes, doc }
}

const PROMPT: &[Argument] = &[argument("prompt", Takes::Text, "What the image shows, in words")];

/// Parameters of the picture, without its prompt.
const PICTURE: &[Argument] = &[
    argument(
        "model",
        Takes::Text,
        "An id of list_models; several with commas make one image each. Default: the user's, or `auto`. \
         What costs nothing: list_models with `free`",
    ),
    argument("count", Takes::Whole(1, 20), "Images of each model. Default 1"),
    argument(
        "size",
        Takes::Text,
        "`1024x1024`, square, portrait, landscape, hd, 2k or 4k; snapped to what the model makes, and told",
    ),
    argument("aspect", Takes::Text, "A ratio instead of a size: `16:9`"),
    argument("quality", Takes::Text, "The model's own word: low, medium, high"),
    argument("format", Takes::Text, "png, jpeg, webp, gif, avif or svg"),
    argument("background", Takes::Text, "transparent, opaque or auto"),
    argument(
        "seed",
        Takes::Whole(0, i64::MAX as u64),
        "Repeats a picture on models that honour it",
    ),
    argument("negative", Takes::Text, "What should not be seen"),
    argument("style", Takes::Text, "The id of a style, such as `watercolor` or `voxel-3d`"),
    argument("colors", Takes::Texts, "Colours such as `#FF6B6B`, or the name of a palette"),
    argument("fallback", Takes::Texts, "Models that are asked where the first one fails"),
    argument("params", Takes::Table, "Fields that are passed to the provider as they are"),
    argument("tags", Takes::Texts, "Words to find it by in the log"),
];

const PICTURES_IN: &[Argument] = &[
    argument(
        "images",
        Takes::Texts,
        "Pictures that it is made from: files of your directory, https addresses, or ids or hashes of \
         images that pinx made",
    ),
    argument("mask", Takes::Text, "A picture of the same size that says what may change"),
    argument("mask_means", Takes::Text, "Which part of the mask is changed: white or transparent"),
    argument("fit", Takes::Switch, "Scale down pictures that are too large for the model"),
    argument("input_fidelity", Takes::Text, "How closely the pictures are kept: high or low"),
];

/// How a call is made.
const CALL: &[Argument] = &[
    argument(
        "request_id",
        Takes::Text,
        "Your own name for this request. The same one again never makes or pays it twice: it waits for, \
         or gets, the same images",
    ),
    argument(
        "max_cost",
        Takes::Number,
        "Dollars that this call may cost at most; it only lowers what the user allows",
    ),
    argument(
        "output",
        Takes::Text,
        "A file, or a directory that ends in `/`, inside your directory. Nothing is overwritten",
    ),
    argument("preview", Takes::Switch, "Only plan it: its price and its files; nothing is sent"),
    argument(
        "wait",
        Takes::Whole(0, 45),
        "Seconds to wait for it, at most 45 (the default); then `running`, and get_run goes on",
    ),
];

const MANY: &[Argument] = &[
    argument(
        "prompts",
        Takes::Prompts,
        "At most 20 prompts: texts, or objects with a `prompt` and arguments that differ for it",
    ),
    argument(
        "file",
        Takes::Text,
        "A prompt file of your directory instead: txt, jsonl, csv, tsv, yaml, json or toml, at most 20 \
         jobs",
    ),
];

const NONE: Shape = Shape {
    name: "",
    title: "",
    doc: "",
    arguments: &[],
    required: &[],
    is_read_only: true,
    is_idempotent: true,
    is_open: false,
};

/// All of them.
pub(super) static TOOLS: [Shape; 9] = [
    Shape {
        name: "generate_image",
        title: "Make an image",
        doc: "Make images from words and save them to disk; answers with paths, never with pixels. It may \
              cost the user's money: list_models and estimate_cost tell prices. Never call it again for \
              an image that is still running or may be paid for: get_run and recover are for that.",
        arguments: &[PROMPT, PICTURE, CALL],
        required: &["prompt"],
        is_read_only: false,
        is_idempotent: false,
        is_open: true,
    },
    Shape {
        name: "edit_image",
        title: "Change an image",
        doc: "Make an image from other images and from words that say what is to change; otherwise like \
              generate_image.",
        arguments: &[PROMPT, PICTURES_IN, PICTURE, CALL],
        required: &["prompt", "images"],
        is_read_only: false,
        is_idempotent: false,
        is_open: true,
    },
    Shape {
        name: "batch_images",
        title: "Make several images",
        doc: "Make images from several prompts in one run with one price; arguments beside `prompts` hold \
              for all of them.",
        arguments: &[MANY, PICTURE, CALL],
        required: &[],
        is_read_only: false,
        is_idempotent: false,
        is_open: true,
    },
    Shape {
        name: "list_models",
        title: "List models",
        doc: "Models that can be used now, with price for the size asked for, time and abilities.",
        arguments: &[&[
            argument("query", Takes::Text, "Those whose id, name or description holds this"),
            argument("provider", Takes::Text, "Those of one provider"),
            argument(
                "can",
                Takes::Texts,
                "Those that can all of this: seed, negative, alpha, svg, colors, style, edit, mask, references",
            ),
            argument("free", Takes::Switch, "Those that cost nothing"),
            argument("all", Takes::Switch, "Also those without a key, and retired ones"),
            argument("size", Takes::Text, "The size that prices are for"),
            argument("quality", Takes::Text, "The quality that prices are for"),
            argument("sort", Takes::Text, "cost, time or name"),
        ]],
        ..NONE
    },
    Shape {
        name: "estimate_cost",
        title: "Price an image",
        doc: "What exactly this call would cost and what would be adjusted. Sends nothing, costs nothing, \
              needs no key. Takes what generate_image, edit_image and batch_images take.",
        arguments: &[PROMPT, PICTURES_IN, MANY, PICTURE],
        ..NONE
    },
    Shape {
        name: "show_image",
        title: "Look at an image",
        doc: "A small version of an image (at most 512 pixels and 150 kB), to judge how it looks. The only \
              tool that returns pixels: they fill your context.",
        arguments: &[&[
            argument("image", Takes::Text, "Its id or hash, `@last`, or a file of your directory"),
            argument("size", Takes::Whole(16, 512), "Pixels of its longer edge. Default 512"),
        ]],
        required: &["image"],
        ..NONE
    },
    Shape {
        name: "get_run",
        title: "Wait for a run",
        doc: "What came of a run that answered `running`, or of an older one. Waits for its end; call it \
              again while it is still running.",
        arguments: &[&[
            argument("run", Takes::Text, "The id of the run, as `261130-7f3k9…`"),
            argument("wait", Takes::Whole(0, 45), "Seconds to wait, at most 45 (the default)"),
        ]],
        required: &["run"],
        ..NONE
    },
    Shape {
        name: "recover",
        title: "Collect what was paid for",
        doc: "Finish what was interrupted: collects images that were paid for and never arrived. Pays for \
              nothing and may be repeated.",
        arguments: &[&[argument("list", Takes::Switch, "Only list what is open; ask nobody")]],
        is_read_only: false,
        is_open: true,
        ..NONE
    },
    Shape {
        name: "stats",
        title: "What was spent",
        doc: "What was spent, on what, how fast and how well it went.",
        arguments: &[&[
            argument("since", Takes::Text, "A day (`2026-11-01`), or today, week, month, year"),
            argument("until", Takes::Text, "A day"),
            argument(
                "by",
                Takes::Text,
                "Group by model, provider, day, month, style, tag or client",
            ),
            argument("model", Takes::Text, "Of this model"),
            argument("provider", Takes::Text, "Of this provider"),
            argument("tag", Takes::Text, "Of what has this tag"),
        ]],
        ..NONE
    },
];

/// The tool of a name.
pub(super) fn find(name: &str) -> Option<&'static Shape> {
    TOOLS.iter().find(|tool| tool.name == name)
}

impl Shape {
    /// Its arguments.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static Argument> {
        self.arguments.iter().flat_map(|some| some.iter())
    }

    /// As a client is told of it.
    pub(super) fn tool(&self) -> Tool {
        let mut schema = object(self.all(), self.required);
        schema.insert("additionalProperties".to_owned(), false.into());
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(self.is_read_only)
            .destructive(false)
            .idempotent(self.is_idempotent)
            .open_world(self.is_open);
        Tool::new(self.name, self.doc, Arc::new(schema))
            .with_title(self.title)
            .with_annotations(annotations)
    }
}

fn object<'a>(arguments: impl Iterator<Item = &'a Argument>, required: &[&str]) -> JsonObject {
    let properties: Map<String, Value> =
        arguments.map(|argument| (argument.name.to_owned(), argument.schema())).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

impl Argument {
    fn schema(&self) -> Value {
        let mut schema = match self.takes {
            Takes::Text => json!({ "type": "string" }),
            Takes::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Takes::Whole(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Takes::Number => json!({ "type": "number", "minimum": 0 }),
            Takes::Switch => json!({ "type": "boolean" }),
            Takes::Table => json!({ "type": "object" }),
            Takes::Prompts => {
                let own = object(PROMPT.iter().chain(PICTURE), &["prompt"]);
                let items = json!({ "anyOf": [{ "type": "string" }, own] });
                json!({ "type": "array", "minItems": 1, "maxItems": 20, "items": items })
            }
        };
        schema["description"] = self.doc.into();
        schema
    }
}

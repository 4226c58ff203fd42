//! Batch files: what is said of wrong ones, and the rules that all formats share.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::*;
use crate::request::{Format as Picture, Size};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::load(&::toml::Table::new(), &[]).unwrap());

fn read_with(text: &[u8], format: Format, vars: &[(&str, &str)]) -> (Vec<Item>, Problems) {
    let vars = vars.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let request = Request {
        prompt: "left over".to_owned(),
        style: Some("noir".to_owned()),
        size: Some(Size::new(64, 64)),
        ..Request::default()
    };
    let base =
        Base { request, count: 2, catalog: &CATALOG, vars: &vars, layout: Layout::default() };
    let (mut problems, mut items) = (Problems::default(), Vec::new());
    let mut bytes = text;
    read(&mut bytes, format, &base, &mut problems, &mut |item| {
        items.push(item);
        ControlFlow::Continue(())
    })
    .unwrap();
    (items, problems)
}

pub(super) fn told(text: &[u8], format: Format) -> Vec<String> {
    let (_, problems) = read_with(text, format, &[]);
    let told = problems.list().iter().map(|problem| match &problem.hint {
        Some(hint) => format!("{problem} | {hint}"),
        None => problem.to_string(),
    });
    told.collect()
}

#[track_caller]
pub(super) fn good(text: &str, format: Format, vars: &[(&str, &str)]) -> Vec<Item> {
    let (items, problems) = read_with(text.as_bytes(), format, vars);
    assert!(problems.is_empty(), "{problems:#?}");
    items
}

/// Where the only job of a line goes; nothing when the line is wrong.
pub(super) fn output(key: &str, path: &str) -> Option<String> {
    let line = format!("{{\"prompt\": \"p\", \"{key}\": \"{path}\"}}");
    read_with(line.as_bytes(), Format::Lines, &[]).0.pop()?.output
}

/// Malformed files, each with everything that is said of it.
#[rustfmt::skip]
const MALFORMED: &[(Format, &[u8], &[&str])] = &[
    (Format::Text, b"# nothing\n\n", &["1: there are no jobs in it"]),
    (Format::Text, b"a fox\nan \xff owl\n", &[
        "2:4: the byte 0xff is no UTF-8 | save the file as UTF-8",
    ]),
    (Format::Text, b"\xff\xfea\0 \0f\0o\0x\0", &[
        "1:1: the file is UTF-16, not UTF-8 | save the file as UTF-8",
    ]),
    (Format::Text, b"a fox\na \x07 bell\n", &[
        "2:1: the prompt holds the control character U+0007 | take it out",
    ]),
    (Format::Lines, b"{\"prompt\": \"a fox\"},\n{\"prompt\": 'owl'}\n", &[
        "1:20: this is no JSON: trailing characters | write one object a line, with no comma behind it",
        "2:12: this is no JSON: expected value | JSON takes double quotes only",
    ]),
    (Format::Lines, b"[\n{\"promt\": \"a fox\"}\n]\n", &[
        "1:1: `[` is no job | write one JSON object or one prompt a line; a JSON list is a `.json` file",
        "2:2: unknown key `promt` | did you mean `prompt`?",
        "3:1: `]` is no job | write one JSON object or one prompt a line; a JSON list is a `.json` file",
    ]),
    (Format::Lines, b"{\"prompt\": \"a fox\", \"size\": \"big\", \"n\": 0, \"sede\": 4}\n", &[
        "1:29: `big` is not a size, such as `1024x1024`, `16:9` or `landscape`",
        "1:41: `n` must be a whole number from 1 to 1000, not `0`",
        "1:44: unknown key `sede` | did you mean `seed`?",
    ]),
    (Format::Lines, b"{\"size\": \"8x8\"}\n{\"prompt\": \" \"}\n{\"prompt\": 7}\n", &[
        "1:1: the job has no `prompt`",
        "2:12: the prompt is empty",
        "3:12: `prompt` must be text, not `7` | put it in quotes",
    ]),
    (Format::Lines, b"{\"prompt\": \"a fox\", \"out\": \"a.png\", \"output\": \"b.png\"}\n", &[
        "1:37: `out` and `output` say the same | leave one of them out",
    ]),
    (Format::Lines, b"{\"prompt\": \"a\", \"output\": \"../x.png\"}\n{\"prompt\": \"b\", \"output\": \"/tmp/x.png\"}\n{\"prompt\": \"c\", \"output\": \"-\"}\n", &[
        "1:27: `output` must stay inside the output directory: `../x.png` | write it without `..`",
        "2:27: `output` must stay inside the output directory: `/tmp/x.png` | write it without the directory in front",
        "3:27: `output` cannot be stdout: `-` | name a file: the paths of all images go to stdout",
    ]),
    (Format::Lines, b"{\"prompt\": \"a {anmal}\", \"vars\": {\"animal\": \"fox\"}}\n", &[
        "1:12: the prompt asks for `{anmal}`, which has no value | did you mean `{animal}`?",
    ]),
    (Format::Lines, b"{\"prompt\": \"a fox\", \"matrix\": {\"mood\": [\"sad\", \"glad\"]}}\n{\"prompt\": \"{a}\", \"matrix\": {\"a\": []}}\n", &[
        "1:32: nothing in the job uses `{mood}` of the matrix | write `{mood}` into the prompt: the same picture would be made 2 times",
        "2:35: `a` has no values | leave it out, or list some",
    ]),
    (Format::Lines, b"{\"prompt\": \"a fox\", \"image\": \"-\", \"params\": {\"num_images\": 4}}\n", &[
        "1:30: `image`: a batch file names no stdin | `-i -` on the command line is a picture for all jobs",
        "1:46: `num_images` would ask for several images in one paid request | `count` makes that many, one a request",
    ]),
    (Format::Lines, b"{\"prompt\": \"a fox\", \"style\": \"watercolr\"}\n{\"prompt\": \"x\", \"colors\": \"#12\"}\n", &[
        "1:30: unknown style `watercolr` | did you mean `watercolor`? `pinx styles` lists them",
        "2:27: `#12` is not a colour, such as `#FF6B6B` | give hex colours, or a palette of `pinx styles`",
    ]),
    (Format::Lines, b"{\"prompt\": \"a fox\", \"size\": \"8x8\", \"ratio\": \"1:1\", \"max_cost\": \"lots\", \"format\": \"bmp\"}\n", &[
        "1:36: `size` and `ratio` exclude each other | leave one of them out",
        "1:64: `lots` is not an amount in dollars, such as `0.25`",
        "1:82: `bmp` is not a format: png, jpeg, webp, gif, avif or svg",
    ]),
    (Format::Csv, b"prompt,outptu\na fox,x.png\n", &[
        "1:8: unknown column `outptu` | did you mean `output`? `--ignore-unknown` leaves the column out",
    ]),
    (Format::Csv, b"prompt,n\na fox, red,2\nan owl\n", &[
        "2:12: the row has 3 cells, the first row 2 | a prompt that holds a comma stands in quotes: `\"a fox, red\"`",
        "3:1: the row has 1 cell, the first row 2 | a cell may be empty, but its comma stays",
    ]),
    (Format::Csv, b"prompt,n\nok,1\n\"a fox,2\nan owl,3\n", &[
        "3:1: the quote that opens here is never closed | a quote inside quotes is written twice: `\"\"`",
    ]),
    (Format::Csv, b"words;n\na fox;2\n", &[
        "1:1: the first row has no cell `prompt` | the first row names the columns; `--prompt-column NAME` says which of words, n holds the prompts",
    ]),
    (Format::Tsv, b"prompt\tn\n\"a fox\" x\t2\nan owl\ttwo\n", &[
        "2:9: text stands behind the quote that closes the cell | a quote inside quotes is written twice: `\"\"`",
        "3:8: `n` must be a whole number from 1 to 1000, not `two`",
    ]),
    (Format::Yaml, b"jobs:\n  - prompt: a fox\n    size: [1, 2]\n  - prompt: 1984\n  - 7\n", &[
        "3:11: `size` must be a size, such as `1024x1024`, not a list",
        "4:13: `prompt` must be text, not `1984` | put it in quotes",
        "5:5: a job must be a table or a prompt, not `7`",
    ]),
    (Format::Yaml, b"jobs:\n  - prompt: \"a fox\n", &[
        "2:13: this is no YAML: unclosed quote",
    ]),
    (Format::Yaml, b"defualts: {size: 8x8}\nimages:\n  - {prompt: x, provider: opnai}\n", &[
        "1:1: unknown key `defualts` | did you mean `defaults`?",
        "3:27: unknown provider `opnai` | did you mean `openai`?",
    ]),
    (Format::Yaml, b"prompt: a fox\nsize: 8x8\n", &[
        "1:1: there is no list `jobs` | put the job into a list, with a `-` in front, or under `jobs`",
    ]),
    (Format::Yaml, b"defaults: {id: x, quality: 3}\njobs: [a, b]\n", &[
        "1:12: `id` cannot be the same for all jobs | write it into each job",
        "1:28: `quality` must be text, not `3` | put it in quotes",
    ]),
    (Format::Json, b"{\"jobs\": [{\"prompt\": \"a\"}\n", &[
        "2:1: this is no JSON: EOF while parsing a list",
    ]),
    (Format::Json, b"[{\"prompt\": \"a\"},\n]", &[
        "2:1: this is no JSON: expected value | take out the comma in front of it",
    ]),
    (Format::Json, b"{\"jobs\": {\"prompt\": \"a\"}}", &[
        "1:10: `jobs` must be a list, not a table",
    ]),
    (Format::Toml, b"[[jobs]]\nprompt = a fox\n", &[
        "2:10: this is no TOML: string values must be quoted, expected literal string",
    ]),
    (Format::Toml, b"[[jobs]]\nprompt = \"a fox\"\nseed = -1\nmax_cost = 2026-01-01\nwidth = 8\n", &[
        "3:8: `seed` must be a whole number from 0 to 9223372036854775807, not `-1`",
        "4:12: `max_cost` must be an amount in dollars, such as `0.25`, not a date",
        "5:1: `width` stands without `height` | write `size: 1024x1024`",
    ]),
];

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let mut wrong = 0;
    for (format, text, expected) in MALFORMED {
        let told = told(text, *format);
        if told != *expected {
            wrong += 1;
            eprintln!("{format:?} {:?}", String::from_utf8_lossy(text));
            told.iter().for_each(|line| eprintln!("        {line:?},"));
        }
    }
    assert!(MALFORMED.len() >= 20 && wrong == 0, "{wrong} differ");
}

#[test]
fn extensions_name_formats() {
    for (path, format) in [
        ("-", Some(Format::Lines)),
        ("a.TXT", Some(Format::Text)),
        ("a.b/c.yml", Some(Format::Yaml)),
        ("a.jsonl", Some(Format::Lines)),
        ("a", None),
        ("a.pdf", None),
    ] {
        assert_eq!(Format::of_path(Path::new(path)), format, "{path}");
    }
}

#[test]
fn a_text_file_is_a_prompt_a_line() {
    let text = "\u{feff}# foxes\r\na red fox \r\n\r\n  {\"not\": json}  \n\"quoted\"\nlast";
    let items = good(text, Format::Text, &[]);
    let prompts: Vec<&str> = items.iter().map(|item| &*item.request.prompt).collect();
    assert_eq!(prompts, ["a red fox", "{\"not\": json}", "\"quoted\"", "last"]);
    assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [2, 4, 5, 6]);
    assert_eq!(items.iter().map(|item| item.index).collect::<Vec<_>>(), [0, 1, 2, 3]);
    // What the file leaves open comes from the settings.
    assert_eq!(items[0].count, 2);
    assert_eq!(items[0].request.style.as_deref(), Some("noir"));
    assert_eq!((&items[0].models, &items[0].fallback, &items[0].output), (&None, &None, &None));
}

#[test]
fn every_key_has_its_meaning() {
    let text = r##"
{"prompt": "p", "name": "x", "output": "d/{slug}.jpg", "n": "3", "model": "a, b", "fallback": ["c"],
 "aspect_ratio": "16:9", "quality": "high", "background": "opaque", "seed": 7, "negative": "text",
 "preset": "photo", "colors": "ocean", "params": {"a": [1]}, "max_cost": 0.25, "tags": "t, u"}"##
        .replace('\n', "");
    let items = good(&text, Format::Lines, &[]);
    let [item] = &items[..] else { panic!() };
    let request = &item.request;
    assert_eq!(item.id.as_deref(), Some("x"));
    assert_eq!(item.output.as_deref(), Some("d/{slug}.jpg"));
    assert_eq!(request.format, Some(Picture::Jpeg), "the extension of the output asks for it");
    assert_eq!(item.count, 3);
    assert_eq!(item.models, Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(item.fallback, Some(vec!["c".to_owned()]));
    assert_eq!(request.aspect, "16:9".parse().ok());
    assert_eq!(request.size, None, "a ratio takes the place of the size of the settings");
    assert_eq!((request.seed, request.negative.as_deref()), (Some(7), Some("text")));
    assert_eq!(request.style.as_deref(), Some("photo"));
    assert_eq!(request.colors, CATALOG.colors("ocean").unwrap());
    assert_eq!(request.params["a"], serde_json::json!([1]));
    assert_eq!(item.max_cost, Some(Money::micros(250_000)));
    assert_eq!(item.tags, ["t", "u"]);
    for none in ["[]", "\"none\"", "false"] {
        let items =
            good(&format!("{{\"prompt\": \"p\", \"fallback\": {none}}}"), Format::Lines, &[]);
        assert_eq!(items[0].fallback, Some(Vec::new()), "{none}");
    }
}

/// What is remarked of a file, and the prompts in it.
fn remarked(text: &str, format: Format) -> (Vec<String>, Vec<String>) {
    let (items, problems) = read_with(text.as_bytes(), format, &[]);
    assert!(problems.is_empty(), "{problems:#?}");
    let notices = problems.remarks.notices();
    let notices = notices.map(|notice| format!("{}: {}", notice.line, notice.text)).collect();
    (items.into_iter().map(|item| item.request.prompt).collect(), notices)
}

#[test]
fn lines_of_other_programs_are_read_and_told() {
    let text = "a quay\n\"A mat, two pears.\"\n\"an \"\"old\"\" cart\"\n\"OPEN\"\n\"one, \"two\", three\"\n----\n\u{feff}a hat\n";
    let (prompts, told) = remarked(text, Format::Text);
    let plain = "\"one, \"two\", three\"";
    assert_eq!(
        prompts,
        ["a quay", "A mat, two pears.", "an \"old\" cart", "\"OPEN\"", plain, "a hat"]
    );
    assert_eq!(
        told,
        [
            "2: the quotes around the whole line are left out (also line 3)",
            "6: a line of dashes is no prompt, and was skipped",
        ]
    );
    // A job is known by its line as it is written.
    let known: Vec<String> =
        good(text, Format::Text, &[]).iter().map(|item| item.known_by().prompt.clone()).collect();
    let line = text.lines().collect::<Vec<_>>();
    assert_eq!(known, [line[0], line[1], line[2], line[3], line[4], line[6]]);
}

#[test]
fn blocks_are_prompts_and_lines_without_an_end_stay_lines() {
    let text = "positive:a mill,\nink\nnegative:text\n-----\nnegative: people\npositive: a dam\n\
                positive: a well\n---\na plain line\n";
    let items = good(text, Format::Text, &[]);
    let told: Vec<(u64, &str, Option<&str>)> = items
        .iter()
        .map(|item| (item.line, &*item.request.prompt, item.request.negative.as_deref()))
        .collect();
    let expected = [
        (1, "a mill, ink", Some("text")),
        (5, "a dam", Some("people")),
        (7, "a well", None),
        (9, "a plain line", None),
    ];
    assert_eq!(told, expected);
    let (prompts, _) = remarked("positive: that is her\na fox\nan owl\n", Format::Text);
    assert_eq!(prompts, ["that is her", "a fox", "an owl"]);
    let many = format!("positive: x\n{}", "a fox\n".repeat(1_000));
    assert_eq!(good(&many, Format::Text, &[]).len(), 1_001);
}

#[test]
fn comments_that_look_like_prompts_are_counted() {
    let text = "# foxes\n#fox\n#cyber town, neon\n# id, prompt, size\na fox\n\
                # an owl, oak branch, moonlight, fog, painted in oil\n# a fox --ar 16:9\n## TODO more\n#!shell x\n";
    for format in [Format::Text, Format::Lines] {
        let (prompts, told) = remarked(text, format);
        assert_eq!(prompts, ["a fox"]);
        let expected =
            "3: 3 lines begin with `#` and were skipped as comments (also lines 6 and 7)";
        assert_eq!(told, [expected]);
    }
}

#[test]
fn what_is_read_out_of_a_prompt_yields_to_the_keys_of_its_job() {
    let text = "{\"prompt\": \"a fox --ar 2:3 --seed 5 --no rain\", \"seed\": 1}\n\
                {\"prompt\": \"an owl --ar 2:3\", \"width\": 64, \"height\": 64}\n";
    let items = good(text, Format::Lines, &[]);
    let [fox, owl] = &items[..] else { panic!() };
    assert_eq!((&*fox.request.prompt, fox.request.seed), ("a fox", Some(1)));
    assert_eq!((fox.request.aspect, fox.request.size), ("2:3".parse().ok(), None));
    assert_eq!(fox.request.negative.as_deref(), Some("rain"));
    assert_eq!((owl.request.size, owl.request.aspect), (Some(Size::new(64, 64)), None));
    // They are known as they always were.
    assert_eq!(fox.known_by().prompt, "a fox --ar 2:3 --seed 5 --no rain");
    assert_eq!((fox.known_by().size, &fox.known_by().negative), (Some(Size::new(64, 64)), &None));
}

#[test]
fn requests_of_a_batch_interface_are_jobs() {
    let line = |method: &str, url: &str| {
        format!(
            "{{\"custom_id\": \"hero\", \"method\": \"{method}\", \"url\": \"{url}\", \"body\": {{\"model\": \
             \"gpt-image-2\", \"prompt\": \"a mill\", \"n\": 2, \"size\": \"8x8\", \"user\": \"me\", \"stream\": false}}}}"
        )
    };
    let items = good(&line("POST", "/v1/images/generations"), Format::Lines, &[]);
    let [item] = &items[..] else { panic!() };
    assert_eq!((item.id.as_deref(), item.count), (Some("hero"), 2));
    assert_eq!((&*item.request.prompt, item.request.size), ("a mill", Some(Size::new(8, 8))));
    assert_eq!(item.request.params["user"], "me");
    assert_eq!(
        told(line("GET", "/v1/chat/completions").as_bytes(), Format::Lines),
        [
            "1:33: the method is `GET`, not `POST`",
            "1:47: `/v1/chat/completions` makes no images | only requests to `/v1/images/generations` and `/v1/images/edits` are read",
        ]
    );
}

/// The prompts of a file in a layout, or what is wrong.
fn laid_out(text: &str, format: Format, layout: Layout, vars: &[(&str, &str)]) -> Vec<String> {
    let vars = vars.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let base =
        Base { request: Request::default(), count: 1, catalog: &CATALOG, vars: &vars, layout };
    let (mut problems, mut prompts) = (Problems::default(), Vec::new());
    let mut bytes = text.as_bytes();
    read(&mut bytes, format, &base, &mut problems, &mut |item| {
        prompts.push(item.request.prompt);
        ControlFlow::Continue(())
    })
    .unwrap();
    prompts.extend(problems.list().iter().map(|problem| {
        problem
            .hint
            .as_ref()
            .map_or_else(|| problem.to_string(), |hint| format!("{problem} | {hint}"))
    }));
    prompts
}

#[test]
fn data_sets_are_read_by_what_the_user_says_of_them() {
    let column = |name: &str| Layout { prompt_column: Some(name.into()), ..Layout::default() };
    let ignoring = Layout { ignores_unknown: true, ..Layout::default() };
    let template = |text: &str| Layout { prompt_template: Some(text.into()), ..Layout::default() };
    let both = |layout: Layout| Layout { ignores_unknown: true, ..layout };
    let table = "Prompts\tKind\tSpoken\na mill\tplain\ta windmill\n7\tplain\tseven\n";
    let tree = "{\"who\": \"a miller\", \"meta\": {\"mood\": \"calm\", \"tags\": [\"ink\", \"grey\"]}, \"style\": \"etched\"}\n";
    for (text, format, layout, expected) in [
        (table, Format::Tsv, ignoring.clone(), &["a mill", "7"][..]),
        (table, Format::Tsv, both(column("spoken")), &["a windmill", "seven"]),
        (
            table,
            Format::Tsv,
            both(template("{spoken}, {Kind}")),
            &["a windmill, plain", "seven, plain"],
        ),
        (
            table,
            Format::Tsv,
            column("spokn"),
            &["1:1: there is no column `spokn` | did you mean `spoken`?"],
        ),
        (
            tree,
            Format::Lines,
            template("{who}, {meta.mood}, {meta.tags}, {style} {not a name}"),
            &["a miller, calm, ink, grey, etched {not a name}"],
        ),
        (
            tree,
            Format::Lines,
            both(column("meta.mood")),
            &["calm", "1:81: unknown style `etched` | `pinx styles` lists them"],
        ),
        (
            tree,
            Format::Lines,
            template("{who} {place} {meta}"),
            &[
                "a miller",
                "1:1: `{place}` of the prompt template has no value here | the job has who, meta, style",
                "1:1: `{meta}` of the prompt template is a table | the job has who, meta, style",
                "1:81: unknown style `etched` | `pinx styles` lists them",
            ],
        ),
        ("{\"Caption\": \"a mill\"}\n", Format::Lines, Layout::default(), &["a mill"]),
        ("- {PROMPT: a mill}\n", Format::Yaml, Layout::default(), &["a mill"]),
        (
            "{\"tag\": 1, \"inside\": [{}], \"prompt\": \"a mill\"}\n",
            Format::Lines,
            ignoring,
            &["a mill"],
        ),
        ("a mill\n", Format::Text, template("{prompt}, ink"), &["a mill, ink"]),
        (
            "a mill\n",
            Format::Text,
            column("x"),
            &["a mill", "1: a text file has no columns | leave `--prompt-column` out"],
        ),
    ] {
        assert_eq!(laid_out(text, format, layout, &[]), expected, "{text}");
    }
}

#[test]
fn styles_of_another_program_are_for_a_prompt_of_the_users_own() {
    let text =
        "name,prompt,negative_prompt\nInk,\"{prompt}, ink\",grey\nBare,,text\nQuay,a quay,\n";
    let hint = "`--var prompt=\"a red fox\"` makes one image in each style of the file";
    assert_eq!(
        laid_out(text, Format::Csv, Layout::default(), &[]),
        [
            "a quay".to_owned(),
            format!("2:5: the style is for a prompt of your own: `{{prompt}}` | {hint}"),
            format!("3:6: the style has no prompt of its own | {hint}"),
        ]
    );
    let vars = [("prompt", "a fox")];
    let prompts = laid_out(text, Format::Csv, Layout::default(), &vars);
    assert_eq!(prompts, ["a fox, ink", "a fox", "a fox, a quay"]);
}

#[test]
fn a_matrix_multiplies_and_variables_fill_every_text() {
    let text = "
defaults:
  prompt: 'a {mood} {animal} in {place}, {\"as\": is}'
  vars: {place: snow, mood: tired}
  output: '{animal}/{n}-{place}.png'
jobs:
  - matrix: {animal: [fox, ../owl], style: [noir, photo]}
    style: '{style}'
    id: '{animal}-{style}'
  - vars: {animal: hare, place: rain}
";
    let items = good(text, Format::Yaml, &[("mood", "never"), ("place", "never")]);
    let told: Vec<String> = items
        .iter()
        .map(|item| {
            let request = &item.request;
            let (id, style) = (item.id.as_deref(), request.style.as_deref());
            format!("{id:?} {style:?} {} {}", item.output.as_ref().unwrap(), request.prompt)
        })
        .collect();
    let prompt = |animal: &str, place: &str| format!("a tired {animal} in {place}, {{\"as\": is}}");
    let owl = prompt("../owl", "snow");
    assert_eq!(
        told,
        [
            format!(
                "Some(\"fox-noir\") Some(\"noir\") fox/{{n}}-snow.png {}",
                prompt("fox", "snow")
            ),
            format!(
                "Some(\"fox-photo\") Some(\"photo\") fox/{{n}}-snow.png {}",
                prompt("fox", "snow")
            ),
            format!("Some(\"../owl-noir\") Some(\"noir\") owl/{{n}}-snow.png {owl}"),
            format!("Some(\"../owl-photo\") Some(\"photo\") owl/{{n}}-snow.png {owl}"),
            format!("None Some(\"noir\") hare/{{n}}-rain.png {}", prompt("hare", "rain")),
        ]
    );
    // Without variables braces are plain text.
    assert_eq!(good("a {thing}", Format::Text, &[])[0].request.prompt, "a {thing}");
    assert_eq!(good("a {x}", Format::Text, &[("x", "fox")])[0].request.prompt, "a fox");
}

#[test]
fn a_matrix_is_bounded() {
    let values: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let text =
        format!("- prompt: '{{a}}{{b}}'\n  matrix: {{a: [{0}], b: [{0}]}}\n", values.join(","));
    assert_eq!(
        told(text.as_bytes(), Format::Yaml),
        ["2:11: the matrix makes more than 10000 jobs of one | divide it into several jobs"]
    );
}

#[test]
fn a_job_stands_over_the_defaults() {
    let text = "
defaults: {size: 8x8, model: a, tags: [x], params: {p: 1, q: 1}, output: pics, style: photo, count: 1}
jobs:
  - {prompt: one, ratio: '1:1', params: {q: 2}, id: first}
  - {prompt: two, provider: openai, tags: [], out: deep/er/two.png, n: 4}
  - three
";
    let items = good(text, Format::Yaml, &[]);
    let [one, two, three] = &items[..] else { panic!() };
    assert_eq!((one.request.size, one.request.aspect), (None, "1:1".parse().ok()));
    assert_eq!(one.request.params["p"], 1);
    assert_eq!(one.request.params["q"], 2);
    assert_eq!(one.output.as_deref(), Some("pics/first"));
    assert_eq!(two.request.size, Some(Size::new(8, 8)));
    let models = two.models.as_ref().unwrap();
    assert!(models.len() == 1 && models[0].starts_with("openai/"), "{models:?}");
    assert_eq!((two.output.as_deref(), two.count), (Some("two.png"), 4));
    assert!(two.tags.is_empty() && one.tags == ["x"]);
    assert_eq!((three.output.as_deref(), three.count), (Some("pics/"), 1));
    assert_eq!(three.models, Some(vec!["a".to_owned()]));
}

#[test]
fn one_wrong_default_is_told_once_and_a_flood_is_counted() {
    let jobs = "- x\n".repeat(50);
    let text = format!("defaults: {{size: big}}\njobs:\n{jobs}");
    let told = told(text.as_bytes(), Format::Yaml);
    assert_eq!(told, ["1:18: `big` is not a size, such as `1024x1024`, `16:9` or `landscape`"]);
    let (items, problems) = read_with("{\n".repeat(5_000).as_bytes(), Format::Lines, &[]);
    assert_eq!((items.len(), problems.list().len(), problems.more()), (0, 200, 4_800));
}

#[test]
fn an_open_quote_or_an_endless_line_costs_no_memory_and_ends_nothing_else() {
    let mut text = b"prompt\nok\n\"open\n".to_vec();
    text.extend(b"more text in the quote\n".repeat(60_000));
    assert_eq!(
        told(&text, Format::Csv),
        [
            "3:1: the quote that opens here is not closed within a megabyte | a quote inside quotes is \
          written twice: `\"\"`"
        ]
    );
    let mut text = vec![b'x'; 3_000_000];
    text.extend(b"\nan owl\n");
    let (items, problems) = read_with(&text, Format::Text, &[]);
    assert_eq!((items.len(), items[0].line), (1, 2));
    assert_eq!(problems.list()[0].to_string(), "1: the line is longer than 1048576 bytes");
}

#[test]
fn the_hash_is_that_of_the_file() {
    use sha2::{Digest as _, Sha256};
    for (format, text) in [
        (Format::Text, &b"\xef\xbb\xbfa fox\r\nx"[..]),
        (Format::Csv, b"\xef\xbb\xbfprompt\r\n\"a\r\nb\"\r\n"),
        (Format::Yaml, b"\xef\xbb\xbf- a fox\r\n- b\r\n"),
    ] {
        let vars = BTreeMap::new();
        let base = Base {
            request: Request::default(),
            count: 1,
            catalog: &CATALOG,
            vars: &vars,
            layout: Layout::default(),
        };
        let mut bytes = text;
        let summary = read(&mut bytes, format, &base, &mut Problems::default(), &mut |_| {
            ControlFlow::Continue(())
        });
        assert_eq!(summary.unwrap().sha256, <[u8; 32]>::from(Sha256::digest(text)), "{format:?}");
    }
}

//! What is read out of prompts, and what stays a prompt.

use super::*;

/// A prompt as it is read, in a line: words, what was read, what was met.
fn told(prompt: &str) -> String {
    let Some(reading) = read(prompt) else { return "as it is".to_owned() };
    let mut told = reading.prompt.clone();
    let facts = [
        reading.negative.map(|words| format!("not {words}")),
        reading.seed.map(|seed| format!("seed {seed}")),
        reading.size.map(|size| format!("size {size}")),
        reading.aspect.map(|aspect| format!("ratio {}:{}", aspect.width, aspect.height)),
    ];
    facts.into_iter().flatten().for_each(|fact| told += &format!(" | {fact}"));
    for mark in reading.marks {
        match mark.fate {
            Fate::Dropped => told += &format!(" | - {}", mark.name),
            Fate::Stays(kind) => told += &format!(" | {kind:?} {}", mark.name),
            _ => {}
        }
    }
    told
}

#[track_caller]
fn all(cases: &[(&str, &str)]) {
    let wrong = cases.iter().filter(|(prompt, expected)| told(prompt) != *expected);
    let wrong: Vec<String> = wrong
        .map(|(prompt, expected)| format!("{prompt}\n  {}\n  not {expected}", told(prompt)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_prompt_stays_a_prompt() {
    for prompt in [
        "a red fox",
        "a terminal that shows --help",
        "a terminal that shows `git commit --no verify` and --amend",
        "a sign that says \"--no smoking\"",
        "a dance floor --fast and loud",
        "a poster in ratio 16:9",
        "a poster (16:9), at (10:30), after John (3:16)",
        "a clock at 10::30, std::vector, fe80::1",
        "a well-known fox - asleep -- in the snow",
        "a fox — a red one — asleep",
        "a fox —tile floors behind it",
        "{\"prompt\": \"a|b\"} and {} and { x }",
        "C:\\dir <b>bold</b> $HOME 100% & `tick`",
        "a whiteboard with __init__ and ____ on it",
        "a/imagine prompt: no",
        "positive: that is what she is",
        "positive energy\nnegative space",
        "--amend",
        "/imagine",
        "<lora and ink>",
        "a {{name}} and {{a|b}}",
        "--ar 16:9",
    ] {
        assert_eq!(told(prompt), "as it is", "{prompt}");
    }
}

#[test]
fn midjourney_is_read() {
    all(&[
        ("a fox, ink --ar 16:9 --v 6.1 --s 250", "a fox, ink | ratio 16:9 | - --v | - --s"),
        (
            "/imagine prompt: a fox --ar 2:3 --niji 5 --no rain",
            "a fox | not rain | ratio 2:3 | - --niji",
        ),
        ("/Imagine a fox", "a fox"),
        ("a fox --ar 16x9, --v 6", "a fox | ratio 16:9 | - --v"),
        ("a fox —ar 16:9 --no rain, snow", "a fox | not rain, snow | ratio 16:9"),
        ("a fox - red — asleep --ar 1:1", "a fox - red — asleep | ratio 1:1"),
        ("a fox --ar 16:9 in the snow --tile", "a fox in the snow | ratio 16:9 | - --tile"),
        ("a fox --ar wide", "a fox --ar wide | Parameter --ar"),
        ("a sign with --hello on it --ar 1:1", "a sign with --hello on it | ratio 1:1"),
        (
            "neon alley::2 rain::1 --style raw --seed 12",
            "neon alley::2 rain::1 | seed 12 | - --style | Part alley::2",
        ),
        ("hot:: dog", "hot:: dog | Part hot::"),
        ("a fox --sref https://x.y/z.png 123 --hd", "a fox | - --sref | - --hd"),
    ]);
}

#[test]
fn options_and_blocks_of_the_web_interface_are_read() {
    all(&[
        (
            "--prompt \"a lighthouse, storm\" --negative_prompt \"blurry\" --seed 1234 --width 512 --height 768 --steps 20",
            "a lighthouse, storm | not blurry | seed 1234 | size 512x768 | - --steps",
        ),
        ("--prompt a castle --negative_prompt trees, shrubs", "a castle | not trees, shrubs"),
        (
            "--seed -1 --prompt \"it's a -- fox\" --sampler_name \"Euler a\"",
            "it's a -- fox | - --sampler_name",
        ),
        ("--prompt a --hello there --width 512", "a --hello there | - --width"),
        ("--negative_prompt \"a fox\"", "as it is"),
        ("positive:a fox,\nink\nnegative: text,\nblurry", "a fox, ink | not text, blurry"),
        ("Negative: text\nPositive: a fox", "a fox | not text"),
        ("ink of a fox, <lora:ink:0.6>, <lora:x:1> soft", "ink of a fox, soft | - <lora:…>"),
        (
            "a fox, (low quality:2), (blurry:1.3)",
            "a fox, (low quality:2), (blurry:1.3) | Weight (low quality:2)",
        ),
    ]);
}

#[test]
fn lots_and_fields_are_told() {
    all(&[
        (
            "a {red|green} fox in __season__",
            "a {red|green} fox in __season__ | Choice {red|green} | Wildcard __season__",
        ),
        (
            "a {2$$cat|dog} in the snow, ${style=ink|oil}",
            "a {2$$cat|dog} in the snow, ${style=ink|oil} | Choice {2$$cat|dog} | Variable ${style=ink|oil}",
        ),
        ("a {mood} {animal}", "a {mood} {animal} | Unfilled {mood} | Unfilled {animal}"),
        ("__places/sea__", "__places/sea__ | Wildcard __places/sea__"),
    ]);
}

#[test]
fn what_is_given_counts_first() {
    let reading = read("a fox --ar 2:3 --seed 4 --no rain").unwrap();
    let mut request = Request { seed: Some(1), size: Some(Size::new(8, 8)), ..Request::default() };
    let marks = reading.clone().fill(&mut request, |name| name == "seed");
    assert_eq!((request.seed, request.size, request.aspect), (Some(1), None, "2:3".parse().ok()));
    let over: Vec<&str> =
        marks.iter().filter(|mark| mark.fate == Fate::Overruled).map(|mark| &*mark.name).collect();
    assert_eq!(over, ["--seed"]);
    let mut request = Request { size: Some(Size::new(8, 8)), ..Request::default() };
    reading.fill(&mut request, |name| name == "size");
    assert_eq!(
        (request.size, request.aspect, request.seed),
        (Some(Size::new(8, 8)), None, Some(4))
    );
}

#[test]
fn equal_remarks_are_one() {
    let mut remarks = Remarks::default();
    for line in 1..=1_000 {
        remarks.marks(line, read("a {x} fox --ar 2:3 --v 6").unwrap().marks);
    }
    let told: Vec<String> =
        remarks.notices().map(|told| format!("{}: {}", told.line, told.text)).collect();
    let also = " (also lines 2, 3, 4, 5, 6, 7, 8, 9, 10 and 990 more)";
    assert_eq!(
        told,
        [
            format!("1: read `--ar` as the ratio{also}"),
            format!("1: left out `--v`: nothing here knows it{also}"),
            format!(
                "1: `{{x}}` stays in the prompt as it is: nothing fills it; `--var x=VALUE` does{also}"
            ),
        ]
    );
}

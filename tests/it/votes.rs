//! `pinx vote` and `pinx stats --ab`: what is judged is recorded, told and added up.

use serde_json::{Value, json};

use crate::fake::openai::{OpenAi, refused};
use crate::pinx::Pinx;

/// Writes a log of verdicts: each a run, who was best (none for a tie), among whom, and a tag.
fn judged(verdicts: &[(&str, Option<&str>, &[&str], &str)]) -> Pinx {
    let pinx = Pinx::new();
    std::fs::create_dir(pinx.data().join("log")).unwrap();
    let line = |(run, best, among, tag): &(&str, Option<&str>, &[&str], &str)| {
        let word = if best.is_some() { "best" } else { "tie" };
        let verdict = json!({
            "contest": 1, "judgement": word, "best": best, "among": among, "jobs": [],
        });
        json!({
            "v": 1, "t": "2026-11-22T10:00:00Z", "e": "verdict", "run": run, "job": "", "attempt": "",
            "tags": [tag], "style": "noir", "verdict": verdict,
        })
        .to_string()
            + "\n"
    };
    let text: String = verdicts.iter().map(line).collect();
    std::fs::write(pinx.data().join("log/2026-11.jsonl"), text).unwrap();
    pinx
}

const AB: [&str; 2] = ["p/a", "p/b"];
const BC: [&str; 2] = ["p/b", "p/c"];

#[test]
fn models_are_ranked_by_what_was_judged() {
    let verdicts: [(&str, Option<&str>, &[&str], &str); 6] = [
        ("r1", Some("p/a"), &AB, "x"),
        ("r2", Some("p/b"), &BC, "x"),
        ("r3", Some("p/b"), &BC, "y"),
        ("r4", None, &AB, "y"),
        ("r5", Some("p/c"), &BC, "x"),
        // Judged again: only the newer one counts.
        ("r5", Some("p/b"), &BC, "x"),
    ];
    let pinx = judged(&verdicts);
    let output = pinx.run(&["stats", "--ab", "--json"]).exits(0);
    let document = output.json();
    let names: Vec<&Value> =
        document["models"].as_array().unwrap().iter().map(|row| &row["model"]).collect();
    assert_eq!(names, ["p/a", "p/b", "p/c"], "{output}");
    let b = &document["models"][1];
    assert_eq!(
        (&b["wins"], &b["losses"], &b["ties"], &b["comparisons"]),
        (&json!(3), &json!(1), &json!(1), &json!(5)),
        "{output}"
    );
    let interval = b["interval"].as_array().unwrap();
    assert!(interval[0].as_f64() < b["rating"].as_f64(), "{output}");
    assert!(document["method"].as_str().unwrap().contains("Bradley–Terry"), "{output}");
    let again = pinx.run(&["stats", "--ab", "--json"]).exits(0);
    assert_eq!(output.stdout, again.stdout, "the same log, the same answer");
    let mut turned = verdicts;
    turned[..4].reverse();
    let other = judged(&turned).run(&["stats", "--ab", "--json"]).exits(0);
    assert_eq!(output.stdout, other.stdout, "whatever the order");
    let table = pinx.run(&["stats", "--ab"]).exits(0).says("Bradley–Terry");
    assert!(table.stdout.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn verdicts_are_chosen_by_tag_style_and_day() {
    let pinx = judged(&[("r1", Some("p/a"), &AB, "x"), ("r2", Some("p/b"), &AB, "y")]);
    let count = |args: &[&str]| {
        let output = pinx.run(&[&["stats", "--ab", "--json"], args].concat()).exits(0);
        output.json()["comparisons"].as_u64().unwrap()
    };
    assert_eq!(count(&[]), 2);
    assert_eq!(count(&["--tag", "y"]), 1);
    assert_eq!(count(&["--style", "noir"]), 2);
    assert_eq!(count(&["--style", "watercolor"]), 0);
    assert_eq!(count(&["--since", "2026-11-23"]), 0);
    assert_eq!(count(&["--until", "2026-11-22"]), 2);
    pinx.run(&["stats", "--ab", "--style", "nior"]).exits(2).says("noir");
    pinx.run(&["stats", "--ab", "--since", "soon"]).exits(2).says("--since");
    let empty = Pinx::new().run(&["stats", "--ab"]).exits(0).says("nothing was compared");
    assert_eq!(empty.stdout, "");
}

/// Writes an entry to the end of the log.
fn append(pinx: &Pinx, entry: &Value) {
    let segment = pinx.segments().remove(0);
    let text = std::fs::read_to_string(&segment).unwrap() + &entry.to_string() + "\n";
    std::fs::write(&segment, text).unwrap();
}

fn compared(openai: &OpenAi) -> (Pinx, String) {
    let pinx = Pinx::new().openai(openai);
    let args = ["compare", "a fox", "-m", "pinx/sketch,openai/gpt-image-2", "-s", "64x64"];
    let args = [&args[..], &["-j", "1"]].concat();
    pinx.run(&args).exits(0);
    let run = pinx.entries("compared")[0]["run"].as_str().unwrap().to_owned();
    (pinx, run)
}

#[test]
fn a_comparison_is_named_by_its_directory_and_an_unjudged_one_says_how_to_vote() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    let unjudged = pinx.run(&["stats", "--ab"]).exits(0).says("no comparison was judged yet");
    unjudged.says(&format!("pinx vote {run} WHICH")).says("pinx/sketch, openai/gpt-image-2");
    pinx.run(&["stats", "--ab", "--tag", "x"]).exits(0).says("no verdict is like that");
    for place in ["compare-a-fox", "compare-a-fox/", "./compare-a-fox/index.html"] {
        pinx.run(&["vote", place, "sketch"]).exits(0).says("verdict: pinx/sketch");
    }
    assert_eq!(pinx.entries("verdict").len(), 3);
    let pinx = pinx.file("other/x", "");
    pinx.run(&["vote", "other", "tie"]).exits(2).says("no comparison went into `other`");
    pinx.run(&["vote", "nowhere", "tie"]).exits(2).says("no run of the log");
}

#[test]
fn what_is_not_named_is_the_newest_comparison() {
    let pinx = Pinx::new();
    pinx.run(&["vote"]).exits(2).says("nothing has been compared yet").says("--style noir");
    for (place, style) in [("one/", "noir,watercolor"), ("two/", "flat,noir")] {
        let args = ["compare", "a red fox", "--style", style, "-o", place, "-s", "64x64"];
        let told = format!("WHICH` says which is best: {}, tie or none", style.replace(',', ", "));
        pinx.run(&args).exits(0).says(&told);
    }
    let runs: Vec<String> = pinx
        .entries("compared")
        .iter()
        .map(|one| one["run"].as_str().unwrap().to_owned())
        .collect();
    for (words, newest) in [
        (&["vote", "noir"][..], true),
        (&["vote", "last", "flat"], true),
        (&["vote", "last", "flat"], true),
        (&["vote", "two", "noir"], false),
    ] {
        let vote = pinx.run(words).exits(0).says(&format!("verdict: {}", words.last().unwrap()));
        assert_eq!(vote.stdout, "two/sheet.png\ntwo/index.html\n", "{vote}");
        let told = format!("the newest comparison, run {}: a red fox", runs[1]);
        assert_eq!(vote.stderr.contains(&told), newest, "{vote}");
        assert_eq!(pinx.entries("verdict").last().unwrap()["run"], *runs[1], "{vote}");
    }
    let votes = pinx.entries("verdict").len();
    // Who names the other one and no winner is asked, or told where nobody can be.
    for words in [&["vote", "one"][..], &["vote", &runs[0][7..12]]] {
        let asked = pinx.run(words).exits(2).says("no terminal to ask");
        asked.says(&format!("pinx vote {} WHICH", runs[0])).says("`noir`, `watercolor`, `tie`");
    }
    pinx.run(&["vote"]).exits(2).says("choose from `flat`, `noir`, `tie` and `none`");
    pinx.run(&["vote", "A"]).exits(2).says("`A` is not in this comparison").says("`flat`, `noir`");
    pinx.run(&["vote", "watercolour"]).exits(2).says("choose from `flat`, `noir`");
    let pinx = pinx.file("noir/x", "");
    let vote = pinx.run(&["vote", "noir"]).exits(2).says("no comparison went into `noir`");
    vote.says("`pinx vote last noir` says that `noir` is best");
    assert_eq!(pinx.entries("verdict").len(), votes);
    let pinx = pinx.file("p.txt", "a cat\na dog\n");
    let batch = ["compare", "--batch", "p.txt", "--seed", "1,2", "-s", "64x64", "--blind"];
    pinx.run(&batch).exits(0).says("WHICH --prompt N` says which is best: A, B, tie or none");
    let which = pinx.run(&["vote", "a"]).exits(2).says("compares 2 prompts");
    which.says("a --prompt 1");
    // Whatever is chosen with no prompt needs no prompt to be wrong.
    pinx.run(&["vote", "seed-1"]).exits(2).says("choose from `A`, `B`");
    pinx.run(&["vote", "seed-1", "--prompt", "2"]).exits(2).says("choose from `A`, `B`");
    pinx.run(&["vote", "tie", "--prompt", "2"]).exits(0).says("verdict: tie");
}

#[test]
fn the_newest_verdict_counts_and_that_is_told() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    let short = &run[7..12];
    pinx.run(&["vote", short, "pinx/sketch"]).exits(0).says("verdict: pinx/sketch");
    let again = pinx.run(&["vote", short, "gpt-image-2"]).exits(0);
    again.says("verdict: openai/gpt-image-2").says("pinx/sketch, no longer counts");
    let output = pinx.run(&["vote", short, "tie", "--json"]).exits(0);
    assert_eq!(output.json()["replaced"]["best"], "openai/gpt-image-2", "{output}");
    pinx.run(&["vote", short, "sketch"]).exits(0);
    let stats = pinx.run(&["stats", "--ab", "--json"]).exits(0).json();
    assert_eq!(
        (&stats["comparisons"], &stats["models"][0]["model"]),
        (&json!(1), &json!("pinx/sketch"))
    );
    assert_eq!(openai.posts(), 1, "a vote pays for nothing");
}

#[test]
fn the_log_tells_verdicts() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    let wide = || pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    let before = wide();
    assert!(!before.stdout.contains("verdict"), "{before}");
    pinx.run(&["vote", &run, "sketch"]).exits(0);
    let list = wide();
    let row = list.stdout.lines().find(|line| line.contains("pinx/sketch")).unwrap();
    assert!(list.stdout.contains("verdict") && row.contains(" best "), "{list}");
    let document = pinx.run(&["log", "--json"]).exits(0).json();
    let verdicts: Vec<&Value> =
        document["entries"].as_array().unwrap().iter().map(|entry| &entry["verdict"]).collect();
    assert!(verdicts.contains(&&json!("best")) && verdicts.contains(&&Value::Null), "{document:#}");
    let show = pinx.run(&["log", "show", &run]).exits(0);
    assert!(show.stdout.contains("pinx/sketch, among pinx/sketch, openai/gpt-image-2"), "{show}");
    let shown = pinx.run(&["log", "show", &run, "--json"]).exits(0).json();
    assert_eq!(shown["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(shown["verdicts"][0]["best"], "pinx/sketch");
    pinx.run(&["recover"]).exits(0).says("nothing is open");
    pinx.run(&["redo", &run, "-o", "again/", "--yes"]).exits(0);
    pinx.run(&["doctor", "--offline"]).exits(0);
}

#[test]
fn a_vote_that_cannot_be_is_told_with_a_remedy() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    pinx.run(&["generate", "a fox", "-s", "64x64"]).exits(0);
    let plain = pinx.entries("done").pop().unwrap()["run"].as_str().unwrap().to_owned();
    pinx.run(&["vote", "zzz", "tie"]).exits(2).says("no run").says(&run);
    pinx.run(&["vote", &plain, "tie"]).exits(2).says("compares nothing");
    pinx.run(&["vote", &run, "gpt-imag-2"]).exits(2).says("did you mean").says("gpt-image-2");
    pinx.run(&["vote", &run, "A"]).exits(2).says("not in this comparison");
    pinx.run(&["vote", &run, "fal/flux-dev"]).exits(2).says("choose from");
    pinx.run(&["vote", &run, "tie", "--prompt", "2"]).exits(2).says("numbered from 1 to 1");
    let document = pinx.run(&["vote", "zzz", "tie", "--json"]).exits(2).json();
    assert_eq!(
        (&document["success"], &document["error"]["code"]),
        (&json!(false), &json!("unknown_id"))
    );
    assert!(pinx.entries("verdict").is_empty());
    Pinx::new().run(&["vote", "x", "tie"]).exits(2).says("pinx compare");
}

#[test]
fn a_page_that_was_changed_since_is_left_alone() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    std::fs::write(pinx.work().join("compare-a-fox/index.html"), "mine now").unwrap();
    let vote = pinx.run(&["vote", &run, "tie"]).exits(0);
    assert_eq!(pinx.read("compare-a-fox/index.html"), b"mine now");
    assert!(vote.stdout.contains("index-2.html") && vote.stdout.contains("/sheet.png"), "{vote}");
    std::fs::remove_file(pinx.work().join("compare-a-fox/openai-gpt-image-2.png")).unwrap();
    let vote = pinx.run(&["vote", &run, "gpt-image-2"]).exits(0).says("file gone");
    let page = String::from_utf8(pinx.read("compare-a-fox/index-2.html")).unwrap();
    assert!(page.contains("the file is gone"), "the page says what is missing\n{vote}");
    std::fs::write(pinx.work().join("compare-a-fox/pinx-sketch.png"), "another").unwrap();
    let vote = pinx.run(&["vote", &run, "sketch", "--json"]).exits(0).says("replaced since");
    let page = String::from_utf8(pinx.read("compare-a-fox/index-2.html")).unwrap();
    assert!(page.contains("the file was replaced since"), "{vote}");
    let among = vote.json()["verdict"]["among"].clone();
    assert_eq!(among, json!(["pinx/sketch", "openai/gpt-image-2"]), "what was made is judged");
}

#[test]
fn who_was_killed_while_drawing_has_changed_nothing() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    // The log knew of the next page, and then it was over.
    let drawn = pinx.entries("drawn").pop().unwrap();
    let mut next = drawn.clone();
    next["drawn"].as_array_mut().unwrap().iter_mut().for_each(|page| page["sha256"] = json!("00"));
    append(&pinx, &next);
    for part in ["Xy12ab", "Zw34cd"] {
        let part = format!("compare-a-fox/.pinx-{part}.tmp");
        std::fs::write(pinx.work().join(part), "torn").unwrap();
    }
    let vote = pinx.run(&["vote", &run, "sketch"]).exits(0);
    let page = String::from_utf8(pinx.read("compare-a-fox/index.html")).unwrap();
    assert!(page.contains("Verdict: pinx/sketch"), "{vote}");
    let mut names: Vec<String> = std::fs::read_dir(pinx.work().join("compare-a-fox"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["index.html", "openai-gpt-image-2.png", "pinx-sketch.png", "sheet.png"]);
}

#[test]
fn votes_at_once_take_turns() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    let words = ["sketch", "gpt-image-2", "tie", "none", "sketch", "gpt-image-2"];
    let voting: Vec<_> =
        words.iter().map(|word| pinx.command(&["vote", &run, word]).spawn()).collect();
    voting.into_iter().for_each(|vote| drop(vote.finish().exits(0)));
    let newest = pinx.entries("verdict").pop().unwrap()["verdict"].clone();
    let text = newest["best"].as_str().or(newest["judgement"].as_str()).unwrap();
    let page = String::from_utf8(pinx.read("compare-a-fox/index.html")).unwrap();
    assert!(page.contains(&format!("Verdict: {text}")), "the page tells the newest verdict");
    let files = std::fs::read_dir(pinx.work().join("compare-a-fox")).unwrap().count();
    assert_eq!(files, 4, "no page twice, and no part of one");
    assert_eq!(std::fs::read_dir(pinx.data().join("run")).map_or(0, Iterator::count), 0);
}

/// Two providers of one's own, `local` and `other`, that take any model.
fn own(openai: &OpenAi) -> Pinx {
    let provider = |name: &str| {
        let url = openai.base_url();
        format!("[providers.{name}]\ndialect = \"openai\"\nauth = \"none\"\nbase_url = \"{url}\"\n")
    };
    Pinx::new().config("config.toml", &(provider("local") + &provider("other")))
}

#[test]
fn a_word_means_one_model_or_none() {
    let openai = OpenAi::start();
    let pinx = own(&openai);
    let models = "local/x,other/x,local/tie,other/draw";
    pinx.run(&["compare", "a fox", "-m", models, "-s", "64x64"]).exits(0);
    let run = pinx.entries("compared")[0]["run"].as_str().unwrap().to_owned();
    let ambiguous = pinx.run(&["vote", &run, "x", "--json"]).exits(2);
    assert_eq!(ambiguous.json()["error"]["code"], "ambiguous_model", "{ambiguous}");
    ambiguous.says("could be `local/x` or `other/x`");
    assert!(pinx.entries("verdict").is_empty());
    for (word, verdict) in [
        ("other/x", "other/x"),
        ("tie", "tie"),
        ("TIE", "tie"),
        ("local/tie", "local/tie"),
        ("draw", "other/draw"),
        ("equal", "tie"),
        ("none", "none"),
    ] {
        pinx.run(&["vote", &run, word]).exits(0).says(&format!("verdict: {verdict}"));
    }
}

#[test]
fn a_letter_is_a_letter_and_names_say_nothing_while_they_are_hidden() {
    let openai = OpenAi::start();
    openai.next(crate::fake::Kind::Images, refused());
    let pinx = own(&openai);
    let models = "local/b,other/b,local/c";
    pinx.run(&["compare", "a fox", "-m", models, "-s", "64x64", "--blind", "-j", "1"]).exits(4);
    let head = pinx.entries("compared")[0].clone();
    let (run, entrants) = (head["run"].as_str().unwrap(), &head["contest"]["entrants"]);
    // The first was refused: neither its name nor another's leads to a letter.
    let mut told = std::collections::HashSet::new();
    for word in ["local/b", "other/b", "local/c", "local/zzz"] {
        let output = pinx.run(&["vote", run, word]).exits(2);
        told.insert(output.stderr.replace(word, "WORD"));
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told.iter().all(|words| words.contains("is no letter of this blind comparison")));
    let second = entrants[1]["model"].as_str().unwrap();
    let failed = entrants[0]["model"].as_str().unwrap();
    let vote = pinx.run(&["vote", run, "b"]).exits(0).says(&format!("verdict: {second}"));
    vote.says(&format!("{failed}: refused by content policy"));
    let third = entrants[2]["model"].as_str().unwrap();
    pinx.run(&["vote", run, "c"]).exits(0).says(&format!("verdict: {third}"));
}

#[test]
fn a_name_of_a_prompt_goes_before_a_number() {
    let openai = OpenAi::start();
    let lines = "{\"id\":\"2\",\"prompt\":\"a fox\"}\n{\"id\":\"1\",\"prompt\":\"an owl\"}\n\
                 {\"prompt\":\"a hen\"}\n";
    let pinx = own(&openai).file("p.jsonl", lines);
    pinx.run(&["compare", "--batch", "p.jsonl", "-m", "local/x,local/y", "-s", "64x64"]).exits(0);
    let run = pinx.entries("compared")[0]["run"].as_str().unwrap().to_owned();
    for (prompt, number) in [("1", 2), ("2", 1), ("3", 3)] {
        pinx.run(&["vote", &run, "x", "--prompt", prompt]).exits(0);
        let verdict = pinx.entries("verdict").pop().unwrap();
        assert_eq!(verdict["verdict"]["contest"], number, "--prompt {prompt}");
    }
}

#[test]
fn logs_of_other_versions_are_read() {
    let openai = OpenAi::start();
    let (pinx, run) = compared(&openai);
    let newer = json!({
        "v": 2, "t": "2026-11-22T10:00:00Z", "e": "verdict", "run": run, "job": "", "attempt": "",
        "verdict": { "contest": 1, "judgement": "sublime", "stars": 5 },
    });
    append(&pinx, &newer);
    pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    pinx.run(&["log", "show", &run]).exits(0);
    let stats = pinx.run(&["stats", "--ab", "--json"]).exits(0).json();
    assert_eq!(stats["comparisons"], 0);
    pinx.run(&["vote", &run, "sketch"]).exits(0).says("the earlier one, unknown");
}

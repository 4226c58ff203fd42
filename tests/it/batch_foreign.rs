//! Batch files as people have them from other programs: read or told before anything is paid, and
//! known by what is written in them, so that nothing is paid for again.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::batch::{batch, images};
use crate::fake::Kind;
use crate::fake::openai::OpenAi;
use crate::old::hex;
use crate::pinx::{OPENAI_KEY, Pinx};

const LINES: &str = "a mill, etched --ar 3:2 --v 6.1 --s 50\n\
                     /imagine prompt: an owl --no text --seed 11\n\
                     --prompt \"a quay, fog\" --negative_prompt \"people\" --seed 4 --width 512 --height 768 --steps 9\n\
                     \"A mat, two pears.\"\n\
                     a {red|blue} hat in __month__, ${how=ink}, (soft:1.2), day::2 {who} <lora:x:1>\n\
                     #cyber town, neon\n";

#[test]
fn prompt_lines_of_other_tools_are_read_or_told_in_the_plan() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).file("p.txt", LINES);
    let plan = ["p.txt", "-o", "out/", "--dry-run"];
    batch(&pinx, &plan)
        .exits(0)
        .says("p.txt:1: read `--ar` as the ratio, `/imagine` as the prompt")
        .says("p.txt:1: left out `--v`, `--s`, `--steps` and `<lora:…>`: nothing here knows them (also lines 3 and 5)")
        .says("p.txt:4: the quotes around the whole line are left out")
        .says("p.txt:5: `{red|blue}` stays in the prompt as it is")
        .says("p.txt:5: `__month__` stays")
        .says("p.txt:5: `${how=ink}` stays")
        .says("p.txt:5: `(soft:1.2)` stays")
        .says("p.txt:5: `day::2` stays")
        .says("p.txt:5: `{who}` stays in the prompt as it is: nothing fills it; `--var who=VALUE` does")
        .says("p.txt:6: a line begins with `#` and was skipped as a comment");
    let drawn =
        ["batch", "p.txt", "-o", "out/", "--dry-run", "-m", "pinx/sketch", "--seed", "5", "--json"];
    let document = pinx.run(&drawn).exits(0).json();
    let jobs = document["jobs"].as_array().unwrap();
    let seen: Vec<(&Value, &Value)> =
        jobs.iter().map(|job| (&job["prompt"], &job["seed"])).collect();
    assert_eq!(seen[..2], [(&json!("a mill, etched"), &json!(5)), (&json!("an owl"), &json!(11))]);
    assert_eq!(seen[2], (&json!("a quay, fog"), &json!(4)));
    assert_eq!(jobs[3]["prompt"], "A mat, two pears.");
    assert!(jobs.iter().all(|job| job["file"] == "p.txt" && job["path"].is_string()));
    let notices = document["notices"].as_array().unwrap();
    let at = |line: u64| notices.iter().filter(move |notice| notice["line"] == line);
    // Six of syntax, and what the renderer does not know.
    assert_eq!((at(5).count(), at(6).count()), (7, 1), "{document}");
    assert!(notices.iter().all(|notice| notice["message"].is_string()));
    // What is left out or stays is refused where nothing may be.
    let strict = batch(&pinx, &[&plan[..], &["--strict"]].concat()).exits(2);
    strict
        .prints(&[])
        .says("error: p.txt:1: left out `--v`")
        .says("error: p.txt:5: `__month__` stays");
    // A thousand lines of one kind are one line.
    let pinx = pinx.file("p.txt", &"a fox --v 6\n".repeat(1_000));
    let many = batch(&pinx, &[&plan[..], &["-q", "-y"]].concat()).exits(0);
    assert_eq!(many.stdout.lines().count(), 1_000);
    let many = batch(&pinx, &[&plan[..], &["-y"]].concat()).exits(0);
    many.says("(also lines 2, 3, 4, 5, 6, 7, 8, 9, 10 and 990 more)");
}

#[test]
fn one_prompt_is_read_as_a_line_of_a_file_is() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let model = ["-m", "openai/gpt-image-2", "--no-fallback"];
    let generate =
        |prompt: &str, more: &[&str]| pinx.run(&[&["generate", prompt], &model[..], more].concat());
    generate("a mill --ar 3:2 --v 6", &["-o", "a.png"])
        .exits(0)
        .says("in the prompt: read `--ar` as the ratio")
        .says("in the prompt: left out `--v`: nothing here knows it");
    generate("a mill --ar 3:2", &["-o", "b.png", "-s", "1024x1024"])
        .exits(0)
        .says("left out `--ar`: the same is said elsewhere");
    generate("a {mood} mill", &["--dry-run"])
        .exits(0)
        .says("nothing fills it; `--var mood=VALUE` does");
    generate("a mill --v 6", &["--strict"]).exits(2).says("in the prompt: left out `--v`");
    generate("a terminal that shows --help in ratio 16:9", &["-o", "c.png"]).exits(0);
    let sent: Vec<Value> = fake.requests(Kind::Images).into_iter().map(|r| r.json).collect();
    let told: Vec<(&Value, &Value)> =
        sent.iter().map(|sent| (&sent["prompt"], &sent["size"])).collect();
    assert_eq!(
        told,
        [
            (&json!("a mill"), &json!("1248x832")),
            (&json!("a mill"), &json!("1024x1024")),
            (&json!("a terminal that shows --help in ratio 16:9"), &json!("1024x1024")),
        ]
    );
}

/// The key that earlier versions gave a line of text, as its bytes.
fn old_key(out: &str, prompt: &str) -> String {
    let words = json!([
        1,
        out,
        prompt,
        "openai/gpt-image-2",
        0,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        [],
        null,
        null,
        {}
    ]);
    hex(&Sha256::digest(words.to_string().as_bytes())[..16])
}

#[test]
fn fault_84_lines_that_are_read_in_another_way_keep_their_keys_and_are_paid_for_once() {
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("p.txt", LINES);
    batch(&pinx, &["p.txt", "-o", "out/"]).exits(0);
    let out = pinx.work().join("out").canonicalize().unwrap();
    let out = out.display().to_string();
    let keys: Vec<String> =
        pinx.entries("done").iter().map(|e| e["key"].as_str().unwrap().to_owned()).collect();
    let lines: Vec<&str> = LINES.lines().filter(|line| !line.starts_with('#')).collect();
    for line in &lines {
        assert!(keys.contains(&old_key(&out, line)), "{line}");
    }
    assert_eq!((keys.len(), fake.posts()), (lines.len(), lines.len()));
    batch(&pinx, &["p.txt", "-o", "out/"]).exits(0).says("5 done before");
    assert_eq!(fake.posts(), lines.len());
    // A log of an earlier version knows the line by the same key: nothing is paid for again.
    let text = std::fs::read_to_string(pinx.segments().remove(0)).unwrap();
    let older = text.replace(
        "\"prompt\":\"an owl\"",
        "\"prompt\":\"/imagine prompt: an owl --no text --seed 11\"",
    );
    std::fs::write(pinx.segments().remove(0), older).unwrap();
    batch(&pinx, &["p.txt", "-o", "out/"]).exits(0).says("5 done before");
    assert_eq!((fake.posts(), images(&pinx)), (lines.len(), lines.len()));
}

#[test]
fn data_sets_and_request_files_run_unchanged() {
    let tree = "{\"who\": \"a miller\", \"where\": \"a quay\", \"meta\": {\"mood\": \"calm\"}}\n\
                {\"who\": \"a smith\", \"where\": \"a yard\", \"meta\": {\"mood\": \"loud\"}}\n";
    let request = "{\"custom_id\": \"hero\", \"method\": \"POST\", \"url\": \"/v1/images/generations\", \
                   \"body\": {\"model\": \"gpt-image-2\", \"prompt\": \"a mill\", \"size\": \"1024x1024\", \
                   \"quality\": \"low\", \"output_format\": \"webp\"}}\n";
    let pinx = Pinx::new()
        .env("OPENAI_API_KEY", OPENAI_KEY)
        .file("set.tsv", "Prompt\tKind\tNote\na mill\tplain\t\na quay\tplain\tfog\n")
        .file("set.csv", "Prompts,Kind\n\"a mat, grey\",plain\n")
        .file("tree.jsonl", tree)
        .file("requests.jsonl", request)
        .file("styles.csv", "name,prompt,negative_prompt\nInk,\"{prompt}, ink\",\nBare,,text\n");
    let plan = |file: &str, more: &[&str]| batch(&pinx, &[&[file, "--dry-run"], more].concat());
    plan("set.tsv", &[])
        .exits(2)
        .says("error: set.tsv:1:8: unknown column `Kind`")
        .says("error: set.tsv:1:13: unknown column `Note`")
        .says("--ignore-unknown");
    plan("set.tsv", &["--ignore-unknown"]).exits(0).says("`Kind` and `Note` ignored");
    plan("set.tsv", &["--prompt-column", "note", "--ignore-unknown"]).exits(2);
    plan("set.csv", &["--ignore-unknown"]).exits(0);
    plan("tree.jsonl", &[]).exits(2).says("--ignore-unknown").says("--prompt-column NAME");
    plan("tree.jsonl", &["--prompt-template", "{who} on {where}, {meta.mood}"])
        .exits(0)
        .says("2 images");
    plan("tree.jsonl", &["--prompt-column", "who", "--ignore-unknown"]).exits(0);
    plan("requests.jsonl", &[])
        .exits(0)
        .prints(&["hero.webp\topenai/gpt-image-2\t1024x1024\t$0.0059"]);
    plan("styles.csv", &[]).exits(2).says("--var prompt=\"a red fox\"");
    plan("styles.csv", &["--var", "prompt=a mill"]).exits(0);
    let compare = ["compare", "-m", "openai/gpt-image-2,pinx/sketch", "--dry-run", "--batch"];
    let file = ["set.tsv", "--ignore-unknown"];
    pinx.run(&[&compare[..], &file].concat()).exits(0);
}

#[test]
fn an_unknown_style_is_told_and_words_are_words() {
    let lines = [
        json!({"prompt": "a mill", "style": "nosuch"}),
        json!({"prompt": "a mill", "style": "noirr"}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY).file("jobs.jsonl", &text);
    batch(&pinx, &["jobs.jsonl", "--dry-run"])
        .exits(2)
        .says("jobs.jsonl:1:28: unknown style `nosuch`")
        .says("jobs.jsonl:2:28: unknown style `noirr`; did you mean `noir`?");
    let words = [
        json!({"prompt": "a mill", "style": "field guide plate"}),
        json!({"prompt": "a mill", "style": "etched", "scene": "a quay"}),
    ];
    let text: String = words.iter().map(|line| format!("{line}\n")).collect();
    let pinx = pinx.file("jobs.jsonl", &text);
    let output = batch(&pinx, &["jobs.jsonl", "--dry-run", "--json"]).exits(0);
    let output = output
        .says("`field guide plate` and `etched` are no styles, and stand in the prompt as words");
    let document = output.json();
    assert_eq!(
        document["jobs"][0]["prompt"],
        "Primary request: a mill\nStyle/medium: field guide plate"
    );
}

#[test]
fn fault_84_marks_in_front_of_a_line_are_left_out_and_the_line_keeps_its_key() {
    let marked = ["- a fox", "* an owl", "• a hen", "Prompt: a cow"];
    let told = ["negative: dog", "// a mat", "--help", "-n 5 a quay", "1. a mill", "2) a hat"];
    let same = ["-20 degrees, a lake", "--ar 3:2 a pear", "5 foxes", "prompt:", "* * *"];
    let mut lines = [&marked[..], &told, &same].concat();
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).file("p.txt", &lines.join("\n"));
    let pinx = pinx.file("q.txt", "positive: a cat\npositive: a car\n");
    batch(&pinx, &["p.txt", "q.txt", "-o", "out/"])
        .exits(0)
        .says("p.txt:1: the marks of a list are left out: `-`, `*` and `•` (also lines 2 and 3)")
        .says("p.txt:4: read `prompt:` as the prompt")
        .says("q.txt:1: read `positive:` as the prompt (also line 2)")
        .says("p.txt:5: `negative:` stays in the prompt as it is")
        .says(
            "p.txt:6: `//` stays in the prompt as it is: a line that is to be skipped begins with",
        )
        .says("p.txt:7: `--help` and `-n` stay in the prompt as they are: flags stand on the")
        .says("p.txt:9: `1.` and `2)` stay in the prompt as they are")
        .says("p.txt:12: read `--ar` as the ratio");
    let sent: Vec<Value> = fake.requests(Kind::Images).into_iter().map(|r| r.json).collect();
    let sent: Vec<&str> = sent.iter().map(|sent| sent["prompt"].as_str().unwrap()).collect();
    for prompt in ["a fox", "an owl", "a hen", "a cow", "a cat", "a pear", "prompt:"] {
        assert!(sent.contains(&prompt), "{prompt} in {sent:?}");
    }
    assert!(told.iter().all(|line| sent.contains(line)), "{sent:?}");
    let out = pinx.work().join("out").canonicalize().unwrap().display().to_string();
    let done = pinx.entries("done");
    let keys: Vec<&str> = done.iter().map(|entry| entry["key"].as_str().unwrap()).collect();
    lines.extend(["positive: a cat", "positive: a car"]);
    let is_there = |line: &&str| keys.contains(&old_key(&out, line).as_str());
    assert!(lines.iter().all(is_there), "{keys:?}");
    let again = batch(&pinx, &["p.txt", "q.txt", "-o", "out/", "--strict"]).exits(0);
    again.says("17 done before");
    batch(&pinx, &["p.txt", "-o", "other/", "--strict"])
        .exits(2)
        .says("error: p.txt:5: `negative:`");
    assert_eq!(fake.posts(), 17);
}

#[test]
fn cells_are_divided_as_the_first_row_says() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", OPENAI_KEY);
    let plan = |pinx: &Pinx, file: &str, more: &[&str]| {
        let all = [&[file, "--dry-run", "--json", "-o", "out/"], more].concat();
        let document = batch(pinx, &all).exits(0).json();
        let jobs = document["jobs"].as_array().unwrap().clone();
        let text = |job: &Value| {
            let path = job["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            (job["prompt"].as_str().unwrap().to_owned(), path)
        };
        jobs.iter().map(text).collect::<Vec<_>>()
    };
    let expected = [("a fox; red, small", "f.png"), ("an owl\tor two", "o.png")];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(prompt, path)| ((*prompt).into(), (*path).into())).collect();
    let mut pinx = pinx;
    for (file, head, c) in [
        ("a.csv", "", ','),
        ("a.csv", "", ';'),
        ("a.csv", "", '\t'),
        ("a.csv", "", '|'),
        ("a.tsv", "", '\t'),
        ("a.tsv", "", ';'),
        ("a.csv", "sep=;\r\n", ';'),
        ("a.csv", "\u{feff}sep=;\n", ';'),
        ("a.csv", "\u{feff}", ';'),
        ("a.csv", "SEP=|\n", '|'),
        ("a.csv", "sep=\t\n", '\t'),
        ("a.csv", "\n\n", ';'),
    ] {
        let rows = format!(
            "{head}\"Id\"{c}Prompt{c}steps\r\nf{c}\"a fox; red, small\"{c}20\r\no{c}\"an owl\tor two\"{c}\r\n"
        );
        pinx = pinx.file(file, &rows);
        assert_eq!(plan(&pinx, file, &[]), expected, "{rows:?}");
    }
    // A single column, and prompts that hold what divides others.
    pinx = pinx.file("a.csv", "prompt\n\"a fox; red\"\n");
    assert_eq!(plan(&pinx, "a.csv", &[])[0].0, "a fox; red");
    pinx = pinx.file("a.csv", "subject;place\na fox;a quay\n");
    let of = ["--prompt-template", "{subject} on {place}"];
    assert_eq!(plan(&pinx, "a.csv", &of)[0].0, "a fox on a quay");
    pinx = pinx.file("a.csv", "My Text;Kind\na fox;x\n");
    let of = ["--prompt-column", "My Text", "--ignore-unknown"];
    assert_eq!(plan(&pinx, "a.csv", &of)[0].0, "a fox");
    batch(&pinx, &["a.csv", "--dry-run"]).exits(2).says("the first row has no cell `prompt`");
    pinx = pinx.file("a.csv", "prompt;id\na fox; red;f\n");
    batch(&pinx, &["a.csv", "--dry-run"])
        .exits(2)
        .says("a prompt that holds a semicolon stands in quotes: `\"a fox; red\"`");
    // Names of files, settings that nothing here has, and words as they are written.
    pinx = pinx.file("a.csv", "Filename,Prompt,Steps,CFG Scale\nx/y/fox.webp,a fox,20,7\n");
    let output = batch(&pinx, &["a.csv", "--dry-run", "-o", "out/"]).exits(0);
    assert!(output.stdout.starts_with("out/fox.webp\t"), "{output}");
    let output = output.says("a.csv:1: left out `Steps` and `CFG Scale`: nothing here knows them");
    drop(output);
    batch(&pinx, &["a.csv", "--dry-run", "--strict"]).exits(2).says("left out `Steps`");
    batch(&pinx, &["a.csv", "--dry-run", "--ignore-unknown"])
        .exits(0)
        .says("`Filename` ignored")
        .says("left out `Steps`");
    pinx = pinx.file("a.csv", "My Text,Kind\na fox,x\n");
    batch(&pinx, &["a.csv", "--dry-run"]).exits(2).says("says which of My Text, Kind holds");
    batch(&pinx, &["a.csv", "--dry-run", "--prompt-column", "Story"])
        .exits(2)
        .says("the columns are My Text, Kind");
    pinx = pinx.file("a.jsonl", "{\"text\":\"a fox\",\"steps\":9}\n");
    batch(&pinx, &["a.jsonl", "--dry-run"]).exits(2).says("`--prompt-column text` takes that key");
    let output = batch(&pinx, &["a.jsonl", "--dry-run", "--prompt-column", "text"]).exits(0);
    drop(output.says("a.jsonl:1: left out `steps`: nothing here knows it"));
    // What a request file says by default, whatever the model.
    let body = "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/images/generations\",\
                \"body\":{\"model\":\"gpt-image-1.5\",\"prompt\":\"x\",\"quality\":\"auto\"}}";
    pinx = pinx.file("r.jsonl", body);
    let output = batch(&pinx, &["r.jsonl", "--dry-run"]).exits(0);
    output.says("`-m openai/gpt-image-2` has no effect: the file names the model of each job");
}

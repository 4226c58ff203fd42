//! What is typed by accident and would be paid for, or would put a key where others see it: nothing is
//! sent, it is said what was meant, and a key is not repeated.

use crate::fake::openai::OpenAi;
use crate::pinx::{FAL_KEY, OPENAI_KEY, Pinx};

/// A key in files, which the world does not look for there.
const FILED: &str = "r8_FILEDfiled0123456789FILEDfiled01234";
/// A key as providers shape them.
const SHAPED: &str = "sk-proj-SECRETSECRETSECRETSECRET1234567890abcdEFGH";

#[test]
fn fault_89_a_key_among_the_words_is_neither_sent_nor_kept() {
    let openai = OpenAi::start();
    let pinx = Pinx::new().openai(&openai).secret(SHAPED).secret("SECRETSECRETSECRET");
    let pinx = pinx.file("jobs.jsonl", &format!("{{\"prompt\": \"a fox {FILED}\"}}\n"));
    let pinx = pinx.file("words.txt", &format!("a fox\na hen {FILED}\n"));
    let pinx =
        pinx.file("keyed.jsonl", "{\"prompt\": \"a fox\", \"params\": {\"api_key\": \"x\"}}\n");
    let variable = format!("OPENAI_API_KEY={SHAPED}");
    let model = format!("openai/{SHAPED}");
    let key_named = format!("api_key={SHAPED}");
    let inner = format!("user={{\"x\": \"{SHAPED}\"}}");
    for words in [
        &["a red fox", &variable][..],
        &["a red fox", OPENAI_KEY, "-y"],
        &["generate", "a", "fox", FAL_KEY],
        &["a fox", "--negative", SHAPED],
        &["a {x}", "--var", &format!("x={SHAPED}")],
        &["a fox", "-P", &key_named],
        &["a fox", "-P", "Authorization=anything"],
        &["a fox", "-P", &inner],
        &["a fox", "-m", &model, "-y"],
        &["a fox", "--fallback", &model, "-y"],
        &["compare", &format!("a fox {SHAPED}"), "-m", "openai/gpt-image-2,pinx/sketch"],
        &["batch", "jobs.jsonl"],
        &["batch", "words.txt"],
        &["batch", "keyed.jsonl"],
    ] {
        let output = pinx.run(words).exits(2);
        assert!(output.stderr.contains("key"), "{words:?}\n{output}");
        assert!(!output.stderr.contains("FILEDfiled"), "{output}");
        let document = pinx.run(&[words, &["--json"]].concat()).exits(2).json();
        assert!(document["error"]["message"].is_string(), "{document}");
    }
    pinx.run(&["a red fox", &variable]).exits(2).says("`OPENAI_API_KEY=… pinx …`");
    pinx.command(&["-y"]).stdin(format!("{SHAPED}\n")).run().exits(2).says("`pinx keys set`");
    pinx.command(&[]).stdin(format!("{SHAPED}\n")).run().exits(2).says("`pinx keys set`");
    pinx.run(&["a fox"]).exits(0);
    pinx.run(&["redo", "last", "--set", &format!("prompt={SHAPED}")]).exits(2);
    // The key that would be used itself, whatever it looks like.
    let odd = "my-odd-key-of-a-proxy";
    let pinx = pinx.secret(odd).env("OPENAI_API_KEY", odd);
    pinx.run(&["generate", "a fox", odd]).exits(2).says("looks like a key");
    assert_eq!(openai.posts(), 1);
}

#[test]
fn no_error_repeats_a_key() {
    let pinx = Pinx::new().secret(SHAPED).secret("SECRETSECRETSECRET");
    let with = |before: &str| format!("{before}{SHAPED}");
    for words in [
        &["help", SHAPED][..],
        &["login", SHAPED],
        &["a fox", "-m", SHAPED],
        &["a fox", "-m", &with("x/")],
        &["a fox", "--base-url", SHAPED],
        &["a fox", "--base-url", &with("https://h.example/v1?key=")],
        &["a fox", "-P", SHAPED],
        &["a fox", "--var", SHAPED],
        &["a fox", "-s", SHAPED],
        &["generate", "--prompt-file", SHAPED],
        &["generate", &with("@")],
        &["--config", SHAPED, "models"],
        &["config", "set", &with("OPENAI_API_KEY=")],
        &["config", "set", "providers.openai.key_cmd", SHAPED],
        &["config", "set", "providers.openai.key_env", SHAPED],
        &["config", "set", "gateways.work.token_env", SHAPED],
        &["config", "set", "negative", SHAPED],
        &["config", "get", SHAPED],
        &["open", SHAPED],
        &["redo", SHAPED],
        &["info", SHAPED],
        &["models", SHAPED],
        &["models", "show", SHAPED],
        &["styles", "show", SHAPED],
        &["log", "show", SHAPED],
        &["log", SHAPED],
        &["vote", SHAPED, "1"],
        &["batch", SHAPED],
        &["man", SHAPED],
        &["completions", SHAPED],
        &["stats", "--by", SHAPED],
        &["models", &with("--")],
        &[&with("--")],
        &["a fox", "-o", SHAPED],
        &["keys", SHAPED],
        &["keys", "set", "openai", "--slot", SHAPED],
    ] {
        // The world itself sees that the key stands nowhere.
        pinx.run(words);
        pinx.run(&[words, &["--json"]].concat());
    }
    for (key, remedy) in [
        ("providers.openai.key_cmd", "a command that prints it"),
        ("providers.openai.key_env", "the name of a variable"),
        ("model", "`pinx keys set PROVIDER`"),
    ] {
        pinx.run(&["config", "set", key, SHAPED]).exits(2).says(remedy);
    }
    assert!(!pinx.data().join("config.toml").exists());
    let row = |field: &str| format!("{{\"prompt\": \"a\", \"{field}\": \"{FILED}\"}}\n");
    let fields = [
        "style", "colors", "size", "aspect", "quality", "format", "seed", "n", "max_cost", "id",
        "output", "title", "model", "provider", "negative", "label", "promt", "image",
    ];
    let rows: String = fields.into_iter().map(row).collect();
    let unknown = format!("{{\"prompt\": \"a\", \"{FILED}\": 1}}\n");
    let tags = format!("{{\"prompt\": \"a\", \"tags\": [\"{FILED}\"]}}\n");
    let pinx = pinx
        .file("rows.jsonl", &(rows + &unknown + &tags))
        .file("rows.csv", &format!("prompt,{FILED}\na fox,1\n"))
        .file("rows.yaml", &format!("- prompt: a\n  {FILED}: 1\n"))
        .file("rows.toml", &format!("[[jobs]]\nprompt = \"a\"\nstyle = \"{FILED}\"\n"))
        .file("broken.jsonl", &format!("{{\"prompt\":\"a\" {FILED}\n"));
    for file in ["rows.jsonl", "rows.csv", "rows.yaml", "rows.toml", "broken.jsonl"] {
        let output = pinx.run(&["batch", file, "--dry-run", "--json"]).exits(2);
        assert!(!format!("{output}").contains("FILEDfiled"), "{output}");
        let document = output.json();
        let problems = document["problems"].as_array().map_or(0, Vec::len);
        assert!(problems >= if file == "rows.jsonl" { 10 } else { 1 }, "{document}");
    }
    let set = |provider: &'static str, text: &str, more: &[&str]| {
        let words = [&["keys", "set", provider, "--stdin"], more].concat();
        pinx.command(&words).stdin(text.to_owned()).run()
    };
    let json = format!("{{\"key\":\"{SHAPED}\"}}");
    set("openai", &json, &["--no-check"]).exits(3).says("that is JSON");
    set("openai", "https://platform.openai.com/api-keys", &[]).exits(3).says("an address");
    set("fal", "sk-live-of-another", &[]).exits(3).says("`pinx keys set openai --stdin`");
    assert!(!pinx.data().join("credentials.toml").exists());
    set("fal", "sk-live-of-another", &["--no-check"]).exits(0).says("begins as those of OpenAI");
}

#[test]
fn fault_90_what_was_meant_for_pinx_is_not_painted() {
    let openai = OpenAi::start();
    let pinx = Pinx::new().openai(&openai).file("prompts.txt", "a fox\nan owl\n");
    for (words, meant, literal) in [
        (&["a fox -n 3"][..], "pinx \"a fox\" -n 3", "pinx generate -- \"a fox -n 3\""),
        (&["fox -n3"], "pinx generate fox -n3", "pinx generate -- \"fox -n3\""),
        (&["a fox —dry-run"], "pinx \"a fox\" --dry-run", "pinx generate -- \"a fox —dry-run\""),
        (
            &["-q", "a fox --count=2 -o foxes/"],
            "pinx -q \"a fox\" --count=2 -o foxes/",
            "pinx generate -q -- \"a fox --count=2 -o foxes/\"",
        ),
        (
            &["generate", "a fox --seed 5 -y", "-n", "2"],
            "pinx generate \"a fox\" --seed 5 -y -n 2",
            "pinx generate -n 2 -- \"a fox --seed 5 -y\"",
        ),
        (&["generate", "help"], "pinx help", "pinx generate -- help"),
        (&["gen", "models"], "pinx models", "pinx gen -- models"),
        (
            &["gen", "batch", "prompts.txt"],
            "pinx batch prompts.txt",
            "pinx gen -- batch prompts.txt",
        ),
        (
            &["g", "generate", "a", "fox", "-y"],
            "pinx generate a fox -y",
            "pinx g -y -- generate a fox",
        ),
        (&["g", "keys", "set"], "pinx keys set", "pinx g -- keys set"),
        (&["keys set openai"], "pinx keys set openai", "pinx generate -- \"keys set openai\""),
    ] {
        let output = pinx.run(words).exits(2);
        let output = output.says(&format!("did you mean `{meant}`?"));
        output.says(&format!("`{literal}` makes a picture"));
        let run = pinx.shell(&literal.replacen(" -- ", " --dry-run -- ", 1));
        assert!(run.status.success(), "{literal}");
    }
    assert_eq!(openai.posts(), 0);
    for words in [
        &["generate", "--", "models"][..],
        &["generate", "man", "with", "a", "hat"],
        &["generate", "open", "door"],
        &["help me please"],
        &["an x-ray of a fox -- in snow"],
        &["a sign -n that says no"],
        &["a fox -a beautiful one"],
        &["generate", "--", "a fox -n 3"],
        &["the --help flag as a monster"],
        &["a fox --ar 16:9 --seed 7"],
    ] {
        pinx.run(&[&["--dry-run"], words].concat()).exits(0);
    }
}

#[test]
fn nothing_is_paid_twice_by_naming_it_twice() {
    let openai = OpenAi::start();
    let pinx = Pinx::new().openai(&openai);
    for twice in ["openai/gpt-image-2,openai/gpt-image-2", "gpt-image-2, openai/gpt-image-2"] {
        pinx.run(&["a fox", "-m", twice, "-o", "fox.png", "--force"])
            .exits(0)
            .says("is named twice and asked once");
    }
    assert_eq!(openai.posts(), 2);
    let pinx = pinx.file("one.txt", "a hen\n").file("two.txt", "an owl\n");
    let twice = "openai/gpt-image-2,gpt-image-2";
    pinx.run(&["batch", "one.txt", "-m", twice, "-o", "b/", "-y"])
        .exits(0)
        .says("is named twice and asked once");
    pinx.run(&["batch", "two.txt", "./two.txt", "-o", "b/", "-y"])
        .exits(0)
        .says("is named twice and read once");
    assert_eq!(openai.posts(), 4);
    let pinx = pinx.file("own.jsonl", &format!("{{\"prompt\": \"a\", \"model\": \"{twice}\"}}"));
    pinx.run(&["batch", "own.jsonl", "-y"]).exits(2).says("`gpt-image-2` is named twice");
    assert_eq!(openai.posts(), 4);
    for none in [",", " , "] {
        pinx.run(&["a fox", "-m", none]).exits(2).says("names no model");
    }
    for words in [&["fox.png", "./fox.png"][..], &["last", "last"], &["fox.png", "last"]] {
        let before = openai.posts();
        pinx.run(&[&["redo"], words, &["-o", "again/"]].concat())
            .exits(0)
            .says("again: made once; `-n 2` makes two");
        assert_eq!(openai.posts(), before + 1, "{words:?}");
        pinx.run(&["redo", "fox.png", "-o", "fox.png", "--force"]).exits(0);
    }
}

#[test]
fn stdin_is_the_prompt_where_nothing_else_is() {
    let openai = OpenAi::start();
    let pinx = Pinx::new().openai(&openai);
    let made = pinx.command(&[]).stdin("a mug\n").run().exits(0);
    made.prints(&["a-mug.png"]);
    let document = pinx.command(&["--json"]).stdin("a red mug\n").run().exits(0).json();
    assert_eq!(document["jobs"][0]["prompt"], "a red mug");
    assert_eq!(openai.posts(), 2);
    for nothing in ["", " \n"] {
        let told = pinx.command(&[]).stdin(nothing).run().exits(0);
        assert!(told.stdout.contains("pinx makes images from text"), "{told}");
    }
    let lines = "a red fox\nan owl at night\na hen\n";
    let told = pinx.command(&["-n", "2", "--dry-run"]).stdin(lines).run().exits(0);
    told.says("these 3 lines are one prompt; `pinx batch FILE`");
    let told = pinx.command(&["generate", "--dry-run"]).stdin("A long story\n\nof a fox.\n").run();
    told.exits(0).never_says("one prompt");
}

#[test]
fn hints_name_what_was_probably_meant() {
    let pinx = Pinx::new().file("prompts.txt", "a fox\n");
    for (words, hint) in [
        (&["prompts.txt"][..], "did you mean `pinx batch prompts.txt`?"),
        (&["fox.png"], "`pinx info fox.png` or `pinx open fox.png`"),
        (&["list"], "did you mean `pinx log`?"),
        (&["version"], "did you mean `pinx --version`?"),
        (&["login", "openai"], "did you mean `pinx keys set openai`?"),
        (&["draw", "a", "fox", "-n", "2"], "did you mean `pinx generate a fox -n 2`?"),
        (&[""], "`pinx \"a red fox\"` makes a picture of it"),
        (&[" "], "`pinx \"a red fox\"` makes a picture of it"),
        (&["keys", "add", "openai"], "did you mean `pinx keys set openai`?"),
        (&["compare", "an owl"], "pinx compare \"an owl\" --style noir,watercolor"),
        (&["compare"], "pinx compare \"a red fox\" --style noir,watercolor"),
        (&["a fox", "-m", "flux"], "did you mean `fal/flux-schnell`, `fal/flux-dev`"),
        (&["a fox", "-m", "openai/dall-e-9"], "It follows `openai/dall-e-3`, which is retired"),
        (&["a fox", "--style", "Noir"], "did you mean `noir`?"),
        (
            &["a fox", "-o", "fox.bmp"],
            "there are png, jpeg, webp and, of some models, svg: `-o fox.png`",
        ),
        (&["a fox", "-o", "{slug}.GIF"], "`-o \"{slug}.png\"`"),
    ] {
        let output = pinx.run(words).exits(2);
        assert!(output.stderr.contains(hint), "{words:?}\n{output}");
    }
    for words in
        [&["--color", "never", "help", "models"][..], &["--config", "x.toml", "help", "models"]]
    {
        let output = pinx.run(words).exits(0);
        assert!(output.stdout.contains("List models with price"), "{output}");
    }
}

#[test]
fn a_ratio_is_one_setting_by_either_name() {
    let pinx = Pinx::new();
    let config = |words: &[&str]| pinx.run(&[&["config"], words].concat());
    config(&["set", "size", "16:9"]).exits(0).says("set `aspect`");
    config(&["get", "aspect"]).exits(0).prints(&["16:9"]);
    config(&["get", "size"]).exits(0).says("`aspect` is set and counts instead: 16:9");
    config(&["unset", "aspect"]).exits(0).says("took `aspect` out");
    config(&["get", "aspect"]).exits(1);
    // As an editor, or an earlier version, has written it.
    let pinx = Pinx::new().config("config.toml", "size = \"16:9\"\n");
    pinx.run(&["config", "unset", "aspect"]).exits(0).says("took `aspect` out");
    pinx.run(&["config", "get", "aspect"]).exits(1);
}

#[test]
fn the_sketch_says_that_it_keeps_nothing() {
    let pinx = Pinx::new();
    let sketch = ["a fox", "-m", "pinx/sketch", "-s", "64x64"];
    pinx.run(&[&sketch[..], &["--cache"]].concat()).exits(0).says("`--cache` keeps nothing here");
    pinx.run(&[&sketch[..], &["--no-cache"]].concat()).exits(0).never_says("keeps nothing");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_prompts_on_stdin_is_named() {
    let pinx = Pinx::new().file("my prompts.txt", "a red fox\nan owl at night\n");
    let run = pinx.shell("pinx generate --dry-run < 'my prompts.txt'");
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(
        told.contains("`pinx batch \"my prompts.txt\"` makes a picture of each line"),
        "{told}"
    );
}

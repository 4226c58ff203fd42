//! What people type and what they get for it: prompts in any script, mistakes whose hints work when
//! they are pasted, formats, names that are taken, prompts in any encoding.

use crate::pinx::Pinx;

#[test]
fn a_prompt_in_any_script_needs_no_quotes_and_no_command() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", "sk-of-a-test");
    for words in [
        &["雪の山と桜の木"][..],
        &["แมวสีแดง"],
        &["лиса"],
        &["лиса", "в", "лесу"],
        &["여우"],
        &["ثعلب"],
        &["müde"],
        &["🦊"],
        &["-n", "2", "müde"],
        &["--seed", "7", "雪"],
    ] {
        let output = pinx
            .run(&[words, &["--dry-run", "-m", "openai/gpt-image-2", "--json"]].concat())
            .exits(0);
        let prompt = words.iter().skip_while(|word| word.is_ascii()).copied();
        let prompt: Vec<&str> = prompt.collect();
        assert_eq!(output.json()["jobs"][0]["prompt"], prompt.join(" "), "{words:?}");
    }
    for words in [&["modèls"][..], &["ьщвуды"], &["写真.png"], &["fox"], &["—"]] {
        pinx.run(&[words, &["--dry-run"]].concat()).exits(2);
    }
}

/// What is typed, and the hint that it gets. Where that is a command, it works.
const MISTAKES: [(&str, &str); 62] = [
    ("pinx cat -s 64x64", "`pinx generate cat -s 64x64`"),
    ("pinx last", "`pinx open last`"),
    ("pinx set style=noir", "`pinx config set style noir`"),
    ("pinx config set style=noir", "`pinx config set style noir`"),
    ("pinx config set size 512", "`pinx config set size 512x512`"),
    ("pinx redo last style=noir", "`pinx redo last --style noir`"),
    ("pinx 'a cat' style=noir", "`pinx \"a cat\" --style noir`"),
    ("pinx 'a cat' n=2", "`pinx \"a cat\" -n 2`"),
    ("pinx git commit -m fix", "`pinx generate -- git commit -m fix`"),
    ("pinx tar -xzf a", "`pinx generate -- tar -xzf a`"),
    ("pinx generate git commit -m fix", "`pinx generate -- git commit -m fix`"),
    ("pinx draw a cat", "`pinx generate a cat`"),
    ("pinx 'a cat' --n 2", "`pinx generate \"a cat\" -n 2`"),
    ("pinx 'a cat' --q", "`pinx generate \"a cat\" -q`"),
    ("pinx 'a cat' --silent", "`pinx generate \"a cat\" -q`"),
    ("pinx 'a cat' --num 2", "`pinx generate \"a cat\" -n 2`"),
    ("pinx --prompt 'a cat'", "`pinx generate \"a cat\"`"),
    ("pinx 'a cat' -W 64 -H 32", "`pinx generate \"a cat\" -s 64x32`"),
    ("pinx 'a cat' --ratio 16:9", "`pinx generate \"a cat\" -a 16:9`"),
    ("pinx 'a cat' --resolution 64x64", "`pinx generate \"a cat\" -s 64x64`"),
    ("pinx 'a cat' --png", "`pinx generate \"a cat\" -f png`"),
    ("pinx 'a cat' --no-color", "`pinx generate \"a cat\" --color never`"),
    ("pinx 'a cat' --assume-yes", "`pinx generate \"a cat\" -y`"),
    ("pinx 'a cat' --landscape", "`pinx generate \"a cat\" -s landscape`"),
    ("pinx 'a cat' --free", "`pinx generate \"a cat\" -m pinx/sketch`"),
    ("pinx 'a cat' --modle pinx/sketch", "`pinx generate \"a cat\" --model pinx/sketch`"),
    ("pinx 'a cat' --dryrun", "`pinx generate \"a cat\" --dry-run`"),
    ("pinx --list-models", "`pinx models`"),
    ("pinx --models", "`pinx models`"),
    ("pinx --v", "`pinx --version`"),
    ("pinx --usage", "`pinx generate -h`"),
    ("pinx models --alll", "`pinx models --all`"),
    ("pinx batch promts.txt", "`pinx batch prompts.txt`"),
    ("pinx batch prompts", "`pinx batch prompts.txt`"),
    ("pinx batch ./", "`pinx batch prompts.txt`"),
    ("pinx batch none/at-all.txt", "prompt a line"),
    ("pinx 'a cat' -m midjourney", "`pinx models --all`"),
    ("pinx 'a cat' -m openai", "`pinx models --all --provider openai`"),
    ("pinx 'a cat' -s 512", "`--size 512x512`"),
    ("pinx 'a cat' -s '1024*768'", "`--size 1024x768`"),
    ("pinx 'a cat' --seed -1", "leave it out: each picture has a seed of its own"),
    ("pinx redo last --set seed=x", "a seed is a number"),
    ("pinx redo last --set size=512", "`--set size=512x512`"),
    ("pinx 'a cat' -n two", "`--count 2`"),
    ("pinx 'a cat' --timeout 30sec", "`--timeout 30s`"),
    ("pinx 'a cat' --max-cost 5c", "`--max-cost 0.05`"),
    ("pinx 'a cat' --background white", "say it in the prompt"),
    ("pinx edit fox.png 'make it night'", "`pinx edit \"make it night\" -i fox.png`"),
    ("pinx edit 'make it night' fox.png -q", "`pinx edit \"make it night\" -q -i fox.png`"),
    ("pinx edit fox.png", "`pinx edit \"make it night\" -i fox.png`"),
    ("pinx edit @last 'make it night'", "`pinx edit \"make it night\" -i @last`"),
    ("pinx edit 'make it night' -i fox.png a-cat.png", "`-i a-cat.png` makes the image from it"),
    ("pinx 'make it night' fox.png", "`-i fox.png` makes the image from it"),
    ("pinx generate make it night fox.png", "`-i fox.png` makes the image from it"),
    ("pinx upscale fox.png", "`pinx edit \"make it night\" -i fox.png` makes an image"),
    ("pinx fox.png", "`pinx edit \"make it night\" -i fox.png` makes an image"),
    ("pinx 'a cat' --input fox.png", "use `-i fox.png`"),
    ("pinx edit 'a cat' -i fox.png,a-cat.png", "did you mean `fox.png -i a-cat.png`?"),
    ("pinx batch fox.png", "`pinx batch prompts.txt -i fox.png` makes every line from it"),
    ("pinx 'a cat' --partials 9", "`--partials 3`"),
    ("pinx compare night -i fox.png", "`pinx compare night -i fox.png --style noir,watercolor`"),
    ("PINX_SIZE=512 pinx 'a cat'", "`PINX_SIZE=512x512`"),
];

#[test]
fn each_mistake_has_a_hint_that_works_when_it_is_pasted() {
    let pinx = Pinx::new().file("prompts.txt", "a red fox\n");
    pinx.run(&["a cat", "-s", "64x64", "-q"]).exits(0);
    std::fs::copy(pinx.work().join("a-cat.png"), pinx.work().join("fox.png")).unwrap();
    for (line, wanted) in MISTAKES {
        let refused = pinx.shell(line);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{line}\n{told}");
        let hints: Vec<&str> = told.lines().filter(|line| line.starts_with("hint: ")).collect();
        assert!(hints.iter().any(|hint| hint.contains(wanted)), "{line}\n{told}");
        // Every command that any hint names is read, and does what it says.
        let quoted = hints.iter().flat_map(|hint| hint.split('`').skip(1).step_by(2));
        for command in quoted.filter(|text| text.starts_with("pinx ") && !text.contains("SIZE=")) {
            let makes = ["generate ", "edit ", "redo ", "batch ", "\""];
            let makes = makes.iter().any(|word| command[5..].starts_with(word));
            let line = match command.split_once(" -- ") {
                _ if !makes || command.contains("--dry-run") || command.ends_with("-h") => {
                    command.to_owned()
                }
                Some((before, behind)) => format!("{before} --dry-run -- {behind}"),
                None => format!("{command} --dry-run"),
            };
            let output = pinx.shell(&line);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "`{line}` of `{command}`\n{told}");
        }
    }
}

#[test]
fn a_format_that_the_model_does_not_make_is_refused_however_it_is_asked_for() {
    let pinx = Pinx::new().env("OPENAI_API_KEY", "sk-of-a-test");
    for format in ["gif", "avif", "svg"] {
        let file = format!("f.{format}");
        let by_name = pinx.run(&["a fox", "-m", "pinx/sketch", "-o", &file]).exits(2);
        by_name.says(&format!("pinx/sketch makes no {format}")).says("`-o f.png`").leaves(&[]);
        let by_flag = pinx.run(&["a fox", "-m", "pinx/sketch", "-f", format]).exits(2);
        by_flag.says(&format!("pinx/sketch makes no {format}")).says("`-f png`").leaves(&[]);
    }
    // Where the model makes it, both ways lead to it.
    for words in [&["-f", "gif"][..], &["-o", "f.gif"], &["-o", "f.svg"]] {
        let model = ["a fox", "-m", "openai/gpt-image-2.6-flare", "--dry-run"];
        pinx.run(&[&model, words].concat()).exits(0);
    }
    pinx.run(&["a fox", "-o", "f.bmp"]).exits(2).says("`-o f.png`");
    // What was made once is not made again by the same command, and the hint says what is.
    let once = ["a fox", "-m", "pinx/sketch", "-s", "64x64", "-q", "-o", "fox.png"];
    pinx.run(&once).exits(0).prints(&["fox.png"]);
    let again = pinx.run(&once).exits(2).says("`fox.png` exists already");
    again.says("`-o fox-2.png` is free; `--force` replaces the old one");
    pinx.run(&[&once[..7], &["fox-2.png"]].concat()).exits(0);
    pinx.run(&once).exits(2).says("`-o fox-3.png` is free");
    for name in ["fox.png", "fox-2.png"] {
        let template = ["a fox", "-m", "pinx/sketch", "-s", "64x64", "-q", "-o", "{slug}.{ext}"];
        let made = if name == "fox.png" { "a-fox.png" } else { "a-fox-2.png" };
        pinx.run(&template).exits(0).prints(&[made]);
    }
}

#[test]
fn a_prompt_is_what_its_bytes_mean() {
    let utf16 = |text: &str, is_big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let bytes = |unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        units.flat_map(bytes).collect()
    };
    let pinx = Pinx::new();
    for (bytes, wanted) in [
        (b"a fox".to_vec(), Ok("a fox")),
        (b"a fox\n".to_vec(), Ok("a fox")),
        (b"a fox\r\nin snow\r\n".to_vec(), Ok("a fox\nin snow")),
        ("\u{feff}a fox\n".into(), Ok("a fox")),
        ("\u{feff}\u{feff} a fox\u{feff}\n".into(), Ok("a fox")),
        (utf16("a fox 狐\r\n", false), Ok("a fox 狐")),
        (utf16("a fox 狐\r\n", true), Ok("a fox 狐")),
        (b"a f\0ox\n".to_vec(), Ok("a fox")),
        (utf16("a fox", false)[2..].to_vec(), Err("UTF-16 text without a mark")),
        (utf16("a fox", true)[2..].to_vec(), Err("UTF-16 text without a mark")),
        (utf16("a fox", false)[..7].to_vec(), Err("cut or broken UTF-16")),
        (b"a f\xe9e\n".to_vec(), Err("no UTF-8 text")),
    ] {
        std::fs::write(pinx.work().join("prompt.txt"), &bytes).unwrap();
        let dry = ["--dry-run", "--json"];
        for output in [
            pinx.command(&dry).stdin(bytes.clone()).run(),
            pinx.command(&["generate", "-", dry[0], dry[1]]).stdin(bytes.clone()).run(),
            pinx.run(&["generate", "--prompt-file", "prompt.txt", dry[0], dry[1]]),
            pinx.run(&["generate", "@prompt.txt", dry[0], dry[1]]),
        ] {
            let document = output.json();
            match wanted {
                Ok(prompt) => assert_eq!(document["jobs"][0]["prompt"], prompt, "{bytes:?}"),
                Err(why) => {
                    let message = document["error"]["message"].as_str().unwrap();
                    assert!(message.contains(why), "{bytes:?}: {message}");
                }
            }
        }
    }
}

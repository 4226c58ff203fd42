//! What the arguments mean, and what is said of those that mean nothing.

use std::ffi::OsString;

use clap::CommandFactory;

use super::{Cli, argv, described, misread_error, mistakes, not_a_command};

fn argv(words: &[&str]) -> Vec<OsString> {
    ["pinx"].iter().chain(words).map(OsString::from).collect()
}

fn arranged(words: &[&str]) -> Result<Vec<OsString>, Vec<String>> {
    let arranged = argv::arranged(argv(words), &Cli::command, &described);
    arranged.map_err(|misread| misread_error(&misread, &argv(words)).hints)
}

#[test]
fn a_prompt_needs_no_command_and_flags_may_stand_before_it() {
    for (given, meant) in [
        (&["a fox"][..], &["generate", "a fox"][..]),
        (&["--json", "a fox", "-n2"], &["generate", "--json", "a fox", "-n2"]),
        (&["--color", "never", "a fox"], &["generate", "--color", "never", "a fox"]),
        (&["-q", "--", "a fox"], &["generate", "-q", "--", "a fox"]),
        (&["-m", "x", "a fox"], &["generate", "-m", "x", "a fox"]),
        (&["--json", "-n", "2", "a fox"], &["generate", "--json", "-n", "2", "a fox"]),
        (
            &["-o", "out.png", "-s", "9x9", "a fox"],
            &["generate", "-o", "out.png", "-s", "9x9", "a fox"],
        ),
        (&["-n2", "--size=9x9", "a fox", "-q"], &["generate", "-n2", "--size=9x9", "a fox", "-q"]),
        (&["-o", "my dir/", "a fox"], &["generate", "-o", "my dir/", "a fox"]),
        (&["-qn", "2", "a fox"], &["generate", "-qn", "2", "a fox"]),
        (&["-m", "x"], &["generate", "-m", "x"]),
        (&["--prompt-file", "x"], &["generate", "--prompt-file", "x"]),
        (&["--ar", "16:9", "a fox"], &["generate", "--ar", "16:9", "a fox"]),
        (&["-m", "x", "batch", "f"], &["batch", "-m", "x", "f"]),
        (&["-n", "3", "log"], &["log", "-n", "3"]),
        (&["雪の山"], &["generate", "雪の山"]),
        (&["雪の山", "--dry-run"], &["generate", "雪の山", "--dry-run"]),
        (&["лиса", "в", "лесу"], &["generate", "лиса", "в", "лесу"]),
        (&["-n", "2", "müde"], &["generate", "-n", "2", "müde"]),
        (&["--json", "แมว"], &["generate", "--json", "แมว"]),
        (&["🦊"], &["generate", "🦊"]),
        (&["ьщвуды"], &["ьщвуды"]),
        (&["写真.png"], &["写真.png"]),
        (&["--config", "my file.toml", "log"], &["--config", "my file.toml", "log"]),
        (&["--json", "models", "a fox"], &["--json", "models", "a fox"]),
        (&["--help", "generate"], &["--help", "generate"]),
        (&["--help", "a fox"], &["generate", "--help", "a fox"]),
        (&["--version", "a fox"], &["--version", "a fox"]),
        (&["fox"], &["fox"]),
        (&["--json", "fox"], &["--json", "fox"]),
        (&["--json"], &["--json"]),
        (&["-"], &["-"]),
        (&["generate", "help"], &["generate", "help"]),
        (&[], &[]),
    ] {
        assert_eq!(arranged(given), Ok(argv(meant)), "{given:?}");
    }
}

#[test]
fn a_single_word_never_becomes_a_prompt() {
    let hint = "`pinx generate -m x fox` makes a picture of it".to_owned();
    assert_eq!(arranged(&["-m", "x", "fox"]), Err(vec![hint]));
    // What that command does not have would only be the next error.
    let hints = arranged(&["-n", "2", "modles"]).unwrap_err();
    assert_eq!(hints[0], "did you mean `pinx models`?");
}

#[test]
fn text_that_can_be_no_flag_is_a_word() {
    let title = "--- \ntitle: x\n---\na fox";
    for (given, meant) in [
        (&["- a fox"][..], &["generate", "--", "- a fox"][..]),
        (&["- a fox", "--json"], &["generate", "--json", "--", "- a fox"]),
        (&["-m", "x", "- a fox"], &["generate", "-m", "x", "--", "- a fox"]),
        (&["generate", title, "--dry-run"], &["generate", "--dry-run", "--", title]),
        (
            &["generate", "a", "- b c", "-n", "2", "d"],
            &["generate", "-n", "2", "--", "a", "- b c", "d"],
        ),
        (&["g", "-- a fox"], &["g", "--", "-- a fox"]),
        (&["-1 degree outside"], &["generate", "--", "-1 degree outside"]),
        (&["compare", "- a fox", "-m", "a,b"], &["compare", "-m", "a,b", "--", "- a fox"]),
        (
            &["generate", "a fox", "--negative", "- rain"],
            &["generate", "--negative=- rain", "--", "a fox"],
        ),
        (&["generate", "--", "- a fox"], &["generate", "--", "- a fox"]),
        (&["generate", "a fox", "-omy dir/"], &["generate", "a fox", "-omy dir/"]),
        (&["generate", "a fox", "--var=a=red fox"], &["generate", "a fox", "--var=a=red fox"]),
        (&["redo", "x.png", "--set", "prompt=- a b"], &["redo", "x.png", "--set", "prompt=- a b"]),
        (&["config", "set", "negative", "- rain"], &["config", "set", "--", "negative", "- rain"]),
        (&["log", "show", "- x y"], &["log", "show", "--", "- x y"]),
        (&["generate", "a — long — dash"], &["generate", "a — long — dash"]),
        (&["generate", "— a fox"], &["generate", "— a fox"]),
    ] {
        let separate = arranged(given).map(|meant| {
            let is_separator = |word: &OsString| word == "--";
            // Where nothing begins with a dash, nothing moves.
            meant.into_iter().filter(|word| !is_separator(word)).collect::<Vec<_>>()
        });
        let wanted: Vec<OsString> = argv(meant).into_iter().filter(|word| word != "--").collect();
        assert_eq!(separate, Ok(wanted), "{given:?}");
        let cli = <Cli as clap::Parser>::try_parse_from(arranged(given).unwrap());
        assert!(cli.is_ok(), "{given:?}: {cli:?}");
    }
}

#[test]
fn a_flag_in_quotes_or_with_the_wrong_dash_is_told() {
    let alone = "as a flag it is written without the quotes: ";
    for (given, hint) in [
        (&["generate", "a fox", "-n 3"][..], format!("{alone}`-n 3`")),
        (&["-n 3", "a fox"], format!("{alone}`-n 3`")),
        (&["generate", "--size 512x512"], format!("{alone}`--size 512x512`")),
        (&["a fox", "--ar 16:9"], format!("{alone}`--ar 16:9`")),
        (&["a fox", "-o my dir"], format!("{alone}`-o \"my dir\"`")),
        (&["a fox", "-size", "9x9"], "write it `--size`".to_owned()),
        (&["a fox", "—ar", "16:9"], "write it `--ar`".to_owned()),
        (&["a fox", "—size=9x9"], "write it `--size=9x9`".to_owned()),
    ] {
        assert_eq!(arranged(given).unwrap_err()[0], hint, "{given:?}");
    }
}

#[test]
fn a_word_that_is_no_command_keeps_the_others() {
    for (words, wanted) in [
        (&["foxx"][..], "`pinx generate foxx` makes a picture of it"),
        (&["big", "fox", "-n", "2"], "`pinx generate big fox -n 2` makes a picture of it"),
        (&["generat", "a", "red", "fox"], "did you mean `pinx generate a red fox`?"),
        (&["generat", "a red fox"], "did you mean `pinx generate \"a red fox\"`?"),
        (&["genrate", "it's", "$5!"], "did you mean `pinx generate \"it's\" '$5!'`?"),
        (&["genrate", "grüner", "🦊"], "did you mean `pinx generate grüner \"🦊\"`?"),
        (&["genrate", "a\nb"], "did you mean `pinx generate $'a\\nb'`?"),
        (&["-q", "modles", "--all"], "did you mean `pinx models -q --all`?"),
        (&["key", "set", "openai"], "did you mean `pinx keys set openai`?"),
        (&["fox$;", "-n", "2"], "`pinx generate 'fox$;' -n 2` makes a picture of it"),
        // Nothing else than a prompt, although a cat shows files elsewhere.
        (&["cat", "-s", "64x64"], "`pinx generate cat -s 64x64` makes a picture of it"),
        (&["cat", "--n", "2"], "did you mean `pinx generate cat -n 2`?"),
        (&["cat", "--silent"], "did you mean `pinx generate cat -q`?"),
        (&["view", "x", "-s", "9x9"], "`pinx generate view x -s 9x9` makes a picture of it"),
        (&["show", "x"], "did you mean `pinx log show x`?"),
        (&["last"], "did you mean `pinx open last`?"),
        (&["set", "style=noir"], "did you mean `pinx config set style noir`?"),
        (&["set", "style", "noir"], "did you mean `pinx config set style noir`?"),
        (&["get", "style"], "did you mean `pinx config get style`?"),
        (&["set", "of", "keys"], "`pinx generate set of keys` makes a picture of it"),
        (&["ьщвуды", "--all"], "did you mean `pinx models --all`?"),
        // Flags that can be none are words of the prompt.
        (
            &["git", "commit", "-m", "fix"],
            "`pinx generate -- git commit -m fix` makes a picture of it",
        ),
        (
            &["git", "commit", "-m", "fix it"],
            "`pinx generate -- git commit -m \"fix it\"` makes a picture of it",
        ),
        (&["tar", "-xzf", "a"], "`pinx generate -- tar -xzf a` makes a picture of it"),
        (
            &["fox", "-m", "flux-schnell"],
            "`pinx generate fox -m flux-schnell` makes a picture of it",
        ),
        (&["-q", "fox", "--", "-x"], "`pinx generate -q fox -- -x` makes a picture of it"),
    ] {
        let error = not_a_command(&argv(words)).unwrap();
        assert_eq!(error.hints[0], wanted, "{words:?}");
    }
    assert!(not_a_command(&argv(&["keys", "foo"])).is_none());
    let key = "sk-proj-0123456789abcdefghijklmnop";
    let told = format!("{:?}", not_a_command(&argv(&["kees", "set", "openai", key])));
    assert!(told.contains("pinx keys set openai") && !told.contains(key), "{told}");
}

#[test]
fn flags_of_other_programs_are_told_in_ours() {
    let generate = described(&["generate"]).unwrap();
    for (words, wanted) in [
        (
            &["generate", "a fox", "--ar", "16:9"][..],
            "did you mean `pinx generate \"a fox\" -a 16:9`?",
        ),
        (&["generate", "fox", "--ar=16:9"], "did you mean `pinx generate fox -a 16:9`?"),
        (
            &["generate", "--width", "512", "--height", "768", "fox"],
            "did you mean `pinx generate -s 512x768 fox`?",
        ),
        (&["generate", "fox", "-W", "512"], "did you mean `pinx generate fox -s 512x512`?"),
        (&["generate", "--prompt", "a fox"], "did you mean `pinx generate \"a fox\"`?"),
        (
            &["generate", "fox", "--no", "rain", "--num_images", "3"],
            "did you mean `pinx generate fox --negative rain -n 3`?",
        ),
        (&["generate", "fox", "--output-dir", "out/"], "did you mean `pinx generate fox -o out/`?"),
        (
            &["generate", "fox", "--overwrite", "-n", "2"],
            "did you mean `pinx generate fox --force -n 2`?",
        ),
        (
            &["generate", "fox", "--steps", "30"],
            "`-P num_inference_steps=30` passes them on as they are, to a model that takes them",
        ),
        (&["generate", "fox", "--ar", "1:1", "--steps", "4"], "did you mean `-a 1:1`?"),
        (&["generate", "fox", "--n", "2"], "did you mean `pinx generate fox -n 2`?"),
        (&["generate", "fox", "--o=x.png"], "did you mean `pinx generate fox -o x.png`?"),
        (&["generate", "fox", "--s", "512x512"], "did you mean `pinx generate fox -s 512x512`?"),
        (
            &["generate", "fox", "--s", "750"],
            "leave it out; `--style` chooses a style of `pinx styles`",
        ),
        (&["generate", "fox", "--q"], "did you mean `pinx generate fox -q`?"),
        (&["generate", "--y", "a fox"], "did you mean `pinx generate -y \"a fox\"`?"),
        (&["generate", "--v"], "did you mean `pinx --version`?"),
        (&["generate", "fox", "--silent"], "did you mean `pinx generate fox -q`?"),
        (&["generate", "fox", "--png"], "did you mean `pinx generate fox -f png`?"),
        (
            &["generate", "fox", "--landscape", "-n", "2"],
            "did you mean `pinx generate fox -s landscape -n 2`?",
        ),
        (&["generate", "fox", "--no-color"], "did you mean `pinx generate fox --color never`?"),
        (&["generate", "fox", "--batch", "4"], "did you mean `pinx generate fox -n 4`?"),
        (
            &["generate", "--batch", "a.txt"],
            "`pinx batch a.txt` makes them all; `--prompt-file a.txt` reads one prompt",
        ),
        (&["generate", "fox", "-N", "3"], "did you mean `pinx generate fox -n 3`?"),
        (&["generate", "fox", "-N", "rain"], "did you mean `pinx generate fox --negative rain`?"),
        (&["generate", "fox", "--non-interactive"], "did you mean `pinx generate fox -y`?"),
        (&["generate", "fox", "--free"], "did you mean `pinx generate fox -m pinx/sketch`?"),
        (&["generate", "fox", "--cheap"], "did you mean `pinx generate fox --prefer cheap`?"),
        (&["generate", "--models"], "did you mean `pinx models`?"),
        (&["generate", "--list-models"], "`pinx models`"),
        (&["generate", "fox", "--usage"], "did you mean `pinx generate fox -h`?"),
        (&["generate", "fox", "-d", "out"], "did you mean `pinx generate fox -o out/`?"),
        (&["generate", "fox", "--modle", "x"], "did you mean `pinx generate fox --model x`?"),
        (&["generate", "fox", "--neg=x"], "did you mean `pinx generate fox --negative x`?"),
        (&["generate", "fox", "--conc", "2"], "did you mean `pinx generate fox --concurrency 2`?"),
        (
            &["generate", "fox", "--strct", "--colour", "never"],
            "did you mean `pinx generate fox --strict --color never`?",
        ),
    ] {
        let error = mistakes::unknown_flag(&argv(words), &generate).unwrap();
        assert_eq!(error.hints, [wanted], "{words:?}");
    }
    for key in ["--api-key", "--key", "--token"] {
        let secret = "s3cr3t-0123456789";
        for words in [
            vec!["generate", "fox", key, secret],
            vec!["generate", "fox", &format!("{key}={secret}")],
        ] {
            let error = mistakes::unknown_flag(&argv(&words), &generate).unwrap();
            assert!(!format!("{error:?}").contains(secret), "{error:?}");
            assert!(error.message.contains("never an argument"), "{error}");
        }
    }
    let words = argv(&["generate", "fox", "--nonsense"]);
    let error = mistakes::unknown_flag(&words, &generate).unwrap();
    assert_eq!(error.message, "there is no flag `--nonsense`");
    assert_eq!(error.hints, ["`pinx generate -h` lists the flags there are"]);
}

#[test]
fn what_the_table_says_can_be_said() {
    let generate = described(&["generate"]).unwrap();
    mistakes::check(&generate);
}

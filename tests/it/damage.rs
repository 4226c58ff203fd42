//! A damaged log: what was paid for is collected all the same, the damage is told, nothing is invented.

use std::fs;

use serde_json::{Value, json};

use crate::fake::fal::{Fal, completed};
use crate::fake::openai::OpenAi;
use crate::fake::{Answer, Kind};
use crate::pinx::Pinx;

const FAL: [&str; 4] = ["generate", "a red fox", "-m", "fal/flux-schnell"];
const OPENAI: [&str; 5] = ["generate", "a red fox", "-m", "openai/gpt-image-2", "--no-fallback"];

/// A run that was killed while its paid job was in the queue, where it still waits.
fn killed_in_the_queue() -> (Fal, Pinx) {
    let fake = Fal::start();
    fake.always(Kind::Status, Answer::json(202, &json!({ "status": "IN_PROGRESS" })));
    let pinx = Pinx::new().fal(&fake).damaged();
    let running = pinx.command(&FAL).spawn();
    fake.wait_for(Kind::Status, 1);
    running.signal("KILL");
    running.finish().exits(-1);
    assert_eq!((pinx.entries("intent").len(), pinx.entries("submitted").len()), (1, 1));
    (fake, pinx)
}

/// Changes the lines of the log.
fn edit(pinx: &Pinx, change: impl Fn(&mut Vec<Vec<u8>>)) {
    let path = pinx.segments().pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    change(&mut lines);
    fs::write(&path, lines.join(&b'\n')).unwrap();
}

/// Writes lines to the end of the log.
fn append(pinx: &Pinx, text: &[u8]) {
    let path = pinx.segments().pop().unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], text].concat()).unwrap();
}

#[test]
fn fault_69_a_job_is_collected_although_its_intent_is_damaged() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(Damage, bool); 5] = [
        (|line| line[0] = b'x', true),
        (|line| line[20] = 0, true),
        (|line| line.truncate(300), true),
        (|line| line.splice(200..210, [0xff, 0xfe, b'"', b'{']).for_each(drop), true),
        // Nobody can tell what this was about: another job may be hidden in it.
        (|line| line.fill(0), false),
    ];
    for (damage, is_told_by_others) in damages {
        let (fake, pinx) = killed_in_the_queue();
        edit(&pinx, |lines| damage(&mut lines[0]));
        let list = pinx.run(&["recover", "--list"]).exits(75);
        assert!(list.stderr.contains(".jsonl line 1"), "{list}");
        pinx.run(&["recover", "--deadline", "1s"]).exits(75).leaves(&[]).says("still open");
        fake.always_with(Kind::Status, |_, usual| usual);
        let output = pinx.run(&["recover"]).says("line 1").leaves(&["a-red-fox.jpg"]);
        assert_eq!(fake.posts(), 1, "{output}");
        image::load_from_memory(&pinx.read(&output.files[0])).unwrap();
        if is_told_by_others {
            assert_eq!(output.code, 0, "{output}");
        } else {
            let output = output.exits(75).says("recover --forget damaged");
            assert!(!output.stderr.contains("still open: "), "{output}");
            pinx.run(&["recover", "--forget", "damaged"]).exits(2).says("--yes").says("line 1");
            pinx.run(&["recover", "--forget", "damaged", "-y"]).exits(0).says("is closed");
        }
        let again = pinx.run(&["recover"]).exits(0).never_says("line 1");
        assert_eq!((fake.posts(), again.files.len()), (1, 1), "{again}");
    }
}

/// Changes words of a line, which then is not what was written.
fn alter(line: &mut Vec<u8>, (from, to): (&str, &str)) {
    let text = String::from_utf8(std::mem::take(line)).unwrap();
    assert!(text.contains(from), "{text}");
    *line = text.replace(from, to).into_bytes();
}

/// Makes a line one of an earlier version, which told of an answer but not of what was asked for.
fn make_older(line: &mut Vec<u8>) {
    let mut entry: Value = serde_json::from_slice(line).unwrap();
    let keys = ["sum", "wish", "recipe", "prompt", "reserve", "format", "offset"];
    keys.iter().for_each(|key| drop(entry.as_object_mut().unwrap().shift_remove(*key)));
    *line = entry.to_string().into_bytes();
}

/// A job whose image has its name, as the log stood before it could say so, but changed.
fn named_but_not_said(change: impl Fn(&mut Vec<Vec<u8>>)) -> (Fal, Pinx) {
    let (fake, pinx) = killed_in_the_queue();
    fake.always_with(Kind::Status, |_, usual| usual);
    let path = pinx.segments().pop().unwrap();
    let before = fs::read(&path).unwrap();
    pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.jpg"]);
    fs::write(path, before).unwrap();
    edit(&pinx, change);
    (fake, pinx)
}

const ALTERATIONS: [(&str, &str); 5] = [
    ("\"prompt\":\"a red fox\"", "\"prompt\":\"a rad fox\""),
    ("\"directory\":\"/", "\"directory\":\"/nowhere/"),
    ("\"stem\":\"a-red", "\"stem\":\"a-rad"),
    ("\"suffix_ok\":", "\"suffix_0k\":"),
    ("\"wish\"", "\"wisp\""),
];

#[test]
fn fault_69_an_altered_intent_gives_way_to_whole_lines() {
    type Change<'c> = dyn Fn(&mut Vec<Vec<u8>>) + 'c;
    for words in ALTERATIONS {
        let changes: [&Change<'_>; 2] = [&|lines| alter(&mut lines[0], words), &|lines| {
            let mut copy = lines[0].clone();
            alter(&mut copy, words);
            lines.insert(2, copy);
        }];
        for change in changes {
            let (fake, pinx) = named_but_not_said(change);
            let output = pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.jpg"]);
            assert_eq!(fake.posts(), 1, "{words:?}\n{output}");
            assert!(!output.stderr.contains("where its image was to go"), "{output}");
        }
    }
}

#[test]
fn fault_69_an_image_is_known_again_by_its_picture_where_only_an_altered_line_tells_of_it() {
    for words in &ALTERATIONS[..2] {
        let (fake, pinx) = named_but_not_said(|lines| {
            alter(&mut lines[0], *words);
            make_older(&mut lines[1]);
        });
        let output = pinx.run(&["recover"]).exits(0).leaves(&["a-red-fox.jpg"]);
        assert_eq!(fake.posts(), 1, "{words:?}\n{output}");
        output.says("stands in an altered line");
    }
}

#[test]
fn fault_69_where_an_older_line_does_not_tell_the_place_the_image_is_here_and_that_is_told() {
    let (fake, pinx) = killed_in_the_queue();
    edit(&pinx, |lines| {
        make_older(&mut lines[1]);
        lines[0][0] = b'x';
    });
    fake.always_with(Kind::Status, |_, usual| usual);
    let output = pinx.run(&["recover"]).exits(0).says("where its image was to go");
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn fault_70_a_line_without_a_kind_is_told_and_nothing_is_invented() {
    let pinx = Pinx::new().damaged();
    pinx.run(&["generate", "a red fox", "-s", "64x64"]).exits(0);
    let run = "261122-7f3k9q2m";
    for odd in [
        format!(
            r#"{{"v":1,"t":"2026-11-22T10:00:00Z","run":"{run}","job":"{run}.1","attempt":"{run}.1.1","model":"openai/gpt-image-2","reserve":900000}}"#
        ),
        r#"{"v":1,"t":"2026-11-22T10:00:00Z"}"#.to_owned(),
        "{}".to_owned(),
    ] {
        append(&pinx, format!("{odd}\n").as_bytes());
        let line = fs::read_to_string(&pinx.segments()[0]).unwrap().lines().count();
        let output = pinx.run(&["recover", "--json"]).exits(75);
        let document = output.json();
        assert_eq!((&document["open"], &document["attempts"]), (&json!(0), &json!([])), "{output}");
        assert_eq!(document["damaged"][0]["line"], line, "{output}");
        pinx.run(&["recover"]).exits(75).says(&format!("line {line}")).says("cannot be read");
        pinx.run(&["stats"]).exits(0).says("cannot be read");
        pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0).says("cannot be read");
        pinx.run(&["recover", "--forget", "damaged", "--yes"]).exits(0);
        pinx.run(&["recover"]).exits(0);
    }
}

#[test]
fn entries_of_newer_versions_are_read_as_far_as_they_are_known_and_told() {
    let (fake, pinx) = killed_in_the_queue();
    edit(&pinx, |lines| {
        for line in lines.iter_mut().filter(|line| !line.is_empty()) {
            let mut entry: Value = serde_json::from_slice(line).unwrap();
            entry["v"] = json!(7);
            entry["flavour"] = json!({ "new": [1, 2] });
            *line = entry.to_string().into_bytes();
        }
    });
    fake.always_with(Kind::Status, |_, usual| usual);
    let output = pinx.run(&["recover"]).exits(0).says("version 7");
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn a_damaged_submit_is_looked_up_in_the_history() {
    let (fake, pinx) = killed_in_the_queue();
    edit(&pinx, |lines| lines[1].truncate(170));
    fake.always_with(Kind::Status, |_, usual| usual);
    let output = pinx.run(&["recover"]).exits(0).says("line 2");
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
}

#[test]
fn lines_that_are_joined_doubled_or_end_otherwise_are_each_read_once() {
    type Change = fn(&mut Vec<Vec<u8>>);
    let changes: [Change; 4] = [
        |lines| {
            let second = lines.remove(1);
            lines[0].extend(second);
        },
        |lines| lines.iter_mut().for_each(|line| line.extend((!line.is_empty()).then_some(b'\r'))),
        |lines| {
            lines.insert(1, lines[0].clone());
            lines.insert(3, lines[2].clone());
        },
        |lines| lines.insert(0, Vec::new()),
    ];
    for change in changes {
        let (fake, pinx) = killed_in_the_queue();
        edit(&pinx, change);
        fake.always_with(Kind::Status, |_, usual| usual);
        let output = pinx.run(&["recover"]);
        assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
        pinx.run(&["recover"]).exits(0);
        // All of it once more, as a merge of two copies leaves it: nothing is fetched again.
        let whole = fs::read(&pinx.segments()[0]).unwrap();
        let intent = whole.split_inclusive(|byte| *byte == b'\n').next().unwrap();
        append(&pinx, intent);
        let output = pinx.run(&["recover"]);
        assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    }
}

#[test]
fn an_attempt_without_any_other_trace_is_told_until_the_user_closes_it() {
    let fake = OpenAi::start();
    fake.always(Kind::Images, Answer::hang());
    let pinx = Pinx::new().openai(&fake).damaged();
    let running = pinx.command(&OPENAI).spawn();
    fake.wait_for(Kind::Images, 1);
    running.signal("KILL");
    running.finish();
    let attempt = pinx.entries("intent")[0]["attempt"].as_str().unwrap().to_owned();
    edit(&pinx, |lines| lines[0].truncate(250));
    let output = pinx.run(&["recover"]).exits(75).says("line 1").says(&attempt);
    let doctor = pinx.run(&["doctor"]).stdout;
    assert!(doctor.contains("line 1") && doctor.contains("--forget"), "{doctor}");
    assert!(!output.stderr.contains("nothing is open any more"), "{output}");
    // Nobody knows what was spent of a day's budget.
    let budget = |call: crate::pinx::Call<'_>| call.env("PINX_BUDGET_DAY", "$1").run();
    budget(pinx.command(&OPENAI)).exits(6).says("damaged").says("pinx recover");
    assert_eq!(fake.posts(), 1);
    pinx.run(&["recover", "--forget", "damaged", "-y"]).exits(0).says(&attempt);
    fake.always_with(Kind::Images, |_, usual| usual);
    budget(pinx.command(&OPENAI)).exits(0);
    pinx.run(&["recover"]).exits(0);
}

#[test]
fn a_batch_does_not_pay_again_for_what_a_damaged_line_may_tell() {
    for cut in [250, 40] {
        let fake = OpenAi::start();
        fake.always(Kind::Images, Answer::hang());
        let pinx = Pinx::new().openai(&fake).damaged().file("p.txt", "a red fox\n");
        let args = ["batch", "p.txt", "-m", "openai/gpt-image-2", "-y"];
        let running = pinx.command(&args).spawn();
        fake.wait_for(Kind::Images, 1);
        running.signal("KILL");
        running.finish();
        edit(&pinx, |lines| lines[0].truncate(cut));
        fake.always_with(Kind::Images, |_, usual| usual);
        // Where the line still tells the job's key it is open, else nothing at all is sent.
        pinx.run(&args).exits(if cut == 250 { 75 } else { 2 }).says("recover");
        assert_eq!(fake.posts(), 1);
        pinx.run(&["recover", "--forget", "damaged", "-y"]).exits(0);
        pinx.run(&args).exits(0);
        assert_eq!(fake.posts(), 2);
    }
}

#[test]
fn what_is_no_readable_file_hides_no_other() {
    let (fake, pinx) = killed_in_the_queue();
    fs::create_dir(pinx.data().join("log/2026-01.jsonl")).unwrap();
    fake.always(Kind::Status, completed("x"));
    let output = pinx.run(&["recover"]).exits(75).says("2026-01.jsonl").says("move it away");
    assert_eq!((fake.posts(), output.files.len()), (1, 1), "{output}");
    pinx.command(&["log"]).env("COLUMNS", "120").run().exits(0);
    pinx.run(&["stats"]).exits(0);
    let doctor = pinx.run(&["doctor"]).stdout;
    assert!(doctor.contains("2026-01.jsonl"), "{doctor}");
    fs::remove_dir(pinx.data().join("log/2026-01.jsonl")).unwrap();
    pinx.run(&["recover"]).exits(0);
}

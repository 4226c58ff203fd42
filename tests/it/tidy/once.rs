//! Words that mean one thing in the whole house: a type of that name is defined once, and none has a
//! name that says nothing.

use super::rust::{Token, tokens};
use super::{sources, without_tests};

/// The words, each with what it means.
const WORDS: [(&str, &str); 4] = [
    ("JobStatus", "how a job went"),
    ("Billed", "whether something was paid for"),
    ("Place", "where a scene plays"),
    ("Source", "where the bytes of an image are taken from"),
];

/// Words that would fit any type, so that several modules gave them to different ones.
const VAGUE: [&str; 13] = [
    "Known", "Found", "Held", "Way", "Heard", "Kept", "Shown", "Told", "Asked", "Look", "Wish",
    "Draft", "Reach",
];

/// The types that a file defines outside its tests.
fn defined(path: &str, text: &str) -> Vec<Token> {
    let tokens = tokens(without_tests(path, text));
    let starts = |token: &Token| ["struct", "enum", "trait", "type"].contains(&token.text.as_str());
    let pairs = tokens.windows(2).filter(|pair| starts(&pair[0]));
    pairs.map(|pair| pair[1].clone()).collect()
}

/// Words that nothing is called by, or several things, and vague ones that a type is called by.
fn violations(sources: &[(String, String)]) -> Vec<String> {
    let places = |word: &str| -> Vec<String> {
        let of = |(path, text): &(String, String)| {
            let found = defined(path, text).into_iter().filter(|token| token.text == word);
            found.map(|token| format!("{path}:{}", token.line)).collect::<Vec<_>>()
        };
        sources.iter().flat_map(of).collect()
    };
    let vague = VAGUE.iter().map(|word| (word, places(word))).filter(|(_, at)| !at.is_empty());
    let vague =
        vague.map(|(word, at)| format!("`{word}` says nothing of a type: {}", at.join(", ")));
    let all = WORDS.iter().map(|(word, meaning)| (word, meaning, places(word)));
    all.filter(|(_, _, places)| places.len() != 1)
        .map(|(word, meaning, places)| {
            format!("`{word}` is {meaning}, and one type: {}", places.join(", "))
        })
        .chain(vague)
        .collect()
}

#[test]
fn a_word_of_two_meanings_and_one_of_none_are_seen() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let house = |more: &str| {
        let words = WORDS.map(|(word, _)| format!("pub enum {word} {{}}")).join("\n");
        violations(&[source("src/a.rs", &words), source("src/b.rs", more)]).len()
    };
    assert_eq!(house("struct Other;"), 0);
    assert_eq!(house("struct Billed;"), 1);
    assert_eq!(house("enum Found {}"), 1);
    assert_eq!(house("#[cfg(test)]\nmod tests { struct Billed; }"), 0);
    assert_eq!(violations(&[]).len(), WORDS.len(), "and one that is gone");
}

#[test]
fn every_word_has_one_meaning() {
    let wrong = violations(&sources("src", "rs"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

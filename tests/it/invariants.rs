//! What must hold whatever a provider answers: every course that one route's answers can take, each
//! run to its end and compared with the engine's table.
//!
//! A course is a row of answers; the next one is asked for only after those that may be repeated.

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, error, rate_limited, refused};
use crate::fake::{Answer, Kind};
use crate::pinx::Pinx;

/// What a provider may answer, by the classes of the engine's table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Class {
    Done,
    Busy,
    Server,
    Account,
    Rejected,
    Content,
    Ambiguous,
    Unusable,
}

use Class::{Account, Ambiguous, Busy, Content, Done, Rejected, Server, Unusable};

const ALL: [Class; 8] = [Done, Busy, Server, Account, Rejected, Content, Ambiguous, Unusable];
/// Paid requests of one route: the first and two repeats.
const TRIES: usize = 3;

impl Class {
    fn answer(self) -> Option<Answer> {
        match self {
            Done => None,
            Busy => Some(rate_limited().header("retry-after-ms", "5")),
            Server => Some(error(500, "server_error", "Sorry about that!")),
            Account => Some(error(429, "insufficient_quota", "You exceeded your quota.")),
            Rejected => Some(error(400, "invalid_value", "Invalid size.")),
            Content => Some(refused()),
            Ambiguous => Some(Answer::html(502)),
            Unusable => Some(Answer::bytes(200, "application/json", *b"{nonsense")),
        }
    }

    fn repeats(self) -> bool {
        matches!(self, Busy | Server)
    }

    fn exit(self) -> i32 {
        match self {
            Done => 0,
            Busy | Server | Rejected | Unusable => 1,
            Account => 3,
            Content => 5,
            Ambiguous => 75,
        }
    }
}

/// Every course: rows that end with an answer that is not repeated, or with the last try.
fn courses() -> Vec<Vec<Class>> {
    let mut ended = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(course) = open.pop() {
        for class in ALL {
            let longer = [&course[..], &[class]].concat();
            let goes_on = class.repeats() && longer.len() < TRIES;
            if goes_on { &mut open } else { &mut ended }.push(longer);
        }
    }
    ended
}

/// Runs a course and checks requests, exit code, files and journal.
fn run(course: &[Class], with_fallback: bool) {
    let (openai, fal) = (OpenAi::start(), Fal::start());
    for class in course {
        match class.answer() {
            Some(answer) => openai.next(Kind::Images, answer),
            None => openai.next_with(Kind::Images, |_, usual| usual),
        };
    }
    let pinx = Pinx::new().openai(&openai).fal(&fal).env("PINX_BACKOFF", "1ms");
    let model = ["generate", "a red fox", "-m", "openai/gpt-image-2", "-s", "1024x640"];
    let elsewhere: &[&str] =
        if with_fallback { &["--fallback", "fal/flux-schnell"] } else { &["--no-fallback"] };
    let output = pinx.run(&[&model[..], elsewhere].concat());
    let last = *course.last().unwrap();
    let falls_back = with_fallback && (last.repeats() || last == Account);
    let expected = if falls_back { 0 } else { last.exit() };
    assert_eq!(output.code, expected, "{course:?}\n{output}");
    assert_eq!(openai.posts(), course.len(), "{course:?}\n{output}");
    assert_eq!(fal.posts(), usize::from(falls_back), "{course:?}\n{output}");
    assert_eq!(output.files.len(), usize::from(expected == 0), "{course:?}\n{output}");
    let paid = openai.posts() + fal.posts();
    assert_eq!(pinx.entries("intent").len(), paid, "{course:?}\n{output}");
    let ends = ["done", "failed", "tried", "open"].map(|event| pinx.entries(event).len());
    assert_eq!(ends.iter().sum::<usize>(), paid, "{course:?}: {ends:?}\n{output}");
    let last = pinx.journal().pop().unwrap();
    let end = match expected {
        0 => "done",
        75 => "open",
        _ => "failed",
    };
    assert_eq!(last["e"], end, "{course:?}: {last}\n{output}");
}

#[test]
fn there_are_fifty_courses() {
    // 6 that end at once, 2 x 6 that end with the second answer, 4 x 8 with the third.
    assert_eq!(courses().len(), 50);
}

#[test]
fn every_course_of_one_route_keeps_the_table() {
    for course in courses() {
        run(&course, false);
    }
}

#[test]
fn every_course_with_a_second_route_keeps_the_table() {
    for course in courses().into_iter().filter(|course| course.len() != 2) {
        run(&course, true);
    }
}

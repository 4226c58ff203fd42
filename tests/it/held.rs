//! What must hold after a crash or a call that failed: what a provider billed is on the disk, once,
//! or listed as unknown; nothing is torn, nothing is left over, and the journal counts the money.
//!
//! The providers here put a number of their own on every image, so that each can be told from all
//! others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::openai::{OpenAi, with_image};
use crate::fake::stream::Stream;
use crate::fake::{Answer, Kind, Request, Server, image};
use crate::pinx::{Output, Pinx, files_below};

/// What the providers bill for an image here, in micro-dollars.
const FAL_PRICE: u64 = 3_000;
const FAL_EDIT_PRICE: u64 = 39_000;
const OPENAI_PRICE: u64 = 52_725;

/// What is added to the number of an image on its preview.
const PREVIEW: u32 = 100_000;

/// Chance from a seed (splitmix64), shared by the threads of a provider.
#[derive(Clone)]
pub struct Dice(Arc<AtomicU64>);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(Arc::new(AtomicU64::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))))
    }

    /// A number below `end`.
    pub fn below(&self, end: u64) -> u64 {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % end.max(1)
    }

    pub fn millis(&self, end: u64) -> Duration {
        Duration::from_millis(self.below(end))
    }

    /// Whether it is one of so many; it never is one of none.
    pub fn one_in(&self, count: u64) -> bool {
        count > 0 && self.below(count) == 0
    }
}

/// A provider in its own kind.
pub enum Provider {
    Queue(Fal),
    /// A queue that makes images from pictures, which are uploaded to it.
    Edits(Fal),
    /// With the server that its links lead to.
    Sync(OpenAi, Server),
}

impl Provider {
    /// A fal whose every answer takes up to so many milliseconds.
    pub fn queue(dice: &Dice, slowest: u64) -> Provider {
        let fake = Fal::start();
        for kind in [Kind::Submit, Kind::Status, Kind::Result, Kind::History] {
            let dice = dice.clone();
            fake.always_with(kind, move |_, usual| usual.after(dice.millis(slowest)));
        }
        let dice = dice.clone();
        fake.cdn.always_with(Kind::File, move |request, _| file(request, &dice, slowest));
        Provider::Queue(fake)
    }

    /// The same with pictures to be read.
    pub fn edits(dice: &Dice, slowest: u64) -> Provider {
        let Provider::Queue(fake) = Provider::queue(dice, slowest) else { unreachable!() };
        let (asked, put) = (dice.clone(), dice.clone());
        fake.always_with(Kind::Initiate, move |_, usual| usual.after(asked.millis(slowest)));
        fake.cdn.always_with(Kind::Upload, move |_, usual| usual.after(put.millis(slowest)));
        Provider::Edits(fake)
    }

    /// An OpenAI of that kind; one in `links` of its images is behind a link.
    pub fn sync(dice: &Dice, slowest: u64, links: u64) -> Provider {
        let fake = OpenAi::start();
        let own = dice.clone();
        let files = Server::start(|_, _| Kind::File, move |request| file(request, &own, slowest));
        let (dice, number, place) = (dice.clone(), AtomicU32::new(0), files.url());
        fake.always_with(Kind::Images, move |_, _| {
            let number = number.fetch_add(1, Ordering::Relaxed) + 1;
            let answer = if dice.one_in(links) {
                let link = format!("{place}/{number:08x}.png");
                Answer::json(200, &json!({ "data": [{ "url": link }] }))
            } else {
                with_image(&image::marked(number))
            };
            let answer = answer.after(dice.millis(slowest * 3 / 2));
            if dice.one_in(2) { answer.drip(4, dice.millis(slowest / 4)) } else { answer }
        });
        Provider::Sync(fake, files)
    }

    /// An OpenAI whose answers are streams: a preview, which has the number of no image, and then the
    /// image.
    pub fn streams(dice: &Dice, slowest: u64) -> Provider {
        let fake = OpenAi::start();
        let files = Server::start(|_, _| Kind::File, |_| Answer::dropped());
        let (dice, number) = (dice.clone(), AtomicU32::new(0));
        fake.always_with(Kind::Images, move |request, _| {
            let number = number.fetch_add(1, Ordering::Relaxed) + 1;
            let stream = Stream::to(request)
                .after(dice.millis(slowest))
                .partial(&image::marked(PREVIEW + number))
                .after(dice.millis(slowest));
            stream.completed(&image::marked(number), (9, 0, 1_756)).in_pieces(4_096).ends()
        });
        Provider::Sync(fake, files)
    }

    /// An OpenAI that makes its images as large as they are asked for.
    pub fn sized() -> Provider {
        let fake = OpenAi::start();
        let files = Server::start(|_, _| Kind::File, |_| Answer::dropped());
        let number = AtomicU32::new(0);
        fake.always_with(Kind::Images, move |request, _| {
            let size = image::size(request.json["size"].as_str().unwrap_or_default());
            let number = number.fetch_add(1, Ordering::Relaxed) + 1;
            with_image(&image::marked_plain(number, size))
        });
        Provider::Sync(fake, files)
    }

    /// A world with a key for it.
    pub fn world(&self) -> Pinx {
        match self {
            Provider::Queue(fal) | Provider::Edits(fal) => Pinx::new().fal(fal),
            Provider::Sync(openai, _) => Pinx::new().openai(openai),
        }
    }

    /// Waits until everything has been heard that dead processes had sent.
    pub fn settle(&self) {
        self.servers().into_iter().for_each(Server::quiet);
    }

    fn servers(&self) -> Vec<&Server> {
        match self {
            Provider::Queue(fal) | Provider::Edits(fal) => vec![fal, &fal.cdn],
            Provider::Sync(openai, links) => vec![openai, links],
        }
    }

    /// Requests of all kinds so far.
    pub fn heard(&self) -> usize {
        self.servers().iter().map(|server| server.all().len()).sum()
    }

    /// The requests so far of which each made an image.
    pub fn paid(&self) -> Vec<Request> {
        match self {
            Provider::Queue(fal) | Provider::Edits(fal) => fal.requests(Kind::Submit),
            Provider::Sync(openai, _) => openai.requests(Kind::Images),
        }
    }

    /// Images so far, each of which costs its price.
    pub fn billed(&self) -> usize {
        match self {
            Provider::Queue(fal) | Provider::Edits(fal) => fal.posts(),
            Provider::Sync(openai, _) => openai.posts(),
        }
    }

    /// Micro-dollars for an image.
    pub fn price(&self) -> u64 {
        match self {
            Provider::Queue(_) => FAL_PRICE,
            Provider::Edits(_) => FAL_EDIT_PRICE,
            Provider::Sync(..) => OPENAI_PRICE,
        }
    }

    pub fn model(&self) -> &'static str {
        match self {
            Provider::Queue(_) => "fal/flux-schnell",
            Provider::Edits(_) => "fal/nano-banana",
            Provider::Sync(..) => "openai/gpt-image-2",
        }
    }
}

/// The image whose number, in eight hex digits, begins the name asked for.
fn file(request: &Request, dice: &Dice, slowest: u64) -> Answer {
    let number = request.path.rsplit('/').next().and_then(|name| name.get(..8));
    let number = u32::from_str_radix(number.unwrap(), 16).unwrap();
    let answer = Answer::bytes(200, "image/png", image::marked(number));
    answer.after(dice.millis(slowest / 2)).drip(4, dice.millis(slowest / 5))
}

/// Recovers, and checks everything that must hold then; `may_lose` images of a synchronous provider
/// may have been made for nobody, and are listed.
pub fn check(pinx: &Pinx, provider: &Provider, may_lose: usize) {
    provider.settle();
    let billed = provider.billed();
    let output = pinx.run(&["recover"]);
    assert!([0, 75].contains(&output.code), "{output}");
    assert_eq!(provider.billed(), billed, "recover paid again\n{output}");
    let list = pinx.run(&["recover", "--list", "--json"]).json();
    images(pinx, provider, may_lose, (&output, &list));
    no_leftovers(pinx, &list, &output);
    money(pinx, billed as u64 * provider.price());
    let before = (pinx.files(), journal_length(pinx));
    let again = pinx.run(&["recover"]).exits(output.code);
    assert_eq!((pinx.files(), journal_length(pinx)), before, "recover twice\n{again}");
    assert_eq!(provider.billed(), billed);
}

/// Billed is on the disk, once; what a synchronous provider made and nobody heard is listed.
fn images(pinx: &Pinx, provider: &Provider, may_lose: usize, (output, list): (&Output, &Value)) {
    let marks = marks(pinx, output);
    let all: BTreeSet<u32> = (1..=provider.billed() as u32).collect();
    let unknown = list["attempts"].as_array().unwrap();
    assert!(unknown.iter().all(|row| row["fate"] == "unknown"), "{list}");
    assert!(unknown.iter().all(|row| row["atStake"].as_f64() > Some(0.0)), "{list}");
    let free = |entry: &&Value| entry["e"] != "done" && entry["billed"] == "no";
    let unsent = pinx.journal().iter().filter(free).count();
    let intents = pinx.entries("intent").len() - unsent;
    let all_told = format!("{output}\n{list:#}\n{}", story(pinx));
    assert_eq!(marks.len() + unknown.len(), intents, "forgotten\n{all_told}");
    assert!(marks.is_subset(&all), "{marks:?} of {}\n{all_told}", all.len());
    let lost = all.len() - marks.len();
    match provider {
        // What is unknown of a queue was never sent.
        Provider::Queue(_) | Provider::Edits(_) => {
            assert_eq!(lost, 0, "billed and not saved\n{all_told}")
        }
        Provider::Sync(..) => {
            assert!(lost <= unknown.len(), "lost\n{all_told}");
            assert!(lost <= may_lose, "{lost} of {} lost\n{all_told}", all.len());
        }
    }
}

/// The numbers of the images in the working directory, of which there are no two and none is torn.
pub fn marks(pinx: &Pinx, output: &Output) -> BTreeSet<u32> {
    let mut marks = BTreeSet::new();
    for name in pinx.files().iter().filter(|name| !name.ends_with(".txt")) {
        let mark = image::mark(&pinx.read(name));
        let mark = mark.unwrap_or_else(|error| panic!("{name} is torn: {error}\n{output}"));
        let story = story(pinx);
        assert!(marks.insert(mark), "image {mark} is there twice: {name}\n{output}\n{story}");
    }
    marks
}

/// What is left when everything has ended and `recover` has listed what it cannot collect: nothing
/// but the locks of runs that it lists.
pub fn no_leftovers(pinx: &Pinx, list: &Value, output: &Output) {
    assert!(pinx.kept().is_empty(), "{:?}\n{output}", pinx.kept());
    let open: BTreeSet<&str> = list["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["id"].as_str()?.split('.').next())
        .collect();
    for lock in files_below(&pinx.data().join("run")) {
        let run = lock.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(open.contains(run.as_str()), "{run} has nothing open\n{output}");
    }
    for path in files_below(&pinx.data()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bad = [".part", ".tmp", ".raw"].iter().any(|end| name.ends_with(end));
        assert!(!bad, "{name} is left\n{output}");
    }
}

/// What the journal counts as spent or uncertain covers what was billed; every image has its `done`.
pub fn money(pinx: &Pinx, billed: u64) {
    let done = covered(pinx, billed);
    let images = pinx.files().iter().filter(|name| !name.ends_with(".txt")).count();
    assert_eq!(done, images, "one `done` for every file\n{}", story(pinx));
}

/// What the journal counts as spent or uncertain covers what was billed; answers with how many images
/// are `done`.
pub fn covered(pinx: &Pinx, billed: u64) -> usize {
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    let mut done = 0;
    for entry in pinx.journal() {
        let attempt = entry["attempt"].as_str().unwrap_or_default().to_owned();
        match entry["e"].as_str() {
            Some("intent") => {
                counted.insert(attempt, entry["reserve"].as_u64().unwrap());
            }
            Some("done") => {
                let cost = entry["cost"].as_u64().or(entry["estimate"].as_u64());
                counted.insert(attempt, cost.unwrap());
                done += 1;
            }
            Some("failed" | "tried") if entry["billed"] == "no" => {
                counted.remove(&attempt);
            }
            _ => {}
        }
    }
    let story = story(pinx);
    assert!(counted.values().sum::<u64>() >= billed, "{counted:?} for {billed}\n{story}");
    done
}

/// What the journal tells, in short.
pub fn story(pinx: &Pinx) -> String {
    let mut story = String::new();
    for entry in pinx.journal() {
        let word = |key: &str| entry[key].as_str().unwrap_or_default();
        let images = entry["images"].as_array().into_iter().flatten();
        let images: Vec<&str> = images.filter_map(|image| image["path"].as_str()).collect();
        let (t, e, attempt, kept) = (word("t"), word("e"), word("attempt"), word("kept"));
        story.push_str(&format!("{t} {attempt} {e} {images:?} {kept}\n"));
    }
    story
}

/// Bytes of the journal.
pub fn journal_length(pinx: &Pinx) -> u64 {
    pinx.segments().iter().map(|path| std::fs::metadata(path).map_or(0, |meta| meta.len())).sum()
}

/// Runs seeds side by side and tells how each ended: so many of them, as many as `PINX_<name>_RUNS`
/// or `PINX_ROUNDS` says, or the one of `PINX_<name>_SEED` or `PINX_SEED`.
#[expect(clippy::print_stdout, reason = "a failing seed is told with the command that repeats it")]
pub fn seeds(name: &str, filter: &str, usual: u64, run: impl Fn(u64) + Sync) {
    let number = |own: &str, of_all: &str| {
        let text = std::env::var(format!("PINX_{name}_{own}")).or_else(|_| std::env::var(of_all));
        text.ok().and_then(|text| text.parse::<u64>().ok())
    };
    let seeds: Vec<u64> = match number("SEED", "PINX_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("RUNS", "PINX_ROUNDS").unwrap_or(usual)).collect(),
    };
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(*seed)));
            let word = if outcome.is_ok() { "held" } else { "FAILED" };
            println!(
                "seed {seed} {word}; again: PINX_{name}_SEED={seed} cargo test --test it {filter}"
            );
            if outcome.is_err() {
                failed.lock().unwrap().push(*seed);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "seeds that failed: {failed:?}");
}

//! A server under load, killed at random: several clients ask at once, some hang up, some ask again by
//! their keys, and the servers that follow answer them. What was billed is on the disk or told, and
//! nothing is asked of a provider twice for one key.
//!
//! Every round is made of one seed. `PINX_SERVED_RUNS=200 cargo test --test it served_rounds` runs the
//! long form, and `PINX_SERVED_SEED=17` one seed alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fake::PATIENCE;
use crate::held::{self, Dice, Provider, seeds};
use crate::pinx::Pinx;
use crate::served::{Reply, Served, parsed};

/// Rounds of the ordinary suite.
const ROUNDS: u64 = 3;

/// What a client asks for, the same whenever it asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    /// Its prompt, which nothing else has, and its key where it has one.
    name: String,
    has_key: bool,
    count: u64,
    is_openai: bool,
    is_streamed: bool,
}

impl Wish {
    fn draw(dice: &Dice, name: String) -> Wish {
        Wish {
            name,
            has_key: !dice.one_in(5),
            count: 1 + dice.below(3),
            is_openai: dice.one_in(3),
            is_streamed: dice.one_in(4),
        }
    }

    fn request(&self, address: SocketAddr, model: &str) -> Vec<u8> {
        let path = if self.is_openai { "/v1/images/generations" } else { "/api/generate" };
        let body = json!({
            "prompt": self.name, "model": model, "n": self.count, "stream": self.is_streamed,
        });
        let body = body.to_string();
        let key = match self.has_key {
            true => format!("idempotency-key: {}\r\n", self.name),
            false => String::new(),
        };
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{key}\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

/// Sends a request to a server that may die meanwhile; none where no whole answer comes, or where the
/// client hangs up after so long.
fn ask(address: SocketAddr, request: &[u8], hangs_up: Option<Duration>) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request).ok()?;
    if let Some(after) = hangs_up {
        std::thread::sleep(after);
        return None;
    }
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let end = memchr::memmem::find(&bytes, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let is_whole = match length {
        Some(length) => length.parse::<usize>().unwrap() == bytes.len() - end,
        None => bytes.ends_with(b"\r\n0\r\n\r\n"),
    };
    is_whole.then(|| parsed(&bytes))
}

/// The hashes of the images that an answer tells of, whichever of the APIs it is of.
fn hashes(reply: &Reply) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&reply.body);
    let parts = text.split("\"sha256\":\"").skip(1);
    parts.map(|part| part[..64].to_owned()).collect()
}

/// One round in a world of its own.
struct Round {
    dice: Dice,
    provider: Provider,
    pinx: Pinx,
    /// All that was ever asked for, and the images of the first answer that told all of them.
    asked: Mutex<BTreeMap<Wish, Option<BTreeSet<String>>>>,
}

impl Round {
    fn new(seed: u64) -> Round {
        let dice = Dice::new(seed ^ 0x5e12_7ed0);
        let provider =
            if dice.one_in(2) { Provider::queue(&dice, 40) } else { Provider::sync(&dice, 40, 3) };
        let pinx = provider.world().env("PINX_CONFIRM_ABOVE", "100");
        Round { dice, provider, pinx, asked: Mutex::default() }
    }

    fn run(&self) {
        let lives = 1 + self.dice.below(2);
        for life in 0..lives {
            self.life(life);
        }
        self.last_life();
        self.provider.settle();
        self.nothing_twice();
        held::check(&self.pinx, &self.provider, usize::MAX);
    }

    fn serve(&self) -> Served<'_> {
        Served::start(&self.pinx, &["-j", &(1 + self.dice.below(6)).to_string()])
    }

    /// A server that is killed while its clients ask.
    fn life(&self, life: u64) {
        let served = self.serve();
        let address = served.address;
        let clients = 2 + self.dice.below(4);
        let before: Vec<Wish> = self.asked.lock().unwrap().keys().cloned().collect();
        std::thread::scope(|scope| {
            for client in 0..clients {
                let before = before.clone();
                scope.spawn(move || self.client(address, &format!("{life}-{client}"), before));
            }
            let (heard, begun) = (self.provider.heard(), Instant::now());
            let (enough, most) = (1 + self.dice.below(24) as usize, self.dice.millis(600));
            while self.provider.heard() < heard + enough && begun.elapsed() < most {
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(self.dice.millis(30));
            served.signal("KILL");
        });
        served.finish();
    }

    /// Asks for what was asked for before, and for more, until nobody answers.
    fn client(&self, address: SocketAddr, name: &str, before: Vec<Wish>) {
        let all = before.into_iter().filter(|wish| wish.has_key && self.dice.one_in(2));
        let mut wishes: Vec<Wish> = all.collect();
        for number in 0..3 {
            let mut wish = Wish::draw(&self.dice, format!("an owl {name}-{number}"));
            if self.dice.one_in(4) {
                // Others ask for it at the same time.
                let dice = Dice::new(number);
                wish =
                    Wish { has_key: true, ..Wish::draw(&dice, format!("an owl for all {number}")) };
            }
            wishes.push(wish);
        }
        for wish in wishes {
            self.asked.lock().unwrap().entry(wish.clone()).or_default();
            let request = wish.request(address, self.provider.model());
            let hangs_up = self.dice.one_in(3).then(|| self.dice.millis(80));
            if let Some(reply) = ask(address, &request, hangs_up) {
                self.answered(&wish, &reply);
            }
            if hangs_up.is_some() && wish.has_key {
                let again = ask(address, &request, None);
                again.into_iter().for_each(|reply| self.answered(&wish, &reply));
            }
        }
    }

    /// An answer is one of those that there are, and a key that was answered whole keeps its images.
    fn answered(&self, wish: &Wish, reply: &Reply) {
        let told =
            || format!("{wish:?}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
        let is_usual = [200, 424, 503].contains(&reply.status);
        assert!(is_usual && (reply.status != 503 || wish.has_key), "{}", told());
        let made = hashes(reply);
        assert!(made.len() as u64 <= wish.count, "{}", told());
        if wish.has_key && made.len() as u64 == wish.count {
            let mut asked = self.asked.lock().unwrap();
            let known = asked.get_mut(wish).unwrap().get_or_insert_with(|| made.clone());
            assert_eq!(*known, made, "{}", told());
        }
    }

    /// A server that lives on: who asks it by a key gets what was made, and what was not made is told.
    fn last_life(&self) {
        let served = self.serve();
        let all = self.asked.lock().unwrap().clone();
        for (wish, known) in all.iter().filter(|(wish, _)| wish.has_key) {
            let request = wish.request(served.address, self.provider.model());
            let reply = ask(served.address, &request, None).expect("it lives");
            self.answered(wish, &reply);
            let told = String::from_utf8_lossy(&reply.body).into_owned();
            let made = hashes(&reply);
            if let Some(known) = known {
                assert_eq!(*known, made, "{wish:?}: {told}");
            }
            let is_less = (made.len() as u64) < wish.count;
            assert_eq!(is_less, says_less(&told), "{wish:?}: {} {told}", reply.status);
            let again = ask(served.address, &request, None).expect("it lives");
            assert_eq!((again.status, hashes(&again)), (reply.status, made), "{wish:?}");
        }
        served.stop();
    }

    /// For one prompt no more was paid for than was asked for, whoever died and whoever repeated it.
    fn nothing_twice(&self) {
        let mut paid: BTreeMap<String, u64> = BTreeMap::new();
        for request in self.provider.paid() {
            let prompt = |value: &Value| value["prompt"].as_str().unwrap_or_default().to_owned();
            *paid.entry(prompt(&request.json)).or_default() += 1;
        }
        let asked = self.asked.lock().unwrap();
        for wish in asked.keys() {
            let count = paid.remove(&wish.name).unwrap_or_default();
            assert!(
                count <= wish.count,
                "{wish:?} was paid {count} times\n{}",
                held::story(&self.pinx)
            );
        }
        assert!(paid.is_empty(), "nobody asked for {paid:?}");
    }
}

/// Whether an answer says that not all is there.
fn says_less(told: &str) -> bool {
    told.contains("\"error\":{")
}

#[test]
fn what_a_killed_server_has_paid_for_is_there_or_told_and_no_key_pays_twice() {
    seeds("SERVED", "served_rounds::", ROUNDS, |seed| Round::new(seed).run());
}

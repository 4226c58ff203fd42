//! What is run while a call fails: one image, a batch of three, and recoveries of what a killed run
//! left, over a queue and over a synchronous provider.

use std::collections::BTreeSet;

use serde_json::Value;

use super::End;
use super::trace::{self, Blow, Point, Traced};
use crate::held::{self, Dice, Provider};
use crate::pinx::{Output, Pinx};

/// What a scene runs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Queue,
    /// Images in the answer.
    Packed,
    /// Images behind links.
    Linked,
}

/// How the run before a recovery ends.
#[derive(Debug, Clone, Copy)]
struct Before {
    call: &'static str,
    file: &'static str,
    blow: Blow,
}

/// One command, and what is there before it.
pub struct Scene {
    pub name: &'static str,
    kind: Kind,
    args: &'static [&'static str],
    /// A run of these arguments that ends badly comes first; then the command is `recover`.
    before: Option<Before>,
    env: &'static [(&'static str, &'static str)],
    /// The disk has no room for this file in the run whose calls fail.
    refused: Option<&'static str>,
    /// How many images it makes.
    jobs: usize,
    /// What the same command makes when it is run once more, with everything there.
    again: usize,
    /// What another home has made of the batch: its images lie there under other names.
    elsewhere: bool,
}

const ONE: &[&str] = &["generate", "a red fox"];
const BATCH: &[&str] = &["batch", "p.txt"];
const PART: &str = "work/.pinx-RUN.1.1.1.part";
const BUDGET: &[(&str, &str)] = &[("PINX_BUDGET_DAY", "5")];

const fn scene(name: &'static str, kind: Kind, args: &'static [&'static str]) -> Scene {
    Scene {
        name,
        kind,
        args,
        before: None,
        env: &[],
        refused: None,
        jobs: 1,
        again: 1,
        elsewhere: false,
    }
}

const fn batch(name: &'static str, kind: Kind) -> Scene {
    Scene { jobs: 3, again: 0, ..scene(name, kind, BATCH) }
}

const fn recovery(name: &'static str, kind: Kind, call: &'static str, blow: Blow) -> Scene {
    Scene { before: Some(Before { call, file: PART, blow }), ..scene(name, kind, ONE) }
}

pub static SCENES: [Scene; 17] = [
    scene("openai generate", Kind::Packed, ONE),
    scene("links generate", Kind::Linked, ONE),
    scene("fal generate", Kind::Queue, ONE),
    batch("openai batch", Kind::Packed),
    batch("links batch", Kind::Linked),
    batch("fal batch", Kind::Queue),
    Scene { elsewhere: true, ..batch("openai moved", Kind::Packed) },
    scene("openai converted", Kind::Packed, &["generate", "a red fox", "-o", "out/fox.webp"]),
    Scene { env: BUDGET, ..batch("openai budget", Kind::Packed) },
    Scene {
        again: 0,
        ..scene("fal cached", Kind::Queue, &["generate", "a red fox", "--seed", "7"])
    },
    Scene { refused: Some(PART), ..scene("openai refused", Kind::Packed, ONE) },
    Scene { refused: Some(PART), ..scene("fal refused", Kind::Queue, ONE) },
    recovery("fal recover submitted", Kind::Queue, "make", Blow::Before),
    recovery("openai recover part", Kind::Packed, "rename", Blow::Before),
    recovery("openai recover kept", Kind::Packed, "rename", Blow::Fail(nix::libc::EIO)),
    recovery("openai recover unknown", Kind::Packed, "make", Blow::Before),
    recovery("links recover reply", Kind::Linked, "make", Blow::Before),
];

/// A world in which it is run.
struct World {
    provider: Provider,
    /// What another home has paid for.
    elsewhere: usize,
    pinx: Pinx,
}

impl Scene {
    /// What it calls when nothing fails.
    pub fn calls(&self) -> Vec<(Point, &'static [i32])> {
        let world = self.world();
        let traced = self.run(&world, None);
        assert!(!traced.is_late);
        traced.calls
    }

    fn world(&self) -> World {
        let dice = Dice::new(1);
        let provider = match self.kind {
            Kind::Queue => Provider::queue(&dice, 0),
            Kind::Packed => Provider::sync(&dice, 0, 0),
            Kind::Linked => Provider::sync(&dice, 0, 1),
        };
        let mut pinx = provider.world().file("p.txt", "a red hen\na red owl\na red cow\n");
        std::fs::create_dir(pinx.root().join("tmp")).unwrap();
        let spare = pinx.root().join("tmp").display().to_string();
        pinx = pinx.env("TMPDIR", spare).env("PINX_POLL_FIRST", "2ms").env("PINX_POLL_MAX", "4ms");
        for (name, value) in self.env {
            pinx = pinx.env(name, *value);
        }
        let mut world = World { provider, elsewhere: 0, pinx };
        if self.elsewhere {
            let line: Vec<&str> = self.line(&world).into_iter().chain(["--limit", "2"]).collect();
            world.pinx.run(&line).exits(0);
            std::fs::remove_dir_all(world.pinx.data()).unwrap();
            std::fs::create_dir(world.pinx.data()).unwrap();
            let moved = "a red cow\na red owl\na red hen\n";
            std::fs::write(world.pinx.work().join("p.txt"), moved).unwrap();
            world.elsewhere = world.provider.billed();
        }
        if let Some(before) = self.before {
            let point = Point { name: before.call.into(), file: before.file.into(), nth: 1 };
            let traced = self.make(&world, Some((&point, before.blow)));
            assert!(traced.is_hit, "{}: {point} was not called", self.name);
        }
        world
    }

    /// The command that makes the images.
    fn line<'a>(&self, world: &'a World) -> Vec<&'a str>
    where
        'static: 'a,
    {
        let more = ["--no-fallback", "-j", "1", "-m", world.provider.model()];
        self.args.iter().copied().chain(more).collect()
    }

    fn make(&self, world: &World, blow: Option<(&Point, Blow)>) -> Traced {
        let command = world.pinx.command(&self.line(world)).plain();
        trace::run(&command, world.pinx.root(), blow, self.refused)
    }

    /// The command whose calls fail.
    fn run(&self, world: &World, blow: Option<(&Point, Blow)>) -> Traced {
        match self.before {
            Some(_) => {
                let command = world.pinx.command(&["recover"]).plain();
                trace::run(&command, world.pinx.root(), blow, None)
            }
            None => self.make(world, blow),
        }
    }

    /// Runs it with a blow, then `recover`, then the same command; panics where something that must
    /// hold does not.
    pub fn hold(&self, point: &Point, blow: Blow) -> End {
        let world = self.world();
        let traced = self.run(&world, Some((point, blow)));
        world.provider.settle();
        let texts = (traced.stdout, traced.stderr);
        let first = world.pinx.output(&[self.name.to_owned()], traced.code, texts);
        assert!(!traced.is_late, "it did not end\n{first}");
        let lost = usize::from(self.may_lose(blow));
        if !blow.is_deadly() {
            self.is_told(&world, &first);
        }
        let (list, recovered) = self.recovered(&world, &first, lost);
        self.once_more(&world, &list, &recovered, lost);
        if traced.is_hit { End::Held } else { End::Missed }
    }

    /// Whether an image may be lost: the one that a synchronous provider makes while the process dies,
    /// be it in this run or in the one before.
    fn may_lose(&self, blow: Blow) -> bool {
        let died_before = self.before.is_some_and(|before| before.blow.is_deadly());
        self.kind != Kind::Queue && (blow.is_deadly() || died_before)
    }

    /// What a run says: 0 only where everything is there, and what is not is told with its remedy.
    fn is_told(&self, world: &World, first: &Output) {
        let there = world.images();
        assert_ne!(first.code, -1, "it died\n{first}");
        if first.code == 0 {
            assert!(there >= self.jobs, "0, but not everything is there\n{first}");
        }
        if there < world.provider.billed() {
            // A recovery that cannot even begin ends with 2.
            let codes = if self.before.is_some() { &[2, 7, 75][..] } else { &[7, 75] };
            assert!(codes.contains(&first.code), "billed, and not there\n{first}");
        }
        // Who calls `recover` knows the remedy, and what it saves need not be this image.
        if self.before.is_none() {
            let is_told = there == world.provider.billed() || first.stderr.contains("recover");
            assert!(is_told, "no remedy\n{first}");
            let told = first.stdout.lines().count();
            assert!(told <= there && told + world.elsewhere >= there, "paths told\n{first}");
        }
    }

    /// After `recover` everything that was billed is there once, or listed where it may be lost.
    fn recovered(&self, world: &World, first: &Output, may_lose: usize) -> (Value, Output) {
        let pinx = &world.pinx;
        let billed = world.provider.billed();
        let recovered = pinx.run(&["recover"]);
        let all = format!("first:\n{first}\nthen:\n{recovered}\n{}", held::story(pinx));
        assert!([0, 75].contains(&recovered.code), "{all}");
        assert_eq!(world.provider.billed(), billed, "recover paid again\n{all}");
        let list = pinx.run(&["recover", "--list", "--json"]).json();
        let unknown = list["attempts"].as_array().unwrap();
        assert_eq!(recovered.code == 75, !unknown.is_empty(), "{list:#}\n{all}");
        let marks = held::marks(pinx, &recovered);
        let billed: BTreeSet<u32> = (1..=billed as u32).collect();
        assert!(marks.is_subset(&billed), "{marks:?}\n{all}");
        let lost = billed.len() - marks.len();
        assert!(lost <= may_lose, "{lost} of {} lost\n{all}", billed.len());
        assert!(lost <= unknown.len(), "lost and not listed\n{list:#}\n{all}");
        assert!(unknown.len() <= 1, "more than one is open\n{list:#}\n{all}");
        if may_lose == 0 && self.kind != Kind::Queue {
            assert!(unknown.is_empty(), "nothing can be unknown\n{list:#}\n{all}");
        }
        let own = (billed.len() - world.elsewhere) as u64 * world.provider.price();
        match world.elsewhere {
            0 => held::money(pinx, own),
            // What it has not come to is not in its log yet.
            _ => assert!(held::covered(pinx, own) + world.elsewhere >= world.images()),
        }
        held::no_leftovers(pinx, &list, &recovered);
        let length = held::journal_length(pinx);
        pinx.run(&["recover"]).exits(recovered.code);
        assert_eq!(held::journal_length(pinx), length, "recovered twice\n{all}");
        (list, recovered)
    }

    /// The same command again makes what is missing, and nothing that is there.
    fn once_more(&self, world: &World, list: &Value, recovered: &Output, may_lose: usize) {
        let (before, there) = (world.provider.billed(), world.images());
        let unknown = list["attempts"].as_array().unwrap().len();
        let output = world.pinx.run(&self.line(world));
        let all = format!("{recovered}\nand again:\n{output}\n{}", held::story(&world.pinx));
        let made = world.images() - there;
        if self.name == "fal cached" {
            // The picture is the same, paid for once.
            assert_eq!((output.code, made), (0, 1), "{all}");
            return;
        }
        let paid = world.provider.billed() - before;
        if self.name == "openai converted" && there > 0 {
            // The file that was named is there.
            assert_eq!((output.code, made, paid), (2, 0, 0), "{all}");
            return;
        }
        assert_eq!(paid, made, "{all}");
        assert!(world.provider.billed() - world.images() <= may_lose.min(unknown), "{all}");
        if self.again == 0 {
            assert_eq!(world.images() + unknown, self.jobs, "{all}");
            assert_eq!(output.code == 0, unknown == 0, "{all}");
        } else {
            assert_eq!((output.code, made), (0, self.again), "{all}");
        }
        let marks = held::marks(&world.pinx, &output);
        assert_eq!(marks.len(), world.images(), "{all}");
        let tmp = crate::pinx::files_below(&world.pinx.root().join("tmp"));
        assert!(tmp.is_empty(), "{tmp:?} are left\n{all}");
    }
}

impl World {
    /// Images in the working directory.
    fn images(&self) -> usize {
        let files = self.pinx.files();
        files.iter().filter(|name| !name.contains(".pinx-") && !name.ends_with(".txt")).count()
    }
}

//! What is run while a call fails: one image, also from another, a batch of three, one of them made
//! again, `auto` where a model is missing, and recoveries of what a killed run left, over a queue and
//! over a synchronous provider.

use std::collections::BTreeSet;

use serde_json::Value;

use super::End;
use super::trace::{self, Blow, Point, Traced};
use crate::fake::openai::{OpenAi, error};
use crate::fake::{Kind as Answers, image};
use crate::held::{self, Dice, Provider};
use crate::pinx::{Output, Pinx};

/// What a scene runs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Queue,
    /// A queue to which pictures are uploaded.
    Edits,
    /// Images in the answer.
    Packed,
    /// Images at the end of a stream.
    Streamed,
    /// Images in the answer, as large as they were asked for: smaller ones are no other home's work.
    Sized,
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
    /// The batch is whole, and the command makes its second image again.
    remakes: bool,
    /// The first model of `auto` is one that the key does not have.
    dead_end: bool,
}

const ONE: &[&str] = &["generate", "a red fox"];
const BATCH: &[&str] = &["batch", "p.txt"];
const AGAIN: &[&str] = &["batch", "p.txt", "--only", "2", "--force"];
/// The image that is made again, and those that are not.
const REMADE: &str = "002-a-red-owl";
const OTHERS: [&str; 2] = ["001-a-red-hen.png", "003-a-red-cow.png"];
/// From a picture that is sent as it is, and from one that is sent in other bytes.
const EDIT: &[&str] =
    &["edit", "a red fox", "-i", "../in/mug.png", "-i", "../in/located.png", "-s", "1024x1024"];
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
        remakes: false,
        dead_end: false,
    }
}

const fn remake(name: &'static str, kind: Kind) -> Scene {
    Scene { jobs: 3, remakes: true, ..scene(name, kind, AGAIN) }
}

const fn batch(name: &'static str, kind: Kind) -> Scene {
    Scene { jobs: 3, again: 0, ..scene(name, kind, BATCH) }
}

const fn recovery(name: &'static str, kind: Kind, call: &'static str, blow: Blow) -> Scene {
    Scene { before: Some(Before { call, file: PART, blow }), ..scene(name, kind, ONE) }
}

pub static SCENES: [Scene; 24] = [
    scene("openai generate", Kind::Packed, ONE),
    scene("openai edit", Kind::Packed, EDIT),
    scene("openai stream", Kind::Streamed, ONE),
    scene("fal edit", Kind::Edits, EDIT),
    scene("links generate", Kind::Linked, ONE),
    scene("fal generate", Kind::Queue, ONE),
    batch("openai batch", Kind::Packed),
    batch("links batch", Kind::Linked),
    batch("fal batch", Kind::Queue),
    Scene { elsewhere: true, ..batch("openai moved", Kind::Sized) },
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
    remake("fal again", Kind::Queue),
    remake("openai again", Kind::Packed),
    Scene { dead_end: true, ..batch("auto batch", Kind::Queue) },
    Scene { dead_end: true, ..scene("auto generate", Kind::Queue, ONE) },
];

/// A world in which it is run.
struct World {
    provider: Provider,
    /// What another home has paid for.
    elsewhere: usize,
    pinx: Pinx,
    /// Who does not have the first model of `auto`.
    lacking: Option<OpenAi>,
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
            Kind::Edits => Provider::edits(&dice, 0),
            Kind::Packed => Provider::sync(&dice, 0, 0),
            Kind::Streamed => Provider::streams(&dice, 0),
            Kind::Sized => Provider::sized(),
            Kind::Linked => Provider::sync(&dice, 0, 1),
        };
        let mut pinx = provider.world().file("p.txt", "a red hen\na red owl\na red cow\n");
        std::fs::create_dir(pinx.root().join("tmp")).unwrap();
        std::fs::create_dir(pinx.root().join("in")).unwrap();
        std::fs::write(pinx.root().join("in/mug.png"), image::bytes(64, 64, "png")).unwrap();
        std::fs::write(pinx.root().join("in/located.png"), image::located(64, 64, 1)).unwrap();
        let spare = pinx.root().join("tmp").display().to_string();
        pinx = pinx.env("TMPDIR", spare).env("PINX_POLL_FIRST", "2ms").env("PINX_POLL_MAX", "4ms");
        for (name, value) in self.env {
            pinx = pinx.env(name, *value);
        }
        let lacking = self.dead_end.then(OpenAi::start);
        if let Some(lacking) = &lacking {
            lacking.always(Answers::Images, error(404, "model_not_found", "No such model."));
            let order = format!("openai/gpt-image-2,{}", provider.model());
            pinx = pinx.openai(lacking).env("PINX_AUTO_ORDER", order);
        }
        let mut world = World { provider, elsewhere: 0, pinx, lacking };
        if self.remakes {
            let line = [BATCH, &self.rest(&world)[..]].concat();
            world.pinx.run(&line).exits(0);
        }
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
        self.args.iter().copied().chain(self.rest(world)).collect()
    }

    /// How it is made.
    fn rest<'a>(&self, world: &'a World) -> Vec<&'a str>
    where
        'static: 'a,
    {
        match self.dead_end {
            true => vec!["-j", "1", "-m", "auto"],
            false => vec!["--no-fallback", "-j", "1", "-m", world.provider.model()],
        }
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
        !self.is_queue() && (blow.is_deadly() || died_before)
    }

    /// Whether its provider knows of what was never answered.
    fn is_queue(&self) -> bool {
        matches!(self.kind, Kind::Queue | Kind::Edits)
    }

    /// What a run says: 0 only where everything is there, and what is not is told with its remedy.
    fn is_told(&self, world: &World, first: &Output) {
        let there = self.saved(world);
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
            let before = if self.remakes { self.jobs } else { world.elsewhere };
            assert!(told <= there && told + before >= there, "paths told\n{first}");
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
        let lost = billed.len() - marks.len() - self.replaced(world);
        assert!(lost <= may_lose, "{lost} of {} lost\n{all}", billed.len());
        assert!(lost <= unknown.len(), "lost and not listed\n{list:#}\n{all}");
        let is_there = self.remakes && marks.contains(&4);
        assert!(!is_there || unknown.is_empty(), "there, and not known\n{list:#}\n{all}");
        assert!(unknown.len() <= 1, "more than one is open\n{list:#}\n{all}");
        if may_lose == 0 && !self.is_queue() {
            assert!(unknown.is_empty(), "nothing can be unknown\n{list:#}\n{all}");
        }
        let own = (billed.len() - world.elsewhere) as u64 * world.provider.price();
        self.stands(world, &all);
        match world.elsewhere {
            _ if self.remakes => assert_eq!(held::covered(pinx, own), self.saved(world), "{all}"),
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
        let (before, there) = (world.provider.billed(), self.saved(world));
        let refusals = world.refusals();
        let is_known = world.pinx.data().join("limits/missing.json").exists();
        let unknown = list["attempts"].as_array().unwrap().len();
        let output = world.pinx.run(&self.line(world));
        let all = format!("{recovered}\nand again:\n{output}\n{}", held::story(&world.pinx));
        let made = self.saved(world) - there;
        assert!(!is_known || world.refusals() == refusals, "asked in vain\n{all}");
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
        let lost = world.provider.billed() - self.saved(world);
        assert!(lost <= may_lose.min(unknown), "{all}");
        if self.remakes {
            // What may still come is waited for, and nothing is made beside it.
            assert_eq!((output.code == 0, made), (unknown == 0, 1 - unknown), "{all}");
            self.stands(world, &all);
            self.is_whole(world);
        } else if self.again == 0 {
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

/// Where an image is made again.
impl Scene {
    /// Images that were saved: those that are there, and those whose place another one took.
    fn saved(&self, world: &World) -> usize {
        world.images() + self.replaced(world)
    }

    /// Images whose place another one has taken: more were saved there than there are.
    fn replaced(&self, world: &World) -> usize {
        if !self.remakes {
            return 0;
        }
        let is_of = |entry: &&Value| {
            let path = entry["images"][0]["path"].as_str().unwrap_or_default();
            entry["e"] == "done" && path.contains(REMADE)
        };
        let saved = world.pinx.journal().iter().filter(is_of).count();
        let there = world.pinx.files().iter().filter(|name| name.starts_with(REMADE)).count();
        saved.saturating_sub(there)
    }

    /// What was not named is what it was; what was made again is there, or beside what it was to replace
    /// where `recover` collected it.
    fn stands(&self, world: &World, all: &str) {
        if !self.remakes {
            return;
        }
        for (name, mark) in OTHERS.iter().zip([1, 3]) {
            let there = image::mark(&world.pinx.read(name)).ok();
            assert_eq!(there, Some(mark), "{name}\n{all}");
        }
        let most = self.jobs + 1;
        assert!((self.jobs..=most).contains(&world.images()), "{:?}\n{all}", world.pinx.files());
    }

    /// The batch itself pays for nothing more.
    fn is_whole(&self, world: &World) {
        let before = world.provider.billed();
        let line = [BATCH, &self.rest(world)[..]].concat();
        let output = world.pinx.run(&line);
        assert_eq!(world.provider.billed(), before, "{output}");
        self.stands(world, &output.to_string());
    }
}

impl World {
    /// How often a model was asked for that is missing.
    fn refusals(&self) -> usize {
        self.lacking.as_ref().map_or(0, OpenAi::posts)
    }

    /// Images in the working directory.
    fn images(&self) -> usize {
        let files = self.pinx.files();
        files.iter().filter(|name| !name.contains(".pinx-") && !name.ends_with(".txt")).count()
    }
}

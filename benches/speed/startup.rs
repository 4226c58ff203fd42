//! Start-up, one image and the renderer.

use std::process::Command;
use std::time::{Duration, Instant};

use super::measure::{Place, Row, Spread, figure, has, head, interleave, table};
use super::provider::{Picture, Provider};

/// An image of two megabytes, at once.
const ROWS: u32 = 640;

/// Prints the figures.
pub fn run(rounds: Option<usize>) {
    let rounds = rounds.unwrap_or(100);
    let provider = Provider::start(0, Picture::Noise(ROWS));
    let place = std::rc::Rc::new(Place::new(&provider.address));
    let pinx = |arguments: &'static [&'static str]| {
        let place = std::rc::Rc::clone(&place);
        Row::new(&format!("pinx {}", arguments[0]), move |_| place.pinx(arguments))
    };
    let tool = |name: &'static str, arguments: &'static [&'static str]| {
        Row::new(&[&[name], arguments].concat().join(" "), move |_| {
            let mut command = Command::new(name);
            command.args(arguments);
            command
        })
    };
    let mut nothing = tool("true", &[]);
    let mut rg = has("rg").then(|| tool("rg", &["--version"]));
    let (mut version, mut help) = (pinx(&["--version"]), pinx(&["--help"]));
    let mut models = pinx(&["models"]);
    let mut pipe = ["curl", "jq", "base64"].into_iter().all(has).then(|| pipe(&provider, &place));
    let mut one = generate(&place, "openai/gpt-image-2");
    let mut sketch = generate(&place, "pinx/sketch");
    let mut rows = vec![&mut nothing, &mut version, &mut help, &mut models];
    rows.extend(rg.as_mut());
    rows.extend(pipe.as_mut());
    rows.extend([&mut one, &mut sketch]);
    interleave(&mut rows, rounds);
    println!("{rounds} interleaved rounds");
    head();
    let mut starts = vec![&nothing];
    starts.extend(&rg);
    table(&[starts.as_slice(), &[&version, &help, &models]].concat());
    table(&[&pipe.iter().collect::<Vec<_>>()[..], &[&one, &sketch]].concat());
    println!();
    let over = |row: &Row, base: &Row| format!("{:.2}x", row.wall().middle / base.wall().middle);
    figure("--version over true", &over(&version, &nothing), "must 2.5x, goal 1.8x");
    match &rg {
        Some(rg) => figure("--version over rg --version", &over(&version, rg), "must 0.9x"),
        None => figure("--version over rg --version", "rg is not installed", "must 0.9x"),
    }
    let peak = format!("{:.1} MiB", version.peak().middle);
    figure("--version, peak RSS", &peak, "must 6 MiB, goal 4 MiB");
    figure("models over true", &over(&models, &nothing), "must 5x, goal 3x");
    if let Some(pipe) = &pipe {
        figure("one image over curl | jq | base64", &over(&one, pipe), "must 0.5x, goal 0.25x");
    }
    on_one_core();
}

/// The renderer on one core, where that can be had: two that share their units are no two cores.
fn on_one_core() {
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new(if has("taskset") { "taskset".into() } else { this.clone() });
    if has("taskset") {
        command.args(["--cpu-list", "0"]).arg(this);
    }
    assert!(command.arg("--render").status().unwrap().success());
}

/// One image under a name of its own.
fn generate(place: &std::rc::Rc<Place>, model: &'static str) -> Row {
    let place = std::rc::Rc::clone(place);
    Row::new(&format!("pinx generate -m {model}"), move |round| {
        let output = format!("{}-{round}.png", model.replace('/', "-"));
        place.pinx(&["generate", "a mug", "-m", model, "-y", "-q", "-o", &output])
    })
}

/// What one would write without pinx.
fn pipe(provider: &Provider, place: &Place) -> Row {
    let body = r#"{"model":"gpt-image-2","prompt":"a mug","size":"1024x1024"}"#;
    let url = format!("http://{}/v1/images/generations", provider.address);
    let work = place.work();
    Row::new("curl | jq -r | base64 -d", move |round| {
        let line = format!(
            "curl -s -H 'content-type: application/json' -d '{body}' {url} \
             | jq -r '.data[0].b64_json' | base64 -d > pipe-{round}.png"
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(&work);
        command
    })
}

/// How long this thread has had a core, where the system tells: others may want it, too.
fn on_cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

/// Its side: megapixels a second and core.
pub fn render() {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("\n{:<36}{:>9}{:>22}", "draw 1024x1024", "ms", "MP/s and core");
    for style in ["none", "watercolor", "line-art", "pixel-art", "voxel-3d"] {
        let recipe = pinx::render::Recipe {
            prompt: "a lighthouse at dusk".to_owned(),
            style: style.to_owned(),
            colors: Vec::new(),
            width: 1024,
            height: 1024,
            seed: 7,
            label: None,
            transparent: false,
        };
        let times = (0..15).map(|_| {
            let (started, before) = (Instant::now(), on_cpu());
            std::hint::black_box(pinx::render::draw(&recipe));
            let wall = started.elapsed();
            let cpu = before.and_then(|before| Some(on_cpu()? - before)).filter(|_| cores == 1);
            cpu.unwrap_or(wall).as_secs_f64()
        });
        let middle = Spread::of(times).middle;
        let speed = 1.048_576 / middle / cores as f64;
        let goal = match style {
            "none" => "   goal 30",
            "watercolor" => "   goal 15",
            _ => "",
        };
        println!("{style:<36}{:>9.1}{speed:>22.1}{goal}", middle * 1e3);
    }
}

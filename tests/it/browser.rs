//! The page of `pinx serve` in a browser: what it shows, what it sends, and that all of it can be used with
//! the keyboard alone.

use serde_json::json;

use crate::chromium::Chromium;
use crate::fake::openai::{self, OpenAi};
use crate::fake::stream::Stream;
use crate::fake::{Gate, Kind, image};
use crate::pinx::Pinx;
use crate::served::Served;

/// Opens the page and waits until it has its models.
fn open(browser: &mut Chromium, served: &Served<'_>) {
    browser.resize(1280, false);
    browser.open(&format!("http://{}/", served.address));
    browser.until("document.readyState === 'complete' && document.querySelector('#model')?.options.length > 1");
    browser.until("document.querySelector('#lately').children.length > 0");
}

/// Shows a part of the page.
fn go(browser: &mut Chromium, part: &str) {
    browser.run(&format!("location.hash = '#{part}';"));
    browser.until(&format!("!document.querySelector('#{part}').hidden"));
}

/// Asks for a picture and waits until its price is shown.
fn want(browser: &mut Chromium, prompt: &str, model: &str, size: &str) {
    browser.fill("#model", model);
    browser.fill("#size", "other");
    browser.fill("#size-other", size);
    browser.fill("#prompt", prompt);
    browser.until("document.querySelector('#price:not([data-old]) .sum')");
}

/// Nothing went elsewhere, and the console is empty.
fn is_clean(browser: &mut Chromium, served: &Served<'_>) {
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let own = format!("http://{}/", served.address);
    for address in browser.asked() {
        let is_own = [own.as_str(), "blob:", "data:", "about:"]
            .iter()
            .any(|start| address.starts_with(start));
        assert!(is_own, "{address}");
    }
}

/// No part of the page is wider than the window.
fn fits(browser: &mut Chromium, name: &str) {
    for (width, is_dark) in [(390, false), (390, true), (1280, false), (1280, true), (1600, false)]
    {
        browser.resize(width, is_dark);
        let seen = browser.run("return [document.documentElement.scrollWidth, innerWidth];");
        assert!(seen[0].as_u64() <= seen[1].as_u64(), "{name} at {width}: {seen}");
        let scheme = if is_dark { "dark" } else { "light" };
        browser.shoot(&format!("{name}-{width}-{scheme}"));
    }
    browser.resize(1280, false);
}

/// On a phone nothing lies over these buttons.
fn uncovered(browser: &mut Chromium, selector: &str) {
    browser.resize(390, false);
    let hit = "const found = []; for (const one of document.querySelectorAll(SELECTOR)) { \
        one.scrollIntoView({ block: 'nearest' }); const { x, y, width, height } = one.getBoundingClientRect(); \
        for (const part of [0.1, 0.5, 0.9]) found.push(document.elementFromPoint(x + width / 2, y + height * part) === one); \
        } return found;";
    let found = browser.run(&hit.replace("SELECTOR", &json!(selector).to_string()));
    let found = found.as_array().unwrap();
    assert!(!found.is_empty() && found.iter().all(|is_hit| is_hit == true), "{found:?}");
    browser.resize(1280, false);
}

#[test]
fn models_are_listed_pictures_made_looked_at_made_again_judged_and_counted() {
    let Some(mut browser) = Chromium::start() else { return };
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_BUDGET_DAY", "5");
    let served = Served::start(&pinx, &[]);
    open(&mut browser, &served);
    fits(&mut browser, "start");
    assert!(browser.text("#budgets").contains("$0 of $5.00 today"));

    go(&mut browser, "models");
    browser.until("document.querySelectorAll('#models-table tbody tr').length > 3");
    let table = browser.text("#models-table");
    assert!(table.contains("openai/gpt-image-2") && table.contains("pinx/sketch"), "{table}");
    assert!(
        !table.contains("fal/") && table.contains("auto") && table.contains("not AI"),
        "{table}"
    );
    browser.run("document.querySelectorAll('#models-table th button')[1].click();");
    let sorted = "document.querySelectorAll('#models-table th')[1].getAttribute('aria-sort') === 'ascending'";
    browser.until(sorted);
    assert!(browser.text("#models-table tbody tr").contains("free"), "the cheapest comes first");
    browser.click("#models-all");
    browser.until("document.querySelector('#models-table').innerText.includes('fal/')");
    fits(&mut browser, "models");

    go(&mut browser, "create");
    want(&mut browser, "a <b>red</b> fox<img src=x onerror=hacked=1>", "pinx/sketch", "256x256");
    assert!(
        browser.text("#price").starts_with("Free") && browser.text("#price").contains("not AI")
    );
    browser.fill("#count", "2");
    browser.until("document.querySelector('#make').textContent.includes('2 pictures')");
    browser.click("#make");
    browser.until("document.querySelectorAll('.job .actions').length === 2");
    browser.until("[...document.querySelectorAll('.job img')].every((one) => one.naturalWidth)");
    assert!(
        browser.text(".run").contains("<b>red</b> fox<img")
            && browser.text(".run").contains("not AI")
    );
    assert_eq!(browser.run("return typeof hacked;"), "undefined");
    fits(&mut browser, "made");

    go(&mut browser, "gallery");
    browser.until("document.querySelectorAll('#cards img[src]').length === 2");
    fits(&mut browser, "gallery");
    browser.fill("#find", "nothing like this");
    browser.until("document.querySelector('#found').textContent.includes('Nothing')");
    browser.fill("#find", "red");
    browser.until("document.querySelectorAll('#cards .card').length === 2");
    browser.click("#cards button.picture");
    browser.until("document.querySelector('#view').open && document.querySelector('#view-recipe').textContent");
    let seed =
        browser.run("return JSON.parse(document.querySelector('#view-recipe').textContent).seed;");
    fits(&mut browser, "view");
    browser.click("#view-again");
    browser.until(
        "!document.querySelector('#view').open && !document.querySelector('#create').hidden",
    );
    assert_eq!(browser.run("return document.querySelector('#seed').value;"), seed.to_string());
    browser.fill("#prompt", "a blue fox");
    browser.until("document.querySelector('#price:not([data-old]) .sum')");
    browser.click("#make");
    browser.until("document.querySelectorAll('.run').length === 2 && document.querySelectorAll('.run[aria-busy=true]').length === 0");

    go(&mut browser, "gallery");
    browser.fill("#find", "");
    browser.until("document.querySelectorAll('#cards .card').length === 3");
    assert_eq!(browser.text("#cards .words"), "a blue fox", "the newest comes first");
    browser.fill("#find", "red");
    browser.until("document.querySelectorAll('#cards .card').length === 2");
    browser.run(
        "for (const box of document.querySelectorAll('#cards input[type=checkbox]')) box.click();",
    );
    browser.until("!document.querySelector('#duel-go').disabled");
    browser.click("#duel-go");
    browser.until("document.querySelectorAll('#duel img[src]').length === 2");
    fits(&mut browser, "duel");
    uncovered(&mut browser, "#duel figure button");
    browser.click("#duel figure button");
    browser.until("document.querySelector('#duel-told').textContent.includes('Noted')");
    assert_eq!(pinx.entries("verdict").len(), 1);

    go(&mut browser, "statistics");
    browser.until("document.querySelectorAll('#figures svg').length >= 3");
    assert!(browser.text("#figures").contains("pinx/sketch"));
    fits(&mut browser, "statistics");
    browser.open(&format!("http://{}/", served.address));
    browser.until("document.querySelectorAll('#lately .card').length === 3");
    assert_eq!(browser.text("#lately .words"), "a blue fox", "the newest comes first");
    is_clean(&mut browser, &served);
    assert_eq!(fake.all().len(), 0, "nothing of it was sent to anybody");
    served.stop();
}

#[test]
fn a_paid_picture_is_shown_with_its_price_first_then_its_phases_and_previews() {
    let Some(mut browser) = Chromium::start() else { return };
    let fake = OpenAi::start();
    let (first, second) = (Gate::default(), Gate::default());
    let stream = Stream::new().partial(&image::bytes(256, 256, "png")).behind(&second);
    let stream = stream.completed(&image::bytes(1024, 1024, "png"), (20, 0, 1_000));
    fake.answers(stream.ends().behind(&first));
    let pinx = Pinx::new().openai(&fake).env("PINX_PROVIDERS_OPENAI_STREAMS", "true");
    let served = Served::start(&pinx, &[]);
    open(&mut browser, &served);
    browser.run("document.querySelector('#partials').click();");
    want(&mut browser, "an owl", "openai/gpt-image-2", "1024x1024");
    let price = browser.text("#price .sum");
    assert!(price.contains('$'), "{price}");
    assert!(browser.text("#make").contains('$'));
    assert_eq!(fake.all().len(), 0, "nothing was sent for its price");
    browser.click("#make");
    fake.wait_for(Kind::Images, 1);
    browser.until("document.querySelector('.phase')?.textContent.includes('being made')");
    assert_eq!(fake.requests(Kind::Images)[0].json["partial_images"], 2);
    browser.shoot("running-1280-light");
    first.open();
    browser.until("document.querySelector('img.partial')?.naturalWidth === 256");
    assert!(browser.text("#told").contains("preview"), "who does not see it is told");
    second.open();
    browser.until("document.querySelectorAll('.job .actions').length === 1");
    browser.until("document.querySelector('.job img')?.naturalWidth === 1024");
    is_clean(&mut browser, &served);
    served.stop();
}

#[test]
fn a_picture_that_is_dropped_is_sent_and_what_was_made_can_be_started_from() {
    let Some(mut browser) = Chromium::start() else { return };
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake);
    let served = Served::start(&pinx, &[]);
    open(&mut browser, &served);
    let drop = "const canvas = new OffscreenCanvas(640, 480); canvas.getContext('2d').fillRect(0, 0, 9, 9); \
        const file = new File([await canvas.convertToBlob()], 'mine.png', { type: 'image/png' }); \
        const data = new DataTransfer(); data.items.add(file); \
        const make = (kind) => new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }); \
        for (const kind of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(make(kind));";
    browser.run(drop);
    browser.until("document.querySelector('#pictures img')?.naturalWidth === 640");
    assert_eq!(browser.run("return document.querySelector('#over').hidden;"), true);
    want(&mut browser, "make it night", "openai/gpt-image-2", "1024x1024");
    browser.click("#make");
    browser.until("document.querySelectorAll('.job .actions').length === 1");
    assert_eq!((fake.posts(), pinx.entries("done").len()), (1, 1));
    browser.click("#pictures button");
    browser.run("document.querySelectorAll('.job .actions button')[1].click();");
    browser.until("document.querySelector('#pictures img')?.naturalWidth > 0");
    browser.fill("#prompt", "and by day");
    browser.until("document.querySelector('#price:not([data-old]) .sum')");
    browser.click("#make");
    browser.until("document.querySelectorAll('.job .actions').length === 2");
    assert_eq!(fake.posts(), 2);
    is_clean(&mut browser, &served);
    served.stop();
}

#[test]
fn failures_say_what_happened_and_cancelling_stops() {
    let Some(mut browser) = Chromium::start() else { return };
    let fake = OpenAi::start();
    let pinx = Pinx::new().openai(&fake).env("PINX_RETRIES", "0").env("PINX_BUDGET_DAY", "0.10");
    let served = Served::start(&pinx, &["-j", "1"]);
    open(&mut browser, &served);
    fake.answers(openai::refused());
    want(&mut browser, "something", "openai/gpt-image-2", "1024x1024");
    browser.click("#make");
    browser.until("document.querySelector('.failed')");
    assert!(browser.text(".failed").contains("Refused"), "{}", browser.text(".failed"));
    fits(&mut browser, "refused");
    browser.fill("#count", "4");
    browser.until("document.querySelector('#price .alarm')");
    assert!(browser.text("#price").contains("for today is taken"), "{}", browser.text("#price"));
    browser.shoot("over-budget-1280-light");
    let gate = Gate::default();
    fake.answers(openai::with_image(&image::bytes(1024, 1024, "png")).behind(&gate));
    browser.fill("#count", "1");
    browser.fill("#quality", "low");
    browser
        .until("document.querySelector('#price:not([data-old]) .sum') && !document.querySelector('#price .alarm')");
    browser.click("#make");
    fake.wait_for(Kind::Images, 2);
    browser.until("document.querySelector('.run[aria-busy=true] header button')");
    browser.click(".run[aria-busy=true] header button");
    browser.until("document.querySelector('.run .about').textContent.includes('Stopping')");
    gate.open();
    // It was sent, so it is awaited and saved.
    browser.until("document.querySelector('.run .job .actions')");
    assert_eq!(pinx.entries("done").len(), 1);
    // What is said about a picture whose file is gone is not said behind it.
    std::fs::remove_dir_all(pinx.work().join("out")).unwrap();
    go(&mut browser, "gallery");
    browser.until("document.querySelector('#cards button.picture')");
    browser.click("#cards button.picture");
    browser.until("!document.querySelector('#view-gone').hidden");
    assert_eq!(browser.run("return document.querySelector('#view-file').hidden;"), true);
    browser.click("#view-again");
    browser.until("!document.querySelector('#banner').hidden");
    assert_eq!(browser.run("return document.querySelector('#view').open;"), false);
    go(&mut browser, "create");
    served.stop();
    browser.fill("#prompt", "after its end");
    browser.until("document.querySelector('#price .alarm')");
    assert!(browser.text("#price").contains("does not answer"), "{}", browser.text("#price"));
}

#[test]
fn everything_can_be_done_with_the_keyboard_alone() {
    let Some(mut browser) = Chromium::start() else { return };
    let pinx = Pinx::new().env("PINX_SIZE", "256x256");
    let served = Served::start(&pinx, &[]);
    open(&mut browser, &served);
    let reach = |browser: &mut Chromium, selector: &str| {
        for _ in 0..60 {
            browser.press("Tab", false);
            let is_there = format!("return document.activeElement.matches({});", json!(selector));
            if browser.run(&is_there) == true {
                let ring =
                    browser.run("return getComputedStyle(document.activeElement).outlineStyle;");
                assert_eq!(ring, "solid", "where the focus is must be seen: {selector}");
                return;
            }
        }
        panic!("{selector} cannot be reached");
    };
    reach(&mut browser, "#prompt");
    browser.write("a lighthouse");
    browser.until("document.querySelector('#price').innerText.includes('Free')");
    reach(&mut browser, "#styles-fold summary");
    browser.press("Enter", false);
    reach(&mut browser, "#styles input");
    browser.press("ArrowRight", false);
    browser.until("document.querySelector('#style-name').textContent !== 'none'");
    reach(&mut browser, "#make");
    browser.until("document.querySelector('#price:not([data-old]) .sum')");
    browser.press("Enter", false);
    browser.until("document.querySelectorAll('.job .actions').length === 1");
    reach(&mut browser, ".job button.picture");
    browser.press("Enter", false);
    browser.until("document.querySelector('#view').open");
    browser.press("Escape", false);
    browser.until("!document.querySelector('#view').open");
    assert_eq!(browser.run("return document.activeElement.matches('.job button.picture');"), true);
    browser.run("document.querySelector('#prompt').focus();");
    browser.press("Enter", true);
    browser.until("document.querySelectorAll('.job .actions').length === 2");
    // Whatever can be pressed has a name.
    for part in ["create", "gallery", "models", "statistics"] {
        go(&mut browser, part);
        let nameless = browser.run(
            "return [...document.querySelectorAll('button, a, input, select, textarea')].filter((one) => \
             one.offsetParent && !one.textContent.trim() && !one.getAttribute('aria-label') && !one.labels?.length)\
             .map((one) => one.outerHTML);",
        );
        assert_eq!(nameless, json!([]), "{part}");
    }
    is_clean(&mut browser, &served);
    served.stop();
}

/// As a server does that wants keys: any other request is refused with 401.
const WANTS_KEY: &str = "const real = window.fetch; window.fetch = (path, options) => \
    options.headers.Authorization === 'Bearer px-right' ? real(path, options) : Promise.resolve(new Response(\
    JSON.stringify({ error: { code: 'unknown_key', message: 'no' } }), { status: 401 }));";

#[test]
fn a_key_is_asked_for_where_one_is_wanted_and_leaves_the_address_at_once() {
    let Some(mut browser) = Chromium::start() else { return };
    let pinx = Pinx::new().env("PINX_SIZE", "128x128");
    let served = Served::start(&pinx, &[]);
    open(&mut browser, &served);
    browser.run(WANTS_KEY);
    browser.run("location.hash = '#models';");
    browser.until("document.querySelector('#ask-key').open");
    fits(&mut browser, "key");
    browser.fill("#key", "px-wrong");
    browser.click("#key-form button");
    browser.until("document.querySelector('#key-wrong').textContent.includes('not known')");
    browser.fill("#key", "px-right");
    browser.click("#key-form button");
    browser.until("document.querySelectorAll('#models-table tbody tr').length > 0");
    assert_eq!(browser.run("return localStorage.length + document.cookie.length;"), 0);
    // From an address, and kept for this tab alone.
    browser.run("sessionStorage.clear(); location.hash = '#key=px-other'; await new Promise((done) => setTimeout(done));");
    browser.until("location.hash === '' && sessionStorage.getItem('pinx-key') === 'px-other'");
    go(&mut browser, "create");
    // What elements cannot ask with a key comes as bytes.
    browser.run("window.fetch = window.fetch; sessionStorage.setItem('pinx-key', 'px-right');");
    browser.open(&format!("http://{}/#key=px-right", served.address));
    browser.run("location.reload();");
    browser.until("document.querySelector('#model')?.options.length > 1");
    want(&mut browser, "a fox", "pinx/sketch", "128x128");
    browser.click("#make");
    browser.until("document.querySelector('.job img')?.src.startsWith('blob:')");
    assert_eq!(browser.run("return location.hash;"), "");
    is_clean(&mut browser, &served);
    served.stop();
}

//! Pictures that are taken in other forms than OpenAI's files: what a provider's words on it make of a
//! request, through which gateways it goes, and what is lost when its body breaks off.

use ::image::{DynamicImage, ImageFormat, load_from_memory};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::edit::{broken_off, changed};
use crate::fake::openai::{OpenAi, error, with_image};
use crate::fake::{Answer, Kind, Request, image};
use crate::masks::{BLACK, WHITE, quarter, written};
use crate::pinx::{OPENAI_KEY, Output, Pinx};

/// A world with a server of one's own, of which these words are said, and a few pictures.
fn world(fake: &OpenAi, words: &str) -> Pinx {
    let own = format!(
        "[providers.mine]\ndialect = \"openai\"\nbase_url = \"{}\"\nauth = \"none\"\n{words}\n",
        fake.base_url()
    );
    let pinx = Pinx::new().config("config.toml", &own);
    let mask = written(&quarter((64, 96), WHITE, BLACK), ImageFormat::Png);
    let files = [
        ("mug.png", image::bytes(64, 96, "png").to_vec()),
        ("cup.jpg", image::bytes(32, 32, "jpeg").to_vec()),
        ("mask.png", mask),
    ];
    for (name, bytes) in files {
        std::fs::write(pinx.work().join(name), bytes).unwrap();
    }
    pinx
}

/// An edit of these pictures by a model that nobody has described.
fn edited(pinx: &Pinx, more: &[&str]) -> Output {
    let edit = ["edit", "make it night", "-m", "mine/whatever", "--no-fallback", "-o", "out/"];
    pinx.run(&[&edit[..], more].concat())
}

fn newest(fake: &OpenAi) -> Request {
    fake.requests(Kind::Images).pop().unwrap()
}

/// The bytes of a data URL of this type.
fn bytes_of(url: &Value, media_type: &str) -> Vec<u8> {
    let start = format!("data:{media_type};base64,");
    STANDARD.decode(url.as_str().unwrap().strip_prefix(&start).expect("a data URL")).unwrap()
}

#[test]
fn json_forms_hold_pictures_as_data_urls() {
    type At = fn(&Value, usize) -> &Value;
    let (mug, cup) = (["-i", "mug.png"], ["-i", "mug.png", "-i", "cup.jpg"]);
    for (word, path, one, two) in [
        (
            "json-images",
            "/v1/images/edits",
            (|body, at| &body["images"][at]["image_url"]) as At,
            (|body, at| &body["images"][at]["image_url"]) as At,
        ),
        (
            "json-image",
            "/v1/images/edits",
            (|body, _| &body["image"]["url"]) as At,
            (|body, at| &body["images"][at]["url"]) as At,
        ),
        (
            "references",
            "/v1/images/generations",
            (|body, at| &body["input_references"][at]["image_url"]["url"]) as At,
            (|body, at| &body["input_references"][at]["image_url"]["url"]) as At,
        ),
    ] {
        let fake = OpenAi::start();
        let pinx = world(&fake, &format!("edit = \"{word}\"\nmax_images = 16"));
        for (args, at) in [(&mug[..], one), (&cup, two)] {
            edited(&pinx, args).exits(0);
            let request = newest(&fake);
            assert_eq!((&*request.path, request.form.len()), (path, 0), "{word}");
            assert_eq!(request.header("content-type"), Some("application/json"));
            let length = request.header("content-length").map(|it| it.parse().unwrap());
            assert_eq!(length, Some(request.bytes.len()), "{word}: never in chunks");
            let body = &request.json;
            assert_eq!((&body["model"], &body["n"]), (&json!("whatever"), &json!(1)));
            assert_eq!(body["size"], "64x96", "the first one's");
            assert_eq!(bytes_of(at(body, 0), "image/png"), pinx.read("mug.png"), "{word}");
            if args.len() == cup.len() {
                assert_eq!(bytes_of(at(body, 1), "image/jpeg"), pinx.read("cup.jpg"), "{word}");
            }
            let types = request.json.to_string().matches("\"image_url\"").count();
            assert_eq!(types % (args.len() / 2), 0, "{word}: each says its type, or none does");
        }
        let many: Vec<&str> = std::iter::repeat_n(mug, 16).flatten().collect();
        edited(&pinx, &many).exits(0);
        assert_eq!(newest(&fake).json.to_string().matches("data:image/png").count(), 16);
        let more = [&many[..], &mug].concat();
        edited(&pinx, &more).exits(2).says("17 pictures are given; at most 16");
        // The journal names what is sent, and holds none of it.
        let [intent, .., large] = &pinx.entries("intent")[..] else { panic!("three were sent") };
        assert!(large.to_string().len() < 65_536 && !large.to_string().contains("base64"));
        let hash = intent["order"]["inputs"][0]["sha256"].as_str().unwrap();
        let place = json!({ "$input": hash, "$as": "data-url", "format": "png" });
        assert!(intent["call"]["body"].to_string().contains(&place.to_string()), "{intent}");
    }
}

#[test]
fn a_mask_is_given_in_the_convention_of_the_words() {
    let fake = OpenAi::start();
    // It would ask for OpenAI's own convention.
    fake.always(Kind::Images, with_image(&image::bytes(64, 96, "png")));
    for (form, means) in [
        ("multipart", "white"),
        ("multipart", "black"),
        ("json-images", "white"),
        ("json-images", "alpha"),
    ] {
        let pinx = world(&fake, &format!("edit = \"{form}\"\nmask = \"{means}\""));
        edited(&pinx, &["-i", "mug.png", "--mask", "mask.png"]).exits(0);
        let request = newest(&fake);
        let bytes = match form {
            "multipart" => request.form.iter().find(|it| it.name == "mask").unwrap().bytes.clone(),
            _ => bytes_of(&request.json["mask"]["image_url"], "image/png"),
        };
        let mask = load_from_memory(&bytes).unwrap();
        let at = |x| match &mask {
            DynamicImage::ImageLuma8(grey) => grey.get_pixel(x, 50).0[0],
            DynamicImage::ImageRgba8(pixels) => pixels.get_pixel(x, 50).0[3],
            other => panic!("{means}: {:?}", other.color()),
        };
        let changed = if means == "white" { 255 } else { 0 };
        assert_eq!((at(15), at(16)), (changed, 255 - changed), "{form} {means}");
        assert_eq!(mask.color().has_alpha(), means == "alpha");
    }
    for words in
        ["edit = \"multipart\"", "edit = \"multipart\"\nmask = \"none\"", "edit = \"references\""]
    {
        let pinx = world(&fake, words);
        let masked = ["-i", "mug.png", "--mask", "mask.png"];
        edited(&pinx, &masked).exits(2).says("mine/whatever takes no mask");
    }
}

#[test]
fn words_say_where_pictures_go_and_how_many() {
    let fake = OpenAi::start();
    let two = ["-i", "mug.png", "-i", "cup.jpg"];
    let pinx = world(&fake, "edit = \"multipart\"\nmax_images = 2\nimage_field = \"image\"");
    edited(&pinx, &two).exits(0);
    let request = newest(&fake);
    let names = request.form.iter().filter(|it| it.filename.is_some()).map(|it| it.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["image"; 2]);
    // Nothing is assumed: one picture, where nobody says how many are read.
    for (words, code) in [
        ("", "no_edit"),
        ("edit = \"none\"", "no_edit"),
        ("edit = \"multipart\"", "too_many_inputs"),
    ] {
        let pinx = world(&fake, words);
        let output = edited(&pinx, &[&two[..], &["--json"]].concat()).exits(2);
        assert_eq!(output.json()["error"]["code"], code, "{output}");
        // The remedy is a word of its own.
        let word = if code == "no_edit" { "edit" } else { "max_images" };
        output.says(&format!("`providers.mine.{word}` says what it takes"));
    }
    assert_eq!(fake.posts(), 1);
    // A path of its own, or beside that of the images API.
    for (words, path) in [
        ("edits_path = \"/images/inpainting\"", "/v1/images/inpainting"),
        ("images_path = \"/openai/images/generations\"", "/v1/openai/images/edits"),
    ] {
        let pinx = world(&fake, &format!("edit = \"multipart\"\n{words}"));
        edited(&pinx, &["-i", "mug.png"]);
        assert_eq!(fake.all().pop().unwrap().path, path);
    }
    // `models` tells it, and words that mean nothing are refused.
    let listed =
        "edit = \"json-images\"\nmask = \"white\"\nmax_images = 3\n\n[[models]]\nid = \"mine/one\"";
    let pinx = world(&fake, listed);
    let document = pinx.run(&["models", "--json", "--can", "references,mask"]).exits(0).json();
    let one = document["models"].as_array().unwrap().iter().find(|it| it["id"] == "mine/one");
    let pictures = &one.expect("it is listed")["pictures_in"];
    assert_eq!((&pictures["most"], &pictures["mask"]), (&json!(3), &json!(true)));
    assert_eq!(pictures["max_bytes"], 15_728_622, "20,971,520 characters of a data URL");
    for (words, told) in [
        ("edit = \"json\"", "one of multipart, json-images, json-image, references, none"),
        ("mask = \"transparent\"", "one of alpha, white, black, none"),
        ("edits_path = \"images\"", "begins with `/`"),
        ("edit = \"references\"\nmask = \"white\"", "this form of `edit` has no mask ("),
        (
            "edit = \"json-image\"\nmask = \"white\"",
            "or set `edit` to `multipart` or `json-images`",
        ),
        ("\n[providers.fal]\nmask = \"white\"", "`providers.fal.mask` means nothing"),
        ("\n[providers.fal]\nmask = \"white\"", "config.toml:"),
        ("\n[providers.fal]\nmask = \"white\"", "take `mask` out there: `pinx config edit`"),
    ] {
        world(&fake, words).run(&["models"]).exits(2).says(told);
    }
}

#[test]
fn edits_go_through_gateways_and_masks_only_where_they_arrive() {
    let fake = OpenAi::start();
    let through = |gateway: &str| {
        let config = format!("{gateway}\n[providers.openai]\ngateway = \"edge\"\n");
        let pinx = world(&fake, "edit = \"multipart\"\nmask = \"alpha\"");
        let own = std::fs::read_to_string(pinx.data().join("config.toml")).unwrap();
        pinx.env("OPENAI_API_KEY", OPENAI_KEY)
            .env("AI_GATEWAY_API_KEY", "vck_0123456789abcdef0123")
            .config("config.toml", &format!("{own}\n{config}"))
    };
    let cloudflare =
        format!("[gateways.edge]\nkind = \"cloudflare\"\nurl = \"{}/v1/acct/gw\"", fake.url());
    let vercel = format!("[gateways.edge]\nkind = \"vercel\"\nurl = \"{}\"", fake.base_url());
    let edit = ["edit", "make it night", "-i", "mug.png", "-m", "openai/gpt-image-2", "-o", "out/"];
    let masked = [&edit[..], &["--mask", "mask.png"]].concat();
    let pinx = through(&cloudflare);
    pinx.run(&[&masked[..], &["--no-fallback"]].concat()).exits(0);
    let request = newest(&fake);
    assert_eq!(request.path, "/v1/acct/gw/openai/images/edits");
    let files = request.form.iter().filter_map(|it| it.filename.as_deref());
    assert_eq!(files.collect::<Vec<_>>(), ["image-1.png", "mask.png"]);
    let pinx = through(&vercel);
    pinx.run(&[&edit[..], &["--no-fallback"]].concat()).exits(0);
    let request = newest(&fake);
    assert_eq!(
        (&*request.path, &request.json["model"]),
        ("/v1/images/edits", &json!("openai/gpt-image-2"))
    );
    let posts = fake.posts();
    let output = pinx.run(&[&masked[..], &["--no-fallback"]].concat()).exits(2);
    output.says("takes no mask").says("leaves masks out in silence");
    assert_eq!(fake.posts(), posts);
    // A fallback is no way around: only who takes the mask gets it.
    let pinx = through(&cloudflare);
    fake.next(Kind::Images, error(403, "insufficient_quota", "no credit"));
    let all = [&masked[..], &["--fallback", "vercel/gpt-image-2,mine/whatever"]].concat();
    pinx.run(&all).exits(0).says("vercel/gpt-image-2 is left out");
    let request = newest(&fake);
    assert_eq!((&*request.path, &request.json["model"]), ("/v1/images/edits", &json!("whatever")));
    assert!(request.form.iter().any(|it| it.name == "mask"));
}

#[test]
fn a_picture_that_comes_back_is_no_image() {
    let fake = OpenAi::start();
    fake.always_with(Kind::Images, |request, _| {
        Answer::json(200, &json!({ "echo": request.json, "data": [] }))
    });
    let pinx = world(&fake, "edit = \"json-images\"");
    edited(&pinx, &["-i", "mug.png"]).exits(1);
    assert!(!pinx.files().iter().any(|name| name.starts_with("out/")), "{:?}", pinx.files());
    // Another picture in the same place is one.
    let other = STANDARD.encode(image::bytes(64, 64, "png"));
    fake.always_with(Kind::Images, move |request, _| {
        let url = format!("data:image/png;base64,{other}");
        Answer::json(
            200,
            &json!({ "echo": request.json, "made": [{ "image_url": url }], "data": [] }),
        )
    });
    edited(&pinx, &["-i", "mug.png"]).exits(0);
    let made = load_from_memory(&pinx.read("out/make-it-night.png")).unwrap();
    assert_eq!((made.width(), made.height()), (64, 64));
}

#[test]
fn fault_121_a_json_edit_that_breaks_off_was_not_sent() {
    broken_off(&[("PINX_PROVIDERS_OPENAI_EDIT", "json-images")]);
}

#[test]
fn fault_122_a_picture_that_changes_under_a_json_edit_costs_nothing() {
    let words = [("PINX_PROVIDERS_OPENAI_EDIT", "json-images")];
    let other = image::bytes(64, 97, "png");
    changed(&words, move |path| std::fs::write(path, &other).unwrap(), "input_changed");
    changed(&words, |path| std::fs::remove_file(path).unwrap(), "input_gone");
}

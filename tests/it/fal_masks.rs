//! Edits over fal whose endpoint is another one with a mask, decides the size by its picture, or reads no
//! transparency.

use ::image::{DynamicImage, ImageFormat, Rgba, RgbaImage, load_from_memory};
use serde_json::{Value, json};

use crate::fake::fal::Fal;
use crate::fake::{Kind, Request, image};
use crate::masks::{BLACK, WHITE, quarter, written};
use crate::pinx::{Output, Pinx};

/// A world with a picture, a mask of it whose left quarter is to be changed, and a pane of glass.
fn world(fake: &Fal) -> Pinx {
    let pinx = Pinx::new().fal(fake);
    let glass =
        RgbaImage::from_fn(640, 960, |x, _| Rgba([9, 80, 9, if x < 320 { 0 } else { 255 }]));
    for (name, bytes) in [
        ("mug.png", image::bytes(640, 960, "png").to_vec()),
        ("cup.jpg", image::bytes(480, 480, "jpeg").to_vec()),
        ("mask.png", written(&quarter((640, 960), WHITE, BLACK), ImageFormat::Png)),
        ("glass.png", written(&glass.into(), ImageFormat::Png)),
    ] {
        std::fs::write(pinx.work().join(name), bytes).unwrap();
    }
    pinx
}

/// An edit by a model, at any price.
fn edited(pinx: &Pinx, model: &str, more: &[&str]) -> Output {
    let edit = ["edit", "make it night", "-m", model, "--no-fallback", "--yes", "-o", "out/"];
    pinx.run(&[&edit[..], more].concat())
}

/// What was put behind a link of a request.
fn behind(fake: &Fal, link: &Value) -> Request {
    let path = link.as_str().unwrap().rsplit_once("/inputs/").unwrap().1.to_owned();
    let mut uploads = fake.uploads().into_iter();
    uploads.find(|upload| upload.path.ends_with(&path)).expect("it was uploaded")
}

#[test]
fn a_mask_goes_to_an_endpoint_of_its_own_in_black_and_white() {
    let fake = Fal::start();
    let pinx = world(&fake);
    for (model, endpoint, field) in [
        ("fal/fast-sdxl", "fal-ai/fast-sdxl/inpainting", "mask_url"),
        ("fal/fast-lightning-sdxl", "fal-ai/fast-lightning-sdxl/inpainting", "mask_url"),
        ("fal/qwen-image", "fal-ai/qwen-image-edit/inpaint", "mask_url"),
        ("fal/z-image-turbo", "fal-ai/z-image/turbo/inpaint", "mask_image_url"),
    ] {
        edited(&pinx, model, &["-i", "mug.png", "--mask", "mask.png"]).exits(0);
        let sent = fake.requests(Kind::Submit).pop().unwrap();
        assert_eq!(sent.path, format!("/queue/{endpoint}"), "{model}");
        assert_eq!(sent.json.get("image_urls"), None, "{model}");
        assert_eq!(sent.json["image_size"], json!({ "width": 640, "height": 960 }), "{model}");
        assert_eq!(&*behind(&fake, &sent.json["image_url"]).bytes, pinx.read("mug.png"));
        let mask = load_from_memory(&behind(&fake, &sent.json[field]).bytes).unwrap();
        let DynamicImage::ImageLuma8(mask) = mask else { panic!("{model}: it is grey") };
        assert_eq!([159, 160].map(|x| mask.get_pixel(x, 500).0[0]), [255, 0], "{model}");
        // It reads one picture there, however many it reads without a mask.
        let two = ["-i", "mug.png", "-i", "cup.jpg", "--mask", "mask.png"];
        edited(&pinx, model, &two).exits(2).says("reads 1 image");
    }
    edited(&pinx, "fal/qwen-image", &["-i", "mug.png", "-i", "cup.jpg"]).exits(0);
    let sent = fake.requests(Kind::Submit).pop().unwrap();
    assert_eq!(sent.path, "/queue/fal-ai/qwen-image-edit-2511");
    assert_eq!(sent.json["image_urls"].as_array().unwrap().len(), 2);
    // One upload of each, whichever model reads it.
    assert_eq!((fake.uploads().len(), fake.posts()), (3, 5));
    let masked = ["-i", "mug.png", "--mask", "mask.png"];
    edited(&pinx, "fal/ideogram-v3", &masked).exits(2).says("takes no mask");
    // What nobody has written down costs nothing that is known, and never what words alone would.
    let dry = [&masked[..], &["--dry-run", "--json"]].concat();
    for (model, is_known) in [("fal/fast-sdxl", true), ("fal/qwen-image", false)] {
        let job = edited(&pinx, model, &dry).exits(0).json()["jobs"][0].clone();
        assert_eq!(job["cost"]["estimated"].is_number(), is_known, "{job}");
    }
}

#[test]
fn where_no_size_can_be_asked_for_the_picture_decides_it() {
    let fake = Fal::start();
    let pinx = world(&fake);
    for (model, endpoint, several) in [
        ("fal/flux-dev", "fal-ai/flux/dev/image-to-image", false),
        ("fal/recraft-v3", "fal-ai/recraft/v3/image-to-image", false),
        ("fal/grok-imagine", "xai/grok-imagine-image/edit", true),
    ] {
        let told = "has no field for the size: image 1 decides it, 640x960";
        edited(&pinx, model, &["-i", "mug.png", "--strict"]).exits(0).says(told);
        let sent = fake.requests(Kind::Submit).pop().unwrap();
        assert_eq!(sent.path, format!("/queue/{endpoint}"));
        for field in ["image_size", "aspect_ratio", "size", "width", "resolution"] {
            assert_eq!(sent.json.get(field), None, "{model} {field}");
        }
        assert_eq!(
            (sent.json["image_urls"].is_array(), sent.json["image_url"].is_string()),
            (several, !several)
        );
        let intent = pinx.entries("intent").pop().unwrap();
        assert_eq!(intent["order"]["size"], "640x960", "{model}");
        // What cannot be done is told, and refused where nothing is to be other than asked.
        for size in [["-s", "1024x1024"], ["-a", "16:9"]] {
            let other = [&["-i", "mug.png"][..], &size].concat();
            edited(&pinx, model, &other).exits(0).says("image 1 decides it").says(size[1]);
            let strict = [&other[..], &["--strict"]].concat();
            edited(&pinx, model, &strict).exits(2).says("image 1 decides it");
        }
        // Words of the model's own for a style are not those of this endpoint.
        edited(&pinx, model, &["-i", "mug.png", "--style", "watercolor"]).exits(0);
        let sent = fake.requests(Kind::Submit).pop().unwrap();
        assert_eq!(sent.json.get("style"), None, "{model}");
        assert!(sent.json["prompt"].as_str().unwrap().contains("watercolo"), "{model}");
        for size in [["-s", "640x960"], ["-a", "2:3"]] {
            let same = [&["-i", "mug.png", "--strict"][..], &size].concat();
            edited(&pinx, model, &same).exits(0);
        }
    }
}

#[test]
fn what_is_transparent_becomes_white_where_it_is_not_read() {
    let fake = Fal::start();
    let pinx = world(&fake);
    const MODEL: &str = "fal/qwen-image-2";
    let told = "image 1 with transparency → over white: fal/qwen-image-2 reads none";
    let output = edited(&pinx, MODEL, &["-i", "glass.png"]).exits(0).says(told);
    assert_eq!(output.stderr.matches("→").count(), 1, "{output}");
    let sent = fake.requests(Kind::Submit).pop().unwrap();
    let DynamicImage::ImageRgb8(glass) =
        load_from_memory(&behind(&fake, &sent.json["image_urls"][0]).bytes).unwrap()
    else {
        panic!("it has no alpha channel")
    };
    assert_eq!([319, 320].map(|x| glass.get_pixel(x, 9).0), [[255; 3], [9, 80, 9]]);
    edited(&pinx, MODEL, &["-i", "glass.png", "--strict"]).exits(2).says("reads none");
    // What has none goes as it is; of several the last does not decide the size.
    let two = ["-i", "mug.png", "-i", "cup.jpg", "--strict"];
    edited(&pinx, MODEL, &two).exits(0);
    let sent = fake.requests(Kind::Submit).pop().unwrap();
    assert_eq!(sent.json["image_size"], json!({ "width": 640, "height": 960 }));
    for (link, name) in
        sent.json["image_urls"].as_array().unwrap().iter().zip(["mug.png", "cup.jpg"])
    {
        assert_eq!(&*behind(&fake, link).bytes, pinx.read(name), "{name}");
    }
    // A model that reads it gets it.
    edited(&pinx, "fal/flux-2", &["-i", "glass.png", "--strict"]).exits(0);
    let sent = fake.requests(Kind::Submit).pop().unwrap();
    assert_eq!(&*behind(&fake, &sent.json["image_urls"][0]).bytes, pinx.read("glass.png"));
}

#[test]
fn only_of_the_model_that_is_taken_is_anything_told() {
    let pinx = world(&Fal::start()).env("OPENAI_API_KEY", crate::pinx::OPENAI_KEY);
    let edit = ["edit", "make it night", "-i", "mug.png", "--dry-run"];
    let masked = [&edit[..], &["--mask", "mask.png", "--prefer", "cheap"]].concat();
    let output = pinx.run(&masked).exits(0).says("takes fal/fast-sdxl");
    output.never_says("as a hint").never_says("will be shut down");
    let one = [&edit[..], &["-m", "openai/gpt-image-1.5"]].concat();
    let output = pinx.run(&one).exits(0).says("openai/gpt-image-1.5 will be shut down on");
    output.never_says("fal/gpt-image-1.5 will");
}

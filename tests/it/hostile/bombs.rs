//! Answers that would take all memory or all stack: huge, deep, or claiming to be enormous.

use serde_json::{Value, json};

use super::{FAL, OPENAI, fal, holds, openai};
use crate::fake::openai::with_image;
use crate::fake::{Answer, Kind, image};
use crate::pinx::Pinx;

const TEN_GB: u64 = 10_000_000_000;

fn limited(pinx: Pinx) -> Pinx {
    pinx.env("PINX_ANSWER_LIMIT", "80MiB")
}

#[test]
fn ten_gigabytes_are_cut_and_memory_stays_flat() {
    let huge = |status| Answer::bytes(status, "application/json", *b"{\"data\":[").padded(TEN_GB);
    for status in [200, 400, 500] {
        let (fake, pinx) = openai(huge(status));
        holds(&limited(pinx), &OPENAI, &[1, 75]);
        assert_eq!(fake.posts(), 1);
    }
    for kind in [Kind::Status, Kind::Result] {
        let (fake, pinx) = fal();
        fake.always(kind, huge(200));
        holds(&limited(pinx), &FAL, &[1, 75]);
        assert_eq!(fake.posts(), 1);
    }
    let (fake, pinx) = fal();
    fake.cdn.always(Kind::File, Answer::bytes(200, "image/png", image::marked(1)).padded(TEN_GB));
    holds(&limited(pinx), &FAL, &[1, 75]);
    assert_eq!(fake.posts(), 1);
}

#[test]
fn nested_beyond_all_reason() {
    let deep = 100_000;
    let arrays = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let objects = format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep));
    for nest in [&arrays, &objects] {
        for body in [
            nest.clone(),
            format!("{{\"data\":{nest}}}"),
            format!("{{\"data\":[{{\"b64_json\":{nest}}}]}}"),
            format!("{{\"usage\":{nest},\"data\":[]}}"),
            format!("{{\"error\":{nest}}}"),
        ] {
            for status in [200, 400, 503] {
                let answer = Answer::bytes(status, "application/json", body.clone().into_bytes());
                let (fake, pinx) = openai(answer);
                holds(&pinx, &OPENAI, &[1, 75]);
                assert_eq!(fake.posts(), 1);
            }
        }
        for kind in [Kind::Status, Kind::Result, Kind::History] {
            let (fake, pinx) = fal();
            let body = format!("{{\"status\":{nest},\"images\":{nest},\"items\":{nest}}}");
            fake.always(kind, Answer::bytes(200, "application/json", body.into_bytes()));
            holds(&pinx, &FAL, &[0, 1, 75]);
            assert_eq!(fake.posts(), 1);
        }
    }
}

#[test]
fn header_bombs_are_no_answer() {
    let mut many = with_image(&image::marked(1));
    for number in 0..20_000 {
        many = many.and_header(&format!("x-bomb-{number}"), "boom");
    }
    let wide = with_image(&image::marked(1)).header("x-bomb", &"b".repeat(8 * 1024 * 1024));
    for bomb in [many, wide] {
        let (fake, pinx) = openai(bomb);
        holds(&pinx, &OPENAI, &[0, 75]);
        assert_eq!(fake.posts(), 1);
    }
}

/// A PNG of one row that claims to be this large, with checksums that hold.
fn claiming_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = image::marked(1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

/// The checksum of PNG chunks.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[test]
fn a_png_that_claims_to_be_enormous_is_never_unpacked() {
    for (width, height) in [(65_535, 65_535), (u32::MAX >> 1, 1), (16_384, 16_384)] {
        for more in [&[][..], &["--format", "jpeg"]] {
            let (fake, pinx) = openai(with_image(&claiming_png(width, height)));
            holds(&pinx, &[&OPENAI[..], more].concat(), &[0, 1]);
            assert_eq!(fake.posts(), 1);
        }
    }
}

#[test]
fn svgs_with_scripts_and_entity_bombs_do_nothing_here() {
    let mut entities = String::from("<!ENTITY a \"aaaaaaaaaa\">");
    for (this, before) in ('b'..='k').zip('a'..='j') {
        entities.push_str(&format!("<!ENTITY {this} \"{}\">", format!("&{before};").repeat(10)));
    }
    let head = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"";
    let deep = format!("{head}>{}{}</svg>", "<g>".repeat(100_000), "</g>".repeat(100_000));
    for svg in [
        format!("<!DOCTYPE svg [{entities}]>{head}><text>&k;</text></svg>"),
        format!("<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{head}>&x;</svg>"),
        format!("{head} onload=\"alert(1)\"><script>alert(1)</script></svg>"),
        format!("{head} width=\"1e308\" viewBox=\"0 0 1e999 -1\"></svg>"),
        deep,
    ] {
        for more in [&[][..], &["--format", "png"]] {
            let (fake, pinx) = openai(with_image(svg.as_bytes()));
            let output = holds(&pinx, &[&OPENAI[..], more].concat(), &[0, 1]);
            assert_eq!(fake.posts(), 1);
            for name in &output.files {
                let text = String::from_utf8_lossy(&pinx.read(name)).into_owned();
                assert!(!text.contains("root:"), "{text}");
            }
        }
    }
}

#[test]
fn sixty_mebibytes_of_base64_that_are_no_image() {
    let text = "QUJD".repeat(15 * 1024 * 1024);
    let body: Value = json!({ "data": [{ "b64_json": text }] });
    let (fake, pinx) = openai(Answer::json(200, &body));
    holds(&pinx, &OPENAI, &[1]);
    assert_eq!(fake.posts(), 1);
}

//! Pictures as they are given, and what is sent of them.

use image::{DynamicImage, GenericImageView as _, RgbImage, Rgba};

use super::*;
use crate::store::metadata::{Recipe, embed};
use crate::store::pixels::{decode, encode};

const FORMATS: [Format; 3] = [Format::Png, Format::Jpeg, Format::Webp];

/// Forty pixels of four colours, one in each corner.
fn pixels() -> DynamicImage {
    let colour = |x, y| match (x < 20, y < 12) {
        (true, true) => image::Rgb([250, 10, 10]),
        (false, true) => image::Rgb([10, 250, 10]),
        (true, false) => image::Rgb([10, 10, 250]),
        (false, false) => image::Rgb([250, 250, 10]),
    };
    RgbImage::from_fn(40, 24, colour).into()
}

fn picture(format: Format) -> Vec<u8> {
    encode(&pixels(), format).unwrap()
}

/// Looks at such a file: what is said of it, and the bytes that are sent.
fn take(bytes: &[u8]) -> Result<(TakenInput, Vec<u8>)> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mug.jpg");
    fs::write_atomic(&path, bytes, fs::Mode::Normal).unwrap();
    let kept = directory.path().join("inputs");
    let taken = InputStore::new(&kept, false).take(PictureSource::File(path.clone()), "image 1")?;
    let sent = match taken.sent.source {
        Some(_) => std::fs::read(kept.join(&taken.sent.sha256)).unwrap(),
        None => bytes.to_vec(),
    };
    assert_eq!(taken.sent.sha256, text::hex(&Sha256::digest(&sent)));
    assert_eq!((taken.sent.len, taken.sent.path.as_deref()), (sent.len() as u64, Some(&*path)));
    assert_eq!(taken.input.sha256, text::hex(&Sha256::digest(bytes)));
    assert_eq!(verify(&sent).unwrap().format, taken.sent.format);
    Ok((taken, sent))
}

/// A PNG with a further chunk behind its header.
fn with_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let png = picture(Format::Png);
    let chunk = [kind, data].concat();
    let length = (data.len() as u32).to_be_bytes();
    let sum = crc32fast::hash(&chunk).to_be_bytes();
    [&png[..33], &length, &chunk, &sum, &png[33..]].concat()
}

/// A JPEG with a further segment in front.
fn with_segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let jpeg = picture(Format::Jpeg);
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, data, &jpeg[2..]].concat()
}

/// An EXIF structure of one entry.
fn exif(tag: u16, kind: u16, value: u16) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    [tag, kind, 0, 1, value, 0, 0, 0].iter().for_each(|two| tiff.extend(two.to_be_bytes()));
    tiff
}

#[test]
fn a_plain_picture_is_sent_as_it_is_whatever_its_name_says() {
    for format in FORMATS {
        let bytes = picture(format);
        let (taken, sent) = take(&bytes).unwrap();
        assert_eq!((taken.sent.format, taken.sent.size), (format, Size::new(40, 24)));
        assert!(sent == bytes && taken.sent.source.is_none());
        assert_eq!((taken.changes, taken.left_out), (None, LeftOut::Nothing));
    }
    for bytes in [with_chunk(b"sRGB", &[0]), with_segment(0xe2, b"ICC_PROFILE\0\x01\x01")] {
        assert_eq!(take(&bytes).unwrap().1, bytes);
    }
}

#[test]
fn what_tells_more_than_a_picture_stays_here() {
    let [png, jpeg, webp] = FORMATS.map(picture);
    let placed = exif(0x8825, 4, 0);
    let preview = [&b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01"[..], &[9, 9, 9]].concat();
    let scan = jpeg.windows(2).position(|two| two == [0xff, 0xda]).unwrap();
    let in_between = [&jpeg[..scan], &[0xff, 0xfe, 0, 6], b"text", &jpeg[scan..]].concat();
    let moving = [&webp[..], b"EXIF\x01\0\0\0x\0"].concat();
    let grown = (moving.len() as u32 - 8).to_le_bytes();
    let with_exif = [&moving[..4], &grown, &moving[8..]].concat();
    for (bytes, plain, left_out) in [
        (with_chunk(b"tEXt", b"prompt\0a fox"), &png, LeftOut::Metadata),
        (with_chunk(b"eXIf", &placed), &png, LeftOut::Place),
        (with_chunk(b"vpAg", &[0; 9]), &png, LeftOut::Metadata),
        ([&png[..], b"more"].concat(), &png, LeftOut::Metadata),
        (with_segment(0xe1, &[b"Exif\0\0", &placed[..]].concat()), &jpeg, LeftOut::Place),
        (with_segment(0xe0, &preview), &jpeg, LeftOut::Metadata),
        (with_segment(0xed, b"Photoshop 3.0\0"), &jpeg, LeftOut::Metadata),
        (with_segment(0xfe, b"a comment"), &jpeg, LeftOut::Metadata),
        (with_segment(0xe2, b"MPF\0"), &jpeg, LeftOut::Metadata),
        (in_between, &jpeg, LeftOut::Metadata),
        ([&jpeg[..], b"more"].concat(), &jpeg, LeftOut::Metadata),
        ([&jpeg[..], &jpeg].concat(), &jpeg, LeftOut::Metadata),
        ([&webp[..], b"more"].concat(), &webp, LeftOut::Metadata),
        (with_exif, &webp, LeftOut::Metadata),
    ] {
        let (taken, sent) = take(&bytes).unwrap();
        assert!(sent == *plain, "{left_out:?} {}", String::from_utf8_lossy(&bytes[..60]));
        assert_eq!((taken.left_out, taken.changes), (left_out, None));
        assert_eq!(taken.sent.source, Some(taken.input.sha256));
    }
}

#[test]
fn an_image_of_ours_is_sent_without_its_recipe_and_with_its_pixels() {
    let recipe = Recipe { model: "a/b".to_owned(), ..Recipe::default() };
    for format in FORMATS {
        let plain = picture(format);
        let bytes = embed(&plain, &verify(&plain).unwrap(), &recipe);
        let (_, sent) = take(&bytes).unwrap();
        assert!(sent.len() < bytes.len() && memchr::memmem::find(&sent, b"a/b").is_none());
        assert_eq!(decode(&sent), decode(&plain), "{format}");
    }
}

#[test]
fn what_lies_on_its_side_is_turned_and_what_few_read_is_written_anew() {
    let red = |picture: &DynamicImage, [x, y]: [u32; 2]| {
        let Rgba([r, g, b, _]) = picture.get_pixel(x, y);
        r > 200 && g < 80 && b < 80
    };
    // Where the corner that is stored first is seen (Exif 2.32, section 4.6.4, Orientation).
    for (turn, corner, size) in [
        (1, [2, 2], (40, 24)),
        (2, [37, 2], (40, 24)),
        (3, [37, 21], (40, 24)),
        (4, [2, 21], (40, 24)),
        (5, [2, 2], (24, 40)),
        (6, [21, 2], (24, 40)),
        (7, [21, 37], (24, 40)),
        (8, [2, 37], (24, 40)),
    ] {
        let tiff = exif(0x0112, 3, turn);
        let jpeg = with_segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat());
        for (bytes, format) in [(with_chunk(b"eXIf", &tiff), Format::Png), (jpeg, Format::Jpeg)] {
            let (taken, sent) = take(&bytes).unwrap();
            let size = Size::new(size.0, size.1);
            assert_eq!((taken.input.size, taken.sent.size), (size, size), "{turn}");
            assert_eq!(taken.sent.format, format);
            let told = taken.changes.as_deref();
            assert_eq!(told, (turn > 1).then_some("turned upright"));
            assert!(red(&decode(&sent).unwrap(), corner), "{format} {turn}");
        }
    }
    let deep = encode(&DynamicImage::ImageRgb16(pixels().into_rgb16()), Format::Png).unwrap();
    for (bytes, told, format) in [
        (&deep[..], "8 bits a colour", Format::Png),
        (include_bytes!("samples/ink.jpg"), "CMYK as RGB", Format::Jpeg),
        (include_bytes!("samples/moving.webp"), FIRST_ALONE, Format::Png),
        (include_bytes!("samples/moving.png"), FIRST_ALONE, Format::Png),
    ] {
        let (taken, sent) = take(bytes).unwrap();
        assert_eq!((taken.changes.as_deref(), taken.sent.format), (Some(told), format));
        let again = take(&sent).unwrap();
        assert!(again.1 == sent && again.0.changes.is_none(), "{told}");
        let [left, right] =
            [[2, 2], [13, 2]].map(|[x, y]| decode(&sent).unwrap().get_pixel(x, y).0);
        match told {
            "CMYK as RGB" => assert!(left[0] < 60 && left[2] > 200 && right[2] < 60, "{left:?}"),
            FIRST_ALONE => assert_eq!(left[..3], [200, 0, 0]),
            _ => assert_eq!(left[..3], [250, 10, 10]),
        }
    }
}

const FIRST_ALONE: &str = "its first frame alone";

#[test]
fn a_colour_profile_goes_with_the_pixels() {
    let mut profile = vec![7; 200];
    profile[16..20].copy_from_slice(b"RGB ");
    let tiff = exif(0x0112, 3, 6);
    for format in [Format::Png, Format::Jpeg] {
        let coloured =
            crate::store::pixels::encode_as(&pixels(), format, 90, Some(profile.clone())).unwrap();
        let lying = match format {
            Format::Png => {
                let chunk = with_chunk(b"eXIf", &tiff);
                let added = chunk.len() - picture(Format::Png).len();
                [&coloured[..33], &chunk[33..33 + added], &coloured[33..]].concat()
            }
            _ => {
                let segment = with_segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat());
                let added = segment.len() - picture(Format::Jpeg).len();
                [&coloured[..2], &segment[2..2 + added], &coloured[2..]].concat()
            }
        };
        let (_, sent) = take(&lying).unwrap();
        assert_eq!(crate::store::profile::profile(&sent).as_ref(), Some(&profile), "{format}");
    }
}

#[test]
fn what_is_no_whole_picture_is_told_with_its_remedy() {
    let png = picture(Format::Png);
    let huge = |edge: u32| {
        let mut huge = png.clone();
        huge[16..20].copy_from_slice(&edge.to_be_bytes());
        huge[20..24].copy_from_slice(&edge.to_be_bytes());
        let sum = crc32fast::hash(&huge[12..29]).to_be_bytes();
        huge[29..33].copy_from_slice(&sum);
        huge
    };
    for (bytes, told, hint) in [
        (png[..png.len() - 20].to_vec(), "image 1: ", ""),
        (b"GIF89a\x01\0".to_vec(), "is a GIF picture", "[0]'"),
        (b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), "is a HEIC picture", "sips"),
        (b"\0\0\0\x18ftypavif\0\0\0\0".to_vec(), "is an AVIF picture", "magick"),
        (b"BM......".to_vec(), "is a BMP picture", "magick"),
        (Vec::new(), "empty", ""),
        (huge(9_000), "9000x9000", "scale it down"),
        (huge(20_000), "20000x20000", ""),
    ] {
        let error = take(&bytes).unwrap_err();
        assert!(error.message.contains(told), "{told}: {}", error.message);
        assert!(error.hints.join(" ").contains(hint), "{told}: {:?}", error.hints);
    }
    let nowhere = tempfile::tempdir().unwrap();
    let store = InputStore::new(nowhere.path(), false);
    for (path, told) in
        [(nowhere.path().join("x"), "there is no file"), (nowhere.path().into(), "cannot be read")]
    {
        let error = store.take(PictureSource::File(path), "image 2").unwrap_err();
        assert!(error.message.starts_with("image 2: ") && error.message.contains(told));
    }
}

#[test]
fn what_nobody_needs_goes_after_a_week() {
    let directory = tempfile::tempdir().unwrap();
    let store = InputStore::new(directory.path(), false);
    for name in ["old", "needed", "new"] {
        store.keep(name, b"x", ("", "")).unwrap();
    }
    assert!(!store.has_old());
    let long_ago = SystemTime::from(crate::clock::now()) - KEPT - Duration::from_secs(60);
    for name in ["old", "needed"] {
        fs::touch(&directory.path().join(name), long_ago).unwrap();
    }
    assert!(store.has_old());
    store.prune(&["needed".to_owned()].into());
    let there = |name: &str| directory.path().join(name).exists();
    assert!(!there("old") && there("needed") && there("new"));
    let dry = InputStore::new(&directory.path().join("dry"), true);
    assert!(dry.keep("x", b"x", ("", "")).unwrap().is_some());
    assert!(!there("dry"));
}

#[test]
fn what_a_model_does_not_take_is_converted_and_made_smaller() {
    let directory = tempfile::tempdir().unwrap();
    let store = InputStore::new(&directory.path().join("inputs"), false);
    let of = |format, size: (u32, u32), most| Treatment {
        format,
        size: Size::new(size.0, size.1),
        most,
        mask: None,
        is_opaque: false,
    };
    let path = directory.path().join("mug");
    for (format, treatment, size) in [
        (Format::Webp, of(Format::Png, (40, 24), None), "40x24"),
        (Format::Jpeg, of(Format::Jpeg, (20, 12), None), "20x12"),
        (Format::Webp, of(Format::Webp, (20, 12), None), "20x12"),
        (Format::Png, of(Format::Png, (40, 24), Some(1)), ""),
    ] {
        fs::write_atomic(&path, &picture(format), fs::Mode::Normal).unwrap();
        let taken = store.take(PictureSource::File(path.clone()), "image 1").unwrap();
        let treated = store.treat(&taken.sent, &treatment, "image 1");
        if size.is_empty() {
            let error = treated.unwrap_err();
            assert!(error.message.contains("image 1: it cannot be converted"), "{error}");
            continue;
        }
        let treated = treated.unwrap();
        let is_jpeg = format == Format::Jpeg;
        let wanted = if is_jpeg { Format::Jpeg } else { Format::Png };
        assert_eq!((treated.format, &*treated.size.to_string()), (wanted, size));
        assert_eq!(treated.source.as_deref(), Some(&*taken.input.sha256));
        let bytes = std::fs::read(store.path_of(&treated.sha256)).unwrap();
        assert_eq!((bytes.len() as u64, sniff(&bytes)), (treated.len, Some(wanted)));
        let pixels = decode(&bytes).unwrap();
        let Rgba([r, g, b, _]) = pixels.get_pixel(2, 2);
        assert!(r > 200 && g < 80 && b < 80, "its corner is the red one");
        assert_eq!(store.treat(&taken.sent, &treatment, "image 1").unwrap(), treated);
        // What it needs nothing done to stays as it is.
        let same = of(format, (40, 24), Some(taken.sent.len));
        assert_eq!(store.treat(&taken.sent, &same, "image 1").unwrap(), taken.sent);
    }
    // Noise, which is made smaller until it has so few bytes.
    let mut state = 7_u32;
    let noise = RgbImage::from_fn(200, 100, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
    });
    let noise = encode(&noise.into(), Format::Png).unwrap();
    fs::write_atomic(&path, &noise, fs::Mode::Normal).unwrap();
    let taken = store.take(PictureSource::File(path.clone()), "image 1").unwrap();
    let treatment = of(Format::Png, (200, 100), Some(20_000));
    let treated = store.treat(&taken.sent, &treatment, "image 1").unwrap();
    assert!((10_000..=20_000).contains(&treated.len), "{}", treated.len);
    assert!(treated.size.width.abs_diff(treated.size.height * 2) < 2, "{}", treated.size);
    // Another picture by now.
    fs::write_atomic(&path, &picture(Format::Png), fs::Mode::Normal).unwrap();
    let error = store.treat(&taken.sent, &treatment, "image 1").unwrap_err();
    assert!(error.code == "input_changed" && error.message.contains("it has changed"), "{error}");
}

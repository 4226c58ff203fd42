//! A copy of an image, a thumbnail of it, half of it or the same picture in another file is not another
//! image, whatever its recipe says: none is adopted for another job.

use std::fs;

use crate::adoption::{draw, jobs, varied, with_a_new_home};
use crate::batch::batch;
use crate::fake::openai::{OpenAi, with_image};
use crate::fake::{Kind, image};
use crate::pinx::Pinx;

/// What lies beside an image and is no other one: what it is, its bytes, and what is told of it.
fn beside(image: &[u8]) -> [(&'static str, Vec<u8>, &'static str); 6] {
    let recipe = ::pinx::store::read(image).unwrap();
    let with_recipe = |bytes: &[u8]| {
        let facts = ::pinx::store::verify(bytes).unwrap();
        ::pinx::store::embed(bytes, &facts, &recipe)
    };
    let end = image.len() - 12;
    let mut torn = image.to_vec();
    torn[end - 5] ^= 1;
    [
        ("b.png", image.to_vec(), "`out/b.png` (the picture of another file again)"),
        (
            "t.png",
            with_recipe(&image::bytes(256, 256, "png")),
            "`out/t.png` (256x256 pixels instead",
        ),
        ("u.jpg", with_recipe(&image::bytes(512, 512, "jpeg")), "`out/u.jpg` (512x512 pixels"),
        ("p.jpg", with_recipe(&image::bytes(1024, 1024, "jpeg")), "`out/p.jpg` (the picture of"),
        (
            "c.png",
            torn,
            "`out/c.png` (the PNG is damaged: the checksum of its IDAT chunk is wrong)",
        ),
        ("h.png", [&image[..end - 30], &image[end..]].concat(), ""),
    ]
}

#[test]
fn fault_99_a_copy_a_thumbnail_or_half_an_image_is_no_other_image() {
    let fake = varied();
    let pinx = Pinx::new().openai(&fake).file("j.jsonl", &jobs(&[("p", "a dog")]));
    let args = ["j.jsonl", "-o", "out/"];
    batch(&pinx, &args).exits(0);
    let image = pinx.read("out/p.png");
    let (file, out) = (pinx.work().join("j.jsonl"), pinx.work().join("out"));
    for (name, bytes, told) in beside(&image) {
        fs::write(out.join(name), bytes).unwrap();
        fs::write(&file, jobs(&[("p", "a dog"), ("q", "a dog")])).unwrap();
        // In this home, which knows the first one by its log, and in a new one.
        let planned = batch(&pinx, &["j.jsonl", "-o", "out/", "--dry-run"]).exits(0);
        planned.says("1 done before").says("1 image: ").says(told);
        let made = batch(with_a_new_home(&pinx), &args).exits(0).says("1 adopted").says(told);
        made.prints(&["out/p.png", "out/q.png"]);
        // Under the name of a job it is not taken in silence, nor replaced or paid for.
        let own = format!("q.{}", name.rsplit('.').next().unwrap());
        fs::remove_file(out.join("q.png")).unwrap();
        fs::rename(out.join(name), out.join(&own)).unwrap();
        let posts = fake.posts();
        let refused = batch(with_a_new_home(&pinx), &args);
        // What is an image of the same job in another format is taken by its name.
        let is_taken = name == "p.jpg";
        refused.exits(if is_taken { 0 } else { 2 }).says(match is_taken {
            true => "2 adopted",
            false => "exists already, and",
        });
        assert_eq!(fake.posts(), posts, "{name}");
        fs::remove_file(out.join(&own)).unwrap();
        with_a_new_home(&pinx);
        fs::write(&file, jobs(&[("p", "a dog")])).unwrap();
        batch(&pinx, &args).exits(0).says("1 adopted");
    }
    assert_eq!((fake.posts(), pinx.read("out/p.png")), (1 + 6, image));
}

#[test]
fn fault_99_one_seed_is_one_picture_and_a_rounded_size_is_no_thumbnail() {
    let pinx = Pinx::new().file("p.txt", "a dog\na dog\n");
    let args = ["p.txt", "-o", "out/", "-s", "64x64"];
    draw(&pinx, &args).exits(0).prints(&["out/001-a-dog.png", "out/002-a-dog.png"]);
    // Written anew by another program, with what it says of itself: the same seed, other bytes.
    let out = pinx.work().join("out");
    let first = pinx.read("out/001-a-dog.png");
    let recipe = ::pinx::store::read(&first).unwrap();
    let again = image::bytes(64, 64, "png");
    let facts = ::pinx::store::verify(&again).unwrap();
    fs::write(out.join("x.png"), ::pinx::store::embed(&again, &facts, &recipe)).unwrap();
    let pinx = pinx.file("p.txt", "a dog\na dog\na dog\n");
    draw(with_a_new_home(&pinx), &args)
        .exits(0)
        .says("2 adopted")
        .says("`out/x.png` (the picture of");
    // Twice the same seed, because it is asked for: both are there.
    let pinx = Pinx::new().file("p.txt", "a cat --seed 7\na cat --seed 7\n");
    let two = ["out/001-a-cat.png", "out/002-a-cat.png"];
    draw(&pinx, &args).exits(0).prints(&two);
    draw(with_a_new_home(&pinx), &args).exits(0).prints(&two).says("2 adopted");
    // Some providers round what is ordered.
    let fake = OpenAi::start();
    fake.always(Kind::Images, with_image(&image::bytes(1008, 1040, "png")));
    let pinx = Pinx::new().openai(&fake).file("p.txt", "a fox\n");
    batch(&pinx, &["p.txt", "-o", "out/"]).exits(0);
    batch(with_a_new_home(&pinx), &["p.txt", "-o", "out/"]).exits(0).says("1 adopted");
    assert_eq!(fake.posts(), 1);
}

#[test]
fn jobs_that_ask_for_the_same_have_each_the_image_of_their_name_and_one_file_is_not_both() {
    let pinx = Pinx::new().file("p.txt", "a dog\na dog\n");
    let args = ["p.txt", "-o", "out/", "-s", "64x64"];
    let two = ["out/001-a-dog.png", "out/002-a-dog.png"];
    draw(&pinx, &args).exits(0).prints(&two);
    // A provider tells the same seed twice, and other pixels.
    let second = pinx.work().join(two[1]);
    let recipe = ::pinx::store::read(&pinx.read(two[0])).unwrap();
    let other = image::bytes(64, 64, "png");
    let facts = ::pinx::store::verify(&other).unwrap();
    fs::write(&second, ::pinx::store::embed(&other, &facts, &recipe)).unwrap();
    draw(with_a_new_home(&pinx), &args).exits(0).prints(&two).says("2 adopted");
    // The same file twice is one image.
    fs::write(&second, pinx.read(two[0])).unwrap();
    draw(with_a_new_home(&pinx), &args)
        .exits(2)
        .says("`002-a-dog.png` exists already, and it is a copy of another job's image");
}

//! Names of files: what a template and a prompt became, they become.

use super::World;
use super::frozen::text;

#[test]
fn templates_give_the_old_names() {
    let prompts = [
        "a red fox",
        "Über den Dächern: 夜の港",
        "../../etc/passwd",
        "CON",
        "a/b\\c",
        "…",
        "x.png",
        "a \u{1f98a} of glass",
        &"long ".repeat(80),
    ];
    let templates = [
        "{slug}.{ext}",
        "{prompt}.{ext}",
        "{model}/{provider}-{style}-{seed}-{n}.{ext}",
        "d/{slug}",
        "{slug}.jpg",
    ];
    let world = World::new();
    let mut names = String::new();
    for template in templates {
        for prompt in prompts {
            let args = [
                "generate",
                prompt,
                "-m",
                "pinx/sketch",
                "-s",
                "16x16",
                "--seed",
                "5",
                "-o",
                template,
            ];
            let output = world.pinx.run(&args);
            names += &format!("{template} | {prompt} | {}{}", output.code, output.stdout.trim());
            names += "\n";
        }
    }
    assert_eq!(names, text("names.txt", || names.clone()));
}

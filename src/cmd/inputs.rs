//! Words for the pictures that an image is made from: files, stdin, addresses, and images of the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::{App, log, named, runtime};
use crate::engine::RunSpec;
use crate::engine::route::has_loopback;
use crate::error::{Error, Result};
use crate::fs;
use crate::net::{LinkPolicy, download};
use crate::request::{Input, MaskMeans, Role};
use crate::store::{InputStore, LARGEST_INPUT, LeftOut, MaskOf, PictureSource, TakenInput};
use crate::text;

/// Pictures of one image at most; no model reads more.
const MOST: usize = 16;

/// The flags of pictures that an image is made from.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Pictures {
    /// Make it from this picture, repeatable: a file, `-`, a https address, `@last`, or an id or hash
    /// of the log
    #[arg(
        short = 'i',
        long = "image",
        value_name = "WHAT",
        help_heading = "Pictures in",
        value_hint = clap::ValueHint::FilePath
    )]
    pub images: Vec<PathBuf>,
    /// Change only what this mask says of the first picture: what is transparent in it, or white
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Pictures in",
        value_hint = clap::ValueHint::FilePath
    )]
    pub mask: Option<PathBuf>,
    /// Say which part of the mask is to be changed: white or transparent
    #[arg(
        long,
        value_name = "PART",
        requires = "mask",
        help_heading = "Pictures in",
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(MaskMeans::ALL.map(MaskMeans::word)).map(means)
    )]
    pub mask_means: Option<MaskMeans>,
    /// Scale pictures down that are too large for the model
    #[arg(long, help_heading = "Pictures in")]
    pub fit: bool,
}

/// The part of a mask that a word means.
fn means(word: String) -> MaskMeans {
    if word == MaskMeans::White.word() { MaskMeans::White } else { MaskMeans::Transparent }
}

impl Pictures {
    /// All words for pictures.
    fn words(&self) -> impl Iterator<Item = &PathBuf> {
        self.images.iter().chain(&self.mask)
    }

    /// Checks that no prompt is to be read where a picture is read.
    ///
    /// # Errors
    /// Both are to come from stdin.
    pub(super) fn leave_prompt(&self, words: &[String], file: Option<&Path>) -> Result<()> {
        let is_prompt = match file {
            Some(file) => file == Path::new("-"),
            None => words.is_empty() || words == ["-"],
        };
        self.leave_stdin(
            is_prompt,
            "write the prompt as words: `pinx edit \"make it night\" -i - < mug.png`",
        )
    }

    /// Checks that stdin is one thing; `is_taken` says that it is something already.
    ///
    /// # Errors
    /// It is to be more, with this hint.
    pub(super) fn leave_stdin(&self, is_taken: bool, hint: &str) -> Result<()> {
        let on_stdin = self.words().filter(|word| *word == Path::new("-")).count();
        if on_stdin > usize::from(!is_taken) {
            return Err(Error::usage("stdin is one picture, and nothing else")
                .code("stdin_twice")
                .hint(hint));
        }
        Ok(())
    }
}

/// Checks that no word of a prompt is a picture that lies here: it was meant to be one, and the image
/// would be paid for without it.
///
/// # Errors
/// One is.
pub(super) fn none_among(words: &[String]) -> Result<()> {
    let is_picture = |word: &&String| is_named_so(Path::new(word)) && Path::new(word).is_file();
    let pictures: Vec<&String> = words.iter().filter(is_picture).collect();
    let Some(first) = pictures.first() else { return Ok(()) };
    let flags: Vec<String> =
        pictures.iter().map(|name| format!("-i {}", text::shell_word(name))).collect();
    let (first, flags) = (text::clean(first, 200), text::clean(&flags.join(" "), 400));
    Err(Error::usage(format!("`{first}` is a picture, and stands among the words of the prompt"))
        .code("picture_in_prompt")
        .hint(format!("`{flags}` makes the image from it, each picture behind an `-i` of its own"))
        .hint("words that are to name a file stand in quotes with the others: \"a poster of fox.png\""))
}

/// Whether a file is called as pictures are.
pub(super) fn is_named_so(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    crate::request::Format::of_extension(&ending.to_lowercase()).is_some()
}

/// Adds the pictures of these flags to what is asked for.
///
/// # Errors
/// One of them cannot be had, or cannot be sent.
pub(super) fn give(app: &App, pictures: &Pictures, spec: &mut RunSpec) -> Result<()> {
    if pictures.images.is_empty() && pictures.mask.is_some() {
        return Err(Error::usage("a mask is given, and no picture that it belongs to")
            .code("no_input")
            .hint("`-i FILE` names the picture"));
    }
    if pictures.images.is_empty() {
        return Ok(());
    }
    check_count(pictures.images.len())?;
    let here = Path::new("");
    let one = |(word, number): (&PathBuf, usize)| {
        find(app, here, word, (&format!("image {number}"), "`-i "))
    };
    let mask = || {
        let word = pictures.mask.as_ref();
        word.map(|word| find(app, here, word, ("the mask", "`--mask "))).transpose()
    };
    let means = pictures.mask_means;
    give_found(app, pictures.images.iter().zip(1..).map(one), (mask, means), spec)
}

/// Adds pictures, and the mask of the first, to what is asked for. Each is found only when those before it
/// were taken: all of them together need not fit into memory.
///
/// # Errors
/// One of them cannot be had, or cannot be sent.
pub(super) fn give_found(
    app: &App,
    images: impl Iterator<Item = Result<PictureSource>>,
    (mask, means): (impl FnOnce() -> Result<Option<PictureSource>>, Option<MaskMeans>),
    spec: &mut RunSpec,
) -> Result<()> {
    let store = store(app, spec);
    let mut taken = Vec::new();
    for (found, number) in images.zip(1..) {
        taken.push(store.take(found?, &format!("image {number}"))?);
    }
    if let Some(first) = taken.first()
        && let Some(found) = mask()?
    {
        let mask = store.take_mask(found, &mask_of(first, means, spec.fit))?;
        taken.push(mask);
    }
    add(spec, taken)
}

/// Checks that no model would be given more pictures than any reads.
///
/// # Errors
/// There are more.
pub(super) fn check_count(count: usize) -> Result<()> {
    if count <= MOST {
        return Ok(());
    }
    let what = format!("{count} pictures are given; at most {MOST}");
    let hint = format!("leave {} of them out", count - MOST);
    Err(Error::usage(what).code("too_many_inputs").hint(hint))
}

/// The picture that a word from elsewhere means: what stands at an address, or what pinx made, for this
/// client if for one. No file of this machine is read by its name.
///
/// # Errors
/// There is none, or more than one.
pub(super) fn shared(
    app: &App,
    word: &str,
    what: &str,
    client: Option<&str>,
) -> Result<PictureSource> {
    let word = word.trim();
    if ["https://", "http://"].iter().any(|scheme| word.starts_with(scheme)) {
        // What else answers on this machine is not a client's to ask.
        return fetched(app, word, what, client.is_none());
    }
    let wrong = |why: String| {
        Error::usage(format!("{what}: {why}"))
            .code("input")
            .hint("give a https address, a `data:` address, or the id or hash of an image of pinx")
    };
    let shown = text::clean(word, 200);
    let id = word.strip_prefix('@').unwrap_or(word);
    let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    if !is_id || named::is_file(id) {
        return Err(wrong(format!("`{shown}` is no picture that can be had by its name")));
    }
    let unknown = || wrong(format!("`{shown}` is no image that pinx made")).code("unknown_id");
    let by_hash = || log::find::by_hash(app, id);
    let found = match client {
        Some(client) => log::own::images(app, client, id)?,
        None => match by_hash()? {
            Some(path) => vec![path],
            None => named::images(app, id).map_err(|error| match error.code.as_str() {
                "unknown_id" => unknown(),
                _ => wrong(error.message),
            })?,
        },
    };
    if found.is_empty() {
        return Err(unknown());
    }
    match <[PathBuf; 1]>::try_from(found) {
        Ok([path]) => Ok(PictureSource::File(path)),
        Err(paths) => Err(wrong(format!("`{shown}` is {} images", paths.len()))
            .hint("name the job, such as `7f3k9.1`")),
    }
}

fn fetched(app: &App, address: &str, what: &str, here: bool) -> Result<PictureSource> {
    let bytes = fetch(app, address, here).map_err(|error| {
        Error { message: format!("{what}: {}", error.message), ..Error::usage("").code("input") }
            .hint("download it, and give the file")
    })?;
    Ok(PictureSource::Bytes(bytes, text::clean(address, 200)))
}

/// Adds the pictures that a recipe names, wherever they are by now; `beside` is where the image lies.
/// A mask of the flags takes the place of the recipe's.
///
/// # Errors
/// One of them is nowhere to be found, or cannot be sent.
pub(super) fn give_again(
    app: &App,
    wanted: &[Input],
    beside: Option<&Path>,
    flags: &Pictures,
    spec: &mut RunSpec,
) -> Result<()> {
    let store = store(app, spec);
    let is_given = |input: &Input| flags.mask.is_some() && input.role == Role::Mask;
    let wanted: Vec<Input> = wanted.iter().filter(|input| !is_given(input)).cloned().collect();
    let places: Vec<Option<PathBuf>> = log::find::located(app, &wanted)?
        .into_iter()
        .zip(&wanted)
        .map(|(place, input)| {
            let mut near = beside.into_iter().flat_map(siblings);
            place.or_else(|| near.find(|path| crate::store::holds(path, &input.sha256)))
        })
        .collect();
    if let Some(error) = missing(&wanted, &places) {
        return Err(error);
    }
    let mut taken: Vec<TakenInput> = Vec::new();
    let names = Role::names(wanted.iter().map(|input| input.role));
    for ((input, what), place) in wanted.iter().zip(names).zip(places.into_iter().flatten()) {
        let found = PictureSource::File(place);
        taken.push(match (input.role, taken.first()) {
            (Role::Mask, Some(first)) => {
                store.take_mask(found, &mask_of(first, input.means, spec.fit))?
            }
            _ => store.take(found, &what)?,
        });
    }
    if let (Some(word), Some(first)) = (&flags.mask, taken.first()) {
        let found = find(app, Path::new(""), word, ("the mask", "`--mask "))?;
        let mask = store.take_mask(found, &mask_of(first, flags.mask_means, spec.fit))?;
        taken.push(mask);
    }
    add(spec, taken)
}

/// Which pictures of a recipe are nowhere to be found, and the flags that say what takes their place.
fn missing(wanted: &[Input], places: &[Option<PathBuf>]) -> Option<Error> {
    let names = Role::names(wanted.iter().map(|input| input.role));
    let all: Vec<(&Input, String, &Option<PathBuf>)> = wanted
        .iter()
        .zip(names)
        .zip(places)
        .map(|((input, name), place)| (input, name, place))
        .collect();
    let gone: Vec<&(&Input, String, &Option<PathBuf>)> =
        all.iter().filter(|(_, _, place)| place.is_none()).collect();
    let listed: Vec<String> =
        gone.iter().map(|(input, name, _)| format!("{name} ({})", input.shown())).collect();
    let are = if gone.len() == 1 { "is" } else { "are" };
    let what = format!("{} {are} not here any more", listed.join(", "));
    let error = Error::usage(what).code("inputs_missing");
    let flag = |(input, _, place): &(&Input, String, &Option<PathBuf>)| {
        let flag = if input.role == Role::Mask { "--mask" } else { "-i" };
        let path = place.as_ref().map(|path| text::shell_word(&path.display().to_string()));
        format!("{flag} {}", path.as_deref().unwrap_or("FILE"))
    };
    let images = || all.iter().filter(|(input, ..)| input.role == Role::Image);
    let is_mask_alone = gone.iter().all(|(input, ..)| input.role == Role::Mask);
    let flags: Vec<String> = match is_mask_alone {
        true => vec!["--mask FILE".to_owned()],
        false => all.iter().map(flag).collect(),
    };
    let error = error.hint(format!("`{}` names what it is made from instead", flags.join(" ")));
    match gone.is_empty() {
        true => None,
        false if is_mask_alone => {
            let without: Vec<String> = images().map(flag).collect();
            Some(error.hint(format!("`{}` makes it without a mask", without.join(" "))))
        }
        false => Some(error),
    }
}

/// What is to be known where flags take the place of a recipe's pictures; `name` is the original's.
pub(super) fn replaced(wanted: &[Input], flags: &Pictures, name: &str) -> Vec<String> {
    let count = |role: Role| wanted.iter().filter(|input| input.role == role).count();
    let (before, now) = (count(Role::Image), flags.images.len());
    let mut told = Vec::new();
    if now > 0 && before > now {
        let before = text::counted(before as u64, "picture");
        let now = text::counted(now as u64, "picture");
        told.push(format!("{name} was made from {before}; it is made again from {now}"));
    }
    if now > 0 && count(Role::Mask) > 0 && flags.mask.is_none() {
        told.push(format!("the mask of {name} is left out; `--mask FILE` gives one"));
    }
    told
}

/// What a mask of this picture is read by.
pub(super) fn mask_of(first: &TakenInput, means: Option<MaskMeans>, fit: bool) -> MaskOf {
    MaskOf { size: first.input.size, turn: first.turn, means, fit }
}

pub(super) fn store(app: &App, spec: &RunSpec) -> InputStore {
    InputStore::new(&app.settings.places.inputs, spec.rehearsed)
}

/// Files beside an image, not too many.
fn siblings(directory: &Path) -> impl Iterator<Item = PathBuf> {
    const LOOKED_AT: usize = 1_000;
    let listing = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let paths = listing.take(LOOKED_AT).map(|entry| entry.path());
    paths.filter(|path| is_named_so(path))
}

/// Adds pictures to what is asked for, and what is to be known of how they are sent.
fn add(spec: &mut RunSpec, taken: Vec<TakenInput>) -> Result<()> {
    spec.notices.extend(notices(&taken, spec.strict)?);
    let (found, sent): (Vec<_>, Vec<_>) =
        taken.into_iter().map(|taken| (taken.input, taken.sent)).unzip();
    Arc::make_mut(&mut spec.request).inputs = found;
    spec.inputs = sent.into();
    Ok(())
}

/// The picture that a word means, in a directory and behind these words. A file of that name comes first.
///
/// # Errors
/// There is none, or more than one.
pub(super) fn find(
    app: &App,
    directory: &Path,
    word: &Path,
    (what, before): (&str, &str),
) -> Result<PictureSource> {
    let shown = || text::clean(&word.display().to_string(), 200);
    let wrong = |why: String| Error::usage(format!("{what}: {why}")).code("input");
    let wrong_name = |near: String| {
        let near = text::clean(&near, 200);
        wrong(format!("there is no file `{}`", shown())).hint(format!("did you mean `{near}`?"))
    };
    let path = directory.join(word);
    if let Some(meant) = meant(directory, word).filter(|_| !path.exists()) {
        return Err(wrong_name(meant));
    }
    let text = word.to_str().filter(|_| !path.is_file()).unwrap_or_default();
    if text == "-" {
        if app.ui.stdin_is_terminal() {
            return Err(wrong("stdin is a terminal".to_owned())
                .hint("`pinx edit \"make it night\" -i - < mug.png`"));
        }
        let bytes = fs::read_to(std::io::stdin(), LARGEST_INPUT)
            .map_err(|error| wrong(format!("stdin cannot be read: {error}")))?;
        return Ok(PictureSource::Bytes(bytes, "stdin".to_owned()));
    }
    if ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) {
        return fetched(app, text, what, true);
    }
    let id = text.strip_prefix('@').unwrap_or(text);
    // What lies here is not what a file elsewhere means.
    let is_other = !directory.as_os_str().is_empty() && named::is_file(id);
    if id.is_empty() || id.contains(['/', '\\']) || is_other {
        return there(path, word).map_err(wrong_name);
    }
    let by_id = |error: Error| match log::find::by_hash(app, id).transpose() {
        Some(path) => path.map(|path| vec![path]),
        None if text.starts_with('@') => Err(error),
        None => Ok(vec![path.clone()]),
    };
    let mut paths = named::images(app, id).or_else(by_id)?;
    if paths.len() == 1 {
        return there(paths.remove(0), word).map_err(wrong_name);
    }
    let first = paths.first().map(|path| text::shell_word(&path.display().to_string()));
    Err(wrong(format!("`{}` is {} images", shown(), paths.len()))
        .hint(format!("name the file: {before}{}`", first.unwrap_or_default())))
}

/// What was meant by a word that is no file: several with commas between them, or an address of one here.
fn meant(directory: &Path, word: &Path) -> Option<String> {
    let text = word.to_str()?;
    if let Some(path) = text.strip_prefix("file://") {
        return Path::new(path).is_file().then(|| path.to_owned());
    }
    let names: Vec<&str> = text.split(',').collect();
    let are_there = names.iter().all(|name| directory.join(name).is_file());
    (names.len() > 1 && are_there)
        .then(|| names.iter().map(|name| text::shell_word(name)).collect::<Vec<_>>().join(" -i "))
}

/// A file that a word means; where there is none but one that is called nearly so, how that is written.
fn there(path: PathBuf, word: &Path) -> Result<PictureSource, String> {
    let near = || {
        let directory = path.parent().map(|parent| match parent.as_os_str().is_empty() {
            true => Path::new("."),
            false => parent,
        });
        let names =
            siblings(directory?).filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
        let names: Vec<String> = names.collect();
        let near = text::nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str))?;
        Some(word.with_file_name(near).display().to_string())
    };
    match near().filter(|_| !path.exists()) {
        Some(near) => Err(near),
        None => Ok(PictureSource::File(path)),
    }
}

/// What stands at an address: fetched without a key, from public places only, or `here` where providers are
/// on this machine.
fn fetch(app: &App, address: &str, here: bool) -> Result<Vec<u8>> {
    let settings = &app.settings;
    let policy = LinkPolicy {
        what: "address",
        loopback: here && has_loopback(settings, &app.env),
        timeout: settings.timeout,
        idle: settings.idle_timeout,
        cap: LARGEST_INPUT,
    };
    let client = app.client();
    let answer = runtime()?.block_on(download(&client, address, policy, &|_| {}))?;
    let url = text::clean(address.split(['?', '#']).next().unwrap_or_default(), 120);
    match answer.status {
        200 => answer
            .body
            .bytes()
            .map(std::borrow::Cow::into_owned)
            .map_err(|error| Error::usage(format!("`{url}` cannot be read: {error}"))),
        status => Err(Error::usage(format!("`{url}` answers HTTP {status}"))),
    }
}

/// What is to be known of the pictures as they are taken.
///
/// # Errors
/// With `--strict` nothing of what a picture shows is changed.
pub(super) fn notices(inputs: &[TakenInput], strict: bool) -> Result<Vec<String>> {
    let mut notices = Vec::new();
    let names = Role::names(inputs.iter().map(|input| input.input.role));
    for (input, name) in inputs.iter().zip(names) {
        let Some(changes) = &input.changes else { continue };
        if strict {
            return Err(Error::usage(format!("{name} would be changed: {changes}"))
                .code("not_as_asked")
                .hint("without `--strict` it is, and that is told"));
        }
        notices.push(format!("{name}: {changes}"));
    }
    let is_mask = |input: &&TakenInput| input.input.role == Role::Mask;
    if let (Some(mask), Some(first)) = (inputs.iter().find(is_mask), inputs.first())
        && mask.sent.path.as_ref().is_some_and(|path| first.sent.path.as_ref() == Some(path))
    {
        notices.push("the mask is image 1 itself".to_owned());
    }
    notices.extend(inputs.iter().filter_map(|input| input.told.clone()));
    for (left_out, its, their) in [
        (LeftOut::Place, "the place where it was taken", "the places where they were taken"),
        (LeftOut::Metadata, "its metadata", "their metadata"),
    ] {
        let of_them = inputs.iter().zip(1..).filter(|(input, _)| input.left_out == left_out);
        let numbers: Vec<String> = of_them.map(|(_, number)| number.to_string()).collect();
        match numbers.as_slice() {
            [] => {}
            [one] => notices.push(format!("image {one}: without {its}")),
            all => notices.push(format!("images {}: without {their}", all.join(", "))),
        }
    }
    Ok(notices)
}

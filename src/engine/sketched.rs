//! What the built-in renderer makes of a request that is not all it says.
//!
//! Pure.

use std::sync::Arc;

use crate::catalog::{Adjustment, DRAWN_HERE, LEFT_OUT, Order};
use crate::request::{Background, Request, Role, Size};
use crate::{render, text};

/// Words of a prompt that are told where they are not known; more would be a list.
const WORDS_TOLD: usize = 3;

/// Leaves out a style of the renderer's that cannot be laid over a picture.
pub(super) fn without_style(order: &mut Order) -> Option<Adjustment> {
    if order.inputs.is_empty() || order.model != DRAWN_HERE {
        return None;
    }
    let style =
        order.request.style.as_deref().filter(|style| !render::lays_over(style))?.to_owned();
    Arc::make_mut(&mut order.request).style = None;
    Some(not_laid_over(&style))
}

fn not_laid_over(style: &str) -> Adjustment {
    Adjustment {
        field: "style".to_owned(),
        asked: style.to_owned(),
        got: LEFT_OUT.to_owned(),
        why: format!("{DRAWN_HERE} lays it over no picture"),
    }
}

/// What the renderer makes of a prompt that is not all it says. Told, never refused: nothing that
/// was asked for by a flag is other than asked.
pub(super) fn sketched(request: &Request, order: &Order) -> Vec<Adjustment> {
    let is_over = !order.inputs.is_empty();
    let read = match is_over {
        true => render::understand_over(&request.prompt),
        false => render::understand(&request.prompt),
    };
    let mut told = Vec::new();
    if let (Some(style), None) = (read.style, &request.style) {
        told.push(match is_over && !render::lays_over(style) {
            true => not_laid_over(style),
            false => Adjustment {
                field: "style".to_owned(),
                asked: "none".to_owned(),
                got: style.to_owned(),
                why: "the prompt asks for it".to_owned(),
            },
        });
    }
    let label = request.label.as_deref().unwrap_or_default();
    let emoji: Vec<String> = render::unlettered(label).into_iter().map(str::to_owned).collect();
    if !emoji.is_empty() {
        told.push(Adjustment {
            field: "label".to_owned(),
            asked: emoji.join(" "),
            got: "left them out".to_owned(),
            why: "its type has no emoji".to_owned(),
        });
    }
    if is_over {
        told.extend(changed(&read));
        told.extend(given(request, order));
    } else if let Some(words) = quoted(&read.unknown) {
        let got = if read.is_abstract { "drew an abstract" } else { "drew the rest" };
        told.push(Adjustment {
            field: "prompt".to_owned(),
            asked: read.unknown.join(", "),
            got: got.to_owned(),
            why: format!("it knows no {words}"),
        });
    }
    told
}

/// What is done with the pictures themselves that is not as given.
fn given(request: &Request, order: &Order) -> Vec<Adjustment> {
    let adjusted = |field: &str, asked: String, got: String, why: &str| Adjustment {
        field: field.to_owned(),
        asked,
        got,
        why: why.to_owned(),
    };
    let images: Vec<Size> =
        order.inputs.iter().filter(|one| one.role == Role::Image).map(|one| one.size).collect();
    let mut told = Vec::new();
    if let (Some(first), Some(size)) = (images.first(), order.request.size) {
        let [_, _, wide, tall] =
            render::middle((first.width, first.height), (size.width, size.height));
        // A size that is rounded cuts nothing off that anybody would miss.
        let is_cut = wide * 50 < first.width * 49 || tall * 50 < first.height * 49;
        let middle = Size::new(wide, tall);
        if is_cut {
            let why = format!("{size} has other proportions");
            let got = format!("its middle, {middle}");
            told.push(adjusted("image 1", first.to_string(), got, &why));
        }
        let is_open = request.size.is_none() && request.aspect.is_none();
        if is_open && !is_cut && (size.width < first.width || size.height < first.height) {
            let why = "the picture is larger than what is drawn";
            told.push(adjusted("size", first.to_string(), size.to_string(), why));
        }
    }
    if images.len() > 1 {
        let numbers: Vec<String> = (2..=images.len()).map(|number| number.to_string()).collect();
        let why = format!("{DRAWN_HERE} draws over image 1");
        told.push(adjusted("image", numbers.join(", "), "colours alone".to_owned(), &why));
    }
    if request.background == Some(Background::Transparent) {
        let got = "as in image 1".to_owned();
        let why = "what is opaque in a picture that is drawn over stays so";
        told.push(adjusted("background", "transparent".to_owned(), got, why));
    }
    told
}

/// What the renderer does not do with a picture of what is wanted of it.
fn changed(read: &render::Understanding) -> Vec<Adjustment> {
    let got = if read.is_abstract { JUST_FLAT } else { "the rest is drawn" };
    let told = |asked: &[String], why: String| Adjustment {
        field: "prompt".to_owned(),
        asked: asked.join(", "),
        got: got.to_owned(),
        why,
    };
    let undone = quoted(&read.unknown).map(|words| format!("it can do no {words} with a picture"));
    let stays = quoted(&read.stays).map(|words| format!("it takes no {words} out of a picture"));
    let uncolored = quoted(&read.uncolored)
        .map(|words| format!("it colours all of a picture, no {words} alone"));
    let unplaced =
        quoted(&read.unplaced).map(|words| format!("it can put nothing {words} of a picture"));
    let mut all = Vec::new();
    all.extend(undone.map(|why| told(&read.unknown, why)));
    all.extend(stays.map(|why| told(&read.stays, why)));
    all.extend(uncolored.map(|why| told(&read.uncolored, why)));
    all.extend(unplaced.map(|why| Adjustment {
        got: "it is drawn in front".to_owned(),
        ..told(&read.unplaced, why)
    }));
    if all.is_empty() && read.is_abstract {
        all.push(told(&[], "it reads no change in the prompt".to_owned()));
    }
    all
}

/// What becomes of a picture of which nothing is wanted that can be done.
const JUST_FLAT: &str = "the picture is cut into flat shapes";

/// The first of some words, in quotes.
fn quoted(words: &[String]) -> Option<String> {
    let quoted: Vec<String> = words
        .iter()
        .take(WORDS_TOLD)
        .map(|word| format!("\"{}\"", text::clean(word, 40)))
        .collect();
    let (last, before) = quoted.split_last()?;
    let more = if words.len() > WORDS_TOLD { " and more" } else { "" };
    Some(match before {
        [] => last.clone(),
        _ if more.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => format!("{}, {last}{more}", before.join(", ")),
    })
}

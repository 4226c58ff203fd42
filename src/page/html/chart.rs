//! Charts as inline SVG. Pure: figures in, markup out.
//!
//! A drawing is stretched to the width of the page, so it holds shapes only; its words stand beside
//! it as text, which keeps its size on a phone. Colours are classes of the style sheet.

use maud::{Markup, html};

/// Classes of colours for series; what comes after them shares the last.
pub(crate) const SERIES: usize = 6;
/// Places of which a single column fills the first.
const ALONE: usize = 7;
/// The least width of a piece of a bar, in thousandths of the whole, so that gaps leave some of it.
const PIECE: f64 = 10.0;

/// Columns side by side, each of several amounts on top of one another, as parts of `most`. Every
/// column has a title that is shown when it is pointed at.
pub(crate) fn columns(columns: &[(String, Vec<f64>)], most: f64) -> Markup {
    // A single column is no wall.
    let places = if columns.len() == 1 { ALONE } else { columns.len().max(1) };
    let width = places * 10;
    html! {
        svg viewBox={ "0 0 " (width) " 100" } preserveAspectRatio="none" role="img" aria-hidden="true" {
            @for (at, (title, amounts)) in columns.iter().enumerate() {
                g {
                    title { (title) }
                    // The whole height is pointed at, not only what is filled.
                    rect x=(at * 10) y="0" width="10" height="100" fill="none" pointer-events="all" {}
                    @for (series, top, height) in stacked(amounts, most) {
                        rect class={ "s" (series.min(SERIES - 1)) } x=(at * 10 + 1) y=(format!("{top:.2}"))
                            width="8" height=(format!("{height:.2}")) {}
                    }
                }
            }
        }
    }
}

/// The upper edge and the height, in hundredths of the whole, of each amount that is not nothing.
fn stacked(amounts: &[f64], most: f64) -> Vec<(usize, f64, f64)> {
    let mut top = 100.0;
    let amounts = amounts.iter().enumerate().filter(|(_, amount)| **amount > 0.0);
    let piece = |(series, amount): (usize, &f64)| {
        let height = (amount / most * 100.0).max(0.6);
        top -= height;
        (series, top, height)
    };
    amounts.map(piece).collect()
}

/// One bar of pieces side by side, each with the class of its colour and its part of the whole, with
/// gaps between: neighbours may be equally bright.
pub(crate) fn pieces(pieces: &[(&str, f64)]) -> Markup {
    let pieces = || pieces.iter().filter(|(_, part)| *part > 0.0);
    let wide = |part: f64| (part * 1000.0).max(PIECE);
    // What is widened to be seen is taken from them all.
    let scale = 1000.0 / pieces().map(|(_, part)| wide(*part)).sum::<f64>().max(1000.0);
    let mut left = 0.0;
    let pieces = pieces().map(|(class, part)| {
        let from = left;
        left += wide(*part) * scale;
        (*class, from, wide(*part) * scale)
    });
    bar(&pieces.collect::<Vec<_>>())
}

/// Bars over one another from the left, the longest first, each with its class and its part of the
/// whole.
pub(crate) fn nested(bars: &[(&str, f64)]) -> Markup {
    bar(&bars.iter().map(|(class, part)| (*class, 0.0, width(*part))).collect::<Vec<_>>())
}

fn width(part: f64) -> f64 {
    (part * 1000.0).max(2.0)
}

/// Pieces with class, start and width, in thousandths of the whole.
fn bar(pieces: &[(&str, f64, f64)]) -> Markup {
    html! {
        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
            @for (class, left, width) in pieces {
                rect class=(class) x=(format!("{left:.1}")) y="0" width=(format!("{width:.1}")) height="10" {}
                @if *left > 0.0 {
                    @let at = format!("{left:.1}");
                    line class="gap" x1=(at) x2=(at) y1="0" y2="10" {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stand_on_one_another() {
        let svg = columns(&[("one".to_owned(), vec![2.0, 0.0, 1.0])], 4.0).into_string();
        assert!(svg.contains("<title>one</title>"), "{svg}");
        assert!(
            svg.contains("class=\"s0\" x=\"1\" y=\"50.00\" width=\"8\" height=\"50.00\""),
            "{svg}"
        );
        assert!(
            svg.contains("class=\"s2\" x=\"1\" y=\"25.00\" width=\"8\" height=\"25.00\""),
            "{svg}"
        );
        assert!(!svg.contains("class=\"s1\""), "{svg}");
        assert!(svg.contains("viewBox=\"0 0 70 100\""), "a day alone is no wall: {svg}");
        assert!(columns(&[("x".to_owned(), vec![0.0; 9])], 0.0).into_string().contains("</svg>"));
    }

    #[test]
    fn pieces_follow_and_nested_bars_cover() {
        let svg = pieces(&[("s0", 0.75), ("s1", 0.0), ("s5", 0.25)]).into_string();
        assert!(svg.contains("class=\"s5\" x=\"750.0\" y=\"0\" width=\"250.0\""), "{svg}");
        assert_eq!(svg.matches("class=\"gap\"").count(), 1, "{svg}");
        let svg = pieces(&[("s0", 0.999), ("s1", 0.001)]).into_string();
        assert!(svg.contains("x=\"990.1\" y=\"0\" width=\"9.9\""), "seen to the end: {svg}");
        let svg = nested(&[("p99", 1.0), ("s0", 0.5)]).into_string();
        assert!(svg.find("p99").unwrap() < svg.find("s0").unwrap(), "{svg}");
    }
}

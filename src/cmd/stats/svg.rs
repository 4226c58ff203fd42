//! Charts as inline SVG. Pure: figures in, markup out.
//!
//! A drawing is stretched to the width of the page, so it holds shapes only; its words stand beside
//! it as text, which keeps its size on a phone. Colours are classes of the style sheet.

use std::fmt::Write as _;

/// Classes of colours for series; what comes after them shares the last.
pub const SERIES: usize = 6;

/// Columns side by side, each of several amounts on top of one another, as parts of `most`. Every
/// column has a title, already escaped, that is shown when it is pointed at.
pub fn columns(columns: &[(String, Vec<f64>)], most: f64) -> String {
    let mut svg = format!(
        "<svg viewBox=\"0 0 {} 100\" preserveAspectRatio=\"none\" role=\"img\" aria-hidden=\"true\">",
        columns.len().max(1) * 10
    );
    for (at, (title, amounts)) in columns.iter().enumerate() {
        let _ = write!(svg, "<g><title>{title}</title>");
        // The whole height is pointed at, not only what is filled.
        let _ = write!(
            svg,
            "<rect x=\"{}\" y=\"0\" width=\"10\" height=\"100\" fill=\"none\" pointer-events=\"all\"/>",
            at * 10
        );
        let mut top = 100.0;
        for (series, amount) in amounts.iter().enumerate().filter(|(_, amount)| **amount > 0.0) {
            let height = (amount / most * 100.0).max(0.6);
            top -= height;
            let _ = write!(
                svg,
                "<rect class=\"s{}\" x=\"{}\" y=\"{top:.2}\" width=\"8\" height=\"{height:.2}\"/>",
                series.min(SERIES - 1),
                at * 10 + 1,
            );
        }
        svg += "</g>";
    }
    svg + "</svg>"
}

/// One bar of pieces side by side, each with the class of its colour and its part of the whole.
pub fn pieces(pieces: &[(&str, f64)]) -> String {
    let mut svg = BAR.to_owned();
    let mut left = 0.0;
    for (class, part) in pieces.iter().filter(|(_, part)| *part > 0.0) {
        let width = (part * 1000.0).max(2.0);
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"0\" width=\"{width:.1}\" height=\"10\"/>"
        );
        left += width;
    }
    svg + "</svg>"
}

/// Bars over one another from the left, the longest first, each with its class and its part of the
/// whole.
pub fn nested(bars: &[(&str, f64)]) -> String {
    let mut svg = BAR.to_owned();
    for (class, part) in bars {
        let width = (part * 1000.0).max(2.0);
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"0\" y=\"0\" width=\"{width:.1}\" height=\"10\"/>"
        );
    }
    svg + "</svg>"
}

const BAR: &str = "<svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stand_on_one_another() {
        let svg = columns(&[("one".to_owned(), vec![2.0, 0.0, 1.0])], 4.0);
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
        assert!(columns(&[("x".to_owned(), vec![0.0; 9])], 0.0).contains("</svg>"));
    }

    #[test]
    fn pieces_follow_and_nested_bars_cover() {
        let svg = pieces(&[("s0", 0.75), ("s1", 0.0), ("s5", 0.25)]);
        assert!(svg.contains("class=\"s5\" x=\"750.0\" y=\"0\" width=\"250.0\""), "{svg}");
        let svg = nested(&[("p99", 1.0), ("s0", 0.5)]);
        assert!(svg.find("p99").unwrap() < svg.find("s0").unwrap(), "{svg}");
    }
}

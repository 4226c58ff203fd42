//! What every page begins and ends with: one style sheet, and a policy that lets nothing else in.
//!
//! Pages load nothing from anywhere; style and script are named in the policy by their hashes.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::escape::escape;
use crate::text;

/// The style sheet of all pages: light and dark, from a phone's width up. Beside what galleries use
/// it knows tables (`td.number` is set to the right), `header.top`, `p.totals` and `p.note`.
pub fn style() -> &'static str {
    include_str!("style.css")
}

/// Writes everything up to the opened `body`. A page with a script gives the same to [`end`].
///
/// # Errors
/// What the writer says.
pub fn begin(out: &mut impl Write, title: &str, script: Option<&str>) -> io::Result<()> {
    begin_with(out, title, "", script)
}

/// The same with a style sheet that follows the one of all pages.
///
/// # Errors
/// What the writer says.
pub fn begin_with(
    out: &mut impl Write,
    title: &str,
    more: &str,
    script: Option<&str>,
) -> io::Result<()> {
    let script = script.map_or("'none'".to_owned(), hash);
    let title = escape(&text::clean(title, 120));
    let style = format!("{}{more}", style());
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         img-src data: 'self'; style-src {}; script-src {script}; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"pinx\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        hash(&style)
    )
}

/// Writes the script, if there is one, and closes the page.
///
/// # Errors
/// What the writer says.
pub fn end(out: &mut impl Write, script: Option<&str>) -> io::Result<()> {
    if let Some(script) = script {
        writeln!(out, "<script>{script}</script>")?;
    }
    out.write_all(b"</body>\n</html>\n")
}

/// How a policy names an inline style or script.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

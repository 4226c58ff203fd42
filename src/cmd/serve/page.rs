//! `GET /`: the page. One answer that holds everything; it asks this server and nobody else, and its
//! policy lets nothing else in.
//!
//! Style and script bear a number that is new in every answer, so that nothing that gets into the page by
//! other ways runs. No token of anybody stands in it: who has a key types it in.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::Server;
use crate::chance;

const PAGE: &str = include_str!("page/page.html");

const STYLE: &str = include_str!("page/page.css");

/// The script: its parts one after another, in one scope.
const SCRIPT: [&str; 8] = [
    include_str!("page/ground.js"),
    include_str!("page/server.js"),
    include_str!("page/models.js"),
    include_str!("page/form.js"),
    include_str!("page/runs.js"),
    include_str!("page/gallery.js"),
    include_str!("page/figures.js"),
    include_str!("page/start.js"),
];

/// The page, for this answer alone.
pub(super) async fn page(State(server): State<Server>) -> Response {
    let most = server.service().app().settings.serve_max_images;
    let nonce = format!("{:016x}{:016x}", chance::bits(), chance::bits());
    let fixed = HeaderValue::from_static;
    let mut response = (StatusCode::OK, written(&nonce, most)).into_response();
    let heads = response.headers_mut();
    heads.insert(header::CONTENT_TYPE, fixed("text/html; charset=utf-8"));
    heads.insert(header::CACHE_CONTROL, fixed("no-store"));
    heads.insert(header::REFERRER_POLICY, fixed("no-referrer"));
    heads.insert(HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin"));
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce)) {
        heads.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What the page may do.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; img-src 'self' blob: data:; style-src 'nonce-{nonce}'; \
         script-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

/// The page with its parts in their places, for so many pictures at once.
fn written(nonce: &str, most: u32) -> String {
    let script = SCRIPT.concat();
    let most = most.to_string();
    let parts = [("{nonce}", nonce), ("{most}", &most), ("{style}", STYLE), ("{script}", &script)];
    parts.iter().fold(PAGE.to_owned(), |page, (place, part)| page.replace(place, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_whole_and_names_nobody_else() {
        let page = written("0123", 7);
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        assert_eq!(page.matches("nonce=\"0123\"").count(), 2, "a style sheet and a script");
        assert!(page.contains("max=\"7\""), "no more are offered than are made");
        assert!(
            !page.contains("{nonce}") && !page.contains("{style}") && !page.contains("{script}")
        );
        for elsewhere in ["http:", "https:", "src=\"//", "@import", "url("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
        for unsafe_way in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
        {
            assert!(!page.contains(unsafe_way), "what others wrote is text: {unsafe_way}");
        }
        assert!(
            !STYLE.contains("</") && !SCRIPT.concat().contains("</"),
            "it would end its element"
        );
    }

    #[test]
    fn its_policy_lets_nothing_else_in() {
        let policy = policy("0123");
        for rule in ["default-src 'none'", "script-src 'nonce-0123'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

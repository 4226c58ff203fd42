//! Result links: fetched without a key, https only, to public addresses only, capped.
//!
//! Redirects are followed by hand, each one checked like the first. When the provider's own base
//! URL is loopback, any loopback port over http is allowed, for scripted providers.

use std::net::IpAddr;
use std::time::Duration;

use url::{Host, Url};

use super::{HttpRequest, HttpResponse, OnProgress, Transport, address};
use crate::error::{Error, Kind, Result};
use crate::text;

/// Redirects of a result link followed at most.
pub const HOPS: usize = 5;

/// What a link may be.
#[derive(Debug, Clone, Copy)]
pub struct LinkPolicy {
    /// What it is called where it is spoken of: `result link`.
    pub what: &'static str,
    /// Whether it may lead to this machine, over plain http.
    pub loopback: bool,
    /// From sending to the last byte.
    pub timeout: Duration,
    /// Longest silence.
    pub idle: Duration,
    /// Most bytes.
    pub cap: u64,
}

impl LinkPolicy {
    /// Checks a link before anything is sent.
    ///
    /// # Errors
    /// Says why the link is refused.
    pub fn check(&self, link: &str) -> Result<Url> {
        let refuse = |why: &str| {
            let shown = text::clean(&without_user(link), 120);
            Error::new(Kind::Unusable, format!("the {} `{shown}` is refused: {why}", self.what))
                .code("link_refused")
        };
        let url = Url::parse(link).map_err(|_| refuse("it is no URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it carries a user name"));
        }
        let private = match url.host() {
            None => return Err(refuse("it names no host")),
            Some(Host::Domain(name)) => address::is_loopback_host(name).then_some(true),
            Some(Host::Ipv4(ip)) => (!address::is_public(ip.into())).then_some(ip.is_loopback()),
            Some(Host::Ipv6(ip)) => {
                (!address::is_public(IpAddr::V6(ip))).then_some(ip.is_loopback())
            }
        };
        match private {
            Some(loopback) if !(loopback && self.loopback) => {
                return Err(refuse("it leads to a private address"));
            }
            Some(_) if matches!(url.scheme(), "http" | "https") => {}
            _ if url.scheme() == "https" => {}
            _ => return Err(refuse("only https is fetched")),
        }
        Ok(url)
    }
}

/// A link as it is shown: a user name and a password in it are nobody's business.
fn without_user(link: &str) -> String {
    let Ok(mut url) = Url::parse(link) else { return link.to_owned() };
    // Refused for schemes that have neither; then there is nothing to hide.
    let _ = (url.set_username(""), url.set_password(None));
    url.to_string()
}

/// Fetches a link.
///
/// # Errors
/// The link is refused (`Unusable`), gone (`MissingModel` is never used here: the status tells), or
/// the transport failed; every one of them may be tried again, for fetching costs nothing.
pub async fn download(
    transport: &dyn Transport,
    link: &str,
    policy: LinkPolicy,
    on_progress: OnProgress<'_>,
) -> Result<HttpResponse> {
    let mut url = policy.check(link)?;
    for _ in 0..=HOPS {
        let request = HttpRequest {
            method: "GET".to_owned(),
            url: url.clone(),
            headers: Vec::new(),
            secrets: Vec::new(),
            body: None,
            is_paid: false,
            timeout: policy.timeout,
            idle: policy.idle,
            cap: policy.cap,
        };
        let answer = transport.send(request, on_progress).await?;
        if !(300..400).contains(&answer.status) {
            return Ok(answer);
        }
        let next = answer.header("location").and_then(|place| url.join(place).ok());
        let Some(next) = next else {
            let what = format!("the {} redirects to nowhere", policy.what);
            return Err(Error::new(Kind::Unusable, what));
        };
        url = policy.check(next.as_str())?;
    }
    Err(Error::new(Kind::Unusable, format!("the {} redirects too often", policy.what)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_private_places_are_refused() {
        let policy = |loopback| LinkPolicy {
            what: "result link",
            loopback,
            timeout: Duration::from_secs(1),
            idle: Duration::from_secs(1),
            cap: 1,
        };
        for (link, outside, testing) in [
            ("https://v3b.fal.media/files/x.png", true, true),
            ("http://v3b.fal.media/files/x.png", false, false),
            ("http://127.0.0.1:4000/x.png", false, true),
            ("http://localhost:4000/x.png", false, true),
            ("http://169.254.169.254/latest/meta-data", false, false),
            ("https://169.254.169.254/", false, false),
            ("https://[::ffff:10.0.0.1]/", false, false),
            ("https://2130706433/", false, true),
            ("file:///etc/passwd", false, false),
            ("ftp://example.com/x", false, false),
            ("https://user:key@example.com/", false, false),
            ("not a link", false, false),
        ] {
            assert_eq!(policy(false).check(link).is_ok(), outside, "{link}");
            assert_eq!(policy(true).check(link).is_ok(), testing, "{link} while testing");
        }
        let error = policy(true).check("http://user:secret@127.0.0.1/x.png").unwrap_err();
        assert!(error.message.contains("`http://127.0.0.1/x.png`"), "{}", error.message);
    }
}

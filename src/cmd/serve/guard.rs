//! Who may ask at all: what is looked at before anything else of a request.
//!
//! A page elsewhere, a name that a page's owner points at this machine, and a form that sends itself must
//! not spend a cent, although a program on this machine needs no key.
//!
//! Pure: heads in, a verdict out.

use std::net::IpAddr;

use axum::http::{HeaderMap, Method, StatusCode, header};
use url::{Host, Url};

use super::is_loopback;
use crate::settings::Settings;

/// Which names and pages belong to this server.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    /// Names under which it may be asked besides those of the loopback.
    hosts: Vec<String>,
    /// Pages elsewhere that may ask.
    origins: Vec<String>,
}

/// Why a request is not looked at any further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blocked {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) hint: &'static str,
}

impl Policy {
    /// By the settings, for a server that listens there.
    pub(super) fn of(settings: &Settings, ip: IpAddr) -> Policy {
        let mut hosts: Vec<String> =
            settings.serve_hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        if !ip.is_unspecified() {
            hosts.push(ip.to_string());
        }
        let origins = settings.serve_origins.iter();
        let origins = origins.map(|origin| origin.trim_end_matches('/').to_ascii_lowercase());
        Policy { hosts, origins: origins.collect() }
    }

    /// Checks the head of a request.
    ///
    /// # Errors
    /// It is not for this server, or comes from a page that is not its own.
    pub(super) fn check(&self, method: &Method, heads: &HeaderMap) -> Result<(), Blocked> {
        let host = one(heads, header::HOST).unwrap_or_default();
        if !self.is_own_host(host) {
            return Err(forbidden(
                "wrong_host",
                format!("the name `{}` is not this server's", shown(host)),
                "`serve.hosts` lists further names",
            ));
        }
        if heads.contains_key(header::ORIGIN) {
            let origin = one(heads, header::ORIGIN).unwrap_or_default();
            if !self.is_own_origin(origin, host) && !self.is_listed(origin) {
                return Err(forbidden(
                    "wrong_origin",
                    format!("pages of `{}` may not ask this server", shown(origin)),
                    "`serve.origins` lists pages that may",
                ));
            }
        } else if one(heads, "sec-fetch-site").is_some_and(|site| site == "cross-site") {
            return Err(forbidden(
                "wrong_origin",
                "a page elsewhere may not ask this server".to_owned(),
                "`serve.origins` lists pages that may",
            ));
        }
        if *method == Method::POST {
            return check_media(heads);
        }
        Ok(())
    }

    /// The page elsewhere that asks, where it may.
    pub(super) fn listed_origin<'h>(&self, heads: &'h HeaderMap) -> Option<&'h str> {
        one(heads, header::ORIGIN).filter(|origin| self.is_listed(origin))
    }

    fn is_listed(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known.eq_ignore_ascii_case(origin))
    }

    /// Whether a `Host` names this server, whatever its port.
    fn is_own_host(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else { return false };
        match &name {
            Host::Ipv4(ip) if is_loopback(IpAddr::V4(*ip)) => true,
            Host::Ipv6(ip) if is_loopback(IpAddr::V6(*ip)) => true,
            Host::Domain(name) if name == "localhost" => true,
            _ => {
                let name = name.to_string();
                let bare = name.trim_matches(['[', ']']);
                self.hosts.iter().any(|known| known == bare || *known == host.to_ascii_lowercase())
            }
        }
    }

    /// Whether an `Origin` is that of the page of this server, by the name it was asked under.
    fn is_own_origin(&self, origin: &str, host: &str) -> bool {
        let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        own.is_some_and(|own| own.eq_ignore_ascii_case(host))
    }
}

/// What a POST may hold: what no form of a page elsewhere can send.
fn check_media(heads: &HeaderMap) -> Result<(), Blocked> {
    let media = one(heads, header::CONTENT_TYPE).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/json" => Ok(()),
        "multipart/form-data" if heads.contains_key(header::AUTHORIZATION) => Ok(()),
        "multipart/form-data" => Err(Blocked {
            status: StatusCode::UNAUTHORIZED,
            code: "authorization_needed",
            message: "a form needs an `Authorization` header, which no page elsewhere can send"
                .to_owned(),
            hint: "any content will do where no client has a key: `Authorization: Bearer none`",
        }),
        _ => Err(Blocked {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code: "unsupported_media_type",
            message: format!("a body of `{}` is not read", shown(&media)),
            hint: "send `Content-Type: application/json`, or `multipart/form-data`",
        }),
    }
}

fn forbidden(code: &'static str, message: String, hint: &'static str) -> Blocked {
    Blocked { status: StatusCode::FORBIDDEN, code, message, hint }
}

/// The one value of a header; none where it stands twice or is no text.
fn one(heads: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    let mut values = heads.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// The name in a `Host` header.
fn name_of(host: &str) -> Option<Host> {
    if host.is_empty() || host.contains(['/', '@', '?', '#', '\\', ' ']) {
        return None;
    }
    let url = Url::parse(&format!("http://{host}/")).ok()?;
    url.host().map(|host| host.to_owned())
}

fn shown(text: &str) -> String {
    crate::text::clean(text, 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy {
            hosts: vec!["art.example.org".to_owned()],
            origins: vec!["https://studio.example.org".to_owned()],
        }
    }

    fn verdict(method: &Method, heads: &[(&'static str, &str)]) -> u16 {
        let mut map = HeaderMap::new();
        for (name, value) in heads {
            map.append(*name, value.parse().unwrap());
        }
        policy().check(method, &map).err().map_or(200, |blocked| blocked.status.as_u16())
    }

    #[test]
    fn only_own_names_are_answered() {
        for host in [
            "127.0.0.1:7878",
            "localhost",
            "LOCALHOST:80",
            "[::1]:7878",
            "127.9.9.9",
            "art.example.org",
        ] {
            assert_eq!(verdict(&Method::GET, &[("host", host)]), 200, "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "evil@127.0.0.1",
            "[::2]",
            "0.0.0.0",
            "127.0.0.1/x",
        ] {
            assert_eq!(verdict(&Method::GET, &[("host", host)]), 403, "{host}");
        }
        assert_eq!(verdict(&Method::GET, &[]), 403);
        assert_eq!(verdict(&Method::GET, &[("host", "localhost"), ("host", "localhost")]), 403);
    }

    #[test]
    fn pages_elsewhere_are_refused_but_for_those_that_are_listed() {
        let json = ("content-type", "application/json");
        let post = |heads: &[(&'static str, &str)]| {
            verdict(&Method::POST, &[&[("host", "127.0.0.1:7878"), json], heads].concat())
        };
        assert_eq!(post(&[]), 200);
        assert_eq!(post(&[("origin", "http://127.0.0.1:7878")]), 200);
        assert_eq!(post(&[("origin", "https://studio.example.org")]), 200);
        for origin in [
            "null",
            "",
            "http://127.0.0.1:3000",
            "http://localhost:7878",
            "https://evil.example",
            "http://127.0.0.1:7878.evil.example",
            "file://",
        ] {
            assert_eq!(post(&[("origin", origin)]), 403, "{origin}");
        }
        assert_eq!(post(&[("origin", "http://127.0.0.1:7878"), ("origin", "null")]), 403);
        assert_eq!(post(&[("sec-fetch-site", "cross-site")]), 403);
        assert_eq!(post(&[("sec-fetch-site", "same-origin")]), 200);
    }

    #[test]
    fn a_form_that_sends_itself_is_not_read() {
        let post = |heads: &[(&'static str, &str)]| {
            verdict(&Method::POST, &[&[("host", "localhost")], heads].concat())
        };
        let form = ("content-type", "multipart/form-data; boundary=x");
        assert_eq!(post(&[]), 415);
        assert_eq!(post(&[("content-type", "text/plain")]), 415);
        assert_eq!(post(&[("content-type", "application/x-www-form-urlencoded")]), 415);
        assert_eq!(post(&[("content-type", "application/jsonp")]), 415);
        assert_eq!(post(&[("content-type", "Application/JSON; charset=utf-8")]), 200);
        assert_eq!(post(&[form]), 401);
        assert_eq!(post(&[form, ("authorization", "Bearer none")]), 200);
    }
}

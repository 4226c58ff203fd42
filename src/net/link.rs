//! What a link in an answer means: relative ones are read as a browser would, against the address that
//! answered, and a server that names itself by `0.0.0.0` or `localhost` means the host that was asked.
//!
//! Pure. It only says where a link leads; whether it may be followed is the policy's to say. No key,
//! user name or query of the answering address goes into it.

use url::{Host, Url};

/// Relative links longer than this are something else.
const LONGEST: usize = 8192;

/// The addresses that a link may mean, the likeliest first; the link itself where it means nothing.
pub fn meant(link: &str, answered: &Url) -> Vec<String> {
    let link = link.trim();
    let mut base = answered.clone();
    // Refused for schemes that have neither; then there is nothing to take away.
    let _ = (base.set_username(""), base.set_password(None));
    base.set_query(None);
    base.set_fragment(None);
    let found = match Url::parse(link) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && is_itself(&url) => {
            itself(url, &base)
        }
        Err(url::ParseError::RelativeUrlWithoutBase) if is_plain(link) => relative(link, &base),
        _ => Vec::new(),
    };
    let mut addresses: Vec<String> = Vec::new();
    for address in found.into_iter().map(String::from) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { vec![link.to_owned()] } else { addresses }
}

/// Whether a browser could have been given it.
fn is_plain(link: &str) -> bool {
    (1..=LONGEST).contains(&link.len())
        && !link.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Whether a server calls itself so: this machine, or any address of it.
fn is_itself(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => super::is_loopback_host(name),
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => false,
    }
}

/// A server's own name for itself: where it was asked; on this machine it may have another port.
fn itself(url: Url, base: &Url) -> Vec<Url> {
    let mut here = base.clone();
    here.set_path(url.path());
    here.set_query(url.query());
    if !is_itself(base) {
        return vec![here];
    }
    if url.host() == base.host() {
        return vec![url];
    }
    let mut own = url;
    let is_nowhere = match own.host() {
        Some(Host::Ipv4(ip)) => ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_unspecified(),
        _ => false,
    };
    if is_nowhere && own.set_host(base.host_str()).is_err() {
        return vec![here];
    }
    vec![own, here]
}

fn relative(link: &str, base: &Url) -> Vec<Url> {
    let Ok(joined) = base.join(link) else { return Vec::new() };
    if joined.origin() == base.origin() {
        let is_rooted = link.starts_with(['/', '\\', '?', '#']);
        let rooted = if is_rooted { None } else { base.join(&format!("/{link}")).ok() };
        return [joined].into_iter().chain(rooted).chain(by_name(link)).collect();
    }
    // Only a link that begins with a host leads to another one, and then over https.
    let named =
        link.strip_prefix("//").and_then(|rest| Url::parse(&format!("https://{rest}")).ok());
    named.into_iter().collect()
}

/// `cdn.example.com/x.png`: a host without a scheme, for all that can be seen.
fn by_name(link: &str) -> Option<Url> {
    let (host, path) = link.split_once('/')?;
    let is_host = host.contains('.') && !host.starts_with('.') && !path.is_empty();
    Url::parse(&format!("https://{link}")).ok().filter(|_| is_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_against_the_address_that_answered() {
        let far = "https://key:secret@api.example.com/v1/images/generations?api-version=1#x";
        let near = "http://127.0.0.1:8000/v1/images/generations";
        for (base, link, meant_to_be) in [
            (far, "/files/x.png?a=1", &["https://api.example.com/files/x.png?a=1"][..]),
            (
                far,
                "files/x.png",
                &[
                    "https://api.example.com/v1/images/files/x.png",
                    "https://api.example.com/files/x.png",
                ],
            ),
            (far, "//api.example.com/x.png", &["https://api.example.com/x.png"]),
            (far, "//cdn.example.org/x.png", &["https://cdn.example.org/x.png"]),
            (
                far,
                "cdn.example.org/x.png",
                &[
                    "https://api.example.com/v1/images/cdn.example.org/x.png",
                    "https://api.example.com/cdn.example.org/x.png",
                    "https://cdn.example.org/x.png",
                ],
            ),
            (far, "http://localhost:8080/x.png", &["https://api.example.com/x.png"]),
            (far, "http://0.0.0.0:8080/x.png?t=1", &["https://api.example.com/x.png?t=1"]),
            (far, "#y", &["https://api.example.com/v1/images/generations#y"]),
            (far, "https://cdn.example.org/x.png", &["https://cdn.example.org/x.png"]),
            (far, "\\\\evil.example\\x.png", &["\\\\evil.example\\x.png"]),
            (far, "file:///etc/passwd", &["file:///etc/passwd"]),
            (far, "", &[""]),
            (far, "no link", &["no link"]),
            (near, "/x.png", &["http://127.0.0.1:8000/x.png"]),
            (near, "//127.0.0.1:8000/x.png", &["http://127.0.0.1:8000/x.png"]),
            (
                near,
                "http://0.0.0.0:9000/x.png",
                &["http://127.0.0.1:9000/x.png", "http://127.0.0.1:8000/x.png"],
            ),
            (near, "http://[::]:8000/x.png", &["http://127.0.0.1:8000/x.png"]),
            (
                near,
                "http://localhost:8080/x.png",
                &["http://localhost:8080/x.png", "http://127.0.0.1:8000/x.png"],
            ),
        ] {
            assert_eq!(meant(link, &Url::parse(base).unwrap()), meant_to_be, "{link} at {base}");
        }
    }
}

//! The local time zone, found without reading the names of all zones first: that takes longer than
//! most commands do. `TZ` is read here as the library would read it.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::clock;

/// What `TZ` or the system said when it was first asked for.
pub(crate) fn local() -> TimeZone {
    static LOCAL: LazyLock<TimeZone> = LazyLock::new(|| {
        let named = match std::env::var_os("TZ") {
            Some(name) => of_name(&name),
            None => of_link(Path::new("/etc/localtime")),
        };
        named.unwrap_or_else(TimeZone::system)
    });
    LOCAL.clone()
}

/// The time there.
pub(crate) fn now() -> Zoned {
    clock::now().to_zoned(local())
}

/// A zone by its name in the system's database; `None` for all that `TZ` may say besides.
fn of_name(name: &OsStr) -> Option<TimeZone> {
    let name = Path::new(name);
    let is_plain = name.components().all(|part| matches!(part, Component::Normal(_)));
    let name = name.to_str().filter(|name| is_plain && !name.is_empty() && !name.contains(':'))?;
    let bytes = std::fs::read(Path::new("/usr/share/zoneinfo").join(name)).ok()?;
    TimeZone::tzif(name, &bytes).ok()
}

/// The zone that a link into the database leads to.
fn of_link(link: &Path) -> Option<TimeZone> {
    let target = std::fs::read_link(link).ok()?;
    let behind = target.components().skip_while(|part| part.as_os_str() != "zoneinfo").skip(1);
    of_name(behind.collect::<PathBuf>().as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_database_gives_what_the_library_finds() {
        for name in ["Europe/Berlin", "UTC", "America/New_York"] {
            // A system without the database has nothing to compare.
            let Some(zone) = of_name(OsStr::new(name)) else { continue };
            let known = TimeZone::get(name).unwrap();
            assert_eq!(zone.iana_name(), known.iana_name());
            for second in [0, 1_700_000_000, 1_720_000_000, 4_000_000_000] {
                let time = jiff::Timestamp::from_second(second).unwrap();
                assert_eq!(zone.to_offset(time), known.to_offset(time), "{name} at {second}");
            }
        }
    }

    #[test]
    fn whatever_else_is_said_is_left_to_the_library() {
        for name in ["", ":UTC", "/etc/passwd", "../zoneinfo/UTC", "CET-1CEST,M3.5.0,M10.5.0/3"] {
            assert!(of_name(OsStr::new(name)).is_none(), "{name}");
        }
        assert!(of_link(Path::new("/no/such/link")).is_none());
    }
}

//! What is said at the end of a long run to somebody who does not look: a bell, or a notification.
//!
//! Pure. Terminals that do not know a notification are silent; one inside another gets the bell, since
//! sequences of its own do not come through.

use std::time::Duration;

use super::Terminal;
use crate::settings::Notify;

/// Who waits less than this still looks.
const LONG: Duration = Duration::from_secs(60);

/// The bytes for a terminal after a run of this length; none where nothing is to be heard.
pub(super) fn sequence(terminal: &Terminal, notify: Notify, took: Duration) -> Option<String> {
    if !terminal.stderr || terminal.is_dumb() {
        return None;
    }
    let bell = || "\x07".to_owned();
    match notify {
        Notify::Off => None,
        Notify::Bell => Some(bell()),
        Notify::Auto | Notify::Desktop if took < LONG => None,
        Notify::Auto => Some(bell()),
        Notify::Desktop if terminal.multiplexer => Some(bell()),
        Notify::Desktop if terminal.takes_urxvt_notifications() => {
            Some("\x1b]777;notify;pinx;the run has ended\x1b\\".to_owned())
        }
        Notify::Desktop => Some("\x1b]9;pinx: the run has ended\x1b\\".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_is_for_who_has_waited_on_a_terminal() {
        let of = |variables: &[(&str, &str)], notify, seconds| {
            let look = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let terminal = Terminal { stderr: true, ..Terminal::of(look) };
            sequence(&terminal, notify, Duration::from_secs(seconds))
        };
        use Notify::{Auto, Bell, Desktop, Off};
        let xterm = &[("TERM", "xterm-256color")][..];
        assert_eq!(of(xterm, Auto, 59), None);
        assert_eq!(of(xterm, Auto, 60).as_deref(), Some("\x07"));
        assert_eq!(of(xterm, Bell, 1).as_deref(), Some("\x07"));
        assert_eq!(of(xterm, Off, 3_600), None);
        assert_eq!(of(xterm, Desktop, 1), None);
        assert!(of(xterm, Desktop, 60).unwrap().starts_with("\x1b]9;"));
        assert!(of(&[("VTE_VERSION", "7200")], Desktop, 60).unwrap().starts_with("\x1b]777;"));
        assert_eq!(of(&[("TERM", "tmux-256color")], Desktop, 60).as_deref(), Some("\x07"));
        assert_eq!(of(&[("TERM", "dumb")], Bell, 60), None);
        let piped = Terminal::default();
        assert_eq!(sequence(&piped, Bell, Duration::from_secs(99)), None);
    }
}

//! The terminal as its variables and streams describe it; it is asked nothing.

use super::{App, Check};
use crate::settings::Preview;
use crate::ui::{Color, Graphics};

/// What can be shown, and what hinders it.
pub(super) fn terminal(app: &App) -> Vec<Check> {
    let terminal = app.ui.terminal();
    let streams =
        [("stdin", terminal.stdin), ("stdout", terminal.stdout), ("stderr", terminal.stderr)];
    let which = |is: bool| {
        let names = streams.iter().filter(|(_, terminal)| *terminal == is);
        names.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let term = if terminal.term.is_empty() { "no TERM" } else { terminal.term.as_str() };
    let mut checks = vec![match (which(true), which(false)) {
        (_, none) if none.is_empty() => {
            let width = terminal.stdout_width();
            Check::ok("screen", format!("{term}, {width} columns")).data("columns", width)
        }
        (all, _) if all.is_empty() => {
            Check::ok("screen", "none: plain lines, no bars, no questions")
        }
        (some, none) => Check::ok("screen", format!("{some}: {term}; {none}: no terminal")),
    }];
    checks.push(colors(app));
    checks.push(pictures(app));
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| Some((*name, app.env.get(name)?)));
    // A pipe has no letters to look wrong.
    checks.extend(charset(locale).filter(|_| terminal.stdout || terminal.stderr));
    checks
}

fn colors(app: &App) -> Check {
    let terminal = app.ui.terminal();
    let wanted = app.ui.options().color;
    if terminal.has_colors(wanted, terminal.stderr) {
        return Check::ok("colours", "yes; every fact is readable without them");
    }
    let why = match wanted {
        Color::Never => "no: `--color never`",
        _ if terminal.no_color => "no: NO_COLOR is set",
        _ if terminal.is_dumb() => "no: TERM is dumb",
        _ => "no: stderr is no terminal",
    };
    Check::ok("colours", format!("{why}; `--color always` forces them"))
}

fn pictures(app: &App) -> Check {
    let (graphics, is_sure) = app.ui.terminal().graphics();
    let how = match graphics {
        Graphics::Kitty => "the kitty protocol",
        Graphics::Iterm => "iTerm2's inline images",
        Graphics::Blocks => "half blocks in 24-bit colours",
        Graphics::Blocks256 => "half blocks in 256 colours",
        Graphics::None => {
            return Check::ok("pictures", "not shown: stderr is no terminal that can");
        }
    };
    let hidden = match app.settings.preview {
        Preview::Off => Some("the setting `preview` is off"),
        Preview::Auto if app.ui.terminal().no_color => Some("NO_COLOR is set"),
        Preview::Auto if !is_sure => Some("the terminal does not say that it can"),
        Preview::Auto | Preview::On => None,
    };
    match hidden {
        None => Check::ok("pictures", format!("shown by {how}")),
        Some(why) => {
            Check::note("pictures", format!("not shown, since {why}; they would be by {how}"))
                .remedy("`pinx config set preview on`, or `--preview on` for one command")
        }
    }
}

/// Whether the locale says UTF-8. Nothing said is taken for yes on macOS, whose terminals all are.
fn charset(locale: Option<(&str, &str)>) -> Option<Check> {
    if cfg!(windows) {
        return None;
    }
    let is_utf8 = |value: &str| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    };
    Some(match locale {
        Some((name, value)) if is_utf8(value) => {
            Check::ok("letters", format!("{name} says {value}"))
        }
        None if cfg!(target_os = "macos") => Check::ok("letters", "UTF-8"),
        other => {
            let what = other.map_or("no locale is set".to_owned(), |(name, value)| {
                format!("{name} says {}", crate::text::clean(value, 40))
            });
            Check::note("letters", format!("{what}; pinx writes UTF-8 all the same: … → é"))
                .remedy("where they look wrong, set `LC_ALL=C.UTF-8`")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::charset;
    use crate::ui::Mark;

    #[test]
    fn a_locale_says_whether_it_is_utf8() {
        for (value, state) in [
            ("en_US.UTF-8", Mark::Ok),
            ("C.utf8", Mark::Ok),
            ("C", Mark::Note),
            ("de_DE.ISO-8859-1", Mark::Note),
        ] {
            let check = charset(Some(("LANG", value)));
            assert!(check.is_none_or(|check| check.state == state), "{value}");
        }
    }
}

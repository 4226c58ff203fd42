//! The system's viewer of pictures and pages. It is started and left alone: nobody waits for it.

use std::path::Path;

use crate::settings::Env;

/// What came of showing a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Viewing {
    /// A program was started for it.
    Opened,
    /// There is no display that it could be seen on.
    NoDisplay,
    /// There is no program that opens files.
    NoProgram,
}

impl Viewing {
    /// Why nothing is seen; nothing where something is.
    pub(super) fn reason(self) -> Option<&'static str> {
        match self {
            Viewing::Opened => None,
            Viewing::NoDisplay => {
                Some("there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)")
            }
            Viewing::NoProgram => Some("no program that opens files was found (`xdg-open`)"),
        }
    }
}

/// Opens a file, or a directory, by the program that the system has for it.
pub(super) fn view(env: &Env, path: &Path) -> Viewing {
    if !has_display(env) {
        return Viewing::NoDisplay;
    }
    // A relative one may look like an address (`https:x.png`), or like an option.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match open::that_detached(path) {
        Ok(()) => Viewing::Opened,
        // What the system says is about its launchers.
        Err(_) => Viewing::NoProgram,
    }
}

/// Whether there is a display. Without one, launchers take a browser for text, which nobody sees.
fn has_display(env: &Env) -> bool {
    let is_told = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    cfg!(any(target_os = "macos", windows)) || is_told.iter().any(|name| env.get(name).is_some())
}

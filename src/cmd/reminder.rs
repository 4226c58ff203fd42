//! The reminder that something of an earlier run can be collected: once a day in a home, to people, and
//! not about what `recover` has looked for already and can do nothing about.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::App;
use crate::{fs, zone};

/// What a home remembers of it. Who loses it is told once more.
#[derive(Debug, Default)]
struct Reminded {
    /// The day on which it was told last, `YYYY-MM-DD`.
    day: String,
    /// The attempts of which nothing more can be found out.
    hopeless: BTreeSet<String>,
}

impl Reminded {
    fn path(app: &App) -> PathBuf {
        app.settings.places.limits.join("reminded")
    }

    fn read(app: &App) -> Reminded {
        let text = std::fs::read_to_string(Reminded::path(app)).unwrap_or_default();
        let mut lines = text.lines().map(str::to_owned);
        Reminded { day: lines.next().unwrap_or_default(), hopeless: lines.collect() }
    }

    fn write(&self, app: &App) {
        let lines = std::iter::once(&self.day).chain(&self.hopeless);
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        let _ = fs::create_private_dir(&app.settings.places.limits);
        let _ = fs::write_atomic(&Reminded::path(app), text.as_bytes(), fs::Mode::Private);
    }
}

/// Tells that these attempts are open, or that the log may have some where none are named; unless it was
/// told today or nobody reads it.
pub(super) fn tell(app: &App, open: &[String]) {
    let options = app.ui.options();
    if options.quiet || options.json {
        return;
    }
    let (mut reminded, today) = (Reminded::read(app), zone::now().date().to_string());
    let has_hope = open.is_empty() || open.iter().any(|id| !reminded.hopeless.contains(id));
    if has_hope && reminded.day != today {
        app.ui.note("something of an earlier run is still open: `pinx recover` collects it");
        reminded.day = today;
        reminded.write(app);
    }
}

/// Remembers that `recover` has looked for these attempts and can do nothing about them.
pub(super) fn forget(app: &App, hopeless: BTreeSet<String>) {
    let reminded = Reminded::read(app);
    if reminded.hopeless != hopeless {
        Reminded { hopeless, ..reminded }.write(app);
    }
}

//! What is told of other tools' syntax: equal remarks once, with the lines that they are about, so that
//! a thousand lines of one kind are one remark.
//!
//! Pure.

use super::{Fate, Kind, Mark};

/// Lines that a remark names; the rest is counted.
const LINES: usize = 10;

/// Names that a remark has; those behind are left out of it.
const NAMES: usize = 12;

/// What is remarked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Read out of prompts.
    Read,
    /// Taken out of prompts, and not heeded.
    Dropped,
    /// Taken out of prompts, since the same is said elsewhere.
    Overruled,
    /// Left in prompts.
    Stays(Kind),
    /// Lines that were skipped as comments and look like prompts.
    Comment,
    /// Lines of dashes, which are no prompts.
    Rule,
    /// Lines that are one cell of a table, with its quotes.
    Quotes,
    /// Lines with the mark of a list in front.
    Bullet,
    /// Lines that say `prompt:` in front of the words.
    Label,
    /// Words that stand in the prompt because no style has that name.
    Words,
    /// A column that is taken for the prompts.
    Column,
    /// Columns or keys that are left out.
    Ignored,
}

/// One remark, about one line or many.
#[derive(Debug, Clone)]
struct Row {
    remark: Remark,
    names: Vec<(String, &'static str)>,
    lines: Vec<u64>,
    count: u64,
}

/// Everything that is remarked about a file or a prompt, in the order in which it was met.
#[derive(Debug, Clone, Default)]
pub struct Remarks(Vec<Row>);

/// A remark for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The first line that it is about.
    pub line: u64,
    /// What is told, with the further lines.
    pub text: String,
    /// Whether it may not be as the user meant it.
    pub is_warning: bool,
    /// Whether something was left out or cannot be read: what `--strict` refuses.
    pub is_loose: bool,
}

impl Remarks {
    /// Remarks on a line.
    pub fn add(&mut self, line: u64, remark: Remark, name: &str) {
        self.put(line, remark, name, "");
    }

    /// Remarks on what was met in the prompt of a line.
    pub fn marks(&mut self, line: u64, marks: Vec<Mark>) {
        for Mark { name, fate } in marks {
            match fate {
                Fate::Read(what) => self.put(line, Remark::Read, &name, what),
                Fate::Dropped => self.put(line, Remark::Dropped, &name, ""),
                Fate::Overruled => self.put(line, Remark::Overruled, &name, ""),
                Fate::Stays(kind) => self.put(line, Remark::Stays(kind), &name, ""),
            }
        }
    }

    fn put(&mut self, line: u64, remark: Remark, name: &str, what: &'static str) {
        let at = self.0.iter().position(|row| row.remark == remark).unwrap_or_else(|| {
            self.0.push(Row { remark, names: Vec::new(), lines: Vec::new(), count: 0 });
            self.0.len() - 1
        });
        let row = &mut self.0[at];
        let most = if remark.is_by_example() { 1 } else { NAMES };
        if row.names.len() < most && !row.names.iter().any(|(known, _)| known == name) {
            row.names.push((name.to_owned(), what));
        }
        if row.lines.last() == Some(&line) {
            return;
        }
        row.count += 1;
        if row.lines.len() < LINES {
            row.lines.push(line);
        }
    }

    /// Everything, for people.
    pub fn notices(&self) -> impl Iterator<Item = Notice> {
        self.0.iter().map(|row| Notice {
            line: row.lines[0],
            text: row.text() + &also(&row.lines[1..], row.count - 1),
            is_warning: row.remark.is_warning(),
            is_loose: row.remark.is_loose(),
        })
    }
}

impl Remark {
    /// Whether its first name stands for all.
    fn is_by_example(self) -> bool {
        use Kind::{Flag, Numbered, Parameter, Unfilled};
        matches!(self, Remark::Stays(kind) if ![Unfilled, Parameter, Flag, Numbered].contains(&kind))
    }

    fn is_warning(self) -> bool {
        self.is_loose() || self == Remark::Comment
    }

    fn is_loose(self) -> bool {
        matches!(self, Remark::Dropped | Remark::Overruled | Remark::Stays(_))
    }
}

impl Row {
    fn text(&self) -> String {
        let quoted: Vec<String> = self.names.iter().map(|(name, _)| format!("`{name}`")).collect();
        let names = joined(&quoted);
        let first = self.names.first().map_or("", |(name, _)| name);
        let many = self.names.len() > 1;
        let stays = |why: &str| match many {
            true => format!("{names} stay in the prompt as they are: {why}"),
            false => format!("{names} stays in the prompt as it is: {why}"),
        };
        match self.remark {
            Remark::Read => {
                let each = self.names.iter().map(|(name, what)| format!("`{name}` as {what}"));
                format!("read {}", joined(&each.collect::<Vec<_>>()))
            }
            Remark::Dropped if many => format!("left out {names}: nothing here knows them"),
            Remark::Dropped => format!("left out {names}: nothing here knows it"),
            Remark::Overruled => format!("left out {names}: the same is said elsewhere"),
            Remark::Stays(Kind::Parameter) => stays("Midjourney takes no such value"),
            Remark::Stays(Kind::Part) => stays("a weight of Midjourney, which no model here reads"),
            Remark::Stays(Kind::Weight) => stays("a weight of A1111, which no model here reads"),
            Remark::Stays(Kind::Choice) => {
                stays("a choice of dynamic prompts; a `matrix` in a `.yaml` file makes one of each")
            }
            Remark::Stays(Kind::Wildcard) => {
                let name = first.trim_matches('_');
                stays(&format!("a wildcard; `{{{name}}}` with `--var {name}=VALUE` is filled"))
            }
            Remark::Stays(Kind::Variable) => {
                let name = first.trim_matches(['$', '{', '}']);
                let name = name.split(['=', ':']).next().unwrap_or_default();
                stays(&format!("a variable; `{{{name}}}` with `--var {name}=VALUE` is filled"))
            }
            Remark::Stays(Kind::Unfilled) => {
                let name = first.trim_matches(['{', '}']);
                stays(&format!("nothing fills it; `--var {name}=VALUE` does"))
            }
            Remark::Stays(Kind::Flag) => {
                stays("flags stand on the command line, and here each line is a prompt")
            }
            Remark::Stays(Kind::Negative) => {
                stays("a negative prompt belongs to the `positive:` line in front of it")
            }
            Remark::Stays(Kind::Slashes) => stays("a line that is to be skipped begins with `#`"),
            Remark::Stays(Kind::Numbered) => stays("the number is a part of the words"),
            Remark::Comment => match self.count {
                1 => "a line begins with `#` and was skipped as a comment".to_owned(),
                count => format!("{count} lines begin with `#` and were skipped as comments"),
            },
            Remark::Rule => "a line of dashes is no prompt, and was skipped".to_owned(),
            Remark::Bullet => format!("the marks of a list are left out: {names}"),
            Remark::Label => format!("read {names} as the prompt"),
            Remark::Quotes => "the quotes around the whole line are left out".to_owned(),
            Remark::Words if many => {
                format!("{names} are no styles, and stand in the prompt as words")
            }
            Remark::Words => format!("{names} is no style, and stands in the prompt as words"),
            Remark::Column => format!("the column {names} is taken for the prompts"),
            Remark::Ignored => format!("{names} ignored"),
        }
    }
}

/// `a, b and c`.
pub(super) fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// ` (also line 7)`, ` (also lines 7, 9 and 12 more)`: lines besides the first, `count` in all.
pub fn also(lines: &[u64], count: u64) -> String {
    let shown: Vec<String> = lines.iter().take(LINES).map(u64::to_string).collect();
    let more = count - shown.len() as u64;
    match (shown.len(), more) {
        (0, _) => String::new(),
        (1, 0) => format!(" (also line {})", shown[0]),
        (_, 0) => format!(" (also lines {})", joined(&shown)),
        (_, more) => format!(" (also lines {} and {more} more)", shown.join(", ")),
    }
}

//! Texts by short numbers, so that a cell's key is small; how many there may be is bounded.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The number of all texts for which there was no room.
pub(crate) const OTHER: u16 = u16::MAX;

/// Texts, each with its number: its place.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Names {
    texts: Vec<String>,
    /// Some text had no number of its own.
    is_full: bool,
    #[serde(skip)]
    numbers: HashMap<String, u16>,
    /// The text asked for last.
    #[serde(skip)]
    last: u16,
}

impl PartialEq for Names {
    fn eq(&self, other: &Names) -> bool {
        (&self.texts, self.is_full) == (&other.texts, other.is_full)
    }
}

impl Names {
    /// The number of a text; a new one is given while there are fewer than `most`.
    pub(crate) fn number(&mut self, text: &str, most: usize) -> u16 {
        if self.texts.get(usize::from(self.last)).is_some_and(|last| last == text) {
            return self.last;
        }
        self.index();
        let number = match self.numbers.get(text) {
            Some(number) => *number,
            None if self.is_given_up() || self.texts.len() >= most.min(usize::from(OTHER)) => {
                self.is_full = true;
                return OTHER;
            }
            None => {
                let number = self.texts.len() as u16;
                self.texts.push(text.to_owned());
                self.numbers.insert(text.to_owned(), number);
                number
            }
        };
        self.last = number;
        number
    }

    /// The text of a number; none for what had no room.
    pub(crate) fn text(&self, number: u16) -> Option<&str> {
        self.texts.get(usize::from(number)).map(String::as_str)
    }

    /// Whether some texts have no number of their own.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Gives up the texts: all of them are `OTHER` from now on.
    pub(crate) fn give_up(&mut self) {
        *self = Names { is_full: true, ..Names::default() };
    }

    fn is_given_up(&self) -> bool {
        self.is_full && self.texts.is_empty()
    }

    /// The lookup is not kept in the checkpoint.
    fn index(&mut self) {
        if self.numbers.len() < self.texts.len() {
            let numbered = (0u16..).zip(&self.texts);
            self.numbers = numbered.map(|(number, text)| (text.clone(), number)).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_other_and_says_so() {
        let mut names = Names::default();
        let numbers = ["a", "b", "a", "c", "b"].map(|text| names.number(text, 2));
        assert_eq!(numbers, [0, 1, 0, OTHER, 1]);
        assert!(names.is_full());
        assert_eq!((names.text(1), names.text(OTHER)), (Some("b"), None));
        names.give_up();
        assert_eq!((names.number("a", 2), names.text(0)), (OTHER, None), "for good");
    }
}

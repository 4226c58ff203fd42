//! What other programs' prompts say to their own models alone: LoRA tags, weights, embeddings. Other
//! models would read them as words.
//!
//! Pure. Only what is surely one of them is taken out, and told; all else stays as it is.

use crate::{syntax, text};

/// A text without such things.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plain {
    /// What is left.
    pub text: String,
    /// Tags as they stood there, and how often words had a weight.
    pub tags: Vec<String>,
    /// How many words or groups of them had a weight.
    pub weights: usize,
}

/// How a program writes weights, besides `(words:1.3)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weights {
    /// Not otherwise.
    Usual,
    /// `{words}`, `[words]` and `1.3::words::`.
    Novel,
    /// `(words)1.3`.
    Invoke,
}

impl Weights {
    /// Those of a program.
    pub(super) fn of(program: &str) -> Weights {
        match program {
            "NovelAI" => Weights::Novel,
            "InvokeAI" => Weights::Invoke,
            _ => Weights::Usual,
        }
    }

    fn brackets(self) -> &'static [(char, char)] {
        match self {
            Weights::Novel => &[('(', ')'), ('{', '}'), ('[', ']')],
            _ => &[('(', ')')],
        }
    }
}

/// Takes out what is no word.
pub(super) fn plain(prompt: &str, weights: Weights) -> Plain {
    let mut plain = Plain::default();
    let untagged = plain.untag(prompt);
    let text = match weights {
        Weights::Novel => plain.unnumber(&untagged),
        _ => untagged,
    };
    let text = plain.unweigh(&text, weights);
    // Nothing was taken out, so nothing is tidied up either.
    let is_changed = plain.weights > 0 || !plain.tags.is_empty() || text != prompt;
    plain.text = if is_changed { tidy(&text) } else { prompt.to_owned() };
    plain
}

impl Plain {
    /// Takes out tags, embeddings and the word that breaks a prompt in two.
    fn untag(&mut self, prompt: &str) -> String {
        let mut out = String::with_capacity(prompt.len());
        let mut rest = prompt;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            // A tag is short: a far bracket belongs to something else.
            let end = after.bytes().take(200).position(|byte| byte == b'>');
            let tag = end.map(|end| &after[..end]);
            let is_tag = tag.and_then(|tag| tag.split_once(':'));
            match (is_tag.filter(|(kind, _)| syntax::is_tag(kind)), end) {
                (Some(_), Some(end)) => {
                    self.tags.push(text::clean(&format!("<{}>", &after[..end]), 60));
                    rest = &after[end + 1..];
                }
                _ => {
                    out.push('<');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        let words = out.split_inclusive([' ', ',', '\n', '(', ')']);
        let mut kept = String::with_capacity(out.len());
        for word in words {
            let bare = word.trim_end_matches([' ', ',', '\n', '(', ')']);
            if bare == "BREAK" {
                kept.push_str(&word[bare.len()..]);
            } else if let Some(name) =
                bare.strip_prefix("embedding:").filter(|name| !name.is_empty())
            {
                self.tags.push(text::clean(&format!("embedding:{name}"), 60));
                kept.push_str(&word[bare.len()..]);
            } else {
                kept.push_str(word);
            }
        }
        kept
    }

    /// `1.3::words::` as its words.
    fn unnumber(&mut self, text: &str) -> String {
        if !text.contains("::") {
            return text.to_owned();
        }
        let parts: Vec<&str> = text.split("::").collect();
        let mut out = String::with_capacity(text.len());
        for (at, part) in parts.iter().enumerate() {
            let start = part.rfind([' ', ',', '\n']).map_or(0, |at| at + 1);
            let is_last = at + 1 == parts.len();
            if !is_last && is_number(&part[start..]) {
                out.push_str(&part[..start]);
                self.weights += 1;
            } else {
                out.push_str(part);
            }
        }
        out
    }

    /// Words out of the brackets that weigh them.
    fn unweigh(&mut self, text: &str, weights: Weights) -> String {
        let mut out = String::with_capacity(text.len());
        let mut open: Vec<(char, usize)> = Vec::new();
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if letter == '\\'
                && let Some((_, bracket)) = letters.next_if(|(_, next)| "()[]{}".contains(*next))
            {
                out.push(bracket);
                continue;
            }
            let brackets = weights.brackets();
            if brackets.iter().any(|(opens, _)| *opens == letter) {
                open.push((letter, out.len()));
                out.push(letter);
                continue;
            }
            let pair = brackets.iter().find(|(_, closes)| *closes == letter);
            let start = open.last().filter(|(opens, _)| pair.is_some_and(|(o, _)| o == opens));
            let Some(&(opens, start)) = start else {
                out.push(letter);
                continue;
            };
            open.pop();
            let inner = &out[start + 1..];
            let after = &text[at + 1..];
            let behind =
                after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
            let weight =
                inner.rsplit_once(':').filter(|(words, weight)| syntax::is_weight(words, weight));
            let words = match weight {
                Some((words, _)) => Some(words.to_owned()),
                None if opens != '(' => Some(inner.to_owned()),
                None if weights == Weights::Invoke && is_number(&after[..behind]) => {
                    for _ in 0..behind {
                        letters.next();
                    }
                    Some(inner.to_owned())
                }
                // A bracket around one is a weight, one by itself may be a remark.
                None if inner.starts_with('(') && inner.ends_with(')') => {
                    Some(inner[1..inner.len() - 1].to_owned())
                }
                None => None,
            };
            match words {
                Some(words) => {
                    out.truncate(start);
                    out.push_str(&words);
                    self.weights += 1;
                }
                None => out.push(letter),
            }
        }
        out
    }
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.parse::<f64>().is_ok()
}

/// Without the commas and spaces that are left where something was.
fn tidy(text: &str) -> String {
    let line = |line: &str| {
        let parts: Vec<&str> =
            line.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        let joined = parts.join(", ");
        joined.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let lines: Vec<String> = text.lines().map(line).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_and_weights_go_and_words_stay() {
        use Weights::{Invoke, Novel, Usual};
        for (prompt, weights, text, tags, count) in [
            ("a red fox", Usual, "a red fox", &[][..], 0),
            ("a fox (vulpes vulpes), snow", Usual, "a fox (vulpes vulpes), snow", &[], 0),
            ("a (red:1.2) fox", Usual, "a red fox", &[], 1),
            ("((best)), (a (red:1.1) fox:0.9)", Usual, "best, a red fox", &[], 3),
            ("a fox <lora:fur:0.8>", Usual, "a fox", &["<lora:fur:0.8>"], 0),
            ("<lora:a:1>, <lora:b:-.5>, a fox", Usual, "a fox", &["<lora:a:1>", "<lora:b:-.5>"], 0),
            ("a <b> and 3 < 4 > 2", Usual, "a <b> and 3 < 4 > 2", &[], 0),
            ("embedding:worse, rain", Usual, "rain", &["embedding:worse"], 0),
            ("a fox BREAK snow", Usual, "a fox snow", &[], 0),
            ("a \\(red\\) fox", Usual, "a (red) fox", &[], 0),
            ("at (10:30) sharp", Usual, "at (10:30) sharp", &[], 0),
            ("{{a fox}}, [rain], {x", Novel, "a fox, rain, {x", &[], 3),
            ("1.3::a fox::, snow", Novel, "a fox, snow", &[], 1),
            ("(a fox)1.3 in snow", Invoke, "a fox in snow", &[], 1),
            ("{a fox}", Usual, "{a fox}", &[], 0),
            ("a (fox", Usual, "a (fox", &[], 0),
            ("a fox)", Usual, "a fox)", &[], 0),
            ("first line\n(second:1.1) line", Usual, "first line\nsecond line", &[], 1),
        ] {
            let found = plain(prompt, weights);
            assert_eq!((found.text.as_str(), found.weights), (text, count), "{prompt}");
            assert_eq!(found.tags, tags, "{prompt}");
        }
    }

    proptest! {
        #[test]
        fn no_prompt_makes_it_panic(
            prompt in any::<String>(),
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "(", ")", "[", "]", "{", "}", ":", "::", "1.2", "<lora:", ">", "\\", "é", "a fox",
                    ",", " ", "\n", "BREAK", "embedding:",
                ]),
                0..50,
            ),
        ) {
            for weights in [Weights::Usual, Weights::Novel, Weights::Invoke] {
                let _ = (plain(&prompt, weights), plain(&parts.concat(), weights));
            }
        }
    }
}

//! Just enough of Rust's lexical rules to read paths: tokens without comments and literals, the
//! first segments of a path or group, and what `crate::` and `super::` reach.

/// A word or a sign, and its line counted from one.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// The words and signs of a source; comments, strings and characters are left out.
pub fn tokens(text: &str) -> Vec<Token> {
    scan(text).0
}

/// The strings of a source as they are written, without their quotes.
pub fn literals(text: &str) -> Vec<Token> {
    scan(text).1
}

/// The words and signs of a source, and its strings.
fn scan(text: &str) -> (Vec<Token>, Vec<Token>) {
    let mut literals = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut tokens, mut index, mut line) = (Vec::new(), 0, 1);
    while index < chars.len() {
        let start = index;
        match at(index) {
            '/' if at(index + 1) == '/' => index = end_of_line(&chars, index),
            '/' if at(index + 1) == '*' => index = end_of_comment(&chars, index),
            '"' => {
                index = end_of_string(&chars, index);
                literals.push(literal(&chars, start, index, line));
            }
            'r' | 'b' | 'c' if string_behind_prefix(&chars, index).is_some() => {
                index = string_behind_prefix(&chars, index).unwrap_or(index + 1);
                literals.push(literal(&chars, start, index, line));
            }
            '\'' if at(index + 1) == '\\' => {
                index += 3;
                while index < chars.len() && at(index) != '\'' {
                    index += 1;
                }
                index += 1;
            }
            '\'' if at(index + 2) == '\'' => index += 3,
            c if is_word(c) => {
                while is_word(at(index)) {
                    index += 1;
                }
                tokens.push(Token { text: chars[start..index].iter().collect(), line });
            }
            ':' if at(index + 1) == ':' => {
                index += 2;
                tokens.push(Token { text: "::".to_owned(), line });
            }
            c => {
                index += 1;
                if !c.is_whitespace() {
                    tokens.push(Token { text: c.to_string(), line });
                }
            }
        }
        line += chars[start..index.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    (tokens, literals)
}

/// What stands between the quotes of a string.
fn literal(chars: &[char], start: usize, end: usize, line: usize) -> Token {
    let text: String = chars[start..end.min(chars.len())].iter().collect();
    let text = text.trim_start_matches(['r', 'b', 'c']).trim_matches('#');
    let text = text.strip_prefix('"').unwrap_or(text);
    Token { text: text.strip_suffix('"').unwrap_or(text).to_owned(), line }
}

fn end_of_line(chars: &[char], from: usize) -> usize {
    chars[from..].iter().position(|c| *c == '\n').map_or(chars.len(), |offset| from + offset)
}

fn end_of_comment(chars: &[char], from: usize) -> usize {
    let (mut index, mut depth) = (from, 0);
    while index < chars.len() {
        match (chars[index], chars.get(index + 1)) {
            ('/', Some('*')) => (depth, index) = (depth + 1, index + 2),
            ('*', Some('/')) => (depth, index) = (depth - 1, index + 2),
            _ => index += 1,
        }
        if depth == 0 {
            break;
        }
    }
    index
}

fn end_of_string(chars: &[char], from: usize) -> usize {
    let mut index = from + 1;
    while index < chars.len() && chars[index] != '"' {
        index += if chars[index] == '\\' { 2 } else { 1 };
    }
    index + 1
}

/// The end of `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`, if there is one here.
fn string_behind_prefix(chars: &[char], from: usize) -> Option<usize> {
    if from > 0 && (chars[from - 1].is_alphanumeric() || chars[from - 1] == '_') {
        return None;
    }
    let mut index = from;
    let mut raw = false;
    while matches!(chars.get(index), Some('r' | 'b' | 'c')) && index - from < 2 {
        raw |= chars[index] == 'r';
        index += 1;
    }
    let hashes = chars[index..].iter().take_while(|c| **c == '#').count();
    if chars.get(index + hashes) != Some(&'"') || (hashes > 0 && !raw) {
        return None;
    }
    if !raw {
        return Some(end_of_string(chars, index));
    }
    let mut index = index + hashes + 1;
    while index < chars.len() {
        let closes = chars[index] == '"'
            && chars[index + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
        if closes {
            return Some(index + 1 + hashes);
        }
        index += 1;
    }
    Some(chars.len())
}

/// The names that a path can go on with: one, or those of a group.
pub fn segments(tokens: &[Token], at: usize) -> Vec<(String, usize)> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    if text(at) != "{" {
        return tokens.get(at).map(|token| (token.text.clone(), token.line)).into_iter().collect();
    }
    let (mut names, mut depth, mut index) = (Vec::new(), 0, at);
    loop {
        match text(index) {
            "" => break,
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        let first = depth == 1 && ["{", ","].contains(&text(index));
        if first && !["}", "{"].contains(&text(index + 1)) {
            names.extend(tokens.get(index + 1).map(|token| (token.text.clone(), token.line)));
        }
        index += 1;
    }
    names
}

/// The top-level modules that a file reaches through `crate::` and `super::`, with their lines.
pub fn roots(path: &str, tokens: &[Token]) -> Vec<(String, usize)> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let file_depth = inside.split('/').count();
    let mut found = Vec::new();
    let (mut braces, mut modules) = (0, Vec::new());
    for index in 0..tokens.len() {
        match text(index) {
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                modules.retain(|depth| *depth <= braces);
            }
            "mod" if text(index + 2) == "{" => modules.push(braces + 1),
            "crate" if text(index + 1) == "::" => found.extend(segments(tokens, index + 2)),
            "super" if text(index + 1) == "::" && (index < 2 || text(index - 2) != "super") => {
                let (mut supers, mut next) = (1, index + 2);
                while text(next) == "super" && text(next + 1) == "::" {
                    (supers, next) = (supers + 1, next + 2);
                }
                if supers == file_depth + modules.len() {
                    found.extend(segments(tokens, next));
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn literals_and_lifetimes_are_told_apart() {
    let words =
        |text: &str| tokens(text).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ");
    assert_eq!(words("a('x', '\\'', '\\u{1F}') b"), "a ( , , ) b");
    assert_eq!(words("fn f<'a>(x: &'a str) {}"), "fn f < ' a > ( x : & ' a str ) { }");
    assert_eq!(words("r#\"a \" b\"# c b\"d\\\" e\" f br\"g\" r#type"), "c f r # type");
    assert_eq!(words("a /* b /* c */ d */ e // f\n g"), "a e g");
    assert_eq!(tokens("a\n\"b\nc\"\nd")[1], Token { text: "d".to_owned(), line: 4 });
}

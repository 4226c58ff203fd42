//! Reading a setting's TOML value as the type that the program works with.
//!
//! Pure. Each type says in words what it takes; the words complete "it must be …".

use std::time::Duration;

use toml::Value;

use crate::error::Kind;
use crate::money::Money;
use crate::text;

/// A type that a setting can have.
pub trait Typed: Sized {
    /// Completes "it must be …".
    const WANTS: &'static str;

    /// The value, if it is one.
    fn read(value: &Value) -> Option<Self>;
}

/// Defines an enum whose variants are words of a setting.
macro_rules! words {
    ($(#[$about:meta])* $name:ident: $wants:literal { $($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),* }

        impl $name {
            /// As settings and flags spell it.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// Its words.
            pub(crate) const WORDS: &[&str] = &[$($word),*];
        }

        impl Typed for $name {
            const WANTS: &'static str = $wants;
            fn read(value: &Value) -> Option<Self> {
                match value.as_str()? { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}
words! {
    /// How `auto` sorts what it may choose from.
    Prefer: "cheap, fast or best" {
        /// The least money first.
        Cheap = "cheap",
        /// The least time first.
        Fast = "fast",
        /// The best picture first.
        Best = "best",
    }
}
words! {
    /// Which of several equal routes is taken first.
    Balance: "ordered, weighted, cheapest or fastest" {
        /// As they stand.
        Ordered = "ordered",
        /// By chance, in proportion to the weights of the providers.
        Weighted = "weighted",
        /// The least money first.
        Cheapest = "cheapest",
        /// Of two by chance, the one that was faster so far.
        Fastest = "fastest",
    }
}
words! {
    /// When the recipe is written into the image.
    Metadata: "auto, always or never" {
        /// Unless it would break content credentials.
        Auto = "auto",
        /// In any case.
        Always = "always",
        /// Not at all.
        Never = "never",
    }
}
words! {
    /// When a picture that was made before is used again.
    CacheMode: "auto, always or never" {
        /// With a seed that the user gave and the model honours.
        Auto = "auto",
        /// Whenever the same request was made before.
        Always = "always",
        /// Not at all, and nothing is kept.
        Never = "never",
    }
}
words! {
    /// When a picture is shown in the terminal.
    Preview: "auto, on or off" {
        /// Where the terminal can.
        Auto = "auto",
        /// As well as it can be done.
        On = "on",
        /// Not at all.
        Off = "off",
    }
}
words! {
    /// How the end of a run is told to who does not look.
    Notify: "auto, bell, desktop or off" {
        /// By a bell after a minute or more.
        Auto = "auto",
        /// By a bell after every run.
        Bell = "bell",
        /// By a notification after a minute or more.
        Desktop = "desktop",
        /// Not at all.
        Off = "off",
    }
}
words! {
    /// Which certificate authorities are trusted.
    Roots: "auto, system or bundled" {
        /// The system's where it has any, else the bundled ones.
        Auto = "auto",
        /// The system's only.
        System = "system",
        /// The bundled ones only.
        Bundled = "bundled",
    }
}
words! {
    /// A failure that may go on to the fallback although it normally ends a job.
    FallbackOn: "content, ambiguous or unusable" {
        /// Refused by content policy.
        Content = "content",
        /// Sent, then silence.
        Ambiguous = "ambiguous",
        /// Answered, but not with a usable image.
        Unusable = "unusable",
    }
}

impl FallbackOn {
    /// The kind of the failure.
    pub fn kind(self) -> Kind {
        match self {
            FallbackOn::Content => Kind::Content,
            FallbackOn::Ambiguous => Kind::Ambiguous,
            FallbackOn::Unusable => Kind::Unusable,
        }
    }
}

impl Typed for String {
    const WANTS: &'static str = "text";
    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Typed for bool {
    const WANTS: &'static str = "true or false";
    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Typed for u64 {
    const WANTS: &'static str = "a whole number from 0 to 9223372036854775807";
    fn read(value: &Value) -> Option<Self> {
        value.as_integer().and_then(|number| u64::try_from(number).ok())
    }
}

impl Typed for Duration {
    const WANTS: &'static str = "a duration, such as `90s` or `5m`";
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => text::parse_duration(text).ok(),
            Value::Integer(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
            Value::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
            _ => None,
        }
    }
}

impl Typed for Money {
    const WANTS: &'static str = "an amount in dollars, such as `0.25`";
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => text.parse().ok(),
            Value::Integer(dollars) => {
                u64::try_from(*dollars).ok().map(|d| Money::dollars(d as f64))
            }
            Value::Float(dollars) if dollars.is_finite() && *dollars >= 0.0 => {
                Some(Money::dollars(*dollars))
            }
            _ => None,
        }
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Typed for Bytes {
    const WANTS: &'static str = "a number of bytes, such as `16MiB`";
    fn read(value: &Value) -> Option<Self> {
        if let Value::Integer(bytes) = value {
            return u64::try_from(*bytes).ok().map(Bytes);
        }
        let text = value.as_str()?.trim();
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            _ => return None,
        };
        digits.trim().parse::<u64>().ok()?.checked_mul(factor).map(Bytes)
    }
}

impl<T: Typed> Typed for Vec<T> {
    const WANTS: &'static str = "a list";
    fn read(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::read).collect()
    }
}

/// What kind of value it is, in the words of a sentence, without showing it.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// A value for people: strings without quotes, harmless for a terminal, not too long.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text::clean(text, 120),
        other => text::clean(&other.to_string(), 120),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_that_are_told_are_those_that_hold() {
        assert!(u64::WANTS.ends_with(&format!("to {}", i64::MAX)));
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        assert_eq!(Duration::read(&text("5m")), Some(Duration::from_secs(300)));
        assert_eq!(Duration::read(&Value::Integer(4)), Some(Duration::from_secs(4)));
        assert_eq!(Duration::read(&Value::Integer(-4)), None);
        assert_eq!(Money::read(&Value::Float(0.25)), Some(Money::micros(250_000)));
        assert_eq!(Money::read(&text("$0.25")), Some(Money::micros(250_000)));
        assert_eq!(Money::read(&Value::Float(-1.0)), None);
        assert_eq!(Money::read(&Value::Float(f64::NAN)), None);
        assert_eq!(Bytes::read(&text("16MiB")), Some(Bytes(16 << 20)));
        assert_eq!(Bytes::read(&text("1 kB")), Some(Bytes(1000)));
        assert_eq!(Bytes::read(&text("x")), None);
        assert_eq!(Bytes::read(&text("99999999999GiB")), None);
        assert_eq!(u64::read(&text("4")), None, "files are read strictly");
        assert_eq!(Prefer::read(&text("cheap")), Some(Prefer::Cheap));
        assert_eq!(Vec::<String>::read(&Value::Array(vec![Value::Integer(1)])), None);
    }
}

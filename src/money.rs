//! Money: whole micro-dollars, never a float, and its two spellings (text and JSON).
//!
//! One micro-dollar is $0.000001. Sums saturate instead of wrapping, so a hostile price can make a
//! budget refuse but never make it pass.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in micro-dollars. Serialises as a whole number (the journal's form).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(u64);

/// Micro-dollars in one dollar.
const MICROS: f64 = 1_000_000.0;

impl Money {
    /// No money at all: known to be free, unlike an unknown price.
    pub const ZERO: Money = Money(0);

    /// From whole micro-dollars.
    pub const fn micros(micros: u64) -> Self {
        Money(micros)
    }

    /// From dollars, rounded up to the next micro-dollar; negative and non-finite become zero.
    pub fn dollars(dollars: f64) -> Self {
        if !dollars.is_finite() || dollars <= 0.0 {
            return Money(0);
        }
        // The subtraction keeps 0.0132 from becoming 13201 through binary rounding.
        Money((dollars * MICROS - 1e-6).ceil().min(u64::MAX as f64) as u64)
    }

    /// The amount in whole micro-dollars.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The amount in dollars, for JSON documents (at most six decimals).
    pub fn as_dollars(self) -> f64 {
        self.0 as f64 / MICROS
    }

    /// What something costs, for people: `$0.039`, or `free`. Money that is only added up, such as what
    /// was spent of a limit, is written by `Display`, and may be `$0`.
    pub fn cost(self) -> String {
        if self == Money::ZERO { "free".to_owned() } else { self.to_string() }
    }

    /// The same where it is about that much: `~$0.039`, or `free`, which is exact.
    pub fn cost_about(self) -> String {
        if self == Money::ZERO { self.cost() } else { format!("~{self}") }
    }

    /// Rounded up to what `Display` shows: a limit that is written so covers it.
    #[must_use]
    pub fn rounded_up(self) -> Self {
        let step = match self.0 {
            0..1_000 => 1,
            1_000..1_000_000 => 100,
            _ => 10_000,
        };
        Money(self.0.div_ceil(step).saturating_mul(step))
    }

    /// For `#[serde(serialize_with)]`: dollars as a JSON number.
    pub fn as_json(self) -> serde_json::Value {
        serde_json::Number::from_f64(self.as_dollars()).map_or(serde_json::Value::Null, Into::into)
    }
}

impl fmt::Display for Money {
    /// `$1.23`, with as many decimals as a small amount needs (`$0.0132`, `$0.000196`, `$0`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = match self.0 {
            0 => return f.pad("$0"),
            1..1_000 => 6,
            1_000..1_000_000 => 4,
            _ => 2,
        };
        let text = format!("{:.decimals$}", self.as_dollars());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
        let fraction = fraction.trim_end_matches('0');
        f.pad(&format!("${whole}.{fraction:0<2}"))
    }
}

impl FromStr for Money {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number: f64 = text
            .trim()
            .trim_start_matches('$')
            .parse()
            .map_err(|_| format!("`{text}` is not an amount in dollars, such as `0.25`"))?;
        if !number.is_finite() || number < 0.0 {
            return Err(format!("`{text}` is not an amount in dollars, such as `0.25`"));
        }
        Ok(Money::dollars(number))
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl Mul<u64> for Money {
    type Output = Money;
    fn mul(self, times: u64) -> Money {
        Money(self.0.saturating_mul(times))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Money)
    }
}

#[cfg(test)]
mod tests {
    use super::Money;

    #[test]
    fn dollars_are_rounded_up_but_not_by_binary_noise() {
        assert_eq!(Money::dollars(0.0132).as_micros(), 13_200);
        assert_eq!(Money::dollars(0.000_000_4).as_micros(), 1);
        assert_eq!(Money::dollars(-1.0), Money::ZERO);
        assert_eq!(Money::dollars(f64::NAN), Money::ZERO);
    }

    #[test]
    fn text_shows_the_decimals_that_matter() {
        for (micros, text) in [
            (0, "$0"),
            (196, "$0.000196"),
            (5_880, "$0.0059"),
            (39_000, "$0.039"),
            (250_000, "$0.25"),
            (1_234_567, "$1.23"),
        ] {
            let money = Money::micros(micros);
            assert_eq!(money.to_string(), text);
            let (cost, about) =
                if micros == 0 { ("free", "free".into()) } else { (text, format!("~{text}")) };
            assert_eq!((money.cost().as_str(), money.cost_about()), (cost, about));
        }
    }

    #[test]
    fn parsing_refuses_what_is_no_amount() {
        assert_eq!("0.25".parse(), Ok(Money::micros(250_000)));
        assert_eq!("$3".parse(), Ok(Money::micros(3_000_000)));
        for bad in ["", "free", "-1", "inf", "1,50"] {
            assert!(bad.parse::<Money>().is_err(), "{bad}");
        }
    }
}

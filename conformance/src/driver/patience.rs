//! The factor by which every limit of time is multiplied.

use std::str::FromStr;
use std::time::Duration;

/// How patient the harness is: a factor for its limits of time, so that a slow machine is no
/// verdict about a driver. Times that a case is about are not multiplied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience(f64);

impl Default for Patience {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Patience {
    /// A limit of time on this machine.
    pub fn limit(self, limit: Duration) -> Duration {
        limit.mul_f64(self.0)
    }
}

impl FromStr for Patience {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<f64>() {
            // The bounds keep every limit within what a `Duration` holds.
            Ok(factor) if (0.1..=1000.0).contains(&factor) => Ok(Self(factor)),
            _ => Err("a number from 0.1 to 1000, such as 3".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_multiplied_and_nonsense_is_refused() {
        let patience: Patience = "2.5".parse().unwrap();
        assert_eq!(
            patience.limit(Duration::from_secs(4)),
            Duration::from_secs(10)
        );
        for text in ["0", "-1", "NaN", "inf", "1e300", "much"] {
            assert!(text.parse::<Patience>().is_err(), "{text}");
        }
    }
}

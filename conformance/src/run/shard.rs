//! A part of the cases, for a run that is divided among several machines.

use std::str::FromStr;

/// The part `index` of `count` equal parts, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// Keeps every `count`th item, so that a folder of slow cases is divided, too.
    pub fn keep<T>(self, items: Vec<T>) -> Vec<T> {
        let items = items.into_iter().enumerate();
        let own = items.filter(|(position, _)| position % self.count == self.index - 1);
        own.map(|(_, item)| item).collect()
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err("write it as K/N, the K-th of N parts, such as 1/4".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shards_of_a_run_have_every_case_once() {
        let shards = (1..=3).map(|k| format!("{k}/3").parse::<Shard>().unwrap());
        let parts: Vec<Vec<usize>> = shards.map(|shard| shard.keep((0..8).collect())).collect();
        assert_eq!(parts, [vec![0, 3, 6], vec![1, 4, 7], vec![2, 5]]);
        for text in ["0/3", "4/3", "1", "a/b", "1/0", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}

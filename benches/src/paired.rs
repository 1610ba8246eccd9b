//! Two things measured in turn, so that a drifting machine moves both and not their ratio.

use std::fmt;
use std::time::{Duration, Instant};

/// How the time of one thing compares with that of another, over many pairs of rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    sorted: Vec<f64>,
}

impl Ratio {
    /// Runs both once unmeasured, then `pairs` times each. Which of the two goes first changes with
    /// every pair, so that neither always finds the other's caches.
    ///
    /// A pair's figure is the time of `baseline` divided by the time of `candidate`: 0.9 says that
    /// the candidate does nine tenths of what the baseline does in the same time.
    pub fn measure(pairs: usize, mut baseline: impl FnMut(), mut candidate: impl FnMut()) -> Self {
        Self::of(pairs, || time(&mut baseline), || time(&mut candidate))
    }

    /// Compares two closures that return how long they took, for work that is only partly measured.
    pub fn of(
        pairs: usize,
        mut baseline: impl FnMut() -> Duration,
        mut candidate: impl FnMut() -> Duration,
    ) -> Self {
        baseline();
        candidate();
        let pair = |index: usize| {
            let (baseline, candidate) = if index.is_multiple_of(2) {
                let first = baseline();
                (first, candidate())
            } else {
                let first = candidate();
                (baseline(), first)
            };
            baseline.as_secs_f64() / candidate.as_secs_f64()
        };
        let mut sorted: Vec<f64> = (0..pairs.max(1)).map(pair).collect();
        sorted.sort_by(f64::total_cmp);
        Self { sorted }
    }

    /// The median of all pairs.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(1, 2)
    }

    fn quantile(&self, part: usize, of: usize) -> f64 {
        let last = self.sorted.len() - 1;
        self.sorted[last * part / of]
    }
}

fn time(work: &mut impl FnMut()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

impl fmt::Display for Ratio {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.3} (median of {} pairs; half of them between {:.3} and {:.3})",
            self.median(),
            self.sorted.len(),
            self.quantile(1, 4),
            self.quantile(3, 4),
        )
    }
}

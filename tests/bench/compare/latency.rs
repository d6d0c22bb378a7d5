//! How long deliveries took, as a histogram that does not grow.

use std::time::Duration;

/// Width of a step.
const STEP: Duration = Duration::from_micros(20);
/// Steps; what takes longer counts as the last one (2 s).
const STEPS: usize = 100_000;

/// Times in steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latency {
    counts: Vec<u64>,
}

impl Latency {
    pub(crate) fn add(&mut self, time: Duration) {
        self.counts.resize(STEPS, 0);
        let step = (time.as_nanos() / STEP.as_nanos()) as usize;
        self.counts[step.min(STEPS - 1)] += 1;
    }

    /// The time that so many of a hundred do not exceed; zero if there are none.
    pub(crate) fn percentile(&self, percent: u64) -> Duration {
        let all: u64 = self.counts.iter().sum();
        let due = (all * percent).div_ceil(100);
        let mut seen = 0;
        let step = self.counts.iter().position(|count| {
            seen += count;
            seen >= due
        });
        step.map_or(Duration::ZERO, |step| STEP * (step as u32 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_upper_end_of_its_step() {
        let mut latency = Latency::default();
        for micros in 0..1000 {
            latency.add(Duration::from_micros(micros));
        }
        assert_eq!(latency.percentile(50), Duration::from_micros(500));
        assert_eq!(latency.percentile(99), Duration::from_millis(1));
    }

    #[test]
    fn what_takes_too_long_counts_as_the_last_step() {
        let mut latency = Latency::default();
        latency.add(Duration::from_secs(100));
        assert_eq!(latency.percentile(100), STEP * STEPS as u32);
    }

    #[test]
    fn of_nothing_a_percentile_is_nothing() {
        assert_eq!(Latency::default().percentile(99), Duration::ZERO);
    }
}

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

    /// The time that this share (0 to 1) of all does not exceed; zero if there are none.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let all: u64 = self.counts.iter().sum();
        let due = (all as f64 * share).ceil() as u64;
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
    fn a_quantile_is_the_upper_end_of_its_step() {
        let mut latency = Latency::default();
        for micros in 0..1000 {
            latency.add(Duration::from_micros(micros));
        }
        assert_eq!(latency.quantile(0.5), Duration::from_micros(500));
        assert_eq!(latency.quantile(0.99), Duration::from_micros(1000));
    }

    #[test]
    fn what_takes_too_long_counts_as_the_last_step() {
        let mut latency = Latency::default();
        latency.add(Duration::from_secs(100));
        assert_eq!(latency.quantile(1.0), STEP * STEPS as u32);
    }

    #[test]
    fn of_nothing_a_quantile_is_nothing() {
        assert_eq!(Latency::default().quantile(0.99), Duration::ZERO);
    }
}

//! When the screen is drawn: at once for who types, else at most sixty times a second. PURE.

use std::time::Duration;

/// The least time between two frames that no key asked for.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// When the next frame is due, in the time of [`crate::event::Now::mono`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    last: Option<Duration>,
    due: Option<Duration>,
}

impl Pace {
    /// Something happened that may have changed what is to be seen.
    pub(crate) fn wants_frame(&mut self, now: Duration) {
        let soonest = self.last.map_or(now, |last| now.max(last + FRAME));
        self.due = Some(self.due.map_or(soonest, |due| due.min(soonest)));
    }

    /// Somebody types, and waits to see it.
    pub(crate) fn wants_frame_at_once(&mut self, now: Duration) {
        self.due = Some(now);
    }

    /// When to draw, if at all.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.due
    }

    /// Whether to draw now; then it counts as drawn.
    pub(crate) fn takes_frame(&mut self, now: Duration) -> bool {
        let is_due = self.due.take_if(|due| *due <= now).is_some();
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn nothing_is_drawn_unless_something_happened() {
        let mut pace = Pace::default();
        assert!(!pace.takes_frame(ms(5)));
        pace.wants_frame(ms(5));
        assert!(pace.takes_frame(ms(5)));
        assert!(!pace.takes_frame(ms(1_000)));
        assert_eq!(pace.due(), None);
    }

    #[test]
    fn a_flood_is_drawn_sixty_times_a_second() {
        let mut pace = Pace::default();
        let drawn = (0..1_000).filter(|at| {
            pace.wants_frame(ms(*at));
            pace.takes_frame(ms(*at))
        });
        assert!((56..=60).contains(&drawn.count()));
    }

    #[test]
    fn a_key_in_a_flood_is_drawn_at_once() {
        let mut pace = Pace::default();
        pace.wants_frame(ms(0));
        assert!(pace.takes_frame(ms(0)));
        pace.wants_frame(ms(1));
        assert!(!pace.takes_frame(ms(2)));
        pace.wants_frame_at_once(ms(2));
        assert!(pace.takes_frame(ms(2)));
    }

    #[test]
    fn what_came_just_after_a_frame_is_not_forgotten() {
        let mut pace = Pace::default();
        pace.wants_frame(ms(0));
        assert!(pace.takes_frame(ms(0)));
        pace.wants_frame(ms(1));
        pace.wants_frame(ms(9));
        assert_eq!(pace.due(), Some(FRAME));
        assert!(pace.takes_frame(FRAME));
    }
}

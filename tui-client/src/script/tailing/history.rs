//! What of a page of history is printed. PURE.

use protocol::{RoomEvent, Seq, server::Page};

/// With which seq the last so many of a page begin, if there are so many.
pub(super) fn nth_last(page: &Page, count: u64, end: Seq) -> Option<Seq> {
    let Some(skipped) = count.checked_sub(1) else { return Some(end.next()) };
    let skipped = usize::try_from(skipped).ok()?;
    let mut shown = page.events.iter().rev().filter(|event| is_shown_in_history(event));
    shown.nth(skipped).map(|event| event.seq)
}

/// A page tells messages as they are by now: what changed them is no news there.
pub(super) fn is_shown_in_history(event: &RoomEvent) -> bool {
    event.target.is_none()
}

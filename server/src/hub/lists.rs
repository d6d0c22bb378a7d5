//! Lists that fit into a frame. PURE.

use std::io;

use protocol::FRAME_BYTES_MAX;
use serde::Serialize;

/// Most bytes of the items of a list. What is left of a frame is for its other fields: at most a
/// topic, a room, a peer, an id and numbers, or the fixed part of a `welcome`.
pub(crate) const LIST_BYTES_MAX: usize = FRAME_BYTES_MAX - 4096;

/// As many items as there may be and fit, and whether there are more.
pub(crate) fn fitting<T: Serialize>(
    items: impl IntoIterator<Item = T>,
    limit: usize,
) -> (Vec<T>, bool) {
    let mut list = Vec::new();
    let mut bytes_left = LIST_BYTES_MAX;
    for item in items {
        // One more, for the comma.
        let needed = encoded_len(&item) + 1;
        if list.len() == limit || needed > bytes_left {
            return (list, true);
        }
        bytes_left -= needed;
        list.push(item);
    }
    (list, false)
}

/// How many bytes of JSON an item takes.
pub(crate) fn encoded_len<T: Serialize>(item: &T) -> usize {
    let mut count = ByteCount(0);
    // What is in frames can always be written, and counting cannot fail.
    let _ = serde_json::to_writer(&mut count, item);
    count.0
}

struct ByteCount(usize);

impl io::Write for ByteCount {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_stops_at_its_limit_and_says_so() {
        assert_eq!(fitting(["a", "b", "c"], 2), (vec!["a", "b"], true));
        assert_eq!(fitting(["a", "b"], 2), (vec!["a", "b"], false));
    }

    #[test]
    fn a_list_stops_before_its_frame_is_too_big() {
        let item = "x".repeat(1000);
        let (list, more) = fitting(vec![item; 200], 200);
        assert!(more);
        let len = serde_json::to_string(&list).unwrap().len();
        assert!(len <= LIST_BYTES_MAX + 1 && len > LIST_BYTES_MAX - 2000, "{len}");
    }
}

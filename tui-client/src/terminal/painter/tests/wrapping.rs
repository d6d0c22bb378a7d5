//! Lines that go on in the next row.

use super::*;

/// Rows from the top, and which of them go on.
fn lines(rows: &[&str], going_on: &[u16]) -> Canvas {
    let mut canvas = canvas(rows);
    for row in going_on {
        canvas.set_goes_on(*row);
    }
    canvas
}

fn wrapped(painted: &Painted) -> Vec<u16> {
    (0..SIZE.rows).filter(|row| painted.parser.screen().row_wrapped(*row)).collect()
}

#[test]
fn a_line_of_several_rows_is_one_for_the_terminal() {
    let full = "twenty letters full ";
    let canvas = lines(&["short", full, full, "end", full], &[1, 2]);
    let mut painted = Painted::showing(&lines(&["much", "that was there before"], &[]));
    painted.show(&canvas);
    assert_eq!((painted.wrong(&canvas), wrapped(&painted)), (Vec::new(), vec![1, 2]));
    assert_eq!(painted.show(&canvas), "", "nothing changes, nothing is written");
    let copied = painted.parser.screen().contents_between(1, 0, 3, SIZE.columns);
    assert_eq!(copied.trim_end(), format!("{full}{full}end"));

    let next = lines(&["short", full, full, "other", full], &[1, 2]);
    painted.show(&next);
    assert_eq!((painted.wrong(&next), wrapped(&painted)), (Vec::new(), vec![1, 2]));
    let ordinary = lines(&["a", "b", "c", full, "d"], &[]);
    painted.show(&ordinary);
    assert_eq!(painted.wrong(&ordinary), [""; 0]);
}

#[test]
fn where_a_width_is_disputed_at_the_edge_the_terminal_does_not_wrap() {
    for edge in ["日", "é"] {
        let full = format!("{}{edge}", "x".repeat(20 - crate::safe_text::cells(edge)));
        let canvas = lines(&[&full, "日 goes on"], &[0]);
        let painted = Painted::showing(&canvas);
        assert_eq!(painted.wrong(&canvas), [""; 0], "{edge}");
        let is_certain = edge == "é";
        assert_eq!(wrapped(&painted).is_empty(), !is_certain, "{edge}");
    }
}

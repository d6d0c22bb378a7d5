//! What is written down of a comparison: a section of `RESULTS.md` for each kind, and the plot.
//! Pure.

use anyhow::Context as _;

use super::{
    book::{Book, What},
    measure::{CURVE, Kind},
    peers::Peer,
    plot::{Line, Panel, Style, svg},
    table,
};

/// The tables of a kind below a line that says where they are from.
pub(crate) fn section(book: &Book, kind: Kind, origin: &str) -> String {
    let (figures, bounds) = (table::figures(book, kind), table::bounds(book, kind));
    let gap = if bounds.is_empty() { "" } else { "\n" };
    format!("{origin}\n\n{figures}{gap}{bounds}")
}

/// The text with another section between the markers of a kind, and everything else as it was.
pub(crate) fn replaced(text: &str, kind: Kind, section: &str) -> anyhow::Result<String> {
    let (open, close) =
        (format!("<!-- compare {} -->", kind.name()), format!("<!-- /compare {} -->", kind.name()));
    let (before, rest) = text.split_once(&open).with_context(|| format!("no {open}"))?;
    let (_, after) = rest.split_once(&close).with_context(|| format!("no {close}"))?;
    Ok(format!("{before}{open}\n\n{section}\n{close}{after}"))
}

/// The figures of [`Kind::Curve`] as a plot.
pub(crate) fn plot(book: &Book) -> String {
    svg(&[
        panel(book, "deliveries/s by clients, 16 in flight", What::DeliveriesAt),
        panel(book, "ms to the last by clients, one message", What::LastOf),
    ])
}

fn panel(book: &Book, title: &'static str, what: fn(usize) -> What) -> Panel {
    let lines = Peer::ALL.into_iter().map(|peer| {
        let point = |clients| Some((clients as f64, book.median(what(clients), peer)?));
        let points = CURVE.into_iter().filter_map(point).collect();
        Line { name: peer.name(), style: style(peer), points }
    });
    Panel { title, lines: lines.filter(|line| !line.points.is_empty()).collect() }
}

fn style(peer: Peer) -> Style {
    let colour = match peer {
        Peer::HubDurable | Peer::HubMemory => "#2f81f7",
        Peer::UWebSockets => "#d9822b",
        Peer::Gorilla => "#2a9d8f",
        Peer::Ws => "#8a9a2b",
        Peer::Broadcast => "#c0568f",
        Peer::Axum => "#a371f7",
        Peer::Floor => "#808080",
    };
    let is_ours = matches!(peer, Peer::HubDurable | Peer::HubMemory);
    Style { colour, is_bold: is_ours, is_dashed: matches!(peer, Peer::HubMemory | Peer::Floor) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a\n<!-- compare large -->\nold\n<!-- /compare large -->\nz\n\
        <!-- compare curve -->\n<!-- /compare curve -->\n";

    fn book() -> Book {
        let mut book = Book::default();
        book.note(What::Memory, Peer::HubDurable, 1500.0);
        book.note(What::DeliveriesAt(100), Peer::Ws, 1000.0);
        book
    }

    #[test]
    fn a_section_has_its_origin_its_figures_and_its_bounds() {
        let large = section(&book(), Kind::Large, "where");
        assert!(large.starts_with("where\n\n| | bytes a client, 5,000 → 19,000 |\n"));
        assert!(large.contains("|\n\n| what | | bound | |\n"));
        assert!(!section(&book(), Kind::Curve, "where").contains("bound"));
    }

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let new = replaced(TEXT, Kind::Large, "new\n").expect("markers");
        assert!(
            new.starts_with("a\n<!-- compare large -->\n\nnew\n\n<!-- /compare large -->\nz\n")
        );
        assert!(new.ends_with(TEXT.split_once("\nz\n").expect("z").1));
        assert_eq!(replaced(&new, Kind::Large, "new\n").expect("markers"), new);
        assert!(replaced(TEXT, Kind::Fanout, "new\n").is_err());
    }

    #[test]
    fn the_plot_has_those_who_were_measured() {
        let plot = plot(&book());
        assert!(plot.contains(">ws (Node)</text>") && !plot.contains(">hub</text>"));
    }
}

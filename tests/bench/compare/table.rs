//! The figures as Markdown: medians of all, and the ratios that DESIGN §5 bounds.

use super::{
    book::{Book, What},
    peers::Peer,
};

/// A ratio, and what it should be.
struct Bound {
    title: &'static str,
    of: (What, Peer),
    over: (What, Peer),
    limit: Limit,
}

#[derive(Clone, Copy)]
enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

const fn bound(what: What, of: Peer, over: Peer, title: &'static str, limit: Limit) -> Bound {
    Bound { title, of: (what, of), over: (what, over), limit }
}

const BOUNDS: [Bound; 8] = [
    bound(
        What::Deliveries,
        Peer::HubDurable,
        Peer::UWebSockets,
        "fan-out, durable, over uWebSockets",
        Limit::AtLeast(1.0),
    ),
    bound(
        What::Deliveries,
        Peer::HubMemory,
        Peer::UWebSockets,
        "fan-out, in memory, over uWebSockets",
        Limit::AtLeast(1.15),
    ),
    bound(
        What::Deliveries,
        Peer::HubDurable,
        Peer::Gorilla,
        "fan-out, durable, over the gorilla loop",
        Limit::AtLeast(6.0),
    ),
    bound(
        What::CpuPerDelivery,
        Peer::HubDurable,
        Peer::UWebSockets,
        "CPU of a lone message's delivery, over uWebSockets",
        Limit::AtMost(0.85),
    ),
    bound(
        What::CpuPerDelivery,
        Peer::HubDurable,
        Peer::Floor,
        "CPU of a lone message's delivery, over bare send()",
        Limit::AtMost(1.1),
    ),
    bound(
        What::LastOfLarge,
        Peer::HubDurable,
        Peer::UWebSockets,
        "time to the last of 19,000, over uWebSockets",
        Limit::AtMost(0.6),
    ),
    bound(
        What::Handshakes,
        Peer::HubDurable,
        Peer::Gorilla,
        "handshakes/s, over gorilla",
        Limit::AtLeast(1.0),
    ),
    Bound {
        title: "the others' p99 with 1 % stalled, over none stalled",
        of: (What::P99Stalled, Peer::HubDurable),
        over: (What::P99, Peer::HubDurable),
        limit: Limit::AtMost(1.25),
    },
];

impl What {
    fn title(self) -> String {
        match self {
            Self::Deliveries => "deliveries/s, 500 clients, 16 in flight".into(),
            Self::CpuPerDelivery => "µs CPU a delivery, one in flight".into(),
            Self::Handshakes => "handshakes/s".into(),
            Self::CpuPerHandshake => "µs CPU a handshake".into(),
            Self::P99 => "p99 ms under that load".into(),
            Self::P99Stalled => "p99 ms, 1 % stalled".into(),
            Self::Memory => "bytes a client, 5,000 → 19,000".into(),
            Self::LastOfLarge => "ms to the last of 19,000".into(),
            Self::DeliveriesAt(clients) => format!("deliveries/s, {clients} clients"),
            Self::LastOf(clients) => format!("ms to the last of {clients}"),
        }
    }
}

/// The medians: a row for each peer, a column for each thing measured.
pub(crate) fn figures(book: &Book) -> String {
    let measured = book.measured();
    let titles: Vec<String> = measured.iter().map(|what| what.title()).collect();
    let mut text = format!("| | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(titles.len()));
    for peer in Peer::ALL {
        let cells = measured.iter().map(|what| book.median(*what, peer));
        let cells: Vec<String> = cells.map(|figure| figure.map_or("–".into(), short)).collect();
        text += &format!("| {} | {} |\n", peer.name(), cells.join(" | "));
    }
    text
}

/// The bounds of which both sides were measured.
pub(crate) fn ratios(book: &Book) -> String {
    let mut text = String::from("| what | ratio | bound | |\n|---|---|---|---|\n");
    for Bound { title, of, over, limit } in &BOUNDS {
        let Some(ratio) = book.ratio(*of, *over) else { continue };
        let (limit, is_kept) = match limit {
            Limit::AtLeast(least) => (format!("≥ {least}"), ratio >= *least),
            Limit::AtMost(most) => (format!("≤ {most}"), ratio <= *most),
        };
        let verdict = if is_kept { "kept" } else { "MISSED" };
        text += &format!("| {title} | {ratio:.2} × | {limit} × | {verdict} |\n");
    }
    text
}

/// Whole numbers, but for small ones.
fn short(figure: f64) -> String {
    if figure < 100.0 { format!("{figure:.2}") } else { format!("{figure:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(hub: f64, gorilla: f64) -> Book {
        let mut book = Book::default();
        book.note(What::Handshakes, Peer::HubDurable, hub);
        book.note(What::Handshakes, Peer::Gorilla, gorilla);
        book
    }

    #[test]
    fn a_bound_is_kept_or_missed_and_nothing_is_said_of_what_was_not_measured() {
        let kept = ratios(&measured(300.0, 200.0));
        assert!(kept.ends_with("| handshakes/s, over gorilla | 1.50 × | ≥ 1 × | kept |\n"));
        assert!(ratios(&measured(100.0, 200.0)).contains("| 0.50 × | ≥ 1 × | MISSED |"));
        assert_eq!(kept.lines().count(), 3);
    }

    #[test]
    fn who_was_not_measured_has_a_dash() {
        let table = figures(&measured(300.0, 20.5));
        assert!(table.starts_with("| | handshakes/s |\n|---|---|\n| hub | 300 |\n"));
        assert!(table.contains("| gorilla loop | 20.50 |\n| ws (Node) | – |\n"));
    }
}

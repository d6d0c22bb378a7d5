//! The figures of a kind as Markdown: medians of all, and what DESIGN §5 bounds.

use super::{
    book::{Book, What},
    measure::Kind,
    peers::Peer,
};

/// What is bounded, and what it should be.
struct Bound {
    title: &'static str,
    subject: Subject,
    limit: Limit,
}

/// What is bounded: a ratio if it can be, because figures depend on the machine.
enum Subject {
    Ratio { of: (What, Peer), over: (What, Peer) },
    Bytes(What, Peer),
}

#[derive(Clone, Copy)]
enum Limit {
    AtLeast(f64),
    AtMost(f64),
    /// The second is aimed at, but only the first is due.
    Aim(f64, f64),
}

const fn bound(what: What, of: Peer, over: Peer, title: &'static str, limit: Limit) -> Bound {
    Bound { title, subject: Subject::Ratio { of: (what, of), over: (what, over) }, limit }
}

/// Memory of a client that does not read: a KiB, and the rest of a frame.
const STALLED_BYTES: f64 = 1024.0 + 300.0;
/// Memory of an idle client in the room.
const IDLE: Limit = Limit::Aim(2048.0, 1024.0);

const BOUNDS: [Bound; 13] = [
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
        What::CpuPerDelivery,
        Peer::HubMemory,
        Peer::UWebSockets,
        "the same in memory, over uWebSockets",
        Limit::AtMost(0.85),
    ),
    bound(
        What::CpuPerDelivery,
        Peer::HubMemory,
        Peer::Floor,
        "the same in memory, over bare send()",
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
        subject: Subject::Ratio {
            of: (What::P99Stalled, Peer::HubDurable),
            over: (What::P99, Peer::HubDurable),
        },
        limit: Limit::AtMost(1.25),
    },
    Bound {
        title: "resident memory that a stalled client takes more, with the rest of a frame",
        subject: Subject::Bytes(What::StalledMemory, Peer::HubDurable),
        limit: Limit::AtMost(STALLED_BYTES),
    },
    Bound {
        title: "resident memory of an idle client, durable",
        subject: Subject::Bytes(What::Memory, Peer::HubDurable),
        limit: IDLE,
    },
    Bound {
        title: "resident memory of an idle client, in memory",
        subject: Subject::Bytes(What::Memory, Peer::HubMemory),
        limit: IDLE,
    },
];

impl Subject {
    fn kind(&self) -> Kind {
        match self {
            Self::Ratio { of: (what, _), .. } | Self::Bytes(what, _) => what.kind(),
        }
    }

    fn value(&self, book: &Book) -> Option<f64> {
        match self {
            Self::Ratio { of, over } => book.ratio(*of, *over),
            Self::Bytes(what, peer) => book.median(*what, *peer),
        }
    }

    fn show(&self, value: f64) -> String {
        match self {
            Self::Ratio { .. } => format!("{value:.2} ×"),
            Self::Bytes(..) => format!("{value:.0} bytes"),
        }
    }
}

impl Limit {
    fn show(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {least}"),
            Self::AtMost(most) => format!("≤ {most}"),
            Self::Aim(most, aim) => format!("≤ {most}, aim {aim}"),
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        match self {
            Self::AtLeast(least) if value >= least => "kept",
            Self::Aim(_, aim) if value <= aim => "kept, and the aim",
            Self::AtMost(most) | Self::Aim(most, _) if value <= most => "kept",
            Self::AtLeast(_) | Self::AtMost(_) | Self::Aim(..) => "MISSED",
        }
    }
}

impl What {
    /// The kind of runs that measures it.
    fn kind(self) -> Kind {
        match self {
            Self::Deliveries | Self::CpuPerDelivery => Kind::Fanout,
            Self::Handshakes | Self::CpuPerHandshake => Kind::Handshakes,
            Self::P99 | Self::P99Stalled | Self::StalledMemory => Kind::Stalled,
            Self::P99Calm
            | Self::P99Coming
            | Self::P99Going
            | Self::PresencePerJoin
            | Self::Joins
            | Self::TalkerLate => Kind::Storm,
            Self::Memory | Self::LastOfLarge => Kind::Large,
            Self::DeliveriesAt(_) | Self::LastOf(_) => Kind::Curve,
        }
    }

    fn title(self) -> String {
        match self {
            Self::Deliveries => "deliveries/s, 500 clients, 16 in flight".into(),
            Self::CpuPerDelivery => "µs CPU a delivery, one in flight".into(),
            Self::Handshakes => "handshakes/s".into(),
            Self::CpuPerHandshake => "µs CPU a handshake".into(),
            Self::P99 => "p99 ms under that load".into(),
            Self::P99Stalled => "p99 ms, 1 % stalled".into(),
            Self::StalledMemory => "bytes a stalled client takes more".into(),
            Self::P99Calm => "p99 ms, calm".into(),
            Self::P99Coming => "p99 ms while 10,000 come".into(),
            Self::P99Going => "p99 ms while they go".into(),
            Self::PresencePerJoin => "presence frames to one client, a join".into(),
            Self::Joins => "joins/s".into(),
            Self::TalkerLate => "p99 ms the talker was late".into(),
            Self::Memory => "bytes a client, 5,000 → 19,000".into(),
            Self::LastOfLarge => "ms to the last of 19,000".into(),
            Self::DeliveriesAt(clients) => format!("deliveries/s, {clients} clients"),
            Self::LastOf(clients) => format!("ms to the last of {clients}"),
        }
    }
}

/// Whether there is a figure of this kind.
pub(crate) fn is_measured(book: &Book, kind: Kind) -> bool {
    book.measured().into_iter().any(|what| what.kind() == kind)
}

/// The medians of a kind: a row for each peer, a column for each thing measured.
pub(crate) fn figures(book: &Book, kind: Kind) -> String {
    let mut measured = book.measured();
    measured.retain(|what| what.kind() == kind);
    let titles: Vec<String> = measured.iter().map(|what| what.title()).collect();
    let mut text = format!("| | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(titles.len()));
    for peer in Peer::ALL.into_iter().filter(|peer| kind.is_for(*peer)) {
        let cells = measured.iter().map(|what| book.median(*what, peer));
        let cells: Vec<String> = cells.map(|figure| figure.map_or("–".into(), short)).collect();
        text += &["| ", peer.name(), " | ", &cells.join(" | "), " |\n"].concat();
    }
    text
}

/// The bounds on what a kind measures, those of which everything was measured; or nothing.
pub(crate) fn bounds(book: &Book, kind: Kind) -> String {
    let rows = BOUNDS.iter().filter(|bound| bound.subject.kind() == kind).filter_map(|bound| {
        let value = bound.subject.value(book)?;
        let (shown, limit) = (bound.subject.show(value), bound.limit.show());
        Some(format!("| {} | {shown} | {limit} | {} |\n", bound.title, bound.limit.verdict(value)))
    });
    let rows: String = rows.collect();
    if rows.is_empty() { rows } else { format!("| what | | bound | |\n|---|---|---|---|\n{rows}") }
}

/// Whole numbers, but for small ones; of very small ones what is not zero.
fn short(figure: f64) -> String {
    if figure.is_infinite() {
        "never".into()
    } else if figure < 0.1 {
        format!("{figure:.4}")
    } else if figure < 100.0 {
        format!("{figure:.2}")
    } else {
        format!("{figure:.0}")
    }
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
        let kept = bounds(&measured(300.0, 200.0), Kind::Handshakes);
        assert!(kept.ends_with("| handshakes/s, over gorilla | 1.50 × | ≥ 1 | kept |\n"));
        assert_eq!(kept.lines().count(), 3);
        let missed = bounds(&measured(100.0, 200.0), Kind::Handshakes);
        assert!(missed.contains("| 0.50 × | ≥ 1 | MISSED |"));
        assert_eq!(bounds(&measured(300.0, 200.0), Kind::Fanout), "");
    }

    #[test]
    fn a_figure_can_be_bounded_by_itself_with_an_aim_beyond() {
        let verdict = |bytes: f64| {
            let mut book = Book::default();
            book.note(What::Memory, Peer::HubDurable, bytes);
            bounds(&book, Kind::Large)
        };
        assert!(verdict(1500.0).contains("| 1500 bytes | ≤ 2048, aim 1024 | kept |"));
        assert!(verdict(1000.0).ends_with("| kept, and the aim |\n"));
        assert!(verdict(2049.0).ends_with("| MISSED |\n"));
    }

    #[test]
    fn who_was_not_measured_has_a_dash_and_who_stopped_for_good_never_delivers() {
        let mut book = measured(300.0, 20.5);
        let table = figures(&book, Kind::Handshakes);
        assert!(table.starts_with("| | handshakes/s |\n|---|---|\n| hub | 300 |\n"));
        assert!(table.contains("| gorilla loop | 20.50 |\n| ws (Node) | – |\n"));
        book.note(What::P99Stalled, Peer::Gorilla, f64::INFINITY);
        assert!(figures(&book, Kind::Stalled).contains("| gorilla loop | never |\n"));
        assert!(!figures(&book, Kind::Stalled).contains("handshakes"));
        assert!(is_measured(&book, Kind::Stalled) && !is_measured(&book, Kind::Curve));
    }

    #[test]
    fn a_storm_has_a_row_for_who_tells_presence_and_digits_for_how_little() {
        let mut book = Book::default();
        book.note(What::PresencePerJoin, Peer::HubMemory, 0.0042);
        book.note(What::Joins, Peer::HubMemory, 9_000.4);
        let table = figures(&book, Kind::Storm);
        assert!(table.ends_with("| hub | – | – |\n| hub --memory | 0.0042 | 9000 |\n"));
        assert_eq!(table.lines().count(), 4);
        assert_eq!(bounds(&book, Kind::Storm), "");
    }
}

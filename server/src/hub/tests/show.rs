//! Frames as short lines, so that a test reads like a transcript.

use protocol::{
    EventKind, RoomEvent, RoomName, Seq, ServerFrame, UserName,
    server::{
        ErrorFrame, GapReason, Joined, Member, Members, Page, Presence, RoomSummary, Welcome,
    },
};

/// The frame as a line.
pub(super) fn line(frame: &ServerFrame) -> String {
    match frame {
        ServerFrame::Welcome(frame) => welcome(frame),
        ServerFrame::Joined(frame) => joined(frame),
        ServerFrame::Event(frame) => event(frame),
        ServerFrame::Ack(frame) => {
            format!("ack {} {} {}", frame.id, room(&frame.room), frame.seq)
        }
        ServerFrame::Page(frame) => page(frame),
        ServerFrame::Rooms(frame) => format!("rooms {}", rooms(&frame.rooms, frame.more)),
        ServerFrame::Members(frame) => members(frame),
        ServerFrame::Presence(frame) => presence(frame),
        ServerFrame::Gap(frame) => {
            let reason = reason(frame.reason);
            format!("gap {} {}..{} {reason}", room(&frame.room), frame.from, frame.to)
        }
        ServerFrame::Left(frame) => format!("left {}", room(&frame.room)),
        ServerFrame::Renamed(frame) => format!("renamed {}>{}", frame.from, frame.to),
        ServerFrame::Pong(frame) => format!("pong {}", frame.nonce.as_deref().unwrap_or("-")),
        ServerFrame::Error(frame) => error(frame),
        ServerFrame::Bye(frame) => {
            format!("bye {:?} {:?}", frame.reason, frame.retry_after_ms.unwrap_or_default())
        }
        ServerFrame::Read(frame) => format!("read {} {}", room(&frame.room), frame.seq),
        ServerFrame::Typing(frame) => {
            format!("typing {} {}", room(&frame.room), names(&frame.names))
        }
        ServerFrame::Results(_) => format!("{frame:?}"),
    }
}

fn room(name: &RoomName) -> &str {
    if name.is_private() { "dm" } else { name.as_str() }
}

fn read(seq: Option<Seq>) -> String {
    seq.map(|seq| format!(" read {seq}")).unwrap_or_default()
}

fn names<'a>(names: impl IntoIterator<Item = &'a UserName>) -> String {
    names.into_iter().map(UserName::as_str).collect::<Vec<_>>().join(",")
}

fn member(member: &Member) -> String {
    let away = member.away.as_ref().map(|text| format!("({text})")).unwrap_or_default();
    let seen = member.last_seen.map(|at| format!("@{}", at.0)).unwrap_or_default();
    format!("{}{away}{seen}", member.name)
}

fn list(members: &[Member], more: bool) -> String {
    let list = members.iter().map(member).collect::<Vec<_>>().join(",");
    format!("[{list}{}]", if more { ",…" } else { "" })
}

fn welcome(frame: &Welcome) -> String {
    format!("welcome {}: {}", frame.name, rooms(&frame.rooms, false))
}

fn joined(frame: &Joined) -> String {
    let peer = frame.peer.as_ref().map(|peer| format!(" with {peer}")).unwrap_or_default();
    let topic = match frame.topic.as_str() {
        "" => String::new(),
        topic => format!(" ({topic})"),
    };
    let members = list(&frame.members, frame.more);
    let place = format!("{}{peer}{topic}{}", room(&frame.room), read(frame.read));
    format!("joined {place} {}..{} n={} {members}", frame.oldest, frame.head, frame.count)
}

fn event(frame: &RoomEvent) -> String {
    let text = frame.text.as_ref().map_or("-", |text| text.as_str());
    let kind = match frame.kind {
        EventKind::Message => ":",
        EventKind::Topic => " topic:",
        EventKind::Edit => " edits:",
        EventKind::Delete => " deletes:",
        EventKind::Announcement => " announces:",
        EventKind::Reaction | EventKind::Notice => " ?:",
    };
    format!("{} {} {}{kind} {text}", room(&frame.room), frame.seq, frame.from)
}

fn page(frame: &Page) -> String {
    let seqs = match (frame.events.first(), frame.events.last()) {
        (Some(first), Some(last)) => format!("{}..{}", first.seq, last.seq),
        _ => "-".to_owned(),
    };
    let gap = frame.gap.as_ref().map(|gap| format!(" gap {}..{}", gap.from, gap.to));
    let (gap, more) = (gap.unwrap_or_default(), if frame.more { " more" } else { "" });
    format!("page {} {seqs} as of {}{gap}{more}", room(&frame.room), frame.as_of)
}

fn rooms(list: &[RoomSummary], more: bool) -> String {
    let one = |summary: &RoomSummary| {
        let peer = summary.peer.as_ref().map(|peer| format!(" with {peer}")).unwrap_or_default();
        let mine = if summary.mine { "*" } else { "" };
        let place = format!("{}{peer}{mine}{}", room(&summary.room), read(summary.read));
        format!("{place}({},{})", summary.members, summary.head)
    };
    let list = list.iter().map(one).collect::<Vec<_>>().join(" ");
    format!("{list}{}", if more { " …" } else { "" })
}

fn members(frame: &Members) -> String {
    let place = frame.room.as_ref().map_or("-", room);
    format!("members {place} {}", list(&frame.members, frame.more))
}

fn presence(frame: &Presence) -> String {
    let mut line = format!("presence {} n={}", room(&frame.room), frame.count);
    if !frame.left.is_empty() {
        line += " -";
        line += &names(&frame.left);
    }
    let renames = frame.renamed.iter().map(|rename| format!(" {}>{}", rename.from, rename.to));
    line.extend(renames);
    if !frame.joined.is_empty() {
        line += " +";
        line += &list(&frame.joined, false);
    }
    line
}

fn error(frame: &ErrorFrame) -> String {
    let place = frame.room.as_ref().map(|name| format!(" in {}", room(name))).unwrap_or_default();
    let suggest = frame.suggest.as_ref().map(|name| format!(" try {name}")).unwrap_or_default();
    let retry = frame.retry_after_ms.map(|ms| format!(" after {ms}")).unwrap_or_default();
    format!("error {}{place}{suggest}{retry}", frame.code)
}

fn reason(reason: GapReason) -> &'static str {
    match reason {
        GapReason::Retention => "retention",
        GapReason::Epoch => "epoch",
    }
}

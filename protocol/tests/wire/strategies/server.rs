//! The frames of the hub.

use proptest::{bool::ANY as FLAG, collection::vec, option::of, prelude::*, sample::select};
use protocol::{
    Deleted, Edited, ErrorCode, EventKind, HubId, Reactions, RoomEvent, ServerFrame, SessionId,
    server::{self, ByeReason, Durability, GapReason, Role},
};

use super::{emoji, epoch, id, identity, name, note, room, seq, text, time, topic, words};

/// Any frame of the hub.
pub(crate) fn server_frame() -> impl Strategy<Value = ServerFrame> {
    prop_oneof![list_frame(), news_frame(), answer_frame()]
}

fn list_frame() -> impl Strategy<Value = ServerFrame> {
    use server::{Joined, Members, Page, Results, Rooms};
    prop_oneof![
        welcome().prop_map(ServerFrame::Welcome),
        drawn!(Joined {
            id: of(id()),
            room: room(),
            peer: of(name()),
            topic: topic(),
            head: seq(),
            oldest: seq(),
            read: of(seq()),
            epoch: epoch(),
            count: any::<u32>(),
            members: vec(member(), 0..4),
            more: FLAG,
        })
        .prop_map(ServerFrame::Joined),
        drawn!(Page {
            id: of(id()),
            room: room(),
            events: vec(event(), 0..4),
            oldest: seq(),
            as_of: seq(),
            gap: of(drawn!(server::GapRange { from: seq(), to: seq(), reason: gap_reason() })),
            more: FLAG,
        })
        .prop_map(ServerFrame::Page),
        drawn!(Results { id: of(id()), hits: vec(event(), 0..4), more: FLAG })
            .prop_map(ServerFrame::Results),
        drawn!(Rooms { id: of(id()), rooms: vec(summary(), 0..4), more: FLAG })
            .prop_map(ServerFrame::Rooms),
        drawn!(Members {
            id: of(id()),
            room: of(room()),
            members: vec(member(), 0..4),
            more: FLAG
        })
        .prop_map(ServerFrame::Members),
    ]
}

fn news_frame() -> impl Strategy<Value = ServerFrame> {
    use ByeReason::{Banned, Idle, Kicked, Restart, Shutdown};
    use server::{Bye, Gap, Presence, Rename, TypingNotice};
    prop_oneof![
        event().prop_map(ServerFrame::Event),
        drawn!(Presence {
            room: room(),
            left: vec(name(), 0..4),
            renamed: vec(drawn!(Rename { from: name(), to: name() }), 0..4),
            joined: vec(member(), 0..4),
            count: any::<u32>(),
        })
        .prop_map(ServerFrame::Presence),
        drawn!(Gap { room: room(), from: seq(), to: seq(), reason: gap_reason() })
            .prop_map(ServerFrame::Gap),
        drawn!(TypingNotice { room: room(), names: vec(name(), 0..4) })
            .prop_map(ServerFrame::Typing),
        drawn!(Bye {
            reason: select(vec![Restart, Shutdown, Kicked, Banned, Idle]),
            retry_after_ms: of(any::<u64>()),
        })
        .prop_map(ServerFrame::Bye),
    ]
}

fn answer_frame() -> impl Strategy<Value = ServerFrame> {
    use server::{Ack, ErrorFrame, Left, Pong, ReadMarker, Renamed};
    prop_oneof![
        drawn!(Ack { id: id(), room: room(), seq: seq(), at: time() }).prop_map(ServerFrame::Ack),
        drawn!(Left { id: of(id()), room: room() }).prop_map(ServerFrame::Left),
        drawn!(Renamed { id: of(id()), from: name(), to: name() }).prop_map(ServerFrame::Renamed),
        drawn!(ReadMarker { id: of(id()), room: room(), seq: seq() }).prop_map(ServerFrame::Read),
        drawn!(Pong { id: of(id()), nonce: of(words()) }).prop_map(ServerFrame::Pong),
        drawn!(ErrorFrame {
            id: of(id()),
            code: select(ErrorCode::ALL.to_vec()),
            text: words(),
            room: of(room()),
            suggest: of(name()),
            retry_after_ms: of(any::<u64>()),
        })
        .prop_map(ServerFrame::Error),
    ]
}

fn welcome() -> impl Strategy<Value = server::Welcome> {
    use server::{Limits, ServerInfo, Welcome};
    let limits = any::<[u32; 10]>().prop_map(
        |[text, frame, name, room, topic, note, rooms, page, rate, burst]| Limits {
            text,
            frame,
            name,
            room,
            topic,
            note,
            rooms,
            page,
            rate,
            burst,
        },
    );
    let hub = any::<[u8; 16]>().prop_map(HubId::from_bytes);
    // Tuples of strategies end at twelve, hence two.
    let one = (of(id()), any::<u64>().prop_map(SessionId), name(), identity(), role());
    let other = (
        drawn!(ServerInfo { name: words(), version: words() }),
        hub,
        epoch(),
        select(vec![Durability::Fsync, Durability::Os, Durability::Memory]),
        time(),
        any::<u64>(),
        limits,
        vec(summary(), 0..4),
    );
    (one, other).prop_map(|((id, session, name, identity, role), other)| {
        let (server, hub, epoch, durability, now, heartbeat_ms, limits, rooms) = other;
        Welcome {
            id,
            session,
            name,
            identity,
            role,
            server,
            hub,
            epoch,
            durability,
            now,
            heartbeat_ms,
            limits,
            rooms,
        }
    })
}

fn event() -> impl Strategy<Value = RoomEvent> {
    use EventKind::{Announcement, Delete, Edit, Message, Notice, Reaction, Topic};
    let kind = select(vec![Message, Announcement, Topic, Edit, Delete, Reaction, Notice]);
    let fixed = (room(), seq(), time(), name(), identity(), kind, id());
    let body = (of(text()), of(seq()), of(seq()));
    let state = (
        of(drawn!(Edited { seq: seq(), at: time() })),
        of(drawn!(Deleted { seq: seq(), by: identity() })),
        vec(drawn!(Reactions { emoji: emoji(), count: any::<u32>(), mine: FLAG }), 0..3),
    );
    (fixed, body, state).prop_map(|(fixed, body, state)| {
        let (room, seq, at, from, by, kind, id) = fixed;
        let (text, reply_to, target) = body;
        let (edited, deleted, reactions) = state;
        RoomEvent {
            room,
            seq,
            at,
            from,
            by,
            kind,
            id,
            text,
            reply_to,
            target,
            edited,
            deleted,
            reactions,
        }
    })
}

fn summary() -> impl Strategy<Value = server::RoomSummary> {
    drawn!(server::RoomSummary {
        room: room(),
        peer: of(name()),
        topic: topic(),
        members: any::<u32>(),
        head: seq(),
        read: of(seq()),
        mine: FLAG,
    })
}

fn member() -> impl Strategy<Value = server::Member> {
    drawn!(server::Member { name: name(), role: role(), away: of(note()), last_seen: of(time()) })
}

fn gap_reason() -> impl Strategy<Value = GapReason> {
    select(vec![GapReason::Retention, GapReason::Epoch])
}

fn role() -> impl Strategy<Value = Role> {
    select(vec![Role::Member, Role::Operator])
}

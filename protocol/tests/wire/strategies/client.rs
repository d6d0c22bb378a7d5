//! The frames of a client.

use proptest::{bool::ANY as FLAG, option::of, prelude::*, sample::select};
use protocol::{
    ClientFrame, Secret,
    client::{self, Action},
};

use super::{addressee, emoji, epoch, id, limit, name, note, room, seq, text, topic, words};

/// Any frame of a client.
pub(crate) fn client_frame() -> impl Strategy<Value = ClientFrame> {
    prop_oneof![talk_frame(), look_frame(), own_frame(), operator_frame()]
}

fn talk_frame() -> impl Strategy<Value = ClientFrame> {
    use client::{Delete, Direct, Edit, React, Read, Say, Typing};
    prop_oneof![
        drawn!(Say { id: id(), room: room(), text: text(), reply_to: of(seq()) })
            .prop_map(ClientFrame::Say),
        drawn!(Direct { id: id(), to: addressee(), text: text() }).prop_map(ClientFrame::Direct),
        drawn!(Edit { id: id(), room: room(), seq: seq(), text: text() })
            .prop_map(ClientFrame::Edit),
        drawn!(Delete { id: id(), room: room(), seq: seq() }).prop_map(ClientFrame::Delete),
        drawn!(React { id: id(), room: room(), seq: seq(), emoji: emoji(), on: FLAG })
            .prop_map(ClientFrame::React),
        drawn!(Read { id: of(id()), room: room(), seq: seq() }).prop_map(ClientFrame::Read),
        drawn!(Typing { id: of(id()), room: room() }).prop_map(ClientFrame::Typing),
    ]
}

fn look_frame() -> impl Strategy<Value = ClientFrame> {
    use client::{History, ListRooms, Search, Who};
    prop_oneof![
        drawn!(History {
            id: of(id()),
            room: room(),
            before: of(seq()),
            after: of(seq()),
            limit: limit(),
        })
        .prop_map(ClientFrame::History),
        drawn!(Search {
            id: of(id()),
            query: words(),
            room: of(room()),
            from: of(addressee()),
            before: of(seq()),
            after: of(seq()),
            limit: limit(),
        })
        .prop_map(ClientFrame::Search),
        drawn!(ListRooms { id: of(id()), prefix: of(words()), limit: limit() })
            .prop_map(ClientFrame::Rooms),
        drawn!(Who {
            id: of(id()),
            room: of(room()),
            name: of(name()),
            after: of(name()),
            limit: of(limit()),
        })
        .prop_map(ClientFrame::Who),
    ]
}

fn own_frame() -> impl Strategy<Value = ClientFrame> {
    use client::{Away, Hello, Join, Leave, Name, Ping};
    prop_oneof![
        drawn!(Hello {
            id: of(id()),
            name: name(),
            secret: of(any::<[u8; 32]>().prop_map(Secret::from_bytes)),
            password: of(words()),
            agent: of(words()),
        })
        .prop_map(ClientFrame::Hello),
        drawn!(Join { id: of(id()), room: room(), after: of(seq()), epoch: of(epoch()) })
            .prop_map(ClientFrame::Join),
        drawn!(Leave { id: of(id()), room: room() }).prop_map(ClientFrame::Leave),
        drawn!(Name { id: of(id()), name: name() }).prop_map(ClientFrame::Name),
        drawn!(Away { id: of(id()), text: of(note()) }).prop_map(ClientFrame::Away),
        drawn!(Ping { id: of(id()), nonce: of(words()) }).prop_map(ClientFrame::Ping),
    ]
}

fn operator_frame() -> impl Strategy<Value = ClientFrame> {
    use Action::{Ban, Deop, Kick, Mute, Op, Unban, Unmute};
    use client::{Announce, Moderate, SetTopic};
    prop_oneof![
        drawn!(SetTopic { id: id(), room: room(), text: topic() }).prop_map(ClientFrame::Topic),
        drawn!(Announce { id: id(), text: text(), room: of(room()) })
            .prop_map(ClientFrame::Announce),
        drawn!(Moderate {
            id: id(),
            action: select(vec![Kick, Ban, Unban, Mute, Unmute, Op, Deop]),
            name: name(),
            room: of(room()),
            for_ms: of(any::<u64>()),
            why: of(note()),
        })
        .prop_map(ClientFrame::Moderate),
    ]
}

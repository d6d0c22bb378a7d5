//! Every frame, at random.

use proptest::{
    bool::ANY as FLAG, collection::vec, prelude::*, sample::select, string::string_regex,
};
use protocol::{
    Addressee, Emoji, Epoch, Identity, MessageText, Note, PageLimit, RequestId, RoomName, Seq,
    Timestamp, Topic, UserName,
};

/// A struct, each of whose fields is drawn from a strategy.
macro_rules! drawn {
    ($($type:ident)::+ { $($field:ident: $strategy:expr),* $(,)? }) => {
        ($($strategy,)*).prop_map(|($($field,)*)| $($type)::+ { $($field),* })
    };
}

// After the macro, which they use.
mod client;
mod server;

pub(crate) use client::client_frame;
pub(crate) use server::server_frame;

/// Any JSON value, nested a little.
pub(crate) fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        FLAG.prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::hash_map(words(), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Any name, of one script or another.
pub(crate) fn name() -> impl Strategy<Value = UserName> {
    let ascii = "[a-zA-Z0-9][a-zA-Z0-9._-]{0,31}";
    let latin = "[a-zäöüßéñøąžİı][a-zäöüßéñøąžİı0-9]{0,20}";
    let others = "[а-яА-Я]{1,20}|[α-ωΑ-Ω]{1,20}|[一-龥]{1,20}|[א-ת]{1,20}|[ก-ฮ]{1,20}";
    let text = prop_oneof![string(ascii), string(latin), string(others)];
    text.prop_filter_map("no name", |text| UserName::parse(&text).ok())
}

/// Any room, private ones too.
pub(crate) fn room() -> impl Strategy<Value = RoomName> {
    let private = (identity(), identity()).prop_map(|(a, b)| RoomName::private(&a, &b));
    let public = string("#?[a-zA-Z0-9._äжΩ明-]{1,60}")
        .prop_filter_map("no room", |text| RoomName::parse(&text).ok());
    prop_oneof![public, private]
}

pub(crate) fn text() -> impl Strategy<Value = MessageText> {
    string("(\\PC|[\n\t\"\\\\]){1,200}")
        .prop_filter_map("no text", |text| MessageText::parse(&text).ok())
}

pub(crate) fn topic() -> impl Strategy<Value = Topic> {
    words().prop_filter_map("no topic", |text| Topic::parse(&text).ok())
}

pub(crate) fn note() -> impl Strategy<Value = Note> {
    string("\\PC{1,20}").prop_filter_map("no note", |text| Note::parse(&text).ok())
}

pub(crate) fn words() -> impl Strategy<Value = String> {
    string("\\PC{0,20}")
}

pub(crate) fn emoji() -> impl Strategy<Value = Emoji> {
    select(vec!["👍", "❤️", "👩‍👩‍👧", "🇨🇭", "+", "é"])
        .prop_map(|text| Emoji::parse(text).expect("an emoji"))
}

pub(crate) fn addressee() -> impl Strategy<Value = Addressee> {
    prop_oneof![name().prop_map(Addressee::Name), identity().prop_map(Addressee::Identity)]
}

pub(crate) fn id() -> impl Strategy<Value = RequestId> {
    string("[A-Za-z0-9_-]{1,64}").prop_map(|text| RequestId::parse(&text).expect("an id"))
}

pub(crate) fn identity() -> impl Strategy<Value = Identity> {
    any::<[u8; 16]>().prop_map(Identity::from_bytes)
}

pub(crate) fn epoch() -> impl Strategy<Value = Epoch> {
    any::<[u8; 8]>().prop_map(Epoch::from_bytes)
}

pub(crate) fn seq() -> impl Strategy<Value = Seq> {
    (0..=Seq::MAX.get()).prop_map(|number| Seq::new(number).expect("a seq"))
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp)
}

pub(crate) fn limit() -> impl Strategy<Value = PageLimit> {
    (1..=200_u64).prop_map(|number| PageLimit::new(number).expect("a limit"))
}

pub(crate) fn string(pattern: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(pattern).expect("a pattern")
}

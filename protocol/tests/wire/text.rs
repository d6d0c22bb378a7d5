//! Topics, notes, reactions and ids by themselves.

use protocol::{
    Emoji, Epoch,
    ErrorCode::{BadFrame, TextEmpty, TextForbidden, TextTooLong},
    HubId, Identity, Note, RoomName, Secret, Seq, Topic,
};

#[test]
fn topic_is_one_line_of_300_bytes_or_empty() {
    assert!(Topic::parse("").unwrap().is_empty());
    assert!(Topic::parse(&"x".repeat(300)).is_ok());
    assert_eq!(Topic::parse(&"x".repeat(301)).unwrap_err().code, TextTooLong);
    assert_eq!(Topic::parse("a\nb").unwrap_err().code, TextForbidden);
    assert_eq!(Topic::parse("a\tb").unwrap_err().code, TextForbidden);
}

#[test]
fn note_is_one_line_of_100_bytes() {
    assert!(Note::parse(&"x".repeat(100)).is_ok());
    assert_eq!(Note::parse(&"x".repeat(101)).unwrap_err().code, TextTooLong);
    assert_eq!(Note::parse("").unwrap_err().code, TextEmpty);
    assert_eq!(Note::parse("a\nb").unwrap_err().code, TextForbidden);
}

#[test]
fn reaction_is_one_emoji_that_can_be_seen() {
    for emoji in ["👍", "👍🏽", "❤️", "👩‍👩‍👧‍👦", "🇨🇭", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "+", "ok"]
    {
        assert_eq!(Emoji::parse(emoji).is_ok(), emoji != "ok", "{emoji}");
    }
    let marked = format!("e{}", "\u{301}".repeat(9));
    for text in ["", " ", "\n", "\u{202e}", "\u{200d}", "\u{301}", "\u{1b}", "👍👍", &marked] {
        assert_eq!(Emoji::parse(text).unwrap_err().code, TextForbidden, "{text:?}");
    }
}

#[test]
fn identity_follows_from_the_secret_and_no_name_looks_like_one() {
    let identity = Identity::of(&Secret::from_bytes([7; 32]));
    assert_eq!(identity, Identity::of(&Secret::from_bytes([7; 32])));
    assert_ne!(identity, Identity::of(&Secret::from_bytes([8; 32])));
    assert_eq!(Identity::parse(identity.as_str()), Ok(identity.clone()));
    assert!(protocol::UserName::parse(identity.as_str()).is_err());
}

#[test]
fn private_room_is_the_same_from_both_sides() {
    let [a, b, c] = [1, 2, 3].map(|n| Identity::from_bytes([n; 16]));
    assert_eq!(RoomName::private(&a, &b), RoomName::private(&b, &a));
    assert_ne!(RoomName::private(&a, &b), RoomName::private(&a, &c));
    let room = RoomName::private(&a, &b);
    assert!(room.is_private());
    assert_eq!(RoomName::parse(room.as_str()), Ok(room));
}

#[test]
fn hex_ids_are_of_one_length_and_lower_case() {
    assert_eq!(
        Epoch::parse("9d2b4a1c00ffe3a7").unwrap(),
        Epoch::from_bytes([0x9d, 0x2b, 0x4a, 0x1c, 0, 0xff, 0xe3, 0xa7])
    );
    for text in ["", "9d2b4a1c00ffe3a", "9D2B4A1C00FFE3A7", "9d2b4a1c00ffe3ag"] {
        assert_eq!(Epoch::parse(text).unwrap_err().code, BadFrame);
        assert_eq!(HubId::parse(text).unwrap_err().code, BadFrame);
        assert_eq!(Identity::parse(text).unwrap_err().code, BadFrame);
    }
}

#[test]
fn secret_has_one_way_to_be_written() {
    let secret = Secret::from_bytes([255; 32]);
    assert_eq!(Secret::parse(&secret.expose()), Ok(secret.clone()));
    let text = secret.expose();
    for other in [format!("{text}="), text.replace('_', "/"), format!("{}9", &text[..42])] {
        assert_eq!(Secret::parse(&other).unwrap_err().code, BadFrame, "{other}");
    }
}

#[test]
fn seq_stays_within_what_json_keeps() {
    assert_eq!(Seq::MAX.next(), Seq::MAX);
    assert_eq!(Seq::ZERO.previous(), Seq::ZERO);
    assert_eq!(Seq::ZERO.next().get(), 1);
    assert_eq!(Seq::new(Seq::MAX.get() + 1), None);
}

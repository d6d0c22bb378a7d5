//! Which names there are, and which of them are the same.

use proptest::prelude::*;
use protocol::{Addressee, Identity, NameKey, RoomName, UserName};

use crate::{
    cases,
    strategies::{name, room},
};

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn key_of_a_key_is_itself(text in "\\PC{0,40}", name in name()) {
        for key in [NameKey::of(&text), name.key()] {
            prop_assert_eq!(NameKey::of(key.as_str()), key);
        }
    }

    #[test]
    fn case_makes_no_other_name(name in name()) {
        for other in [name.as_str().to_uppercase(), name.as_str().to_lowercase()] {
            // ß and its like have another spelling in capitals.
            if other.chars().count() == name.as_str().chars().count() {
                prop_assert_eq!(NameKey::of(&other), name.key());
            }
        }
    }

    #[test]
    fn what_is_parsed_is_parsed_again(name in name(), room in room(), text in "\\PC{1,12}") {
        prop_assert_eq!(UserName::parse(name.as_str()), Ok(name));
        prop_assert_eq!(RoomName::parse(room.as_str()), Ok(room));
        if let Ok(name) = UserName::parse(&text) {
            prop_assert_eq!(UserName::parse(name.as_str()), Ok(name));
        }
        if let Ok(room) = RoomName::parse(&text) {
            prop_assert_eq!(RoomName::parse(room.as_str()), Ok(room));
        }
    }

    #[test]
    fn numbered_name_is_another_name(name in name(), number in 2..u32::MAX) {
        if let Some(numbered) = name.numbered(number) {
            prop_assert!(numbered.as_str().ends_with(&number.to_string()));
        }
        prop_assert_eq!(name.numbered(1), Some(name));
    }

    #[test]
    fn nearest_of_a_name_is_that_name(ascii in "[a-zA-Z0-9][a-zA-Z0-9._-]{0,31}", text: String) {
        if let Ok(name) = UserName::parse(&ascii) {
            prop_assert_eq!(UserName::nearest(&ascii), Some(name));
        }
        let _ = UserName::nearest(&text); // Does not panic.
    }
}

#[test]
fn look_alikes_have_one_key() {
    for (name, other) in [
        ("evan", "EVAN"),
        ("evan", "evаn"),     // Cyrillic а
        ("evan", "ｅｖａｎ"), // fullwidth
        ("Bob", "Вob"),       // Cyrillic В, whose small letter does not look like b
        ("Tom", "Тom"),
        ("Henry", "Нenry"),
        ("max", "Мах"),
        ("Kelvin", "\u{212a}elvin"),
        ("Ana3", "AnaЗ"), // a letter that looks like a digit
        ("ian", "İan"),
        ("ian", "i\u{307}an"), // an i with two dots has one
        ("ian", "ıan"),
        ("straße", "STRAẞE"),
        ("σας", "ΣΑΣ"),
        ("José", "Jose\u{301}"),
        ("дима", "ДИМА"),
        ("fi", "ﬁ"),
    ] {
        assert_eq!(NameKey::of(name), NameKey::of(other), "{name} {other}");
    }
}

#[test]
fn what_can_be_told_apart_has_two_keys() {
    for (name, other) in [
        ("Bill", "BiIl"),
        ("rn", "m"),
        ("O", "0"),
        ("l", "1"),
        ("jose", "josé"),
        ("a-b", "a_b"),
        ("ana", "ana."),
        ("strasse", "straße"),
        ("ян", "йн"),
    ] {
        assert_ne!(NameKey::of(name), NameKey::of(other), "{name} {other}");
    }
}

#[test]
fn reserved_name_is_reserved_in_every_guise() {
    for name in [
        "system",
        "Server",
        "HUBBUB",
        "everyone",
        "here",
        "all",
        "Admin",
        "аdmin",
        "ａｄｍｉｎ",
        "aII",
        "Аll",
        "ѕуstеm",
        "adrnin",
        "Неrе",
        "ａＬＬ",
    ] {
        let refusal = UserName::parse(name).unwrap_err();
        assert!(refusal.text.contains("reserved"), "{name}: {refusal}");
    }
    for name in ["systems", "admin2", "hereby", "alla", "adm1n"] {
        assert!(UserName::parse(name).is_ok(), "{name}");
    }
}

#[test]
fn what_is_not_seen_stands_in_no_name() {
    let unseen = "\u{0}\t\n\r\u{7f}\u{85}\u{a0}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\
        \u{17b5}\u{180b}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\
        \u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2061}\u{2066}\u{2067}\u{2068}\u{2069}\u{2800}\
        \u{3000}\u{3164}\u{fe0e}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{1d173}\u{e0041}\u{e0100}";
    for c in unseen.chars() {
        for text in [format!("{c}"), format!("{c}a"), format!("a{c}"), format!("a{c}b")] {
            assert!(UserName::parse(&text).is_err(), "{text:?}");
            assert!(RoomName::parse(&text).is_err(), "{text:?}");
        }
    }
}

#[test]
fn greek_capitals_that_no_key_could_keep_apart_do_not_mix() {
    assert!(UserName::parse("Νora").is_err());
    assert!(UserName::parse("Νίκος").is_ok());
}

#[test]
fn name_is_shown_as_typed_and_composed() {
    assert_eq!(UserName::parse("ANa").unwrap().as_str(), "ANa");
    assert_eq!(UserName::parse("Jose\u{301}").unwrap().as_str(), "Jos\u{e9}");
    for name in ["O.Neill_2-x", "明", "محمد", "שרה", "हिन्दी", "Zoë", "7"] {
        assert_eq!(UserName::parse(name).unwrap().as_str(), name);
    }
}

#[test]
fn nearest_keeps_what_it_can() {
    let nearest = |text: &str| UserName::nearest(text).map(|name| name.to_string());
    assert_eq!(nearest("Ana Maria").as_deref(), Some("AnaMaria"));
    assert_eq!(nearest("_www-data").as_deref(), Some("www-data"));
    assert_eq!(nearest("DOMAIN\\ana").as_deref(), Some("DOMAINana"));
    assert_eq!(nearest("ﬁona\u{202e}").as_deref(), Some("fiona"));
    assert_eq!(nearest("admin").as_deref(), Some("admin1"));
    assert_eq!(nearest(&"x".repeat(40)), Some("x".repeat(32)));
    assert_eq!(nearest(&"क्षि".repeat(40)).map(|name| name.len() > 100), Some(true));
    assert_eq!(nearest(""), None);
    assert_eq!(nearest("---"), None);
    assert_eq!(nearest("👻"), None);
}

#[test]
fn numbered_shortens_what_would_be_too_long() {
    let numbered =
        |text, number| UserName::parse(text).unwrap().numbered(number).unwrap().to_string();
    assert_eq!(numbered("student", 2), "student2");
    assert_eq!(numbered("student", 30), "student30");
    let longest = "x".repeat(32);
    assert_eq!(numbered(&longest, 100), format!("{}100", "x".repeat(29)));
    assert_eq!(numbered("שרה", 2), "שרה2");
}

#[test]
fn room_is_lower_case_without_its_hash() {
    for (text, room) in [("Games", "games"), ("#Games", "games"), ("ÄÖ", "äö"), ("LOBBY", "lobby")]
    {
        assert_eq!(RoomName::parse(text).unwrap().as_str(), room);
    }
    let (typed, kept) = ("α\u{313}\u{300}\u{345}".repeat(64), "ᾂ".repeat(64));
    assert_eq!(RoomName::parse(&typed).unwrap().as_str(), kept);
    assert!(RoomName::parse(&format!("{typed}α")).is_err());
    assert_eq!(RoomName::lobby(), RoomName::parse("#Lobby").unwrap());
    assert_eq!(RoomName::announcements(), RoomName::parse("announcements").unwrap());
}

#[test]
fn addressee_is_a_name_or_an_identity() {
    let identity = Identity::from_bytes([1; 16]);
    let addressee = Addressee::parse(identity.as_str()).unwrap();
    assert_eq!(addressee, Addressee::Identity(identity));
    assert!(matches!(Addressee::parse("Ana"), Ok(Addressee::Name(_))));
    assert!(Addressee::parse("~ana").is_err());
}

#[test]
fn marks_are_counted_as_they_are_kept() {
    for marks in ["\u{301}".repeat(9), "\u{344}".repeat(5), "\u{301}\u{323}".repeat(15_000)] {
        assert!(UserName::parse(&format!("x{marks}")).is_err());
        assert!(RoomName::parse(&format!("x{marks}")).is_err());
    }
}

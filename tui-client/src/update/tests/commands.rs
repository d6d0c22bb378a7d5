//! Commands and their answers.

use super::{User, name, sent};
use crate::{effect::Effect, separator::Tone, state::Hosting};

/// The id of the only request among the effects.
fn request_id(effects: &[Effect]) -> String {
    let id = super::frames(effects).find_map(|frame| frame.id());
    id.expect("a request with an id").to_string()
}

#[test]
fn an_unknown_command_stays_in_the_draft() {
    let mut user = User::in_lobby();
    assert_eq!(user.types("/jion tea<ret>"), []);
    assert_eq!(user.draft(), "/jion tea");
    assert_eq!(user.separator(), "no command /jion; did you mean /join? // sends it as text");
    assert_eq!(user.tone(), Some(Tone::Error));
    user.types("x");
    assert_eq!(user.separator(), "");
}

#[test]
fn two_slashes_send_one_and_a_line_break_makes_it_text() {
    let mut user = User::in_lobby();
    assert_eq!(super::said(&user.types("//etc/passwd<ret>")), ["/etc/passwd"]);
    let mut user = User::in_lobby();
    assert_eq!(super::said(&user.types("/etc<c-j>/quit<ret>")), ["/etc\n/quit"]);
}

#[test]
fn a_new_name_is_told_filed_and_answered() {
    let mut user = User::in_lobby();
    let effects = user.types("/nick Ally<ret>");
    assert_eq!(sent(&effects), [r#"{"name":"Ally","type":"name"}"#]);
    let id = request_id(&effects);
    let effects =
        user.hears(&format!(r#"{{"type":"renamed","id":"{id}","from":"Ana","to":"Ally"}}"#));
    assert_eq!(effects, [Effect::AlsoKnownAs { name: name("Ally") }]);
    assert_eq!(user.separator(), "you are Ally now");
    assert_eq!(user.state.me.as_ref().unwrap().name, name("Ally"));
}

#[test]
fn an_error_puts_the_typed_line_back_unless_something_is_being_written() {
    let mut user = User::in_lobby();
    let id = request_id(&user.types("/name Bob<ret>"));
    user.refused(&id, "name_taken", None);
    assert_eq!(user.draft(), "/name Bob");
    assert_eq!(user.separator(), "why not");
    let id = request_id(&user.types("<ret>"));
    user.types("meanwhile");
    user.refused(&id, "name_taken", None);
    assert_eq!(user.draft(), "meanwhile");
    assert_eq!(user.separator(), "why not");
}

#[test]
fn a_bad_argument_leaves_the_line_in_the_composer() {
    for (line, why) in [
        ("/name", "a name is missing: /name NAME"),
        ("/name a b", "a name has only letters"),
        ("/join a/b", "a room name is"),
        ("/msg", "a name is missing: /msg NAME TEXT"),
        ("/msg Ana hi", "that is you"),
        ("/me", "what do you do?"),
        ("/whois", "a name is missing"),
        ("/help nothing", "no help on nothing"),
        ("/retry", "no message failed here"),
        ("/reconnect", "the connection is live"),
    ] {
        let mut user = User::in_lobby();
        assert_eq!(user.types(&format!("{line}<ret>")), [], "{line}");
        assert_eq!(user.draft(), line);
        assert!(user.separator().starts_with(why), "{line}: {}", user.separator());
        assert_eq!(user.tone(), Some(Tone::Error));
    }
}

#[test]
fn what_needs_the_hub_says_so_offline() {
    let mut user = User::in_lobby();
    user.lost();
    user.types("/topic tea<ret>");
    assert_eq!(user.separator(), "not connected; try again when the status says live");
    assert_eq!(user.draft(), "/topic tea");
}

#[test]
fn me_is_sent_as_it_is_typed() {
    let mut user = User::in_lobby();
    let effects = user.types("/me waves<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","text":"/me waves","type":"say"}"#]);
}

#[test]
fn who_and_rooms_answer_in_a_panel() {
    let mut user = User::in_lobby();
    let id = request_id(&user.types("/who<ret>"));
    user.hears(&format!(
        r#"{{"type":"members","id":"{id}","room":"lobby","members":[
        {{"name":"Ana","role":"operator"}},{{"name":"cyd","role":"member","away":"lunch"}}],
        "more":false}}"#
    ));
    assert_eq!(user.state.panel.as_ref().unwrap().title, "2 in lobby");
    assert_eq!(user.panel(), ["Ana  operator", "cyd  away: lunch"]);

    let id = request_id(&user.types("/join<ret>"));
    user.hears(&format!(
        r#"{{"type":"rooms","id":"{id}","rooms":[
        {{"room":"lobby","topic":"what we build","members":2,"head":3,"mine":true}}],
        "more":false}}"#
    ));
    assert_eq!(user.panel(), ["* lobby                    2 here  what we build"]);
}

#[test]
fn whois_answers_on_the_separator() {
    let mut user = User::in_lobby();
    let ask = |user: &mut User, member: &str| {
        let id = request_id(&user.types("/whois Bob<ret>"));
        user.hears(&format!(
            r#"{{"type":"members","id":"{id}","members":[{member}],"more":false}}"#
        ));
        user.separator()
    };
    assert_eq!(
        ask(&mut user, r#"{"name":"Bob","role":"member","away":"lunch"}"#),
        "Bob  away: lunch  here"
    );
    assert_eq!(
        ask(&mut user, r#"{"name":"Bob","role":"member","last_seen":50700000}"#),
        "Bob  not here; last seen Thu 1 Jan 14:05"
    );
    assert_eq!(ask(&mut user, ""), "nobody here is called Bob");
}

#[test]
fn a_topic_is_set_shown_and_cleared() {
    let mut user = User::in_lobby();
    let effects = user.types("/topic what we build<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","text":"what we build","type":"topic"}"#]);
    user.acked(&request_id(&effects), "lobby", 1);
    user.types("/topic<ret>");
    assert_eq!(user.separator(), "no topic; /topic TEXT sets one");
    let effects = user.types("/topic -<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","text":"","type":"topic"}"#]);
}

#[test]
fn help_is_a_panel_that_scrolls_and_esc_closes() {
    let mut user = User::in_lobby();
    user.types("/help<ret>");
    assert!(user.panel().len() > 30);
    user.types("<pgdn>");
    assert!(user.state.panel.as_ref().unwrap().scroll > 0);
    user.types("<esc>");
    assert!(user.state.panel.is_none());
    user.types("/help quit<ret>");
    assert_eq!(user.separator(), "/quit (/exit) leave the hub");
}

#[test]
fn quit_quits() {
    let mut user = User::in_lobby();
    assert_eq!(user.types("/quit<ret>"), [Effect::Quit]);
}

#[test]
fn quit_says_what_goes_out_next_time() {
    let mut user = User::in_lobby();
    let id = super::message_id(&user.types("none<ret>"));
    user.refused(&id, "muted", None);
    user.lost();
    user.types("one<ret>two<ret>");
    let farewell = Some(
        "2 messages not sent yet; they go out next time\n\
         1 message was refused; it is kept for /retry or /discard"
            .into(),
    );
    assert_eq!(user.types("/quit<ret>"), [Effect::Quit]);
    assert_eq!(crate::update::leaving::farewell(&user.state), farewell);
}

#[test]
fn a_second_quit_must_follow_the_first() {
    let mut user = User::starts_with(|settings| {
        settings.hosting = Some(Hosting { data: None, again: "hubbub host".into() });
    });
    user.connects();
    user.joined("lobby", 0);
    user.types("/quit<ret>three<ret>");
    assert_eq!(user.types("/quit<ret>"), []);
    user.types("/help<ret>");
    assert_eq!(user.types("/quit<ret>"), []);
}

#[test]
fn a_host_with_others_present_is_asked_again_and_told_what_is_kept() {
    let mut user = User::starts_with(|settings| {
        let data = Some("/home/ana/hub".into());
        settings.hosting = Some(Hosting { data, again: "hubbub host".into() });
    });
    user.connects();
    user.joined("lobby", 214);
    assert_eq!(user.types("/quit<ret>"), []);
    assert_eq!(user.separator(), "1 other is here, and this hub ends with you; /quit again quits");
    user.types("<c-c>");
    assert_eq!(user.separator(), "1 other is here, and this hub ends with you; Ctrl+C again quits");
    let farewell = Some("Kept 214 messages in /home/ana/hub. Again: hubbub host".into());
    assert_eq!(user.types("<c-c>"), [Effect::Quit]);
    assert_eq!(crate::update::leaving::farewell(&user.state), farewell);
}

#[test]
fn away_and_back() {
    let mut user = User::in_lobby();
    assert_eq!(sent(&user.types("/away lunch<ret>")), [r#"{"text":"lunch","type":"away"}"#]);
    assert_eq!(user.separator(), "you are away: lunch; /away alone when you are back");
    assert_eq!(sent(&user.types("/away<ret>")), [r#"{"type":"away"}"#]);
    assert_eq!(user.separator(), "you are back");
}

//! Announcements: those that one makes, and those that are made to everyone.

use super::*;
use crate::{timeline::Row, view::layout::viewport};

impl User {
    /// Bob announces something, to everyone or in a room.
    fn bob_announces(&mut self, room: &str, seq: u64, text: &str) -> Vec<Effect> {
        self.announced(room, seq, "Bob", BOB, &format!("bob-{seq}"), text)
    }

    fn announced(
        &mut self,
        room: &str,
        seq: u64,
        from: &str,
        by: &str,
        id: &str,
        text: &str,
    ) -> Vec<Effect> {
        self.hears(&format!(
            r#"{{"type":"event","room":"{room}","seq":{seq},"at":{},"from":"{from}","by":"{by}",
            "kind":"announcement","id":"{id}","text":"{text}"}}"#,
            self.now.wall.0
        ))
    }

    /// The hub tells how far announcements go, and how far one has read them.
    fn follows_announcements(&mut self, head: u64, read: Option<u64>) -> Vec<Effect> {
        let read = read.map_or(String::new(), |read| format!(r#""read":{read},"#));
        self.hears(&format!(
            r#"{{"type":"joined","room":"announcements","topic":"","head":{head},"oldest":1,{read}
            "epoch":"{EPOCH}","count":0,"members":[],"more":false}}"#
        ))
    }

    /// And answers the request for those that were missed.
    fn goes_on_with_announcements(&mut self, head: u64, read: u64) {
        let id = self.id_of_last_join("announcements").unwrap();
        self.hears(&format!(
            r#"{{"type":"joined","id":"{id}","room":"announcements","topic":"","head":{head},
            "oldest":1,"read":{read},"epoch":"{EPOCH}","count":0,"members":[],"more":false}}"#
        ));
    }

    /// Ana is made one.
    fn is_operator(&mut self) {
        self.hears(
            r#"{"type":"presence","room":"lobby","left":[],"renamed":[],"count":2,
            "joined":[{"name":"Ana","role":"operator"}]}"#,
        );
    }

    /// What the room that is shown has of announcements: their texts.
    fn announcements(&self) -> Vec<String> {
        let rows = self.state.room().timeline().rows(&viewport(&self.state));
        let rows = rows.iter().map(Row::to_text);
        rows.filter_map(|row| row.strip_prefix("║ ").map(str::to_owned)).collect()
    }
}

fn notified(effects: &[Effect]) -> Vec<String> {
    let notices = effects.iter().filter_map(|effect| match effect {
        Effect::Notify(notice) => {
            Some(format!("{} | {}", notice.title.as_str(), notice.body.as_str()))
        }
        _ => None,
    });
    notices.collect()
}

#[test]
fn a_room_or_everyone_can_be_told() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    let effects = user.types("/announce tea is ready<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","text":"tea is ready","type":"announce"}"#]);
    assert_eq!(user.announcements(), ["tea is ready"], "it is seen as it will be");
    let effects = user.types("/announce --all  cake, too<ret>");
    assert_eq!(sent(&effects), [r#"{"text":"cake, too","type":"announce"}"#]);
    assert_eq!(user.announcements(), ["tea is ready", "cake, too"]);
    assert_eq!(user.draft(), "");
}

#[test]
fn what_is_announced_offline_goes_out_later_under_one_id() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    user.lost();
    assert_eq!(user.types("/announce --all noon<ret>"), []);
    assert_eq!(user.announcements(), ["noon …"]);
    let mut user = user.crashes();
    assert_eq!(user.titles(), ["lobby"], "it is no room of one's own");
    user.connects();
    user.joined("lobby", 0);
    let effects = user.follows_announcements(0, None);
    assert_eq!(sent(&effects), [r#"{"text":"noon","type":"announce"}"#]);
    let id = message_id(&effects);
    user.lost();
    user.connects();
    user.joined("lobby", 0);
    let effects = user.follows_announcements(0, None);
    assert_eq!(message_id(&effects), id);
    user.acked(&id, "announcements", 1);
    assert_eq!(user.announcements(), ["noon"], "its event is to come");
    user.announced("announcements", 1, "Ana", ANA, &id, "noon");
    assert_eq!(user.announcements(), ["noon"]);
    assert!(user.state.outbox.is_settled() && user.disk.is_empty());
}

#[test]
fn one_that_is_refused_is_back_in_the_draft_with_the_reason() {
    for line in ["/announce tea", "/announce --all tea"] {
        let mut user = User::in_lobby();
        user.follows_announcements(0, None);
        let id = message_id(&user.types(&format!("{line}<ret>")));
        user.refused(&id, "forbidden", None);
        assert_eq!((user.draft(), user.separator().as_str()), (line, "why not"));
        assert_eq!(user.announcements(), [""; 0]);
        assert!(user.disk.messages.is_empty());
    }
}

#[test]
fn where_something_else_is_written_a_refused_one_fails_like_a_message() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    let id = message_id(&user.types("/announce --all tea<ret>"));
    user.types("meanwhile");
    user.refused(&id, "forbidden", None);
    assert_eq!((user.draft(), user.separator().as_str()), ("meanwhile", "why not"));
    assert_eq!(user.announcements(), ["tea ! why not"]);
    user.types("<c-u>/discard<ret>");
    assert_eq!(user.announcements(), [""; 0]);
    user.types("<up>");
    assert_eq!(user.draft(), "/announce --all tea");
}

#[test]
fn what_a_member_says_among_announcements_fails_there_alone() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    user.types("/join announcements<ret>");
    user.joined("announcements", 0);
    assert_eq!(user.shown(), "announcements");
    let id = message_id(&user.types("hear me<ret>"));
    user.refused(&id, "forbidden", None);
    assert_eq!(viewport(&user.state).tail.len(), 1);
    user.types("<c-p>");
    assert_eq!((user.shown().as_str(), viewport(&user.state).tail.len()), ("lobby", 0));
    user.types("/discard<ret>");
    assert_eq!(user.separator(), "no message failed here");
    user.types("<c-n>/discard<ret>");
    assert_eq!(user.separator(), "1 message given up; Up brings its text back");
}

#[test]
fn a_room_that_is_left_meanwhile_does_not_get_it_into_another_ones_draft() {
    let mut user = User::in_two_rooms();
    let id = message_id(&user.types("/announce tea<ret>"));
    user.types("<c-n>");
    user.refused(&id, "forbidden", None);
    assert_eq!((user.shown().as_str(), user.draft()), ("games", ""));
    user.types("<c-p>");
    assert_eq!(user.announcements(), ["tea ! why not"]);
}

#[test]
fn what_cannot_be_announced_is_told_and_stays() {
    let mut user = User::in_lobby();
    let what = "what? /announce TEXT tells this room, /announce --all TEXT everyone";
    for (line, why) in [
        ("/announce", what),
        ("/announce --all ", what),
        ("/announce --al tea", "no --al here; /announce --all TEXT tells everyone"),
    ] {
        user.types(&format!("<c-u>{line}<ret>"));
        assert_eq!((user.draft(), user.separator().as_str()), (line, why));
    }
    user.types("<c-u>");
    user.joined_in_private(0);
    user.types("<c-n>/announce tea<ret>");
    let why = "nothing is announced in private; /announce --all TEXT tells everyone";
    assert_eq!((user.draft(), user.separator().as_str()), ("/announce tea", why));
}

#[test]
fn tab_offers_what_tells_everyone() {
    let mut user = User::in_lobby();
    user.types("/ann<tab><tab>");
    assert_eq!(user.draft(), "/announce --all ");
    user.types("<c-u>/announce B<tab>");
    assert_eq!(user.draft(), "/announce Bob ");
}

#[test]
fn one_to_everyone_is_in_every_room_and_is_no_room() {
    let mut user = User::in_two_rooms();
    user.follows_announcements(0, None);
    user.bob_says("lobby", 1, "hi");
    user.bob_announces("announcements", 1, "tea is ready");
    assert_eq!(user.announcements(), ["tea is ready"]);
    assert_eq!(user.separator(), "", "a row in view needs no word beside it");
    user.bob_says("lobby", 2, "thanks");
    user.types("<c-n>");
    assert_eq!(
        (user.shown().as_str(), user.announcements()),
        ("games", vec!["tea is ready".into()])
    );
    user.types("/join later<ret>");
    user.joined("later", 0);
    assert_eq!(
        (user.shown().as_str(), user.announcements()),
        ("later", vec!["tea is ready".into()])
    );
    assert_eq!(user.titles(), ["lobby", "games", "later"]);
    assert!(user.state.rooms.iter().all(|room| room.unread == 0 || room.title() == "lobby"));
}

#[test]
fn who_does_not_see_the_newest_is_told_on_the_separator_until_they_do() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    for seq in 1..60 {
        user.bob_says("lobby", seq, "a line");
    }
    user.types("<pgup>");
    user.bob_announces("announcements", 1, "tea is ready");
    assert_eq!(user.separator(), "announcement to all by Bob: tea is ready");
    user.types("<end>");
    assert_eq!(
        (user.separator(), user.announcements()),
        (String::new(), vec!["tea is ready".into()])
    );
}

#[test]
fn who_is_not_looking_is_told_unless_that_is_not_wanted() {
    let mut user = User::in_two_rooms();
    user.follows_announcements(0, None);
    assert_eq!(notified(&user.bob_announces("announcements", 1, "tea")), [""; 0]);
    user.event_is(Event::Focus(false));
    assert_eq!(
        notified(&user.bob_announces("announcements", 2, "cake")),
        ["Bob to everyone | cake"]
    );
    assert_eq!(crate::notify::window_title(&user.state).as_str(), "(1) lobby · hubbub");
    user.waits(10_000);
    assert_eq!(notified(&user.bob_announces("games", 1, "go")), ["Bob in games | go"]);
    assert_eq!(user.separator(), "announcement by Bob (games): go · Alt+A");
    user.types("/dnd<ret>");
    user.waits(10_000);
    assert_eq!(notified(&user.bob_announces("announcements", 3, "bread")), [""; 0]);
    user.event_is(Event::Focus(true));
    assert_eq!(crate::notify::window_title(&user.state).as_str(), "(1) lobby · hubbub");
}

#[test]
fn an_operator_whom_one_ignores_is_heard_all_the_same() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    user.bob_says("lobby", 1, "blah");
    user.types("/ignore Bob<ret>");
    user.bob_announces("announcements", 1, "to all");
    user.bob_announces("lobby", 2, "to the room");
    assert_eq!(user.announcements(), ["to all", "to the room"]);
}

#[test]
fn what_was_missed_comes_after_the_return_once_and_in_its_order() {
    let mut user = User::in_two_rooms();
    user.follows_announcements(0, None);
    user.bob_announces("announcements", 1, "one");
    user.bob_announces("announcements", 2, "two");
    user.lost();
    user.connects();
    user.joined("lobby", 0);
    user.joined("games", 0);
    let effects = user.follows_announcements(4, Some(2));
    let asked = r#"{"after":2,"epoch":"00000000000000aa","room":"announcements","type":"join"}"#;
    assert_eq!(sent(&effects), [asked]);
    assert_eq!(user.bob_announces("announcements", 5, "five"), [], "it will come again");
    user.goes_on_with_announcements(5, 2);
    assert_eq!(user.status(), "catching up 3");
    for (seq, text) in [(3, "three"), (4, "four"), (5, "five"), (5, "five")] {
        assert_eq!(notified(&user.bob_announces("announcements", seq, text)), [""; 0]);
    }
    assert_eq!(user.status(), "live");
    let all = ["one", "two", "three", "four", "five"];
    assert_eq!(user.announcements(), all);
    user.types("<c-n>");
    assert_eq!(user.announcements(), all);
}

#[test]
fn the_next_time_only_what_was_not_read_is_news_and_the_rest_stands_in_its_place() {
    let mut user = User::starts();
    user.connects();
    user.joined("lobby", 0);
    user.follows_announcements(3, Some(2));
    user.goes_on_with_announcements(3, 2);
    user.bob_announces("announcements", 1, "one");
    user.bob_announces("announcements", 2, "two");
    assert_eq!(user.told, [""; 0]);
    user.bob_announces("announcements", 3, "three");
    assert_eq!(user.announcements(), ["one", "two", "three"]);
    assert_eq!(user.told, ["read announcements 3"]);
}

#[test]
fn edits_and_deletions_are_followed_in_every_room() {
    let mut user = User::in_two_rooms();
    user.follows_announcements(0, None);
    user.bob_announces("announcements", 1, "tea");
    let change = |seq, kind, rest: &str| {
        format!(
            r#"{{"type":"event","room":"announcements","seq":{seq},"at":0,"from":"Bob","by":"{BOB}",
            "kind":"{kind}","id":"x{seq}","target":1{rest}}}"#
        )
    };
    user.hears(&change(2, "edit", r#","text":"coffee""#));
    assert_eq!(user.announcements(), ["coffee (edited)"]);
    user.hears(&change(3, "delete", ""));
    user.types("<c-n>");
    assert_eq!(user.announcements(), ["(deleted)"]);
}

#[test]
fn who_may_announce_may_put_their_own_one_right() {
    let mut user = User::in_lobby();
    user.announced("lobby", 2, "Ana", ANA, "mine", "tae is ready");
    user.bob_announces("lobby", 3, "not mine");
    let seq = |number| protocol::Seq::new(number).unwrap();
    let may_edit =
        |user: &User, number| crate::update::changing::may_edit(&user.state, seq(number));
    assert!(!may_edit(&user, 2), "no operator any more");
    user.is_operator();
    assert!(may_edit(&user, 2) && !may_edit(&user, 3));
    user.types("<a-m><up>e");
    assert_eq!(user.draft(), "tae is ready");
    let effects = user.types("<home><del><del><del>tea<ret>");
    let edit = r#"{"room":"lobby","seq":2,"text":"tea is ready","type":"edit"}"#;
    assert_eq!(sent(&effects), [edit]);
}

#[test]
fn where_the_hub_counts_anew_those_of_before_are_gone() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    user.bob_announces("announcements", 1, "before");
    user.lost();
    user.connects();
    user.hears(
        r#"{"type":"joined","room":"announcements","topic":"","head":0,"oldest":1,
        "epoch":"00000000000000bb","count":0,"members":[],"more":false}"#,
    );
    assert_eq!(user.announcements(), [""; 0]);
    user.bob_announces("announcements", 1, "after");
    assert_eq!(user.announcements(), ["after"]);
}

#[test]
fn only_so_many_are_kept() {
    let mut user = User::in_lobby();
    user.follows_announcements(0, None);
    let most = crate::announcements::KEPT_MAX as u64;
    for seq in 1..=most + 5 {
        user.bob_announces("announcements", seq, &format!("a{seq}"));
    }
    assert_eq!(user.state.announcements.kept().count() as u64, most);
    user.types("<home>");
    assert_eq!(user.announcements()[0], "a6");
}

#[test]
fn a_role_that_is_given_meanwhile_is_known() {
    let mut user = User::in_lobby();
    user.is_operator();
    assert_eq!(user.state.role(), protocol::server::Role::Operator);
}

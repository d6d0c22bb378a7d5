//! What no client should send gets its named answer, and nobody else notices.

use protocol::{ErrorCode, FRAME_BYTES_MAX, RequestId, close};
use tests::{Closing, TestClient, TestServer};
use tokio::io::AsyncWriteExt;

/// Somebody who must not notice anything, and the hub around them.
struct Scene {
    server: TestServer,
    witness: TestClient,
    said: u32,
}

impl Scene {
    async fn new() -> Self {
        let server = TestServer::in_memory();
        let mut witness = server.guest("Witness").await;
        witness.join("lobby").await;
        Self { server, witness, said: 0 }
    }

    /// A connection that has said hello and is in the lobby.
    async fn sender(&self) -> TestClient {
        let mut sender = self.server.guest("Sender").await;
        sender.join("lobby").await;
        sender
    }

    /// Sends `text` after hello; the answer must have this code, and the connection stays.
    async fn refuses(&mut self, what: &str, text: &str, code: ErrorCode) {
        let mut sender = self.sender().await;
        sender.send_text(text).await;
        let error = sender.error().await;
        assert_eq!(error.code, code, "{what}: {error:?}");
        assert!(!error.text.is_empty(), "{what} has no sentence");
        assert_eq!(error.retry_after_ms, None, "{what} is final");
        sender.alive().await;
        sender.close().await;
        self.is_undisturbed(what).await;
    }

    /// Says hello with this name; the answer must have this code, and another name is fine then.
    async fn refuses_name(&mut self, name: &str, code: ErrorCode) {
        let mut sender = TestClient::connect(self.server.address()).await;
        let name = serde_json::to_string(name).expect("JSON");
        sender.send_text(&format!(r#"{{"type":"hello","name":{name}}}"#)).await;
        let error = sender.error().await;
        assert_eq!(error.code, code, "{name}: {error:?}");
        sender.hello("Somebody", None).await.expect("a refused hello may be sent again");
        sender.close().await;
        self.is_undisturbed(&name).await;
    }

    /// The witness talks on, hears itself, and hears nothing else.
    async fn is_undisturbed(&mut self, what: &str) {
        self.said += 1;
        let text = format!("undisturbed {}", self.said);
        let ack = self.witness.say_acked("lobby", &text).await;
        assert_eq!(ack.seq.get(), u64::from(self.said), "something was stored: {what}");
        self.witness.event_saying(&text).await;
    }
}

#[tokio::test]
async fn what_is_no_json_is_bad_json() {
    let mut scene = Scene::new().await;
    let deep = "[".repeat(50_000);
    for (what, text) in [
        ("not JSON", "hello"),
        ("nothing", ""),
        ("half a frame", r#"{"type":"ping""#),
        ("50,000 × [", &deep),
        ("1e400", r#"{"type":"history","room":"lobby","limit":1e400}"#),
        ("a lone surrogate", r#"{"type":"say","id":"x","room":"lobby","text":"\ud800"}"#),
    ] {
        scene.refuses(what, text, ErrorCode::BadJson).await;
    }
}

#[tokio::test]
async fn what_is_no_frame_is_bad_frame() {
    let mut scene = Scene::new().await;
    for (what, text) in [
        ("an array", r#"["ping"]"#),
        ("a number", "7"),
        ("null", "null"),
        ("no type", r#"{"nonce":"1"}"#),
        ("a type that is no string", r#"{"type":7}"#),
        ("a missing field", r#"{"type":"say","id":"x","room":"lobby"}"#),
        ("a wrong field", r#"{"type":"say","id":"x","room":"lobby","text":7}"#),
        ("limit 0", r#"{"type":"history","room":"lobby","limit":0}"#),
        ("limit 10^9", r#"{"type":"history","room":"lobby","limit":1000000000}"#),
        ("a negative cursor", r#"{"type":"history","room":"lobby","before":-1,"limit":10}"#),
        ("a negative join", r#"{"type":"join","room":"lobby","after":-1}"#),
        ("hello twice", r#"{"type":"hello","name":"Another"}"#),
    ] {
        scene.refuses(what, text, ErrorCode::BadFrame).await;
    }
}

#[tokio::test]
async fn an_unknown_type_is_named_and_unknown_fields_are_ignored() {
    let mut scene = Scene::new().await;
    scene.refuses("a type of later", r#"{"type":"dance","id":"1"}"#, ErrorCode::UnknownType).await;
    let mut sender = scene.sender().await;
    let text = r#"{"type":"dance","id":"my-id"}"#;
    sender.send_text(text).await;
    let error = sender.refused(ErrorCode::UnknownType).await;
    assert_eq!(error.id.expect("echoed").as_str(), "my-id");
    sender.send_text(r#"{"type":"ping","id":"p","from":"the future"}"#).await;
    sender.alive().await;
}

#[tokio::test]
async fn texts_have_a_length_and_no_control_characters() {
    let mut scene = Scene::new().await;
    let too_long = "x".repeat(4097);
    for (text, code) in [
        ("", ErrorCode::TextEmpty),
        (too_long.as_str(), ErrorCode::TextTooLong),
        ("bell\u{7}", ErrorCode::TextForbidden),
        ("escape \u{1b}[2J", ErrorCode::TextForbidden),
        ("nul \0", ErrorCode::TextForbidden),
        ("delete \u{7f}", ErrorCode::TextForbidden),
        ("next line \u{85}", ErrorCode::TextForbidden),
        ("CSI \u{9b}2J", ErrorCode::TextForbidden),
        ("e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}", {
            ErrorCode::TextForbidden
        }),
    ] {
        let json = serde_json::to_string(text).expect("JSON");
        let frame = format!(r#"{{"type":"say","id":"x","room":"lobby","text":{json}}}"#);
        scene.refuses(&json, &frame, code).await;
    }
}

#[tokio::test]
async fn the_longest_text_line_breaks_and_tabs_are_fine() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    for text in ["x".repeat(4096), "one\ntwo\tthree".to_owned()] {
        ana.say_acked("lobby", &text).await;
        ana.event_saying(&text).await;
    }
}

#[tokio::test]
async fn names_that_are_none_are_refused() {
    let mut scene = Scene::new().await;
    let long = "n".repeat(33);
    for name in [
        long.as_str(),
        "",
        "two words",
        "line\nbreak",
        "bidi\u{202e}control",
        "zero\u{200b}width",
        "-dash",
        "system",
        "Hubbub",
        "ADMIN",
        "everyone",
    ] {
        scene.refuses_name(name, ErrorCode::NameInvalid).await;
    }
}

#[tokio::test]
async fn names_that_are_taken_are_refused_in_any_disguise() {
    let mut scene = Scene::new().await;
    for name in ["Witness", "WITNESS", "witness", "W\u{456}tness", "Ｗitness"] {
        scene.refuses_name(name, ErrorCode::NameTaken).await;
    }
}

#[tokio::test]
async fn rooms_and_ids_have_a_form() {
    let mut scene = Scene::new().await;
    let unknown = "dm:00000000000000000000000000000000";
    let long = "r".repeat(65);
    for room in ["", "two words", "dm:me", long.as_str()] {
        let frame = format!(r#"{{"type":"join","room":"{room}"}}"#);
        scene.refuses(room, &frame, ErrorCode::RoomInvalid).await;
    }
    let history = format!(r#"{{"type":"history","room":"{unknown}","limit":10}}"#);
    scene.refuses("history of an unknown private room", &history, ErrorCode::NotInRoom).await;
    let say = format!(r#"{{"type":"say","id":"x","room":"{unknown}","text":"hi"}}"#);
    scene.refuses("say in an unknown private room", &say, ErrorCode::NotInRoom).await;
    let say = r#"{"type":"say","id":"x","room":"elsewhere","text":"hi"}"#;
    scene.refuses("say in a room one is not in", say, ErrorCode::NotInRoom).await;
    for id in ["", "with space", "ä", &"i".repeat(65)] {
        let frame = format!(r#"{{"type":"say","id":"{id}","room":"lobby","text":"hi"}}"#);
        scene.refuses(id, &frame, ErrorCode::IdInvalid).await;
    }
}

#[tokio::test]
async fn an_unknown_private_room_cannot_be_joined() {
    let mut scene = Scene::new().await;
    let frame = r#"{"type":"join","room":"dm:00000000000000000000000000000000"}"#;
    scene.refuses("join of an unknown private room", frame, ErrorCode::RoomInvalid).await;
}

#[tokio::test]
async fn nobody_of_that_name_is_no_such_user() {
    let mut scene = Scene::new().await;
    let frame = r#"{"type":"direct","id":"x","to":"Nobody","text":"hi"}"#;
    scene.refuses("direct to nobody", frame, ErrorCode::NoSuchUser).await;
}

#[tokio::test]
async fn an_id_used_for_another_text_is_refused_and_nothing_is_stored() {
    let mut scene = Scene::new().await;
    let mut sender = scene.sender().await;
    sender.join("games").await;
    sender.say_as(&id("x"), "games", "first").await;
    let first = sender.ack(&id("x")).await;
    for frame in [
        r#"{"type":"say","id":"x","room":"games","text":"second"}"#,
        r#"{"type":"say","id":"x","room":"lobby","text":"first"}"#,
        r#"{"type":"topic","id":"x","room":"games","text":"first"}"#,
    ] {
        sender.send_text(frame).await;
        sender.refused(ErrorCode::IdReused).await;
    }
    assert_eq!(sender.say_acked("games", "next").await.seq, first.seq.next());
    scene.is_undisturbed("a reused id").await;
}

#[tokio::test]
async fn before_hello_everything_else_is_hello_first() {
    let mut scene = Scene::new().await;
    let mut sender = TestClient::connect(scene.server.address()).await;
    for frame in [
        r#"{"type":"join","room":"lobby"}"#,
        r#"{"type":"say","id":"x","room":"lobby","text":"hi"}"#,
        r#"{"type":"ping"}"#,
    ] {
        sender.send_text(frame).await;
        sender.refused(ErrorCode::HelloFirst).await;
    }
    sender.hello("Sender", None).await.expect("welcome after all");
    scene.is_undisturbed("no hello").await;
}

#[tokio::test]
async fn who_never_says_hello_is_closed() {
    let mut scene = Scene::new().await;
    let mut silent = TestClient::connect(scene.server.address()).await;
    assert_eq!(silent.closed().await, Closing::Code(close::NO_HELLO));
    scene.is_undisturbed("silence").await;
}

#[tokio::test]
async fn five_refused_hellos_are_the_last() {
    let mut scene = Scene::new().await;
    let mut sender = TestClient::connect(scene.server.address()).await;
    for _ in 0..6 {
        sender.send_text(r#"{"type":"hello","name":"Witness"}"#).await;
        sender.refused(ErrorCode::NameTaken).await;
    }
    assert_eq!(sender.closed().await, Closing::Code(close::NO_HELLO));
    scene.is_undisturbed("refused hellos").await;
}

#[tokio::test]
async fn binary_is_closed_with_1003() {
    let mut scene = Scene::new().await;
    let mut sender = scene.sender().await;
    sender.send_binary(vec![1, 2, 3]).await;
    assert_eq!(sender.closed().await, Closing::Code(close::UNSUPPORTED));
    scene.is_undisturbed("binary").await;
}

#[tokio::test]
async fn one_byte_too_many_is_closed_with_1009_and_one_less_is_not() {
    let mut scene = Scene::new().await;
    let mut sender = scene.sender().await;
    let padded = |bytes: usize| {
        let (start, end) = (r#"{"type":"ping","more":""#, r#""}"#);
        format!("{start}{}{end}", "x".repeat(bytes - start.len() - end.len()))
    };
    sender.send_text(&padded(FRAME_BYTES_MAX)).await;
    sender.alive().await;
    sender.send_text(&padded(FRAME_BYTES_MAX + 1)).await;
    assert_eq!(sender.closed().await, Closing::Code(close::TOO_BIG));
    scene.is_undisturbed("65,537 bytes").await;
}

#[tokio::test]
async fn text_that_is_not_utf8_is_closed_with_1007() {
    let mut scene = Scene::new().await;
    let mut sender = scene.sender().await;
    // A whole text frame of two bytes, masked with zeros.
    write(&mut sender, &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]).await;
    assert_eq!(sender.closed().await, Closing::Code(close::INVALID_UTF8));
    scene.is_undisturbed("not UTF-8").await;
}

#[tokio::test]
async fn frames_against_rfc_6455_are_closed_with_1002() {
    let mut scene = Scene::new().await;
    let unmasked: &[u8] = &[0x81, 0x02, b'{', b'}'];
    let reserved_opcode: &[u8] = &[0x83, 0x80, 0, 0, 0, 0];
    let reserved_bit: &[u8] = &[0xc1, 0x80, 0, 0, 0, 0];
    for bytes in [unmasked, reserved_opcode, reserved_bit] {
        let mut sender = scene.sender().await;
        write(&mut sender, bytes).await;
        assert_eq!(sender.closed().await, Closing::Code(1002), "{bytes:?}");
        scene.is_undisturbed("a protocol error").await;
    }
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_frame_harms_nobody() {
    let mut scene = Scene::new().await;
    let mut sender = scene.sender().await;
    // A text frame of 100 bytes, of which two come.
    write(&mut sender, &[0x81, 0x80 | 0x64, 0, 0, 0, 0, b'{', b'"']).await;
    drop(sender);
    scene.is_undisturbed("half a frame").await;
}

async fn write(client: &mut TestClient, bytes: &[u8]) {
    let stream = client.socket().get_mut();
    stream.write_all(bytes).await.expect("write");
}

fn id(id: &str) -> RequestId {
    RequestId::parse(id).expect("a valid id")
}

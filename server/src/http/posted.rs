//! The JSON body of a post as its fields. PURE. What is wrong is said with the field's name, and
//! without a word of the input.

use protocol::{ErrorCode, MessageText, Refusal, RequestId, RoomName, Seq, codec};
use serde_json::{Map, Value};

/// A body of `POST /rooms/{room}/messages` or `POST /announce`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Posted {
    /// What to say.
    pub(super) text: MessageText,
    /// The program's own name of it, under which a retry adds nothing.
    pub(super) id: Option<RequestId>,
    /// Which message it answers.
    pub(super) reply_to: Option<Seq>,
    /// In which room, where the address does not say.
    pub(super) room: Option<RoomName>,
}

impl Posted {
    /// Reads a body. Unknown fields are passed over, as in frames; null is as good as absent.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let json = str::from_utf8(body).map_err(|_| {
            Refusal::new(ErrorCode::BadJson, "the body is not UTF-8; send JSON in UTF-8")
        })?;
        let mut fields = Fields(codec::decode_object(json)?);
        let text = fields
            .text("text", MessageText::parse)?
            .ok_or_else(|| Refusal::new(ErrorCode::BadFrame, "missing field `text`; add it"))?;
        let id = fields.text("id", RequestId::parse)?;
        let room = fields.text("room", RoomName::parse)?;
        let reply_to = fields.seq("reply_to")?;
        Ok(Self { text, id, reply_to, room })
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn text<T>(
        &mut self,
        name: &str,
        parse: fn(&str) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Refusal> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => parse(&text).map(Some).map_err(|why| about(name, &why)),
            Some(_) => Err(must_be(name, "a string")),
        }
    }

    fn seq(&mut self, name: &str) -> Result<Option<Seq>, Refusal> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let seq = value.as_u64().and_then(Seq::new);
                seq.map(Some).ok_or_else(|| must_be(name, "the seq of a message, a whole number"))
            }
        }
    }
}

fn about(name: &str, why: &Refusal) -> Refusal {
    Refusal::new(why.code, format!("{name}: {}", why.text))
}

fn must_be(name: &str, what: &str) -> Refusal {
    Refusal::new(ErrorCode::BadFrame, format!("{name} must be {what}; mend it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        Posted::read(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_text_is_enough_and_what_is_not_known_is_passed_over() {
        let posted = Posted::read(br#"{"text":"hello","id":null,"colour":"red"}"#).unwrap();
        let text = MessageText::parse("hello").unwrap();
        assert_eq!(posted, Posted { text, id: None, reply_to: None, room: None });
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_of_the_field() {
        for (body, begins) in [
            ("{}", "bad_frame: missing field `text`"),
            (r#"{"text":7}"#, "bad_frame: text must be a string"),
            (r#"{"text":""}"#, "text_empty: text: "),
            (r#"{"text":"\u001b[2J"}"#, "text_forbidden: text: "),
            (r#"{"text":"a","id":"b c"}"#, "id_invalid: id: "),
            (r#"{"text":"a","reply_to":-1}"#, "bad_frame: reply_to must be "),
            (r#"{"text":"a","reply_to":9007199254740992}"#, "bad_frame: reply_to must be "),
            (r#"{"text":"a","room":"no room"}"#, "room_invalid: room: "),
            (r#"["text","a"]"#, "bad_frame: "),
            ("text=hello", "bad_json: "),
            ("", "bad_json: "),
        ] {
            assert!(refused(body).starts_with(begins), "{body}: {}", refused(body));
        }
        let why = Posted::read(b"{\"text\":\"\xff\"}").unwrap_err();
        assert_eq!(why.code, ErrorCode::BadJson);
    }

    #[test]
    fn nothing_of_a_bad_body_comes_back() {
        for body in [r#"{"text":{"hubbub_secret":1}}"#, r#"{"text":"a","id":"hubbub_secret!"}"#] {
            assert!(!refused(body).contains("hubbub_secret"), "{}", refused(body));
        }
    }
}

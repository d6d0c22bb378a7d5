//! A hub of one room for the tests: it cuts pages short, forgets, and begins anew.

use std::collections::VecDeque;

use protocol::{
    ClientFrame, Seq, ServerFrame,
    client::{History, Join},
    codec::decode_server,
};

/// A frame of a hub.
pub(super) fn frame(json: &str) -> ServerFrame {
    decode_server(json).unwrap_or_else(|error| panic!("{error:?}: {json}"))
}

/// A room's log, and how far the only connection has come.
pub(super) struct Hub {
    /// Which seqs change another message.
    pub(super) log: Vec<Option<u64>>,
    pub(super) oldest: u64,
    pub(super) epoch: u64,
    /// Most events of a page.
    pub(super) page: usize,
    pub(super) requests: VecDeque<ClientFrame>,
    /// The next seq of the connection, once it has joined.
    pub(super) cursor: Option<u64>,
}

impl Hub {
    pub(super) fn with(messages: usize) -> Self {
        let (requests, cursor) = (VecDeque::new(), None);
        Self { log: vec![None; messages], oldest: 1, epoch: 1, page: 3, requests, cursor }
    }

    pub(super) fn head(&self) -> u64 {
        self.log.len() as u64
    }

    pub(super) fn say(&mut self) {
        self.log.push(None);
    }

    pub(super) fn edit(&mut self) {
        self.log.push(Some(1));
    }

    fn event(&self, seq: u64) -> String {
        let more = match self.log[usize::try_from(seq).unwrap() - 1] {
            Some(target) => format!(r#""kind":"edit","target":{target},"text":"edit {seq}""#),
            None => format!(r#""kind":"message","text":"message {seq}.""#),
        };
        format!(
            r#"{{"type":"event","room":"lobby","seq":{seq},"at":1,"from":"Ana","id":"{seq}",
                "by":"~00112233445566778899aabbccddeeff",{more}}}"#
        )
    }

    pub(super) fn welcome(&self) -> ServerFrame {
        frame(&format!(
            r#"{{"type":"welcome","session":1,"name":"Ana","role":"member",
                "identity":"~00112233445566778899aabbccddeeff",
                "server":{{"name":"hubbub","version":"0"}},
                "hub":"00000000000000000000000000000007","epoch":"{:016x}",
                "durability":"fsync","now":1,"heartbeat_ms":25000,
                "limits":{{"text":4096,"frame":65536,"name":32,"room":64,"topic":300,"note":100,
                "rooms":128,"page":200,"rate":10,"burst":30}},"rooms":[]}}"#,
            self.epoch
        ))
    }

    /// What it says to the next request.
    pub(super) fn answer(&mut self) -> Vec<ServerFrame> {
        match self.requests.pop_front() {
            None => Vec::new(),
            Some(ClientFrame::History(history)) => vec![self.page(&history)],
            Some(ClientFrame::Join(join)) => self.join(&join),
            Some(other) => panic!("{other:?}"),
        }
    }

    fn page(&self, history: &History) -> ServerFrame {
        let limit = self.page.min(history.limit.get());
        let after = history.after.map_or(0, Seq::get);
        let before = history.before.map_or(self.head() + 1, Seq::get).min(self.head() + 1);
        let all: Vec<u64> = (self.oldest.max(after + 1)..before).collect();
        let is_forward = history.after.is_some();
        let more = all.len() > limit;
        let from = if is_forward { 0 } else { all.len().saturating_sub(limit) };
        let events: Vec<u64> = all[from..].iter().copied().take(limit).collect();
        let (from, to) = match is_forward {
            true => (after + 1, self.oldest - 1),
            false if more => (1, 0),
            false => (1, self.oldest.min(before) - 1),
        };
        let gap = (from <= to)
            .then(|| format!(r#","gap":{{"from":{from},"to":{to},"reason":"retention"}}"#));
        let events: Vec<String> = events.iter().map(|seq| self.event(*seq)).collect();
        frame(&format!(
            r#"{{"type":"page","id":"tail","room":"lobby","events":[{}],"oldest":{},"as_of":{},
                "more":{more}{}}}"#,
            events.join(","),
            self.oldest,
            self.head(),
            gap.unwrap_or_default()
        ))
    }

    fn join(&mut self, join: &Join) -> Vec<ServerFrame> {
        let head = self.head();
        let joined = format!(
            r#"{{"type":"joined","id":"tail","room":"lobby","topic":"","head":{head},"oldest":{},
                "epoch":"{:016x}","count":1,"members":[],"more":false}}"#,
            self.oldest, self.epoch
        );
        let after = join.after.unwrap().get();
        let is_same = join.epoch.as_ref().unwrap().as_str() == format!("{:016x}", self.epoch);
        let (after, gap) = match is_same && after <= head {
            false => (head, Some((1, head, "epoch"))),
            true if after + 1 < self.oldest => {
                (self.oldest - 1, Some((after + 1, self.oldest - 1, "retention")))
            }
            true => (after, None),
        };
        self.cursor = Some(after + 1);
        let gap = gap.map(|(from, to, reason)| {
            format!(
                r#"{{"type":"gap","room":"lobby","from":{from},"to":{to},"reason":"{reason}"}}"#
            )
        });
        std::iter::once(joined).chain(gap).map(|json| frame(&json)).collect()
    }

    /// The next event of the connection.
    pub(super) fn deliver(&mut self) -> Option<ServerFrame> {
        let cursor = self.cursor.filter(|cursor| *cursor <= self.head())?;
        self.cursor = Some(cursor + 1);
        Some(frame(&self.event(cursor)))
    }

    pub(super) fn cut(&mut self) {
        self.requests.clear();
        self.cursor = None;
    }
}

//! The hub of these worlds: it keeps the protocol, and one log of each room.

use protocol::{
    ClientFrame,
    client::{Direct, History, Join, Say},
};

use super::{
    super::{ANA, BOB, PRIVATE},
    World, number,
};

/// Events of a page: few, so that a gap takes several.
const PAGE: usize = 3;

impl World {
    pub(super) fn bob_says(&mut self, room: &str) {
        self.said_by_bob += 1;
        let id = format!("bob-{}", self.said_by_bob);
        self.store(room, BOB, &id, &format!("bob {}", self.said_by_bob));
    }

    /// Puts something into the log, unless it is there, and tells who is attached.
    fn store(&mut self, room: &str, by: &'static str, id: &str, text: &str) -> usize {
        let log = self.logs.get_mut(room).unwrap();
        if let Some(known) = log.events.iter().position(|event| (event.0, &*event.1) == (by, id)) {
            return known + 1;
        }
        if room == PRIVATE && self.is_connected && !log.attached {
            self.attach(PRIVATE, "");
        }
        let log = self.logs.get_mut(room).unwrap();
        log.events.push((by, id.into(), text.into()));
        let seq = log.events.len();
        if self.is_connected && log.attached {
            let event = self.event(room, seq);
            self.to_client.push_back(event);
        }
        seq
    }

    fn event(&self, room: &str, seq: usize) -> String {
        let (by, id, text) = &self.logs[room].events[seq - 1];
        let from = if *by == ANA { "Ana" } else { "Bob" };
        format!(
            r#"{{"type":"event","room":"{room}","seq":{seq},"at":0,"from":"{from}","by":"{by}",
            "kind":"message","id":"{id}","text":"{text}"}}"#
        )
    }

    pub(super) fn hub_reads(&mut self) -> bool {
        let Some(frame) = self.to_hub.pop_front() else { return false };
        match frame {
            ClientFrame::Join(join) => self.joins(join),
            ClientFrame::Say(say) => self.says(&say),
            ClientFrame::Direct(direct) => self.directs(&direct),
            ClientFrame::History(history) => self.pages(history),
            _ => {}
        }
        true
    }

    fn joins(&mut self, join: Join) {
        let Join { id, room, after, epoch } = join;
        let (room, id) = (room.to_string(), id.unwrap());
        let (head, oldest, now) = self.attach(&room, &format!(r#""id":"{id}","#));
        let Some(after) = after.map(number) else { return };
        if epoch.is_none_or(|epoch| epoch.as_str() != now) || after > head {
            self.gap(&room, 1, head, "epoch");
            return;
        }
        if after + 1 < oldest {
            self.gap(&room, after + 1, oldest - 1, "retention");
        }
        for seq in (after + 1).max(oldest)..=head {
            let event = self.event(&room, seq);
            self.to_client.push_back(event);
        }
    }

    fn attach(&mut self, room: &str, id: &str) -> (usize, usize, String) {
        let log = self.logs.get_mut(room).unwrap();
        log.attached = true;
        let (head, oldest, now) = (log.events.len(), log.oldest, format!("{:016x}", self.epoch));
        let peer = if room == PRIVATE { r#""peer":"Bob","# } else { "" };
        self.to_client.push_back(format!(
            r#"{{"type":"joined",{id}{peer}"room":"{room}","topic":"","head":{head},
            "oldest":{oldest},"epoch":"{now}","count":2,"members":[],"more":false}}"#
        ));
        (head, oldest, now)
    }

    fn gap(&mut self, room: &str, from: usize, to: usize, why: &str) {
        self.to_client.push_back(format!(
            r#"{{"type":"gap","room":"{room}","from":{from},"to":{to},"reason":"{why}"}}"#
        ));
    }

    fn says(&mut self, say: &Say) {
        let (id, room) = (say.id.to_string(), say.room.to_string());
        assert!(self.logs[&room].attached, "nothing is said in a room that one is not in");
        assert!(!self.directs.contains(&id), "{id} was stored as a direct: id_reused");
        self.takes(&room, &id, say.text.as_str());
    }

    fn directs(&mut self, direct: &Direct) {
        let id = direct.id.to_string();
        let is_known = self.logs[PRIVATE].events.iter().any(|event| event.1 == id);
        assert!(!is_known || self.directs.contains(&id), "{id} was said: id_reused");
        if self.takes(PRIVATE, &id, direct.text.as_str()) {
            self.directs.insert(id);
        }
    }

    fn takes(&mut self, room: &str, id: &str, text: &str) -> bool {
        let is_full = std::mem::take(&mut self.is_full);
        let answer = if is_full {
            r#""type":"error","code":"storage","text":"no space","retry_after_ms":100"#.to_owned()
        } else {
            let seq = self.store(room, ANA, id, text);
            format!(r#""type":"ack","seq":{seq},"at":0"#)
        };
        self.to_client.push_back(format!(r#"{{{answer},"id":"{id}","room":"{room}"}}"#));
        !is_full
    }

    fn pages(&mut self, history: History) {
        let History { id, room, before, after, .. } = history;
        let (log, id) = (&self.logs[room.as_str()], id.unwrap());
        let (oldest, head) = (log.oldest, log.events.len());
        let (from, to, more) = match (before.map(number), after.map(number)) {
            (Some(before), _) => {
                let to = before.saturating_sub(1).min(head);
                let from = (to + 1).saturating_sub(PAGE).max(oldest);
                (from, to, from > oldest)
            }
            (None, after) => {
                let from = (after.unwrap_or(0) + 1).max(oldest);
                let to = (from + PAGE - 1).min(head);
                (from, to, to < head)
            }
        };
        let events: Vec<String> = (from..=to).map(|seq| self.event(room.as_str(), seq)).collect();
        self.to_client.push_back(format!(
            r#"{{"type":"page","id":"{id}","room":"{room}","events":[{}],"oldest":{oldest},
            "as_of":{head},"more":{more}}}"#,
            events.join(",").replace(r#""type":"event","#, "")
        ));
    }

    pub(super) fn trim(&mut self, room: &str) {
        let log = self.logs.get_mut(room).unwrap();
        log.oldest = (log.oldest + 2).min(log.events.len() + 1);
    }
}

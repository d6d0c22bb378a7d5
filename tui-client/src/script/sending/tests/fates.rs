//! Whatever happens to the hub and the way to it, in whatever order.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// The hub carries the next request out, and says so.
    Answer,
    /// It carries it out, and is lost before it can say so.
    AnswerLost,
    /// It is lost before it does.
    Lost,
    /// It refuses it for the moment.
    Later,
    /// It refuses it.
    Refuse,
    /// The input has another line.
    Line,
    /// A second goes by.
    Second,
}

/// A hub that stores what has an id that it does not know, and somebody who sends to it.
struct World {
    sending: Sending,
    requests: VecDeque<ClientFrame>,
    log: Vec<String>,
    stored: HashSet<RequestId>,
    refused: Vec<String>,
    lines: u64,
    seconds: u64,
}

impl World {
    fn new() -> Self {
        let (sending, requests) = (sending(&["lobby"]), VecDeque::new());
        let (log, stored, refused) = (Vec::new(), HashSet::new(), Vec::new());
        let mut world = Self { sending, requests, log, stored, refused, lines: 0, seconds: 0 };
        world.hear(&welcome());
        world
    }

    fn now(&self) -> Now {
        now(self.seconds)
    }

    fn apply(&mut self, steps: Vec<Step>) {
        let frames = steps.into_iter().filter_map(|step| match step {
            Step::Send(frame) => Some(frame),
            Step::Complain(_) => None,
        });
        self.requests.extend(frames);
    }

    fn hear(&mut self, frame: &ServerFrame) {
        let steps = self.sending.hear(frame, self.now());
        self.apply(steps);
    }

    fn happens(&mut self, fate: Fate) {
        match fate {
            Fate::Line if !self.sending.has_room() => {}
            Fate::Line => {
                self.lines += 1;
                let steps = self.sending.take(line(self.lines), self.now());
                self.apply(steps);
            }
            Fate::Second => {
                self.seconds += 1;
                let steps = self.sending.go_on(self.now());
                self.apply(steps);
            }
            fate => {
                if let Some(request) = self.requests.pop_front() {
                    self.befalls(fate, &request);
                }
            }
        }
    }

    fn befalls(&mut self, fate: Fate, request: &ClientFrame) {
        let id = request.id().unwrap();
        match (fate, request) {
            (Fate::AnswerLost, _) => {
                self.carry_out(request);
                self.lose();
            }
            (Fate::Lost, _) => self.lose(),
            (Fate::Later, _) => self.hear(&denial(id.as_str(), "lobby", Some(1000))),
            (Fate::Refuse, ClientFrame::Say(say)) if !self.stored.contains(id) => {
                self.refused.push(say.text.to_string());
                self.hear(&denial(id.as_str(), "lobby", None));
            }
            _ => {
                let answer = self.carry_out(request);
                self.hear(&answer);
            }
        }
    }

    fn carry_out(&mut self, request: &ClientFrame) -> ServerFrame {
        match request {
            ClientFrame::Join(join) => joined(join.room.as_str()),
            ClientFrame::Say(say) => {
                if self.stored.insert(say.id.clone()) {
                    self.log.push(say.text.to_string());
                }
                ack(&say.id)
            }
            other => panic!("{other:?}"),
        }
    }

    fn lose(&mut self) {
        self.requests.clear();
        self.sending.lost();
        self.hear(&welcome());
    }

    /// What is to be in the log at the end.
    fn wanted(&self) -> Vec<String> {
        let all = (1..=self.lines).map(|number| number.to_string());
        all.filter(|text| !self.refused.contains(text)).collect()
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answer),
        1 => Just(Fate::AnswerLost),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Later),
        1 => Just(Fate::Refuse),
        4 => Just(Fate::Line),
        1 => Just(Fate::Second),
    ]
}

proptest! {
    #[test]
    fn every_line_is_stored_once_and_in_order_or_refused(
        fates in prop::collection::vec(fate(), 0..200),
    ) {
        let mut world = World::new();
        let quiet = [Fate::Second, Fate::Answer].repeat(2 * UNACKED_MAX + 100);
        for fate in fates.into_iter().chain(quiet) {
            world.happens(fate);
        }
        prop_assert!(world.sending.is_settled(), "{:?}", world.sending);
        prop_assert_eq!(world.sending.refused(), world.refused.len());
        let wanted = world.wanted();
        prop_assert_eq!(world.log, wanted);
    }
}

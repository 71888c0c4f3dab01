//! What the planted breaks make of the calls between the objects.

use validiant_core::member::SocketId;
use validiant_core::names::UserId;
use validiant_core::position::Position;
use validiant_core::publication::audience::Audience;
use validiant_core::tree::Place;
use validiant_core::tree::wire::{
    At, Control, Counts, Down, DownAnswer, DownOutcome, Entry, Reached, Up, UpAnswer,
};

use super::flaw::Flaw;
use super::world::World;

impl World {
    /// What a call says when it leaves.
    pub fn forged_call(&mut self, from: Place, text: String) -> String {
        let Some(flaw) = self.flaw else { return text };
        if from == Place::ROOT {
            let Ok(mut down) = Down::parse(&text) else { return text };
            forge_down(&mut down, flaw);
            return down.to_text();
        }
        let Ok(mut up) = Up::parse(&text) else { return text };
        forge_up(&mut up, flaw);
        let before = self.said_before.insert(from, (up.leaf, up.number));
        if flaw == Flaw::SaidTwice && before == Some((up.leaf, up.number)) && up.number > 0 {
            up.number += 1;
        }
        up.to_text()
    }

    /// What a call says that comes again.
    pub fn forged_repeat(&mut self, text: &str) -> String {
        let Ok(mut down) = Down::parse(text) else { return text.to_owned() };
        match self.flaw {
            Some(Flaw::TakenTwice) => down.number += 1,
            Some(Flaw::OldCall) => (down.leaf, down.number, down.sent_at) = (0, 1, self.now),
            _ => return text.to_owned(),
        }
        down.to_text()
    }

    /// The answer to a call that is lost, if a planted break finds one.
    pub fn forged_answer_to_lost(&self, text: &str) -> Option<String> {
        let down = Down::parse(text).ok().filter(|_| self.has(Flaw::OldAnswer))?;
        let is_counted = |entry: &&Entry| {
            matches!(
                entry,
                Entry::Event { .. }
                    | Entry::Said { .. }
                    | Entry::Updated { .. }
                    | Entry::Control { .. }
            )
        };
        let counted = down.entries.iter().filter(is_counted).count();
        let answer = DownAnswer {
            leaf: down.leaf,
            outcome: DownOutcome::Done,
            counts: None,
            reached: vec![Reached::default(); counted],
            users: Vec::new(),
        };
        (down.leaf > 0).then(|| answer.to_text())
    }

    /// What an answer says.
    pub fn forged_answer(&self, text: String) -> String {
        match (self.flaw, UpAnswer::parse(&text)) {
            (Some(Flaw::TrustingLeaves), Ok(mut answer)) => {
                answer.continues = true;
                answer.to_text()
            }
            (Some(Flaw::UntoldControls), Ok(mut answer)) => {
                if let Some(snapshot) = &mut answer.snapshot {
                    snapshot.removals.clear();
                    snapshot.revocations.clear();
                }
                answer.to_text()
            }
            _ => text,
        }
    }

    /// The position with which a client comes to an object.
    pub fn forged_since(&self, at: Place, since: Option<Position>) -> Option<Position> {
        let by = u64::from(at != Place::ROOT && self.has(Flaw::LateReplay));
        since.map(|Position { epoch, seq }| Position { epoch, seq: seq + by })
    }
}

fn forge_down(down: &mut Down, flaw: Flaw) {
    match flaw {
        Flaw::TrustingLeaves => (down.continues, down.reset) = (true, false),
        Flaw::Unordered => down.entries.reverse(),
        Flaw::UntoldControls => {
            if let Some(snapshot) = &mut down.snapshot {
                snapshot.removals.clear();
                snapshot.revocations.clear();
            }
        }
        _ => {}
    }
    let is_first = down.number == 1;
    down.entries.iter_mut().for_each(|entry| forge_entry(entry, flaw, is_first));
}

fn forge_up(up: &mut Up, flaw: Flaw) {
    if flaw == Flaw::UncountedLeaf {
        up.counts = up.counts.map(|counts| Counts { users: 0, ..counts });
    }
    for entry in &mut up.entries {
        match entry {
            Entry::Expect { entry } if flaw == Flaw::LostHandover => entry.leaves_at = Some(1),
            _ => {}
        }
    }
}

fn forge_entry(entry: &mut Entry, flaw: Flaw, is_first: bool) {
    match (flaw, entry) {
        (Flaw::NoAudience, Entry::Event { audience, .. } | Entry::Said { audience, .. }) => {
            *audience = Audience::default();
        }
        (Flaw::ForgottenLeaf, Entry::Event { audience, .. }) if is_first => {
            audience.only = Some(nobody().into_iter().map(|user| (user, ())).collect());
        }
        (Flaw::Echo, Entry::Said { from, .. }) => {
            *from = At { socket: SocketId(u32::MAX), ..*from };
        }
        (Flaw::UntoldCount, Entry::Everybody { frame }) => {
            *frame = frame.replace(r#""activeUsers":"#, r#""activeUsers":1"#);
        }
        (Flaw::NoIntroductions, Entry::Introduce { heard_at, .. }) => heard_at.push('?'),
        (Flaw::LostHandover, Entry::Expect { entry }) => entry.leaves_at = Some(1),
        (Flaw::UntoldControls, Entry::Control { control: Control::Remove { user, .. }, .. }) => {
            if let Some(nobody) = nobody() {
                *user = nobody;
            }
        }
        _ => {}
    }
}

/// A user who is never there.
fn nobody() -> Option<UserId> {
    UserId::parse("nobody").ok()
}

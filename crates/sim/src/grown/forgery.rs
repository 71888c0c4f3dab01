//! What the planted breaks make of the calls between the objects.

use validiant_core::member::SocketId;
use validiant_core::names::UserId;
use validiant_core::position::Position;
use validiant_core::publication::audience::Audience;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::tree::Place;
use validiant_core::tree::wire::{
    At, Control, Controls, Counts, Down, DownAnswer, DownOutcome, Entry, Reached, Up, UpAnswer,
};

use super::flaw::Flaw;
use super::object::Object;
use super::world::World;
use crate::users;

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
    pub fn forged_answer(&self, by: Place, text: String) -> String {
        let Some(flaw) = self.flaw else { return text };
        if by == Place::ROOT {
            let Ok(mut answer) = UpAnswer::parse(&text) else { return text };
            forge_up_answer(&mut answer, flaw);
            return answer.to_text();
        }
        let Ok(mut answer) = DownAnswer::parse(&text) else { return text };
        answer.counts = forged_counts(answer.counts, flaw);
        answer.to_text()
    }

    /// The position with which a client comes to an object.
    pub fn forged_since(&self, at: Place, since: Option<Position>) -> Option<Position> {
        let by = u64::from(at != Place::ROOT && self.has(Flaw::LateReplay));
        since.map(|Position { epoch, seq }| Position { epoch, seq: seq + by })
    }

    /// What an object that dies still has, apart from its writes.
    pub fn forget_at_death(&self, object: &Object) {
        let disk = &mut object.platform.borrow_mut().disk;
        let is_root = object.place == Place::ROOT;
        if is_root && self.has(Flaw::ForgottenTree) {
            disk.forget_tree();
        }
        if !is_root && self.has(Flaw::ForgetfulLeaf) {
            disk.forget_refusals();
        }
    }
}

fn forge_down(down: &mut Down, flaw: Flaw) {
    match flaw {
        Flaw::TrustingLeaves => (down.continues, down.reset) = (true, false),
        Flaw::Unordered => down.entries.reverse(),
        Flaw::SaidFirst => down.entries.sort_by_key(|it| !matches!(it, Entry::Said { .. })),
        _ => {}
    }
    down.snapshot.iter_mut().for_each(|snapshot| forge_snapshot(snapshot, flaw));
    let is_first = down.number == 1;
    down.entries.iter_mut().for_each(|entry| forge_entry(entry, flaw, is_first));
}

fn forge_up(up: &mut Up, flaw: Flaw) {
    up.counts = forged_counts(up.counts, flaw);
    for entry in &mut up.entries {
        match entry {
            Entry::Expect { entry } if flaw == Flaw::LostHandover => entry.leaves_at = Some(1),
            _ => {}
        }
    }
}

fn forge_up_answer(answer: &mut UpAnswer, flaw: Flaw) {
    match flaw {
        Flaw::TrustingLeaves => answer.continues = true,
        Flaw::ShortPull => {
            let pulled = answer.pulled.iter_mut().filter_map(|pulled| pulled.events.as_mut());
            pulled.filter(|events| !events.is_empty()).for_each(|events| {
                events.remove(0);
            });
        }
        _ => {}
    }
    answer.snapshot.iter_mut().for_each(|snapshot| forge_snapshot(snapshot, flaw));
}

fn forge_snapshot(snapshot: &mut Controls, flaw: Flaw) {
    match flaw {
        Flaw::UntoldRemoval => snapshot.removals.clear(),
        Flaw::UntoldRevocation => snapshot.revocations.clear(),
        Flaw::UntoldFloor => snapshot.min_key_epoch = 0,
        _ => {}
    }
}

fn forged_counts(counts: Option<Counts>, flaw: Flaw) -> Option<Counts> {
    counts.map(|counts| match flaw {
        Flaw::UncountedLeaf => Counts { users: 0, ..counts },
        Flaw::EmptyLeaf => Counts { sockets: 0, ..counts },
        _ => counts,
    })
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
        (Flaw::UntoldChange, Entry::Updated { heard_at, .. }) => heard_at.clear(),
        (Flaw::LostHandover, Entry::Expect { entry }) => entry.leaves_at = Some(1),
        (_, Entry::Control { control, .. }) => forge_control(control, flaw),
        _ => {}
    }
}

fn forge_control(control: &mut Control, flaw: Flaw) {
    match (flaw, control) {
        (Flaw::UntoldRemoval, Control::Remove { user, .. }) => {
            if let Some(nobody) = nobody() {
                *user = nobody;
            }
        }
        (Flaw::WrongRemoval, Control::Remove { user, .. }) => {
            let next = users::number(user.as_str()).map(|number| (number + 1) % users::USERS);
            if let Some(next) = next.and_then(users::id) {
                *user = next;
            }
        }
        (Flaw::UntoldErasure, Control::Erase(erasure)) => *erasure = Erasure::ButRefusals,
        (Flaw::UntoldRevocation, Control::Revoke(revocation)) => revocation.before = 0,
        (Flaw::UntoldFloor, Control::KeyEpoch(epoch)) => *epoch = 0,
        (Flaw::UntoldFloor, Control::Remove { min_key_epoch, .. }) => *min_key_epoch = None,
        _ => {}
    }
}

/// A user who is never there.
fn nobody() -> Option<UserId> {
    UserId::parse("nobody").ok()
}

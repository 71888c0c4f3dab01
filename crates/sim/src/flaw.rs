//! Planted breaks. With each of them the ports, or what is around the room, do what would be a break in the room. The
//! simulator must notice.

use crate::theme::Theme;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The room does not notice that it began without sockets, so its numbers do not jump.
    NoJump,
    /// The numbers jump by 1 only.
    SmallJump,
    /// What is written first is not durable first: neither a gap, nor what is too much to lose.
    NoGate,
    /// The same, but not after a gap: there is no bound on what can be lost.
    NoBound,
    /// The attachments of sockets do not say that a gap is to come.
    ForgetfulSleep,
    /// Backends are answered before their events are durable.
    EarlyAnswers,
    /// A crash loses the oldest write that is not durable, and keeps those after it.
    LostBeginning,
    /// A page that is written again loses its older events.
    ShortPages,
    /// A position in a gap counts as the one before the gap.
    TrustedPosition,
    /// What is not written yet is not replayed.
    ReplayFromDisk,
    /// A room whose write has failed goes on.
    NoReset,
    /// A room is taken out of memory before everything is written.
    HastySleep,
    /// Everybody may send events to other clients.
    EverybodySends,
    /// A fresh token changes nothing about whether its client may send.
    OldRights,
    /// Its client is told that it may send, whatever the token says.
    BoastfulAnswer,
    /// Nobody is left out by a connection.
    NoExclusion,
    /// The history does not know that somebody is left out by a connection.
    ForgottenExclusion,
    /// It forgets whose connection that is.
    AnybodysExclusion,
    /// What a client sends comes back to it.
    Echo,
    /// A client's event names another connection.
    ForgedSender,
    /// A client's event reaches everybody, whomever it is for.
    NoAudience,
    /// A room passes on whatever clients send.
    NoBucket,
    /// Presence data are forgotten when the room sleeps.
    ForgetfulData,
    /// A new connection has the data of another.
    SharedData,
    /// Of several sockets of a connection, only the newest gets its new data.
    OldTwin,
    /// The last data of a lost connection are not stored.
    LostLast,
    /// They are those of another user.
    ForeignLast,
    /// In a large room everybody hears everybody.
    LoudCrowd,
    /// Whoever comes to a place in a large room is not told who is there.
    NoIntroductions,
    /// Nobody is told that data are gone.
    UntoldEnd,
    /// Nobody is told that a connection is lost or back.
    UntoldWait,
    /// The newest socket hears of no change.
    DeafSocket,
    /// The room does not note that a document is open.
    UnnotedDocument,
    /// What it notes of a document is not durable before the document is answered.
    LooseNote,
    /// A document lets in whom it expected, whatever it was told in between.
    UnexpectedGuest,
    /// A document counts as left while somebody is about to open it.
    HastyRelease,
    /// A removal is answered before the documents are told.
    HastyRemoval,
    /// Only the open documents of an erased project are told.
    SparedDocument,
    /// The lowest key epoch is not stored.
    UnstoredFloor,
    /// It is not durable before anybody is told of it.
    LooseFloor,
    /// It goes with the rest when a project is erased.
    ErasedFloor,
    /// The newest socket is not told of it.
    UntoldFloor,
    /// Who connects is not told of it.
    SilentHello,
    /// A document takes the floor that it was told when it asked, though it was told a higher one since.
    LateFloor,
    /// Documents are not told of it.
    UntoldDocument,
    /// A floor that is lower than the one in force takes its place, once the room has forgotten that.
    LowerFloor,
}

impl Flaw {
    /// What an episode should be about to show it, if that matters.
    #[must_use]
    pub fn theme(self) -> Option<Theme> {
        match self {
            Self::UnnotedDocument
            | Self::LooseNote
            | Self::UnexpectedGuest
            | Self::HastyRelease
            | Self::HastyRemoval
            | Self::SparedDocument => Some(Theme::Documents),
            Self::OldRights
            | Self::ForgetfulData
            | Self::OldTwin
            | Self::LostLast
            | Self::ForeignLast
            | Self::NoIntroductions
            | Self::UntoldEnd => Some(Theme::Talk),
            Self::LateFloor | Self::UntoldDocument => Some(Theme::Documents),
            Self::UnstoredFloor
            | Self::LooseFloor
            | Self::ErasedFloor
            | Self::UntoldFloor
            | Self::SilentHello
            | Self::LowerFloor => Some(Theme::Keys),
            _ => None,
        }
    }

    /// All of them.
    pub const ALL: [Self; 46] = [
        Self::NoJump,
        Self::SmallJump,
        Self::NoGate,
        Self::NoBound,
        Self::ForgetfulSleep,
        Self::EarlyAnswers,
        Self::LostBeginning,
        Self::ShortPages,
        Self::TrustedPosition,
        Self::ReplayFromDisk,
        Self::NoReset,
        Self::HastySleep,
        Self::EverybodySends,
        Self::OldRights,
        Self::BoastfulAnswer,
        Self::NoExclusion,
        Self::ForgottenExclusion,
        Self::AnybodysExclusion,
        Self::Echo,
        Self::ForgedSender,
        Self::NoAudience,
        Self::NoBucket,
        Self::ForgetfulData,
        Self::SharedData,
        Self::OldTwin,
        Self::LostLast,
        Self::ForeignLast,
        Self::LoudCrowd,
        Self::NoIntroductions,
        Self::UntoldEnd,
        Self::UntoldWait,
        Self::DeafSocket,
        Self::UnnotedDocument,
        Self::LooseNote,
        Self::UnexpectedGuest,
        Self::HastyRelease,
        Self::HastyRemoval,
        Self::SparedDocument,
        Self::UnstoredFloor,
        Self::LooseFloor,
        Self::ErasedFloor,
        Self::UntoldFloor,
        Self::SilentHello,
        Self::LateFloor,
        Self::UntoldDocument,
        Self::LowerFloor,
    ];
}

//! Planted breaks. With each of them the ports, or what is around the room, do what would be a break in the room. The
//! simulator must notice.

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
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 12] = [
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
    ];
}

//! Planted breaks. With each of them what is around the objects does what would be a break in them. The simulator must
//! notice.

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A leaf lets in whoever comes, even if it is no place of the room any more.
    OpenDoor,
    /// Administration is answered before the leaves are told.
    HastyAnswer,
    /// A leaf replays from one event after the one at which a client stands.
    LateReplay,
    /// A call to a leaf that comes again counts as the next one.
    TakenTwice,
    /// What a leaf says again, because it heard no answer, counts as the next that it says.
    SaidTwice,
    /// An answer to an earlier call counts for one that was lost.
    OldAnswer,
    /// A leaf that has slept takes a call that comes again for a new one.
    OldCall,
    /// A new leaf does not get the first events.
    ForgottenLeaf,
    /// The root goes on after a crash as if nothing were lost.
    TrustingLeaves,
    /// A leaf closes its sockets, and their clients are not told.
    DeafClose,
    /// A user who moves counts as gone at once.
    LostHandover,
    /// The users at the leaves are not counted.
    UncountedLeaf,
    /// Leaves do not hear whom they must keep out.
    UntoldControls,
    /// A leaf takes what happened in the reverse order.
    Unordered,
    /// At the leaves everybody gets what is not for everybody.
    NoAudience,
    /// What a client sends comes back to it.
    Echo,
    /// Leaves are not told how many users there are.
    UntoldCount,
    /// Whoever comes to a place in the product is not told who is there at the leaves.
    NoIntroductions,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::OpenDoor,
        Self::HastyAnswer,
        Self::LateReplay,
        Self::TakenTwice,
        Self::SaidTwice,
        Self::OldAnswer,
        Self::OldCall,
        Self::ForgottenLeaf,
        Self::TrustingLeaves,
        Self::DeafClose,
        Self::LostHandover,
        Self::UncountedLeaf,
        Self::UntoldControls,
        Self::Unordered,
        Self::NoAudience,
        Self::Echo,
        Self::UntoldCount,
        Self::NoIntroductions,
    ];
}

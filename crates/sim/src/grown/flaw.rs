//! Planted breaks. With each of them what is around the objects does what would be a break in them. The simulator must
//! notice.

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A leaf lets in whoever comes, even if another place is their home.
    OpenDoor,
    /// The edge goes by its copy of the places for ever, whatever it is told.
    StubbornGate,
    /// Administration is answered before the leaves are told.
    HastyAnswer,
    /// A leaf replays from one event after the one at which a client stands.
    LateReplay,
    /// The root leaves out the first of the events that a leaf asks for.
    ShortPull,
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
    /// The root forgets its leaves when it dies.
    ForgottenTree,
    /// A leaf forgets whom it must keep out when it dies.
    ForgetfulLeaf,
    /// A leaf closes its sockets, and their clients are not told.
    DeafClose,
    /// A user who moves counts as gone at once.
    LostHandover,
    /// The users at the leaves are not counted.
    UncountedLeaf,
    /// A leaf says that it has no sockets.
    EmptyLeaf,
    /// Leaves do not hear who is removed.
    UntoldRemoval,
    /// Leaves remove another user than was asked for.
    WrongRemoval,
    /// Leaves do not hear which tokens are revoked.
    UntoldRevocation,
    /// Leaves do not hear that the key epoch goes up.
    UntoldFloor,
    /// Leaves go on with what kept clients out when all is erased.
    UntoldErasure,
    /// A leaf takes what happened in the reverse order.
    Unordered,
    /// A leaf takes what clients say before what backends publish.
    SaidFirst,
    /// At the leaves everybody gets what is not for everybody.
    NoAudience,
    /// What a client sends comes back to it.
    Echo,
    /// Leaves are not told how many users there are.
    UntoldCount,
    /// Whoever comes to a place in the product is not told who is there at the leaves.
    NoIntroductions,
    /// Leaves do not hear what clients say of themselves.
    UntoldChange,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 29] = [
        Self::OpenDoor,
        Self::StubbornGate,
        Self::HastyAnswer,
        Self::LateReplay,
        Self::ShortPull,
        Self::TakenTwice,
        Self::SaidTwice,
        Self::OldAnswer,
        Self::OldCall,
        Self::ForgottenLeaf,
        Self::TrustingLeaves,
        Self::ForgottenTree,
        Self::ForgetfulLeaf,
        Self::DeafClose,
        Self::LostHandover,
        Self::UncountedLeaf,
        Self::EmptyLeaf,
        Self::UntoldRemoval,
        Self::WrongRemoval,
        Self::UntoldRevocation,
        Self::UntoldFloor,
        Self::UntoldErasure,
        Self::Unordered,
        Self::SaidFirst,
        Self::NoAudience,
        Self::Echo,
        Self::UntoldCount,
        Self::NoIntroductions,
        Self::UntoldChange,
    ];
}

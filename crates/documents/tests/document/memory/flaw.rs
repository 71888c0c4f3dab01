//! Planted breaks. With each of them the ports, or what is around the document, do what would be a break in the document.
//! The simulator must notice.

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// What is sent after a write leaves before the write is durable.
    NoGate,
    /// The document hibernates before everything is written.
    HastySleep,
    /// A crash loses the oldest turn that is not durable, and keeps those after it.
    LostBeginning,
    /// The newest row is not read after waking.
    ShortLog,
    /// Attachments are only written when a socket is added.
    ForgetfulAttachments,
    /// What a client sends comes back to it at once.
    Echo,
    /// The newest socket hears of no change.
    DeafSocket,
    /// Who is expected is not, when somebody is removed.
    OpenDoor,
    /// After waking everybody may write.
    EverybodyWrites,
    /// After waking everybody is the same user.
    OneUser,
    /// A write drops rows, but its own rows are lost.
    TornSwitch,
    /// Instead of a frame to one client, the one that was sent before it goes out.
    StaleFrame,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::NoGate,
        Self::HastySleep,
        Self::LostBeginning,
        Self::ShortLog,
        Self::ForgetfulAttachments,
        Self::Echo,
        Self::DeafSocket,
        Self::OpenDoor,
        Self::EverybodyWrites,
        Self::OneUser,
        Self::TornSwitch,
        Self::StaleFrame,
    ];
}

//! The settings that are numbers.

/// A whole number from the environment, with its default and bounds.
#[derive(Debug, Clone, Copy)]
pub struct NumberSetting {
    /// The variable's name.
    pub name: &'static str,
    /// The value when the variable is not set.
    pub default: u32,
    /// The lowest allowed value.
    pub min: u32,
    /// The highest allowed value.
    pub max: u32,
    /// What the number counts.
    pub unit: &'static str,
}

/// The largest body of a broadcast.
pub const MAX_PAYLOAD_BYTES: NumberSetting = NumberSetting {
    name: "MAX_PAYLOAD_BYTES",
    default: 32_768,
    min: 1_024,
    max: 1_048_576,
    unit: "bytes",
};

/// The largest frame that a client may send.
pub const MAX_CLIENT_FRAME_BYTES: NumberSetting = NumberSetting {
    name: "MAX_CLIENT_FRAME_BYTES",
    default: 16_384,
    min: 256,
    max: 1_048_576,
    unit: "bytes",
};

/// How long a user whose connection broke still counts as present.
pub const PRESENCE_GRACE_SECONDS: NumberSetting = NumberSetting {
    name: "PRESENCE_GRACE_SECONDS",
    default: 10,
    min: 0,
    max: 3_600,
    unit: "seconds",
};

/// Up to how many users each join and leave is an event of its own.
pub const PRESENCE_EVENTS_MAX: NumberSetting =
    NumberSetting { name: "PRESENCE_EVENTS_MAX", default: 100, min: 0, max: 100, unit: "users" };

/// When a silent socket is considered dead.
pub const STALE_SOCKET_SECONDS: NumberSetting = NumberSetting {
    name: "STALE_SOCKET_SECONDS",
    default: 90,
    min: 5,
    max: 86_400,
    unit: "seconds",
};

/// How many events a room keeps.
pub const HISTORY_SIZE: NumberSetting =
    NumberSetting { name: "HISTORY_SIZE", default: 256, min: 0, max: 10_000, unit: "events" };

/// How long a room keeps an event.
pub const HISTORY_TTL_SECONDS: NumberSetting = NumberSetting {
    name: "HISTORY_TTL_SECONDS",
    default: 600,
    min: 1,
    max: 86_400,
    unit: "seconds",
};

/// How long a socket outlives its token.
pub const TOKEN_GRACE_SECONDS: NumberSetting =
    NumberSetting { name: "TOKEN_GRACE_SECONDS", default: 30, min: 0, max: 3_600, unit: "seconds" };

/// How many events a room accepts in the long run.
pub const PUBLISHES_PER_SECOND: NumberSetting = NumberSetting {
    name: "PUBLISHES_PER_SECOND",
    default: 100,
    min: 1,
    max: 10_000,
    unit: "events",
};

/// How many events a room accepts at once.
pub const PUBLISH_BURST: NumberSetting =
    NumberSetting { name: "PUBLISH_BURST", default: 200, min: 1, max: 100_000, unit: "events" };

/// How many messages a client may send in the long run.
pub const CLIENT_MESSAGES_PER_SECOND: NumberSetting = NumberSetting {
    name: "CLIENT_MESSAGES_PER_SECOND",
    default: 20,
    min: 1,
    max: 1_000,
    unit: "messages",
};

/// How many messages a client may send at once.
pub const CLIENT_MESSAGE_BURST: NumberSetting = NumberSetting {
    name: "CLIENT_MESSAGE_BURST",
    default: 40,
    min: 1,
    max: 10_000,
    unit: "messages",
};

/// To how many sockets a room passes on messages of clients in the long run.
pub const CLIENT_DELIVERIES_PER_SECOND: NumberSetting = NumberSetting {
    name: "CLIENT_DELIVERIES_PER_SECOND",
    default: 10_000,
    min: 1,
    max: 1_000_000,
    unit: "deliveries",
};

/// To how many sockets a room passes on messages of clients at once.
pub const CLIENT_DELIVERY_BURST: NumberSetting = NumberSetting {
    name: "CLIENT_DELIVERY_BURST",
    default: 2_000,
    min: 1,
    max: 10_000_000,
    unit: "deliveries",
};

/// The largest presence data of a connection. An attachment has 16 KiB at two bytes a character, and more in it.
pub const PRESENCE_DATA_MAX: NumberSetting =
    NumberSetting { name: "PRESENCE_DATA_MAX", default: 2_048, min: 0, max: 4_096, unit: "bytes" };

/// How large a document may be. Larger ones can't be merged within the memory of an object.
pub const DOCUMENT_MAX_BYTES: NumberSetting = NumberSetting {
    name: "DOCUMENT_MAX_BYTES",
    default: 5_242_880,
    min: 65_536,
    max: 8_388_608,
    unit: "bytes",
};

/// How many sockets a user may have.
pub const USER_SOCKETS_MAX: NumberSetting =
    NumberSetting { name: "USER_SOCKETS_MAX", default: 20, min: 1, max: 30_000, unit: "sockets" };

/// How many sockets a room may have.
pub const ROOM_SOCKETS_MAX: NumberSetting = NumberSetting {
    name: "ROOM_SOCKETS_MAX",
    default: 100_000,
    min: 1,
    max: 1_000_000,
    unit: "sockets",
};

/// How many sockets one object holds before its room grows. The runtime takes 32,768.
pub const LEAF_SOCKETS: NumberSetting =
    NumberSetting { name: "LEAF_SOCKETS", default: 5_000, min: 1, max: 30_000, unit: "sockets" };

/// How often an address may connect. The rate limiter has its own number in `wrangler.toml`, which can't be read here.
pub const CONNECTS_PER_MINUTE: NumberSetting = NumberSetting {
    name: "CONNECTS_PER_MINUTE",
    default: 600,
    min: 1,
    max: 1_000_000,
    unit: "connects",
};

/// Every setting that is a number.
pub const NUMBERS: [NumberSetting; 20] = [
    MAX_PAYLOAD_BYTES,
    MAX_CLIENT_FRAME_BYTES,
    PRESENCE_GRACE_SECONDS,
    PRESENCE_EVENTS_MAX,
    STALE_SOCKET_SECONDS,
    HISTORY_SIZE,
    HISTORY_TTL_SECONDS,
    TOKEN_GRACE_SECONDS,
    PUBLISHES_PER_SECOND,
    PUBLISH_BURST,
    CLIENT_MESSAGES_PER_SECOND,
    CLIENT_MESSAGE_BURST,
    CLIENT_DELIVERIES_PER_SECOND,
    CLIENT_DELIVERY_BURST,
    PRESENCE_DATA_MAX,
    DOCUMENT_MAX_BYTES,
    USER_SOCKETS_MAX,
    ROOM_SOCKETS_MAX,
    LEAF_SOCKETS,
    CONNECTS_PER_MINUTE,
];

/// What each of [`NUMBERS`] is for, in one sentence. It is apart from them because the WebAssembly has no use for it.
pub const PURPOSES: [&str; NUMBERS.len()] = [
    "The largest body of a broadcast. A larger one is refused with 413.",
    "The largest frame that a client may send. A larger one closes the socket with 4009.",
    "How long a user whose connection broke still counts as present.",
    "In a room with more users, one PRESENCE a second replaces USER_JOINED and USER_LEFT.",
    "A socket that has sent PING before and then stays silent this long is closed with 4200.",
    "How many events a room keeps for clients that reconnect. With 0, none is kept or written.",
    "How long an event is kept for clients that reconnect, and its id to recognise repeats.",
    "How long a socket stays open after its token expires, so that the client can refresh it.",
    "How many events a second a room accepts. Any more are refused with 429.",
    "How many events a room accepts at once after a pause.",
    "How many messages a second a client may send on a socket. At 20 times this rate it is closed with 4029.",
    "How many messages a client may send at once after a pause.",
    "To how many sockets a second a room passes on what clients say to each other. Any more is refused.",
    "To how many sockets a room passes on what clients say to each other at once after a pause.",
    "The largest presence data of a connection. With 0, there are none.",
    "How large a document may be, and a message to it. Anything larger closes the socket with 4009.",
    "How many sockets a user may have in a room or a document. One more is closed with 4201.",
    "How many sockets a room may have, and a document, up to 30,000. One more is closed with 4201.",
    "How many sockets one object of a room holds. With more, the room grows by further objects.",
    "What clients are told about the rate limit CONNECTS: connects a minute from one address to one project.",
];

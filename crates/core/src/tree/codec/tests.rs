use proptest::prelude::*;

use super::*;
use crate::limits::Exceeded;
use crate::names::{ConnectionId, Epoch, TokenId};
use crate::ports::RosterEntry;
use crate::presence_data::{LastData, PresenceData};
use crate::publication::audience::{Audience, ExcludedConnection};
use crate::room_call::erasure::Erasure;
use crate::room_call::revocation::{Revocation, Scope};
use crate::tree::Places;
use crate::tree::wire::{
    At, Control, Controls, Down, DownAnswer, DownOutcome, Entry, Head, Kept, ListedUser, Pulled,
    Reached, Refused, Subject, Up, UpAnswer, UpOutcome,
};

fn name() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{1,8}"
}

fn user_id() -> impl Strategy<Value = UserId> {
    name().prop_map(|name| UserId::parse(&name).unwrap())
}

fn connection() -> impl Strategy<Value = ConnectionId> {
    name().prop_map(|name| ConnectionId::parse(&name).unwrap())
}

fn user() -> impl Strategy<Value = User> {
    (user_id(), proptest::option::of(name()), any::<bool>()).prop_map(|(id, name, verified)| User {
        id,
        name: name.and_then(|name| UserName::parse(&name).ok()),
        avatar: Avatar::parse("https://example.org/a").ok().filter(|_| verified),
        verified,
    })
}

fn frame() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap())
}

fn place() -> impl Strategy<Value = Place> {
    any::<(u32, u64)>().prop_map(|(index, generation)| Place { index, generation })
}

fn about() -> impl Strategy<Value = Subject> {
    (user_id(), connection(), any::<Option<u64>>()).prop_map(|(user, connection, since)| Subject {
        user,
        connection,
        since,
    })
}

fn at() -> impl Strategy<Value = At> {
    (place(), any::<u32>()).prop_map(|(place, socket)| At { place, socket: SocketId(socket) })
}

fn audience() -> impl Strategy<Value = Audience> {
    let users = || proptest::collection::vec(user_id(), 1..4);
    let connection = (connection(), proptest::option::of(user_id()));
    let parts = (
        proptest::option::of(users()),
        proptest::option::of(users()),
        proptest::option::of(connection),
    );
    parts.prop_map(|(only, exclude, connection)| Audience {
        only: only.map(FromIterator::from_iter),
        exclude: exclude.into_iter().flatten().collect(),
        exclude_connection: connection.map(|(id, user)| ExcludedConnection { id, user }),
    })
}

fn revocation() -> impl Strategy<Value = Revocation> {
    let scope = prop_oneof![
        Just(Scope::All),
        user_id().prop_map(Scope::User),
        name().prop_map(|name| Scope::Token(TokenId::parse(&name).unwrap())),
    ];
    (scope, any::<u64>()).prop_map(|(scope, before)| Revocation { scope, before })
}

fn control() -> impl Strategy<Value = Control> {
    prop_oneof![
        (user_id(), any::<Option<u64>>(), any::<Option<u32>>()).prop_map(
            |(user, until, min_key_epoch)| Control::Remove { user, until, min_key_epoch }
        ),
        revocation().prop_map(Control::Revoke),
        any::<u32>().prop_map(Control::KeyEpoch),
        prop_oneof![Just(Erasure::All), Just(Erasure::ButRefusals)].prop_map(Control::Erase),
    ]
}

fn expected() -> impl Strategy<Value = RosterEntry> {
    let last = proptest::option::of((connection(), any::<String>()));
    (user(), any::<u64>(), any::<Option<u64>>(), last).prop_map(
        |(user, joined_at, leaves_at, last)| RosterEntry {
            user,
            joined_at,
            leaves_at,
            last: last.map(|(connection_id, text)| LastData {
                connection_id,
                data: PresenceData::parse(&format!(
                    "{{\"x\":{}}}",
                    serde_json::to_string(&text).unwrap()
                ))
                .unwrap(),
            }),
        },
    )
}

fn said() -> impl Strategy<Value = Entry> {
    prop_oneof![
        (any::<Option<u64>>(), any::<u64>(), audience(), frame())
            .prop_map(|(seq, at, audience, frame)| Entry::Event { seq, at, audience, frame }),
        (at(), audience(), frame()).prop_map(|(from, audience, frame)| Entry::Said {
            from,
            audience,
            frame
        }),
        (
            proptest::collection::vec(any::<String>(), 0..3),
            place(),
            any::<Option<u32>>(),
            proptest::collection::vec(any::<u32>(), 0..3),
            any::<bool>(),
            proptest::option::of(about()),
            frame(),
        )
            .prop_map(|(heard_at, from, but, always, is_limited, about, frame)| {
                Entry::Updated {
                    heard_at,
                    from,
                    but: but.map(SocketId),
                    always: always.into_iter().map(SocketId).collect(),
                    is_limited,
                    about,
                    frame,
                }
            }),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        said(),
        (proptest::option::of(place()), proptest::collection::vec(any::<String>(), 0..3))
            .prop_map(|(but, told_at)| Entry::Stale { but, told_at }),
        frame().prop_map(|frame| Entry::Everybody { frame }),
        (at(), any::<bool>(), frame()).prop_map(|(to, is_introduction, frame)| Entry::One {
            to,
            is_introduction,
            frame
        }),
        (at(), any::<String>(), user_id(), connection()).prop_map(
            |(to, heard_at, user, connection)| Entry::Introduce { to, heard_at, user, connection }
        ),
        expected().prop_map(|entry| Entry::Expect { entry }),
        (control(), any::<u64>()).prop_map(|(control, number)| Entry::Control { control, number }),
    ]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    proptest::collection::vec(entry(), 0..5)
}

fn counts() -> impl Strategy<Value = Counts> {
    any::<(u64, u64)>().prop_map(|(sockets, users)| Counts { sockets, users })
}

fn head() -> impl Strategy<Value = Head> {
    (
        proptest::option::of("[a-f0-9]{1,8}"),
        any::<(u64, u64)>(),
        0..9_u32,
        proptest::option::of(counts()),
    )
        .prop_map(|(epoch, (seq, controls), grown, others)| {
            let mut places = Places::default();
            (0..grown).for_each(|_| places.grow());
            let epoch = epoch.and_then(|epoch| Epoch::parse(&epoch).ok());
            Head { epoch, seq, controls, places, others }
        })
}

fn snapshot() -> impl Strategy<Value = Option<Controls>> {
    let removals = proptest::collection::vec((user_id(), any::<u64>()), 0..4);
    let revocations = proptest::collection::vec(revocation(), 0..4);
    let parts = (any::<(u64, u32)>(), removals, revocations);
    proptest::option::of(parts.prop_map(|((number, min_key_epoch), removals, revocations)| {
        Controls { number, removals, revocations, min_key_epoch }
    }))
}

fn down() -> impl Strategy<Value = Down> {
    let numbers = any::<(u64, u64, u64, u64)>();
    let flags = any::<(bool, bool, bool, bool)>();
    (place(), numbers, flags, head(), snapshot(), entries()).prop_map(
        |(place, (root, leaf, number, sent_at), flags, head, snapshot, entries)| {
            let (is_repeat, continues, reset, wants_users) = flags;
            Down {
                place,
                root,
                leaf,
                number,
                sent_at,
                is_repeat,
                continues,
                reset,
                head,
                snapshot,
                wants_users,
                entries,
            }
        },
    )
}

fn down_answer() -> impl Strategy<Value = DownAnswer> {
    let outcome = prop_oneof![
        Just(DownOutcome::Done),
        any::<bool>().prop_map(|wants_controls| DownOutcome::Again { wants_controls }),
        any::<u64>().prop_map(|root| DownOutcome::Stale { root }),
    ];
    let reached =
        any::<(u64, u64)>().prop_map(|(recipients, excluded)| Reached { recipients, excluded });
    let listed = (user(), any::<(u64, u64)>())
        .prop_map(|(user, (joined_at, devices))| ListedUser { user, joined_at, devices });
    (
        any::<u64>(),
        outcome,
        proptest::option::of(counts()),
        proptest::collection::vec(reached, 0..5),
        proptest::collection::vec(listed, 0..5),
    )
        .prop_map(|(leaf, outcome, counts, reached, users)| DownAnswer {
            leaf,
            outcome,
            counts,
            reached,
            users,
        })
}

fn up() -> impl Strategy<Value = Up> {
    let pulls = proptest::collection::vec(any::<u64>(), 0..4);
    let numbers = any::<(u64, u64, u64, u64)>();
    let positions = any::<(Option<u64>, bool, bool)>();
    (place(), numbers, positions, proptest::option::of(counts()), pulls, entries()).prop_map(
        |(
            place,
            (leaf, root, number, taken),
            (seq, wants_controls, is_news),
            counts,
            pulls,
            entries,
        )| Up {
            place,
            leaf,
            root,
            number,
            seq,
            taken,
            counts,
            is_news,
            wants_controls,
            pulls,
            entries,
        },
    )
}

fn pulled() -> impl Strategy<Value = Pulled> {
    let kept = (any::<(u64, u64)>(), audience(), frame())
        .prop_map(|((seq, at), audience, frame)| Kept { seq, at, audience, frame });
    let events = proptest::option::of(proptest::collection::vec(kept, 0..4));
    (any::<u64>(), events).prop_map(|(since, events)| Pulled { since, events })
}

fn up_answer() -> impl Strategy<Value = UpAnswer> {
    let outcome = prop_oneof![
        Just(UpOutcome::Done),
        Just(UpOutcome::Other),
        Just(UpOutcome::NotAPlace),
        Just(UpOutcome::Reset),
    ];
    let exceeded = any::<Option<u64>>()
        .prop_map(|retry_after_ms| Exceeded { limit: "clientDeliveriesPerSecond", retry_after_ms });
    let why = prop_oneof![exceeded.prop_map(Refused::Over), any::<u32>().prop_map(Refused::OldKey)];
    let refused = proptest::collection::vec(proptest::option::of(why), 0..4);
    let pulled = proptest::collection::vec(pulled(), 0..3);
    let numbers = any::<(u64, u64, bool, u64)>();
    (numbers, outcome, head(), snapshot(), refused, pulled).prop_map(
        |((root, leaf, continues, confirmed), outcome, head, snapshot, refused, pulled)| UpAnswer {
            root,
            leaf,
            continues,
            outcome,
            confirmed,
            head,
            snapshot,
            refused,
            pulled,
        },
    )
}

proptest! {
    #[test]
    fn a_down_reads_back(down in down()) {
        prop_assert_eq!(Down::parse(&down.to_text()), Ok(down));
    }

    #[test]
    fn a_down_whose_entries_were_written_for_all_leaves_reads_back(down in down()) {
        let mut text = down.to_text_without_entries();
        down.entries.iter().for_each(|entry| entry.push_to(&mut text));
        prop_assert_eq!(text, down.to_text());
    }

    #[test]
    fn the_answer_to_a_down_reads_back(answer in down_answer()) {
        prop_assert_eq!(DownAnswer::parse(&answer.to_text()), Ok(answer));
    }

    #[test]
    fn an_up_reads_back(up in up()) {
        prop_assert_eq!(Up::parse(&up.to_text()), Ok(up));
    }

    #[test]
    fn the_answer_to_an_up_reads_back(answer in up_answer()) {
        prop_assert_eq!(UpAnswer::parse(&answer.to_text()), Ok(answer));
    }

    #[test]
    fn no_text_panics(text in "1\u{1f}(D|DA|U|UA)\u{1f}[0-9DASORN\u{1e}\u{1f}]{0,80}|.{0,40}") {
        let _ = (Down::parse(&text), DownAnswer::parse(&text));
        let _ = (Up::parse(&text), UpAnswer::parse(&text));
    }

    #[test]
    fn what_is_cut_off_is_unreadable(down in down(), answer in up_answer(), part in 0.0..1.0_f64) {
        for text in [down.to_text(), answer.to_text()] {
            let end = text.floor_char_boundary((text.len() as f64 * part) as usize);
            if text[..end].ends_with(ENTRY_END) {
                // A call without its last entries can't be told from a whole one: a call arrives whole or not at all.
                continue;
            }
            prop_assert!(Down::parse(&text[..end]).is_err());
            prop_assert!(UpAnswer::parse(&text[..end]).is_err());
        }
    }
}

#[test]
fn another_version_is_told_from_something_else() {
    let answer = DownAnswer {
        leaf: 7,
        outcome: DownOutcome::Done,
        counts: None,
        reached: Vec::new(),
        users: Vec::new(),
    };
    let text = answer.to_text();
    let later = text.replacen('1', "2", 1);
    assert_eq!(DownAnswer::parse(&later), Err(Unread::OtherVersion));
    assert_eq!(DownAnswer::parse("99\u{1f}whatever"), Err(Unread::OtherVersion));
    for other in ["", "x\u{1f}", &text[..3], "1\u{1f}D\u{1f}"] {
        assert_eq!(DownAnswer::parse(other), Err(Unread::Unreadable), "{other:?}");
    }
    assert_eq!(Down::parse(&text), Err(Unread::Unreadable), "an answer is no call");
}

#[test]
fn a_list_that_claims_to_be_endless_is_unreadable() {
    let text = format!("1\u{1f}DA\u{1f}7\u{1f}D\u{1f}\u{1f}\u{1f}{}\u{1f}1\u{1f}1\u{1f}", u64::MAX);
    assert_eq!(DownAnswer::parse(&text), Err(Unread::Unreadable));
}

#[test]
fn a_text_over_the_limit_is_unreadable() {
    let frame = "x".repeat(MAX_BYTES);
    let entries = vec![Entry::Everybody { frame }];
    let up = Up {
        place: Place { index: 1, generation: 1 },
        leaf: 1,
        root: 1,
        number: 1,
        seq: None,
        taken: 0,
        counts: None,
        is_news: false,
        wants_controls: false,
        pulls: Vec::new(),
        entries,
    };
    assert_eq!(Up::parse(&up.to_text()), Err(Unread::Unreadable));
}

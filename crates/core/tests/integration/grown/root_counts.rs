//! How many there are in a grown room, and the limits on all of them together (P5.5, P10.4, P11.5, P15).

use serde_json::json;
use validiant_core::limits::ClientEventLimits;
use validiant_core::tree::Place;

use super::world::{At, Fate, Grown};
use crate::support::CLIENT_EVENTS;

/// The numbers of users that a socket was told, in order.
fn told(grown: &Grown, at: At) -> Vec<u64> {
    let presence = grown.of_type(at, "PRESENCE");
    presence.iter().map(|frame| frame["payload"]["activeUsers"].as_u64().unwrap()).collect()
}

#[test]
fn p5_5_everybody_is_told_how_many_there_are_wherever_somebody_comes_or_goes() {
    let (mut grown, mut sockets) = Grown::with_users(10, 30);
    grown.pass(5_000);
    for at in sockets.values() {
        assert_eq!(told(&grown, *at).last(), Some(&30), "{at:?}");
    }
    let gone: Vec<String> = sockets.keys().take(4).cloned().collect();
    for user in gone {
        grown.leave(sockets.remove(&user).unwrap(), 1_000);
    }
    grown.pass(5_000);
    for at in sockets.values() {
        assert_eq!(told(&grown, *at).last(), Some(&26), "{at:?}");
        assert_eq!(grown.of_type(*at, "USER_LEFT").len(), 0);
    }
}

#[test]
fn p5_5_that_is_told_at_most_once_a_second() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.pass(5_000);
    let at = *sockets.values().next().unwrap();
    let before = told(&grown, at).len();
    for user in 0..20 {
        let at = grown.join(&format!("guest-{user}"));
        grown.pass(100);
        grown.leave(at, 1_000);
        grown.pass(100);
    }
    assert!((2..=5).contains(&(told(&grown, at).len() - before)));
}

#[test]
fn p3_2_connected_tells_how_many_there_are_at_all_places_also_when_the_root_has_slept() {
    let (mut grown, _) = Grown::with_users(10, 30);
    for (count, user) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        grown.pass(60_000);
        grown.sleep(Place::ROOT);
        let at = grown.join(user);
        let hello = &grown.of_type(at, "CONNECTED")[0]["payload"];
        let all = json!(31 + count);
        assert_eq!((&hello["connections"], &hello["activeUsers"]), (&all, &all), "{at:?}");
    }
}

#[test]
fn a_position_that_a_leaf_checks_tells_nobody_anything() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.pass(10_000);
    let frames = |grown: &Grown| sockets.values().map(|at| grown.frames(*at).len()).sum::<usize>();
    let before = frames(&grown);
    for _ in 0..5 {
        grown.sleep(Place::ROOT);
        for place in grown.leaves() {
            grown.sleep(place);
        }
        grown.pass(90_000);
    }
    assert_eq!(frames(&grown), before);
}

#[test]
fn p10_4_a_room_has_no_more_sockets_than_it_may_have_over_all_places() {
    let mut grown = Grown::new(5);
    grown.settings.limits.room_sockets = 20;
    let mut refused = 0;
    for user in 0..25 {
        refused += usize::from(grown.try_to_connect(&format!("user-{user}"), None).is_none());
    }
    // A leaf knows of the others what it was last told.
    assert!((1..=5).contains(&refused), "{refused}");
}

#[test]
fn p11_5_what_clients_say_is_limited_for_all_places_together() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    // 20,000 at once, 29 for each event.
    let mut refused = 0;
    for _ in 0..25 {
        for at in sockets.values() {
            grown.message(*at, r#"{"type":"SEND","eventType":"client-x","payload":{}}"#);
        }
    }
    for at in sockets.values() {
        refused += grown.of_type(*at, "ERROR").len();
    }
    assert!(refused > 0);
    let heard = grown.of_type(*sockets.values().next().unwrap(), "client-x").len();
    assert!(heard <= 20_000 / 29 + 30, "{heard}");
}

#[test]
fn p11_5_what_is_for_few_counts_for_those_whom_it_has_reached() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let from = *sockets.values().next().unwrap();
    let to: Vec<&String> = sockets.keys().skip(1).take(3).collect();
    let send = json!({"type": "SEND", "eventType": "client-x", "payload": {}, "userIds": to});
    grown.message(from, &send.to_string());
    let heard = |user: &String| grown.of_type(sockets[user], "client-x").len();
    assert_eq!(sockets.keys().map(heard).sum::<usize>(), 3);
}

#[test]
fn p12_7_who_moves_to_a_place_that_does_not_answer_has_left() {
    let mut grown = Grown::new(10);
    let users: Vec<String> = (0..10).map(|user| format!("user-{user}")).collect();
    let sockets: Vec<At> = users.iter().map(|user| grown.join(user)).collect();
    for at in &sockets {
        grown.message(*at, r#"{"type":"PRESENCE_SET","patch":{"at":"board"}}"#);
    }
    grown.fates = vec![Fate::Lost; 1_000];
    let guest = grown.try_to_connect("one-more", None);
    grown.pass(10_000);
    let (stay, moved): (Vec<_>, Vec<_>) =
        users.iter().zip(&sockets).partition(|(_, at)| grown.is_open(**at));
    assert!(stay.len() > 1 && moved.len() > 1);
    for (_, at) in &stay {
        let here = stay.len() + usize::from(guest.is_some());
        assert_eq!(told(&grown, **at).last(), Some(&(here as u64)));
        let updates = grown.of_type(**at, "USER_UPDATED");
        for (user, _) in &moved {
            let last = updates.iter().rfind(|update| update["payload"]["userId"] == **user);
            assert_eq!(last.unwrap()["payload"]["data"][0]["data"], json!(null), "{user}");
        }
    }
}

#[test]
fn p11_5_a_change_at_a_leaf_is_refused_together_with_those_that_go_on_from_it() {
    let mut grown = Grown::new(10);
    let limits = ClientEventLimits { client_delivery_burst: 50, ..CLIENT_EVENTS };
    grown.settings.limits.client_events = Some(limits);
    grown.objects.clear();
    let users: Vec<String> = (0..40).map(|user| format!("user-{user}")).collect();
    let mut sockets: Vec<At> = users.iter().map(|user| grown.join(user)).collect();
    for _ in 0..10 {
        grown.pass(1_000);
        for (at, user) in sockets.iter_mut().zip(&users) {
            if grown.close_of(*at).is_some() {
                *at = grown.join(user);
            }
        }
    }
    for at in &sockets {
        grown.message(*at, r#"{"type":"PRESENCE_SET","patch":{"at":"board"}}"#);
        grown.pass(1_000);
    }
    let at_leaf = |at: &&At| at.place != Place::ROOT;
    let first = *sockets.iter().find(at_leaf).unwrap();
    let other = *sockets.iter().filter(at_leaf).find(|at| at.place != first.place).unwrap();
    for n in 0..50 {
        grown.message(other, &format!(r#"{{"type":"PRESENCE_SET","patch":{{"n":{n}}}}}"#));
    }
    assert!(!grown.of_type(other, "ERROR").is_empty(), "nothing is left of the limit");
    let at = |at: &str| format!(r#"{{"type":"PRESENCE_SET","patch":{{"at":"{at}"}}}}"#);
    grown.message(first, &format!("[{},{}]", at("nobody-here"), at("nor-here")));
    assert_eq!(grown.of_type(first, "ERROR").len(), 2, "those at the board would not know");
}

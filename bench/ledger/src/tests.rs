//! The checks of the ledger.

use super::*;

fn frame(lane: u32, number: u32) -> Vec<u8> {
    let payload = format!(r#"{{"lane":{lane},"number":{number},"x":1}}"#);
    format!(r#"{{"type":"T","payload":{payload},"timestamp":1,"seq":9}}"#).into_bytes()
}

fn deliver(ledger: &mut Ledger, seat: u32, numbers: &[u32]) {
    let mut seat = ledger.seat(seat);
    for number in numbers {
        ledger.receive(&mut seat, &frame(0, *number));
    }
}

#[test]
fn every_event_once_and_in_order_is_no_fault() {
    let mut ledger = Ledger::new(1, Excluded::Nobody);
    deliver(&mut ledger, 0, &[1, 2, 3]);
    assert_eq!(ledger.faults, Faults::default());
}

#[test]
fn a_gap_is_a_loss_and_an_old_number_a_double() {
    let mut ledger = Ledger::new(1, Excluded::Nobody);
    deliver(&mut ledger, 0, &[1, 4, 4, 2]);
    assert_eq!(ledger.faults, Faults { lost: 2, doubled_or_late: 2, ..Faults::default() });
}

#[test]
fn an_event_that_excludes_a_seat_is_missed_there_without_fault_and_a_fault_if_it_comes() {
    let mut ledger = Ledger::new(3, Excluded::OneUser);
    // Number 3 of lane 0 excludes seat 0.
    deliver(&mut ledger, 0, &[1, 2, 4]);
    assert_eq!(ledger.faults, Faults::default());
    deliver(&mut ledger, 0, &[1, 2, 3]);
    assert_eq!(ledger.faults, Faults { to_excluded: 1, ..Faults::default() });
}

#[test]
fn an_event_is_complete_with_its_last_delivery() {
    let mut ledger = Ledger::new(2, Excluded::Nobody);
    let mut completed = ledger.publish(0).completed;
    deliver(&mut ledger, 0, &[1]);
    assert!(completed.try_recv().is_err());
    deliver(&mut ledger, 1, &[1]);
    assert!(completed.try_recv().is_ok());
}

#[test]
fn what_is_missing_when_it_is_given_up_is_lost() {
    let mut ledger = Ledger::new(5, Excluded::OneUser);
    let _ = ledger.publish(0);
    ledger.give_up(0);
    assert_eq!(ledger.faults, Faults { lost: 4, ..Faults::default() });
}

/// An event of a client as a server passes it on.
fn passed_on(event: Event, sender: u32) -> Vec<u8> {
    let (payload, from) = (event.pointer(), event::sender(sender));
    format!(r#"{{"type":"client-pointer","payload":{payload},{from},"timestamp":1}}"#).into_bytes()
}

#[test]
fn an_event_of_a_client_is_for_everybody_else() {
    let mut ledger = Ledger::new(3, Excluded::Sender);
    let Published { event, excluded, mut completed, .. } = ledger.publish(1);
    assert_eq!(excluded, Some(1));
    for seat in [0, 2] {
        assert!(completed.try_recv().is_err());
        let mut seat = ledger.seat(seat);
        ledger.receive(&mut seat, &passed_on(event, 1));
    }
    assert!(completed.try_recv().is_ok());
    assert_eq!(ledger.faults, Faults::default());
    let mut own = ledger.seat(1);
    ledger.receive(&mut own, &passed_on(event, 1));
    assert_eq!(ledger.faults, Faults { to_excluded: 1, ..Faults::default() });
}

#[test]
fn an_event_in_the_name_of_another_client_or_with_another_payload_is_a_fault() {
    let event = Event { lane: 1, number: 1 };
    let good = String::from_utf8(passed_on(event, 1)).unwrap();
    let unsigned = good.replace("from", "FROM");
    let changed = good.replace("points\":[[", "points\":[[1");
    for bad in [passed_on(event, 11), unsigned.into_bytes(), changed.into_bytes()] {
        let mut ledger = Ledger::new(3, Excluded::Sender);
        let mut seat = ledger.seat(0);
        ledger.receive(&mut seat, &bad);
        assert_eq!(ledger.faults, Faults { not_as_sent: 1, ..Faults::default() });
    }
}

#[test]
fn a_socket_that_joins_must_get_the_next_event_and_may_get_the_one_that_is_under_way() {
    let mut ledger = Ledger::before_joins(2, Excluded::Nobody);
    let mut early = ledger.join(0);
    let first = ledger.publish(0);
    assert_eq!(first.recipients, 1);
    let mut late = [ledger.join(1), ledger.join(1)];
    ledger.receive(&mut early, &frame(0, 1));
    ledger.receive(&mut late[0], &frame(0, 1));
    let second = ledger.publish(0);
    assert_eq!(second.recipients, 2);
    for seat in &mut late {
        ledger.receive(seat, &frame(0, 2));
    }
    assert_eq!(ledger.faults, Faults::default());
    let mut missing = ledger.join(1);
    ledger.receive(&mut missing, &frame(0, 4));
    assert_eq!(ledger.faults, Faults { lost: 1, ..Faults::default() });
}

#[test]
fn an_event_that_a_socket_need_not_get_is_not_complete_by_it() {
    let mut ledger = Ledger::before_joins(2, Excluded::Nobody);
    let mut early = ledger.join(0);
    let mut completed = ledger.publish(0).completed;
    let mut late = ledger.join(1);
    ledger.receive(&mut late, &frame(0, 1));
    assert!(completed.try_recv().is_err());
    ledger.receive(&mut early, &frame(0, 1));
    assert!(completed.try_recv().is_ok());
}

#[test]
fn an_event_that_excludes_a_user_of_a_crowd_reaches_none_of_their_devices() {
    let mut ledger = Ledger::new(10, Excluded::OneOfCrowd);
    let published: Vec<_> = (0..10).map(|_| ledger.publish(0)).collect();
    let told: Vec<_> = published.iter().map(|one| (one.excluded, one.recipients)).collect();
    // Seats 7 and 8 are devices of one user, and seat 9 is anonymous.
    assert_eq!(told[5..9], [(Some(6), 9), (Some(7), 8), (Some(7), 8), (None, 10)]);
    deliver(&mut ledger, 8, &[1, 2, 3, 4, 5, 6, 9, 10]);
    assert_eq!(ledger.faults, Faults::default());
    deliver(&mut ledger, 8, &[1, 2, 3, 4, 5, 6, 7, 9, 10]);
    assert_eq!(ledger.faults, Faults { to_excluded: 1, ..Faults::default() });
}

use super::*;

fn frame(bytes: usize) -> Waiting {
    let entry = Entry::Everybody { frame: "x".repeat(bytes) };
    Waiting { entry, asker: Asker::Nobody }
}

#[test]
fn it_is_full_of_entries_or_of_bytes_and_empties_call_by_call() {
    let mut outbox = Outbox::default();
    (0..FULL_ENTRIES).for_each(|_| outbox.push(frame(1)));
    assert!(outbox.is_full() && !outbox.is_overfull());
    assert_eq!(outbox.take().len(), CALL_ENTRIES);
    assert!(!outbox.is_full());
    outbox.take();
    assert!(outbox.is_empty() && outbox.bytes == 0);
    outbox.push(frame(FULL_BYTES));
    outbox.push(frame(1));
    assert!(outbox.is_full());
    assert_eq!(outbox.take().len(), 1, "one of any size goes alone");
}

#[test]
fn what_is_put_back_comes_first() {
    let mut outbox = Outbox::default();
    outbox.push(frame(1));
    let first = outbox.take();
    outbox.push(frame(2));
    outbox.put_back(first);
    let lengths = outbox.take().iter().map(Waiting::bytes).collect::<Vec<_>>();
    assert!(lengths[0] < lengths[1]);
}

#[test]
fn a_call_is_made_three_times() {
    let mut outbox = Outbox::default();
    outbox.make(OnWay::new("call".into(), 7, 0));
    assert!(outbox.fail(1_000).is_none());
    assert_eq!((outbox.retry(1_099), outbox.retry_at()), (None, Some(1_100)));
    assert_eq!(outbox.retry(1_100), Some("call".into()));
    assert_eq!(outbox.retry(9_999), None, "it is being made");
    assert!(outbox.fail(2_000).is_none());
    assert_eq!(outbox.retry(2_500), Some("call".into()));
    assert!(outbox.fail(3_000).is_some() && !outbox.is_busy());
}

#[test]
fn nobody_waits_for_the_call_of_an_earlier_life() {
    let mut outbox = Outbox::default();
    outbox.push(frame(1));
    outbox.make(OnWay::new("call".into(), 7, 0));
    outbox.forget();
    assert!(outbox.is_empty() && outbox.is_busy(), "until it has come back");
    assert!(outbox.take_on_way().is_none() && !outbox.is_busy());
}

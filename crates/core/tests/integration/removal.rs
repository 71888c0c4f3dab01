//! A user who is removed from a room (P8.1, P8.2).

use crate::recovery::event;
use crate::support::{SETTINGS, World};
use validiant_core::room::NotConnected;

#[test]
fn p8_1_a_removed_user_gets_nothing_more_on_any_device_and_is_gone_at_once() {
    let mut world = World::new(SETTINGS);
    let (desk, phone, ben) = (world.join("ann"), world.join("ann"), world.join("ben"));
    let removed = world.remove("ann", 0);
    event(&mut world);
    assert_eq!((removed.disconnected.len(), removed.refused_until), (2, None));
    for socket in [desk, phone] {
        assert_eq!(world.close_of(socket).unwrap().number, 4003);
        assert_eq!(world.seqs(socket), [0u64; 0]);
    }
    assert_eq!(world.told(ben), ["CONNECTED", "USER_LEFT ann", "E"]);
    world.join("ann");
    assert_eq!(world.present().len(), 2);
}

#[test]
fn p8_1_a_user_who_is_expected_back_is_removed_too() {
    let mut world = World::new(SETTINGS);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    world.leave(ann, 1006);
    world.remove("ann", 0);
    assert_eq!(world.told(ben).last().unwrap(), "USER_LEFT ann");
    assert_eq!(world.present(), ["ben"]);
}

#[test]
fn p8_2_a_return_is_refused_until_its_time_also_after_a_crash() {
    let mut world = World::new(SETTINGS);
    let refuse = |world: &mut World, ms| world.remove("ann", ms);
    let comes = |world: &mut World| world.connect(world.member("ann"), None).map(|_| ());
    assert_eq!(refuse(&mut world, 5_000).refused_until, Some(world.now + 5_000));
    assert_eq!(comes(&mut world), Err(NotConnected::Removed));
    world.crash();
    world.pass(4_999);
    assert_eq!(comes(&mut world), Err(NotConnected::Removed));
    world.join("ben");
    world.pass(1);
    assert_eq!(comes(&mut world), Ok(()));
    refuse(&mut world, 5_000);
    refuse(&mut world, 0);
    assert_eq!(comes(&mut world), Ok(()), "the newest removal counts");
}

#[test]
fn p8_2_while_the_removals_are_unreadable_no_user_is_let_in() {
    let mut world = World::new(SETTINGS);
    world.remove("ann", 60_000);
    world.evict();
    world.hide_tables(true);
    for _ in 0..2 {
        let refused = world.connect(world.member("ann"), None).unwrap_err();
        assert_eq!(refused, NotConnected::Unavailable);
    }
    world.hide_tables(false);
    let refused = world.connect(world.member("ann"), None).unwrap_err();
    assert_eq!(refused, NotConnected::Removed);
    world.join("ben");
}

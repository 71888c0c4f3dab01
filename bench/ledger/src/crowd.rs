//! Who is who in a crowd: of each ten seats one is anonymous, and two are devices of the same user.

use std::ops::RangeInclusive;

const GROUP: u32 = 10;
const FIRST_DEVICE: u32 = 7;
const SECOND_DEVICE: u32 = 8;
const ANONYMOUS: u32 = 9;

/// The first seat of the user at a seat; none if it is anonymous.
#[must_use]
pub fn owner(seat: u32) -> Option<u32> {
    match seat % GROUP {
        ANONYMOUS => None,
        SECOND_DEVICE => Some(seat - 1),
        _ => Some(seat),
    }
}

/// All seats of the user whose first seat this is.
pub(crate) fn devices(owner: u32) -> RangeInclusive<u32> {
    owner..=owner + u32::from(owner % GROUP == FIRST_DEVICE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_ten_seats_two_are_of_one_user_and_one_is_nobodys() {
        let owners: Vec<_> = (20..30).map(owner).collect();
        let alone = (20..27).map(Some);
        assert_eq!(owners, alone.chain([Some(27), Some(27), None]).collect::<Vec<_>>());
        assert_eq!(devices(27).collect::<Vec<_>>(), [27, 28]);
        assert_eq!(devices(20).collect::<Vec<_>>(), [20]);
    }
}

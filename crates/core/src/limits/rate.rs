//! Limits how often something can happen: a token bucket, as one number (P10).
//!
//! The bucket has the form of the generic cell rate algorithm (ITU-T I.371): it stores not how many tokens it holds,
//! but when it will be full again. So it needs no timer, and a new one is full.

use crate::Millis;

/// Microseconds in a millisecond: finer than the clock, so that a rate need not divide 1,000.
const MICROS: u64 = 1_000;

/// A sustained rate per second, and a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many per second; at least 1.
    pub per_second: u32,
    /// How many at once after a pause; at least 1.
    pub burst: u32,
}

impl Rate {
    /// The same, multiplied.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        Self {
            per_second: self.per_second.saturating_mul(factor),
            burst: self.burst.saturating_mul(factor),
        }
    }

    /// How long it takes to refill `amount`, in microseconds, rounded up.
    fn micros(self, amount: u32) -> u64 {
        (u64::from(amount) * 1_000 * MICROS).div_ceil(u64::from(self.per_second.max(1)))
    }
}

/// What is still allowed at a [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    /// When it is full again, in microseconds since the Unix epoch. If that is in the past, it is full now.
    full_at: u64,
}

impl Bucket {
    /// Takes `amount` out, at most as much as a full bucket holds.
    ///
    /// # Errors
    /// It does not hold that much, and nothing was taken. The value is the number of milliseconds until it does, if
    /// nothing else is taken meanwhile.
    pub fn take(&mut self, amount: u32, rate: Rate, now: Millis) -> Result<(), Millis> {
        self.take_up_to(amount.min(rate.burst), rate.burst, rate, now)
    }

    /// The same, except that more than a full bucket holds can be taken out of a full one. The rest is owed: it takes
    /// correspondingly longer until something can be taken again.
    ///
    /// `most`: the most that is ever taken at once.
    ///
    /// # Errors
    /// As for [`Self::take`].
    pub fn take_all(
        &mut self,
        amount: u32,
        most: u32,
        rate: Rate,
        now: Millis,
    ) -> Result<(), Millis> {
        self.take_up_to(amount, most.max(rate.burst), rate, now)
    }

    /// Takes `amount` out, whether it holds that much or not. What it does not hold is owed, up to `most`.
    pub fn owe(&mut self, amount: u32, most: u32, rate: Rate, now: Millis) {
        let now = now.saturating_mul(MICROS);
        let latest = now.saturating_add(rate.micros(most.max(rate.burst)));
        let full_at = self.full_at.clamp(now, latest);
        self.full_at = full_at.saturating_add(rate.micros(amount)).min(latest);
    }

    fn take_up_to(
        &mut self,
        amount: u32,
        most: u32,
        rate: Rate,
        now: Millis,
    ) -> Result<(), Millis> {
        let now = now.saturating_mul(MICROS);
        let latest = now.saturating_add(rate.micros(rate.burst));
        // Beyond the latest possible time only if the clock was set back. The bucket would stay empty for just as long.
        // How much it held is unknown, so it counts as full.
        let is_full = self.full_at < now || self.full_at > now.saturating_add(rate.micros(most));
        self.full_at = if is_full { now } else { self.full_at };
        let then = self.full_at.saturating_add(rate.micros(amount.min(rate.burst)));
        if then > latest {
            return Err((then - latest).div_ceil(MICROS));
        }
        self.full_at = self.full_at.saturating_add(rate.micros(amount.min(most)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst: 20 };

    #[test]
    fn p10_1_a_fresh_bucket_holds_a_burst_and_not_more() {
        let mut bucket = Bucket::default();
        for _ in 0..20 {
            assert_eq!(bucket.take(1, RATE, 5_000), Ok(()));
        }
        assert_eq!(bucket.take(1, RATE, 5_000), Err(100));
        assert_eq!(bucket.take(1, RATE, 5_099), Err(1));
        assert_eq!(bucket.take(1, RATE, 5_100), Ok(()));
    }

    #[test]
    fn p10_1_more_than_a_burst_at_once_takes_a_full_bucket() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(100, RATE, 5_000), Ok(()));
        assert_eq!(bucket.take(100, RATE, 5_000), Err(2_000));
    }

    #[test]
    fn p11_5_what_is_more_than_a_burst_is_owed() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take_all(100, 1_000, RATE, 5_000), Ok(()));
        assert_eq!(bucket.take_all(1, 1_000, RATE, 5_000), Err(8_100));
        assert_eq!(bucket.take_all(1, 1_000, RATE, 13_099), Err(1));
        assert_eq!(bucket.take_all(1, 1_000, RATE, 13_100), Ok(()));
        assert_eq!(bucket.take_all(100, 1_000, RATE, 13_100), Err(2_000));
        bucket.take_all(100, 1_000, RATE, 3_600_000).unwrap();
        assert_eq!(bucket.take_all(100, 1_000, RATE, 0), Ok(()), "the clock was set back");
    }

    #[test]
    fn p10_1_a_clock_that_was_set_back_holds_up_nobody() {
        let mut bucket = Bucket::default();
        bucket.take(20, RATE, 3_600_000).unwrap();
        assert_eq!(bucket.take(20, RATE, 0), Ok(()));
        assert_eq!(bucket.take(1, RATE, 0), Err(100));
    }

    fn rates() -> impl Strategy<Value = Rate> {
        (1..5_000_u32, 1..5_000_u32).prop_map(|(per_second, burst)| Rate { per_second, burst })
    }

    proptest! {
        #[test]
        fn p10_1_in_no_stretch_of_time_there_is_more_than_the_rate_and_a_burst(
            rate in rates(),
            steps in prop::collection::vec((0..2_000_u64, 1..300_u32), 1..60),
        ) {
            let mut bucket = Bucket::default();
            let mut now = 1_700_000_000_000;
            let mut taken: Vec<(Millis, u64)> = Vec::new();
            for (pause, amount) in steps {
                now += pause;
                if bucket.take(amount, rate, now).is_ok() {
                    taken.push((now, u64::from(amount.min(rate.burst))));
                }
            }
            for (i, (start, _)) in taken.iter().enumerate() {
                let mut sum = 0;
                for (end, amount) in &taken[i..] {
                    sum += amount;
                    let refilled = (end - start) * u64::from(rate.per_second) / 1_000;
                    prop_assert!(sum <= refilled + u64::from(rate.burst) + 1);
                }
            }
        }

        #[test]
        fn p10_1_who_keeps_to_the_rate_is_never_refused(rate in rates(), amount in 1..100_u32) {
            let amount = amount.min(rate.burst);
            let pause = (u64::from(amount) * 1_000).div_ceil(u64::from(rate.per_second));
            let mut bucket = Bucket::default();
            let mut now = 1_700_000_000_000;
            for _ in 0..200 {
                prop_assert_eq!(bucket.take(amount, rate, now), Ok(()));
                now += pause;
            }
        }

        #[test]
        fn p10_1_after_the_time_that_it_says_it_is_enough_and_a_millisecond_before_it_is_not(
            rate in rates(), first in 1..5_000_u32, amount in 1..5_000_u32,
        ) {
            let now = 1_700_000_000_000;
            let mut bucket = Bucket::default();
            bucket.take(first, rate, now).unwrap();
            if let Err(wait) = bucket.take(amount, rate, now) {
                prop_assert!(bucket.clone().take(amount, rate, now + wait - 1).is_err());
                prop_assert_eq!(bucket.take(amount, rate, now + wait), Ok(()));
            }
        }

        #[test]
        fn no_time_panics(rate in rates(), times in prop::collection::vec(any::<u64>(), 1..9)) {
            let mut bucket = Bucket::default();
            for now in times {
                let _ = bucket.take(1, rate, now);
            }
        }
    }
}

//! A plain token bucket: how much a room may still pass on for its clients (P11.5).

use validiant_core::Millis;
use validiant_core::limits::ClientEventLimits;

/// Deliveries are counted in thousandths, so that each millisecond brings a whole number of them.
const PARTS: u64 = 1_000;

#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    parts: u64,
    at: Millis,
    /// Whether the clock was not set back since it was full.
    is_known: bool,
}

impl Bucket {
    /// A full one.
    pub fn new(limits: &ClientEventLimits) -> Self {
        let parts = u64::from(limits.client_delivery_burst) * PARTS;
        Self { parts, at: 0, is_known: true }
    }

    /// Whether so much may be passed on, which is then taken out; `None` if that is unknown.
    pub fn take(&mut self, amount: usize, limits: &ClientEventLimits, now: Millis) -> Option<bool> {
        self.is_known &= now >= self.at;
        if !self.is_known {
            return None;
        }
        let [rate, burst] = [limits.client_deliveries_per_second, limits.client_delivery_burst];
        let whole = u64::from(burst) * PARTS;
        let came = (now - self.at).saturating_mul(rate.into());
        (self.parts, self.at) = (self.parts.saturating_add(came).min(whole), now);
        let cost = (amount as u64 * PARTS).min(whole);
        let is_enough = cost <= self.parts;
        self.parts -= if is_enough { cost } else { 0 };
        Some(is_enough)
    }
}

//! The address that a client connects from, for rate limits (P10.5).

use crate::names::ProjectId;

/// How many groups an IPv6 address has.
const GROUPS: usize = 8;
/// How many of them identify a network: whoever has one address usually has a
/// whole /64.
const NETWORK_GROUPS: usize = 4;

/// The key by which connects are counted: an address or its network, and the project. `address` is empty if the
/// runtime does not know it; all of those count together.
#[must_use]
pub fn rate_limit_key(address: &str, project: &ProjectId) -> String {
    format!("{} {project}", network(address))
}

fn network(address: &str) -> String {
    if !address.contains(':') {
        return address.to_owned();
    }
    // Two colons stand for groups of zeros (RFC 4291, 2.2): between them is an empty group.
    let groups = || address.split(':');
    let left_out = GROUPS.saturating_sub(groups().filter(|group| !group.is_empty()).count());
    let head = groups().take_while(|group| !group.is_empty());
    let tail = groups().skip_while(|group| !group.is_empty()).filter(|group| !group.is_empty());
    let all = head.chain(std::iter::repeat_n("0", left_out)).chain(tail);
    let mut network = String::new();
    for group in all.take(NETWORK_GROUPS) {
        let digits = group.trim_start_matches('0');
        network.push_str(if digits.is_empty() { "0" } else { digits });
        network.push(':');
    }
    network.make_ascii_lowercase();
    network
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;

    fn key(address: &str, project: &str) -> String {
        rate_limit_key(address, &ProjectId::parse(project).unwrap())
    }

    #[test]
    fn p10_5_an_address_counts_for_each_project_by_itself() {
        assert_eq!(key("192.0.2.1", "p1"), "192.0.2.1 p1");
        assert_ne!(key("192.0.2.1", "p1"), key("192.0.2.1", "p2"));
        assert_ne!(key("192.0.2.1", "p1"), key("192.0.2.2", "p1"));
    }

    #[test]
    fn p10_5_addresses_of_one_network_count_together() {
        for address in ["2001:db8::1", "2001:DB8:0:0:ffff::", "2001:0db8::", "2001:db8:0:0:1:2:3:4"]
        {
            assert_eq!(key(address, "p"), "2001:db8:0:0: p", "{address}");
        }
        assert_ne!(key("2001:db8:0:1::1", "p"), key("2001:db8::1", "p"));
    }

    proptest! {
        #[test]
        fn p10_5_two_addresses_have_one_key_exactly_if_they_have_one_network(
            a: [u16; 8], b: [u16; 8], same in 0..=8_usize, zeros in 0..=8_usize,
        ) {
            let (mut a, mut b) = (a, b);
            a[zeros.min(8)..].fill(0);
            b[..same].copy_from_slice(&a[..same]);
            let [x, y] = [Ipv6Addr::from(a), Ipv6Addr::from(b)];
            // The runtime never writes an embedded IPv4 address with dots, but `Display` does.
            prop_assume!(![x, y].iter().any(|ip| ip.to_string().contains('.')));
            let is_one = a[..NETWORK_GROUPS] == b[..NETWORK_GROUPS];
            prop_assert_eq!(key(&x.to_string(), "p") == key(&y.to_string(), "p"), is_one);
        }

        #[test]
        fn no_text_panics(address in ".{0,60}|[0-9a-f:]{0,40}") {
            let _ = key(&address, "p");
        }
    }
}

//! Sorting, in a few hundred bytes of WebAssembly for each type instead of the 3 to 5 KB of the standard library.

/// Sorts by a key. The order of equal elements may change.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    // Most of what is sorted here comes in order.
    if items.is_sorted_by_key(&key) {
        return;
    }
    // A heapsort, which no input makes slow.
    for top in (0..items.len() / 2).rev() {
        sink(items, top, items.len(), &key);
    }
    for end in (1..items.len()).rev() {
        items.swap(0, end);
        sink(items, 0, end, &key);
    }
}

/// Moves an element down until none of those below it in the heap is larger.
fn sink<T, K: Ord>(items: &mut [T], mut top: usize, end: usize, key: &impl Fn(&T) -> K) {
    let key_at = |items: &[T], at: usize| items.get(at).filter(|_| at < end).map(key);
    loop {
        let left = 2 * top + 1;
        let right = left + 1;
        let larger = if key_at(items, left) < key_at(items, right) { right } else { left };
        if key_at(items, larger) <= key_at(items, top) {
            return;
        }
        items.swap(top, larger);
        top = larger;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(mut items: Vec<u8>) {
            let mut expected = items.clone();
            expected.sort_unstable();
            sort_by_key(&mut items, |item| *item);
            prop_assert_eq!(items, expected);
        }
    }
}

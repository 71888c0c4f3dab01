//! The one order in which everything in a room happens. Each socket sees a part of it; together, what they have seen may
//! not contradict itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::violation::{Checked, ensure};

/// Something that has a place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// An event of a backend, by its number in the log.
    Event(usize),
    /// An event of a client.
    Said(usize),
}

/// What was seen before what.
#[derive(Debug, Default)]
pub struct Order(BTreeSet<(Node, Node)>);

impl Order {
    /// Somebody saw one before the other.
    pub fn note(&mut self, before: Node, after: Node) {
        if !matches!((before, after), (Node::Event(_), Node::Event(_))) {
            self.0.insert((before, after));
        }
    }

    /// It is quiet: all that comes is after all that was.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there is an order that agrees with all that was seen. That of the log is known.
    pub fn check(&self) -> Checked {
        let mut edges = self.0.clone();
        let nodes: BTreeSet<Node> = edges.iter().flat_map(|(from, to)| [*from, *to]).collect();
        let events: Vec<&Node> =
            nodes.iter().filter(|node| matches!(node, Node::Event(_))).collect();
        edges.extend(events.iter().zip(events.iter().skip(1)).map(|(one, next)| (**one, **next)));
        let mut before: BTreeMap<Node, usize> = nodes.iter().map(|node| (*node, 0)).collect();
        for (_, to) in &edges {
            *before.entry(*to).or_default() += 1;
        }
        let mut free: Vec<Node> =
            before.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
        let mut done = 0;
        while let Some(node) = free.pop() {
            done += 1;
            let range = (node, Node::Event(0))..=(node, Node::Said(usize::MAX));
            for (_, to) in edges.range(range) {
                let count = before.entry(*to).or_default();
                *count -= 1;
                if *count == 0 {
                    free.push(*to);
                }
            }
        }
        ensure!(done == nodes.len(), "Sockets saw events in orders that contradict each other.");
        Ok(())
    }
}

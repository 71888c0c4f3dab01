//! What it costs that people write in a document, from counts: five minutes of ten people are played on the in-memory
//! ports, message by message as their providers send them, and an hour is twelve times that.

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_documents::lib0::{put_bytes, put_uint};
use validiant_documents::room::DocumentSettings;

use crate::memory::SETTINGS;
use crate::world::{Editor, World};

const PEOPLE: usize = 10;
const SECOND: Millis = 1_000;
const PLAYED: Millis = 300 * SECOND;
const TIMES: f64 = 12.0;
/// Of somebody who types.
const KEYSTROKE: Millis = 200;
/// For how long the provider of the npm package gathers what is typed.
const GATHERED: Millis = 300;
/// How often it pings.
const PING: Millis = 30 * SECOND;

/// Prices of the paid plan, as docs/operations.md has them: twenty messages are a request.
const MESSAGES_A_REQUEST: f64 = 20.0;
const A_REQUEST: f64 = 0.15e-6;
const A_ROW: f64 = 1e-6;
const A_GIGABYTE_SECOND: f64 = 12.5e-6;
const GIGABYTES: f64 = 0.128;
const A_MESSAGE: Millis = 1;

/// With which providers people write.
#[derive(Clone, Copy, PartialEq)]
enum Provider {
    /// That of the npm package.
    Own,
    /// `YProvider` of y-partyserver: a message for each letter, and whatever it hears of others is sent back.
    Stock,
}

/// Ten people with the document open, of whom the first `typists` type.
fn five_minutes(typists: usize, provider: Provider) -> Counts {
    let mut world = World::with(DocumentSettings { tells_changes: false, ..SETTINGS });
    let sockets: Vec<_> = (0..PEOPLE).map(|n| world.join_quietly(&format!("u{n}"))).collect();
    let mut editors: Vec<_> = (0..typists).map(|n| Editor::new(n as u64 + 1)).collect();
    let (start, rows) = (world.now, world.rows_written());
    let mut counts = Counts::default();
    // The steps of a second are those of the keystrokes and of what is gathered.
    while world.now < start + PLAYED {
        let at = world.now - start;
        if provider == Provider::Own && at.is_multiple_of(PING) {
            sockets
                .iter()
                .for_each(|socket| world.platform().borrow_mut().wires.ping(*socket, start + at));
        }
        for (n, editor) in editors.iter_mut().enumerate() {
            counts.messages += typing(&mut world, sockets[n], editor, (n, at), provider);
        }
        counts.alarms += pass(&mut world, &mut counts.held);
        sockets.iter().for_each(|socket| drop(world.received(*socket)));
    }
    counts.rows = world.rows_written() - rows;
    counts
}

#[derive(Default)]
struct Counts {
    messages: usize,
    rows: usize,
    alarms: usize,
    /// For how long the object could not hibernate.
    held: Millis,
}

/// What somebody sends who types, at a time; the number of messages, with those that it causes the others to send.
fn typing(
    world: &mut World,
    socket: SocketId,
    editor: &mut Editor,
    (person, at): (usize, Millis),
    provider: Provider,
) -> usize {
    let is_keystroke = at.is_multiple_of(KEYSTROKE);
    let letters = match provider {
        Provider::Stock => usize::from(is_keystroke),
        Provider::Own if at.is_multiple_of(GATHERED) => 1 + usize::from(is_keystroke),
        Provider::Own => 0,
    };
    let mut messages = 0;
    if letters > 0 {
        let update = editor.add(&"x".repeat(letters));
        assert!(world.edit(socket, &update).is_none());
        messages += 1;
    }
    if is_keystroke {
        let caret = caret(person as u64, at / KEYSTROKE);
        world.send(socket, caret);
        messages += 1;
        messages += if provider == Provider::Stock { PEOPLE - 1 } else { 0 };
    }
    messages
}

/// An awareness state with a caret.
fn caret(client: u64, clock: u64) -> Vec<u8> {
    let state = format!(r#"{{"cursor":{{"anchor":{clock},"head":{clock}}}}}"#);
    let mut update = vec![1];
    put_uint(&mut update, client + 1);
    put_uint(&mut update, clock + 1);
    put_bytes(&mut update, state.as_bytes());
    let mut message = vec![1];
    put_bytes(&mut message, &update);
    message
}

/// A tenth of a second passes. Returns how often the alarm went off.
fn pass(world: &mut World, held: &mut Millis) -> usize {
    const STEP: Millis = SECOND / 10;
    let is_held = world.due().write_in.is_some();
    *held += if is_held { STEP } else { 0 };
    let alarm = world.alarm();
    world.pass(STEP);
    usize::from(alarm.is_some_and(|at| at <= world.now))
}

fn row(name: &str, typists: usize, provider: Provider) -> String {
    let Counts { messages, rows, alarms, held } = five_minutes(typists, provider);
    let [messages, rows, alarms] = [messages, rows, alarms].map(|count| count as f64 * TIMES);
    let requests = messages / MESSAGES_A_REQUEST + alarms;
    // While a timer runs, the time of the messages is in it.
    let busy = (held as f64 * TIMES).max((messages + alarms) * A_MESSAGE as f64) / 1e3;
    let price = requests * A_REQUEST + rows * A_ROW + busy * GIGABYTES * A_GIGABYTE_SECOND;
    format!(
        "| {name} | {messages:.0} | {requests:.0} | {rows:.0} | {:.0} | ${price:.4} |",
        busy * GIGABYTES
    )
}

#[test]
fn an_hour_of_ten_people_in_a_document_costs_what_the_cost_sheet_says() {
    let rows = [
        row("nothing", 0, Provider::Own),
        row("one of them types", 1, Provider::Own),
        row("all of them type", PEOPLE, Provider::Own),
        row("all of them type, with `YProvider`", PEOPLE, Provider::Stock),
    ]
    .join("\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");
    let operations = std::fs::read_to_string(path).unwrap();
    assert!(operations.contains(&rows), "docs/operations.md lacks:\n{rows}");
}

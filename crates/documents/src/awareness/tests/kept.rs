//! What survives hibernation.

use super::*;

#[test]
fn p13_7_what_an_attachment_stores_reads_back_and_fits() {
    let mut room = Room::of("a");
    let state = format!("{{\n\t\"a\":\"{}\"}}", "é".repeat(507));
    let all = [1, 2, 3, 4].map(|id| (MAX_UINT - id, MAX_CLOCK - 1, state.as_str()));
    assert_eq!(room.told(1, &all).len(), MAX_CLIENTS);
    assert_eq!(room.told(1, &[(MAX_UINT - 2, MAX_CLOCK, "null")]).len(), 1);
    let kept = room.awareness.kept(SocketId(1));
    assert!(!kept.contains('\n') && kept.len() <= MAX_CLIENTS * (MAX_STATE_BYTES + 40), "{kept}");
    let woken = room.woken();
    assert_eq!(woken.awareness.kept(SocketId(1)), kept);
    assert_eq!(woken.known(), room.known());
    for text in ["", "x", "1", "1 2", "1 2 [", "1 2 {}\t", "\t\t", "1 2 {}\t1 3 {}"] {
        let mut awareness = Awareness::default();
        awareness.join(SocketId(1), who(None, "pk"), text);
        let _ = awareness.leave(SocketId(1));
    }
}

#[test]
fn p13_7_of_two_attachments_with_one_id_the_newer_socket_has_it() {
    for order in [[1, 2], [2, 1]] {
        let mut awareness = Awareness::default();
        for socket in order {
            awareness.join(SocketId(socket), who(None, "pk"), "7 1 {}");
        }
        assert_eq!(awareness.leave(SocketId(1)), None, "{order:?}");
        assert!(awareness.leave(SocketId(2)).is_some(), "{order:?}");
    }
}

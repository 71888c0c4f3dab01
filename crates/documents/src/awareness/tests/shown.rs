//! Whose a state is.

use super::*;

#[test]
fn p13_7_who_it_is_is_what_the_token_says() {
    let mut awareness = Awareness::default();
    awareness.join(SocketId(1), who(Some(user("ann")), "pk"), "");
    let mut shown = |clock, state: &str| {
        let sent = update(&[(1, clock, state)]);
        let told = awareness.receive(SocketId(1), &sent, NOW).unwrap().update;
        read(told.as_ref()).pop().unwrap().2
    };
    let ann = concat!(
        r#""id":"ann","name":"ann \"X\"","avatar":"https://a.example/a.png","#,
        r#""verified":true"#
    );
    let cases = [
        (r#"{"a": 1.50 ,"user":{"name":"Bob","color": "red"},"b":[]}"#, {
            format!(r#"{{"a":1.50,"user":{{{ann},"color":"red"}},"b":[]}}"#)
        }),
        (r#"{"a":1}"#, format!(r#"{{"a":1,"user":{{{ann}}}}}"#)),
        ("{}", format!(r#"{{"user":{{{ann}}}}}"#)),
        (r#"{"user":"Bob"}"#, format!(r#"{{"user":{{{ann}}}}}"#)),
        (r#"{"user":null}"#, format!(r#"{{"user":{{{ann}}}}}"#)),
        (r#"{"us\u0065r":{"\u0069d":"bob"}}"#, format!(r#"{{"user":{{{ann}}}}}"#)),
        (r#"{"user":{"x":1},"a":2,"user":{"y":1,"id":1,"id":2}}"#, {
            format!(r#"{{"user":{{{ann},"y":1}},"a":2}}"#)
        }),
    ];
    for (clock, (state, expected)) in cases.iter().enumerate() {
        assert_eq!(shown(clock as u64 + 1, state), *expected, "{state}");
    }
}

#[test]
fn p13_7_what_is_not_known_of_a_user_is_theirs_to_say_but_not_that_it_is_verified() {
    let mut awareness = Awareness::default();
    let named = User::unverified(UserId::parse("ann").unwrap(), None);
    awareness.join(SocketId(1), who(Some(named), "pk"), "");
    awareness.join(SocketId(2), who(None, "pk2"), "");
    let mut shown = |socket, clock, state: &str| {
        let sent = update(&[(u64::from(socket), clock, state)]);
        let told = awareness.receive(SocketId(socket), &sent, NOW).unwrap().update;
        read(told.as_ref()).pop().unwrap().2
    };
    let claim = r#"{"user":{"id":"b","name":"Ann","verified":true}}"#;
    assert_eq!(shown(1, 1, claim), r#"{"user":{"id":"ann","verified":false,"name":"Ann"}}"#);
    assert_eq!(shown(2, 1, claim), r#"{"user":{"verified":false,"id":"b","name":"Ann"}}"#);
    for (clock, socket, state) in
        [(2, 1, "{}"), (2, 2, "{}"), (3, 2, r#"{"user":7}"#), (4, 2, r#"{"user":{"x": 1}}"#)]
    {
        assert_eq!(shown(socket, clock, state), state);
    }
}

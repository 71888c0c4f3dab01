use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

/// Key and value of every field, as `serde_json` reads them.
fn expected(json: &str) -> Option<Vec<(String, String)>> {
    struct Pairs(Vec<(String, String)>);
    impl<'de> serde::Deserialize<'de> for Pairs {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            struct OfObject;
            impl<'de> serde::de::Visitor<'de> for OfObject {
                type Value = Pairs;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Pairs, A::Error> {
                    let mut pairs = Vec::new();
                    while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                        pairs.push((key, value.get().to_owned()));
                    }
                    Ok(Pairs(pairs))
                }
            }
            from.deserialize_map(OfObject)
        }
    }
    serde_json::from_str::<Pairs>(json).ok().map(|Pairs(pairs)| pairs)
}

fn got(json: &str) -> Option<Vec<(String, String)>> {
    let owned =
        |field: Field<'_>| (serde_json::from_str(field.key).unwrap(), field.value.to_owned());
    fields(json).map(|fields| fields.into_iter().map(owned).collect())
}

#[test]
fn only_one_whole_object_has_fields() {
    for json in ["", "null", "[]", "{", "{}x", "{} {}", r#"{"a"}"#, r#"{"a":1,}"#, r#"{a:1}"#] {
        assert_eq!(fields(json), None, "{json}");
    }
    for value in ["01", "1.", ".5", "1e", "-", "+1", "tru", "nul", "\"\\x\"", "\"\n\"", "[1"] {
        assert_eq!(fields(&format!("{{\"a\":{value}}}")), None, "{value}");
    }
    assert_eq!(fields(" { } "), Some(Vec::new()));
}

#[test]
fn no_depth_is_too_much() {
    let json = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(fields(&json).map(|fields| fields.len()), Some(1));
}

#[test]
fn p13_3_a_value_that_clients_could_not_write_again_is_none() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(is_value(&nested(MAX_DEPTH)));
    assert!(!is_value(&nested(MAX_DEPTH + 1)));
    assert!(!is_value(&format!("[{},1]", nested(MAX_DEPTH))));
}

#[test]
fn a_key_is_a_name_in_whatever_way_it_is_spelt() {
    let is_user = |key: &str| Field { key, value: "1" }.is("user");
    for key in [r#""user""#, r#""\u0075ser""#, r#""us\u0065\u0072""#] {
        assert!(is_user(key), "{key}");
    }
    for key in [r#""users""#, r#""use""#, r#""User""#, r#""\user""#, r#""user\n""#, r#""""#] {
        assert!(!is_user(key), "{key}");
    }
    assert!(!is_user(r#""\u0175ser""#) && !is_user(r#""usér""#) && !is_user("\"user\\\""));
}

/// JSON objects, also such as clients do not write.
fn json_object() -> impl Strategy<Value = String> {
    let text = || any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap());
    let leaf = prop_oneof![
        text(),
        Just("null".to_owned()),
        Just("-1.50E+7".to_owned()),
        any::<u32>().prop_map(|number| number.to_string()),
    ];
    let blank = || prop_oneof![Just(""), Just(" "), Just("\n\t")];
    let key =
        move || prop_oneof![text(), Just("\"user\"".to_owned()), Just(r#""\u0069d""#.to_owned())];
    let object = move |value: BoxedStrategy<String>| {
        let field = (blank(), key(), blank(), value, blank())
            .prop_map(|(a, key, b, value, c)| format!("{a}{key}{b}:{b}{value}{c}"));
        proptest::collection::vec(field, 0..4)
            .prop_map(|fields| format!("{{{}}}", fields.join(",")))
    };
    let value = leaf.prop_recursive(3, 12, 3, move |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..3);
        prop_oneof![object(inner.boxed()), list.prop_map(|list| format!("[{}]", list.join(" ,")))]
    });
    object(value.boxed())
}

proptest! {
    #[test]
    fn an_object_has_the_fields_that_serde_json_reads(json in json_object(), cut in 0_usize..60) {
        prop_assert_eq!(got(&json), expected(&json));
        // Damaged: what is left of it after a cut.
        if let Some(start) = json.get(..cut) {
            prop_assert_eq!(got(start), expected(start));
        }
    }

    #[test]
    fn texts_made_of_the_signs_of_json_are_read_as_serde_json_does(
        json in r#"\{"a":([\[\]{}",:0-9eE.+\-tn \n]|\\|true|null|"b"|"c":1|\\u00e9){0,12}\}"#,
    ) {
        // Half of a surrogate pair makes serde_json refuse a key, and JavaScript not.
        prop_assert_eq!(got(&json), expected(&json));
    }
}

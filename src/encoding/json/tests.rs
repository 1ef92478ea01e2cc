//! What the strict reader takes and refuses.

use super::members::WrongShape;
use super::*;
use serde::Deserialize;

#[derive(Default)]
struct One<'a> {
    a: Option<Raw<'a>>,
    others: Option<Vec<Member<'a>>>,
}

impl<'a> MemberSlots<'a> for One<'a> {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Raw<'a>>> {
        (name == "a").then_some(&mut self.a)
    }

    fn others(&mut self) -> Option<&mut Vec<Member<'a>>> {
        self.others.as_mut()
    }
}

/// The same, whether the other members are kept or not.
fn read(text: &str) -> Result<Option<&str>, JsonProblem> {
    fn read<'a>(text: &'a str, mut one: One<'a>) -> Result<Option<&'a str>, JsonProblem> {
        read_object(text.as_bytes(), &Limits::DEFAULT, &mut one)?;
        Ok(one.a.map(Raw::text))
    }
    let dropped = read(text, One::default());
    assert_eq!(read(text, One { a: None, others: Some(Vec::new()) }), dropped, "{text:?}");
    dropped
}

/// All members but `a`, as a type.
fn others<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, WrongShape> {
    let mut one = One { a: None, others: Some(Vec::new()) };
    read_object(text.as_bytes(), &Limits::DEFAULT, &mut one).unwrap();
    from_members(one.others.unwrap())
}

#[test]
fn ordinary_objects_are_read() {
    assert_eq!(read("{}"), Ok(None));
    assert_eq!(
        read(" \t\r\n{ \"a\" : [1, {\"b\":null}] , \"c\":true }\n"),
        Ok(Some("[1, {\"b\":null}]"))
    );
    assert_eq!(read(r#"{"\u0061":"x"}"#), Ok(Some("\"x\"")));
}

#[test]
fn repeated_names_are_refused_at_every_depth() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":1}"#,
        r#"{"b":1,"a":1,"b":2}"#,
        r#"{"b":{"c":1,"c":2}}"#,
        r#"{"b":[[{"c":1,"d":0,"\u0063":2}]]}"#,
        r#"{"":1,"":2}"#,
    ] {
        assert_eq!(read(text), Err(JsonProblem::DuplicateName), "{text}");
    }
    assert_eq!(read(r#"{"a":1,"b":{"a":1},"A":1}"#), Ok(Some("1")));
}

#[test]
fn other_things_than_objects_are_refused() {
    for text in ["", " ", "[]", "[{}]", "\"{}\"", "1", "null", "true", "\u{feff}{}"] {
        assert_eq!(read(text), Err(JsonProblem::NotAnObject), "{text:?}");
    }
}

#[test]
fn text_that_is_not_json_is_refused() {
    for text in [
        "{",
        "{}}",
        "{} {}",
        "{}x",
        "{\"b\":1,}",
        "{'b':1}",
        "{b:1}",
        "{\"b\":NaN}",
        "{\"b\":Infinity}",
        "{\"b\":01}",
        "{\"b\":1.}",
        "{\"b\":.5}",
        "{\"b\":+1}",
        "{/**/}",
        "{\"b\":\"\u{1}\"}",
        "{\"b\":\"\\x41\"}",
        "{\"b\" 1}",
        "{\"b\":1 \"c\":2}",
        "{\"b\":[1 2]}",
        "{\"b\":tru}",
    ] {
        assert_eq!(read(text), Err(JsonProblem::Syntax), "{text:?}");
    }
    let mut one = One::default();
    for bytes in [&b"{\"b\":\"\xff\"}"[..], b"{\"b\":\"\xed\xa0\x80\"}", b"\xff\xfe{\0}\0"] {
        let result = read_object(bytes, &Limits::DEFAULT, &mut one);
        assert_eq!(result, Err(JsonProblem::Syntax), "{bytes:?}");
    }
}

#[test]
fn numbers_are_judged_by_their_text() {
    let long = |digit: &str, exponent: i32| format!("{}e{exponent}", digit.repeat(400));
    for number in [
        "1e308",
        "-1e308",
        "1e400",
        "-1E+99999999999999999999",
        "1.7976931348623157e308",
        "17976931348623157081452631.421e283",
        "100000000000000000000000000000.0e279",
        &"9".repeat(400),
        &long("9", -90),
    ] {
        for text in [
            format!(r#"{{"b":{number}}}"#),
            format!(r#"{{"b":[{{"c":{number}}}]}}"#),
            // What follows is not looked at, or does not count.
            format!(r#"{{"b":{number},"b":1}}"#),
            format!(r#"{{"b":{number},"c":"\ud800"}}"#),
            format!(r#"{{"b":{number},"c":{}}}"#, "[".repeat(33) + &"]".repeat(33)),
        ] {
            assert_eq!(read(&text), Err(JsonProblem::NumberOutOfRange), "{text}");
        }
        // A fault of the form goes first, wherever it is; so does one of an object that has ended.
        assert_eq!(read(&format!(r#"{{"b":{number},}}"#)), Err(JsonProblem::Syntax), "{number}");
        let repeated = format!(r#"{{"b":{{"c":1,"c":2}},"d":{number}}}"#);
        assert_eq!(read(&repeated), Err(JsonProblem::DuplicateName), "{number}");
    }
    for number in [
        "9.999999999999999e307",
        "-9.999999999999999e307",
        "99999999999999999999999999.9e281",
        "1e-400",
        "0e999",
        "-0",
        "123456789012345678901234567890",
        &long("9", -93),
    ] {
        let text = format!(r#"{{"b":[{number},{{"c":{number}}}]}}"#);
        assert_eq!(read(&text), Ok(None), "{text}");
        // At the greatest depth, too, where an object is rejected.
        let nested = |value: &str| format!("{{\"b\":{}{value}{}}}", "[".repeat(31), "]".repeat(31));
        assert_eq!(read(&nested(number)), Ok(None), "{number}");
        assert_eq!(read(&nested("{}")), Err(JsonProblem::TooDeep));
        assert_eq!(read(&format!(r#"{{"b":{number},"b":1}}"#)), Err(JsonProblem::DuplicateName));
    }
}

#[test]
fn half_of_a_surrogate_pair_has_a_name_of_its_own() {
    for text in [
        r#"{"b":"\ud800"}"#,
        r#"{"b":["x\uDC00\ud800"]}"#,
        r#"{"\udc00":1}"#,
        r#"{"b":{"\ud800\u0041":1}}"#,
        r#"{"b":"\ud800","c":1e400}"#,
    ] {
        assert_eq!(read(text), Err(JsonProblem::LoneSurrogate), "{text}");
    }
    assert_eq!(read(r#"{"b":"\ud83d\ude00"}"#), Ok(None));
    assert_eq!(read(r#"{"b":"\ud800",}"#), Err(JsonProblem::Syntax));
}

#[test]
fn depth_and_counts_are_bounded() {
    let nested =
        |depth: usize| format!("{{\"b\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert_eq!(read(&nested(32)), Ok(None));
    assert_eq!(read(&nested(33)), Err(JsonProblem::TooDeep));
    assert_eq!(read(&nested(1_000_000)), Err(JsonProblem::TooDeep));

    let members = |count: usize| {
        let all: Vec<_> = (0..count).map(|i| format!("\"m{i}\":0")).collect();
        all.join(",")
    };
    assert_eq!(read(&format!("{{{}}}", members(256))), Ok(None));
    assert_eq!(read(&format!("{{{}}}", members(257))), Err(JsonProblem::TooMany));
    assert_eq!(read(&format!("{{\"b\":{{{}}}}}", members(257))), Err(JsonProblem::TooMany));

    let elements = |count: usize| format!("{{\"b\":[{}]}}", vec!["0"; count].join(","));
    assert_eq!(read(&elements(4096)), Ok(None));
    assert_eq!(read(&elements(4097)), Err(JsonProblem::TooMany));
}

#[test]
fn raw_values_are_typed_on_demand() {
    assert_eq!(Raw("\"x\"").string().as_deref(), Some("x"));
    assert_eq!(Raw("\"\\u0078\"").string().as_deref(), Some("x"));
    assert_eq!(Raw("\"\\ud800\"").string(), None);
    assert_eq!(Raw("\"\\u0078\"").plain_string(), None);
    assert_eq!(Raw("\"x\"").plain_string(), Some("x"));
    for other in ["1", "null", "[\"x\"]", "{}", "true"] {
        assert_eq!(Raw(other).string(), None);
        assert_eq!(Raw(other).plain_string(), None);
    }
    assert_eq!(Raw("-1.5e3").number(), Some("-1.5e3"));
    for other in ["\"1\"", "null", "[1]", "{}", "true"] {
        assert_eq!(Raw(other).number(), None);
    }
    assert_eq!(Raw("[\"x\",\"y\"]").strings(2).unwrap(), ["x", "y"]);
    for other in ["\"x\"", "[1]", "[\"x\",null]", "[[\"x\"]]", "{}", "null"] {
        assert_eq!(Raw(other).strings(2), None);
    }
    assert_eq!(Raw("[\"x\",\"y\"]").strings(1), None);
    let elements = Raw("[1, {\"a\":[]}]").elements(2).unwrap();
    assert_eq!(elements.into_iter().map(Raw::text).collect::<Vec<_>>(), ["1", "{\"a\":[]}"]);
    assert!(Raw("[1,2,3]").elements(2).is_none());
}

/// A type that takes an object and leaves what is in it, or the values of all names.
#[derive(Debug, PartialEq)]
struct Careless<const NAMES: bool>;

impl<'de, const NAMES: bool> Deserialize<'de> for Careless<NAMES> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<const NAMES: bool>;
        impl<'de, const NAMES: bool> Visitor<'de> for Any<NAMES> {
            type Value = Careless<NAMES>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while NAMES && map.next_key::<String>()?.is_some() {}
                Ok(Careless)
            }
        }
        deserializer.deserialize_map(Any::<NAMES>)
    }
}

#[test]
fn members_are_a_type_as_if_there_were_no_others() {
    use std::collections::BTreeMap;
    type Map = BTreeMap<String, u8>;
    let map: Map = others(r#"{"a":"x","b":1,"\u00612":2}"#).unwrap();
    assert_eq!(map, Map::from([("b".into(), 1), ("a2".into(), 2)]));
    assert_eq!(others(r#"{"a":[]}"#), Ok(Some(Map::new())));
    assert_eq!(others(r#"{"b":{"c":["x","\n"]},"d":-1.5}"#), {
        let json = serde_json::json!({"b": {"c": ["x", "\n"]}, "d": -1.5});
        Ok(json)
    });
    assert_eq!(others::<Map>(r#"{"b":"x"}"#), Err(WrongShape));
    // Numbers that `serde_json` takes as far as they are whole.
    assert_eq!(others(r#"{"b":7}"#), Ok(BTreeMap::from([("b".to_owned(), 7_u128)])));
    for number in ["1.5", "1e30", "0.5e1", "-7e2", "7.0"] {
        let text = format!("{{\"b\":{number}}}");
        assert_eq!(others::<BTreeMap<String, u128>>(&text), Err(WrongShape), "{number}");
        assert_eq!(others::<BTreeMap<String, i128>>(&text), Err(WrongShape), "{number}");
    }
    assert_eq!(others(r#"{"a":1}"#), Ok(Careless::<false>));
    assert_eq!(others(r#"{"a":1}"#), Ok(Careless::<true>));
    assert_eq!(others::<Careless<false>>(r#"{"b":1}"#), Err(WrongShape));
    assert_eq!(others::<Careless<true>>(r#"{"b":1,"c":2}"#), Err(WrongShape));
    assert_eq!(others::<Careless<true>>(r#"{"b":1}"#), Err(WrongShape));
    assert_eq!(others::<Vec<u8>>(r#"{"b":1}"#), Err(WrongShape));
    let raw: BTreeMap<String, &RawValue> = others(r#"{"b": [ 1 ],"c":2}"#).unwrap();
    assert_eq!(raw["b"].get(), "[ 1 ]");
}

#[test]
fn no_text_is_read_inside_the_text() {
    for name in [
        "$serde_json::private::RawValue",
        "\\u0024serde_json::private::RawValue",
        "$serde_json::private::Number",
        "\\u0024serde_json::private::Number",
    ] {
        for value in [r#""7""#, r#""{\"a\":1,\"a\":2}""#, "[]"] {
            let inner = format!(r#"{{"{name}":{value}}}"#);
            for text in
                [inner.clone(), format!(r#"{{"b":[{inner}]}}"#), format!(r#"{{"c":{inner}}}"#)]
            {
                assert_eq!(read(&text), Err(JsonProblem::Syntax), "{text}");
                assert_eq!(read(&text.replace("private", "public")), Ok(None), "{text}");
            }
        }
    }
    // What is refused: `serde_json` takes the member for the object.
    let text = r#"{"x":{"$serde_json::private::RawValue":"{\"a\":1,\"a\":2}"}}"#;
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value["x"]["a"], 2);
}

#[test]
fn strings_that_all_need_escapes_fit_one_allocation() {
    let value = "\u{1}".repeat(100);
    let members = [("d", &*value), ("qi", &*value), ("alg", "")];
    let text = write_object(members.into_iter());
    assert_eq!(text.capacity(), text.len() + 1, "but for the comma that the last has none of");
}

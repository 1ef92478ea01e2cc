//! JWK Sets (RFC 7517 section 5): what is skipped and reported, and what refuses the whole set.

use crate::support::keys;
use serde_json::{Value, json};
use strict_jose::{Hs256Key, KeySet, Rs256, Rs256SigningKey, Rs256VerifyingKey, RsaPublicKey, jws};

type Public = KeySet<RsaPublicKey<Rs256>>;

fn public(kid: &str) -> Value {
    let key = Rs256VerifyingKey::from_pem(keys::RSA_2048_PUBLIC).unwrap();
    serde_json::from_str(&key.with_key_id(kid).unwrap().to_jwk()).unwrap()
}

fn secret(kid: &str) -> Value {
    let key = Hs256Key::from_bytes(&[7; 32]).unwrap().with_key_id(kid).unwrap();
    serde_json::from_str(key.to_secret_jwk().expose()).unwrap()
}

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

fn code(text: &str) -> &'static str {
    Public::from_jwk_set(text).unwrap_err().code()
}

#[test]
fn what_is_no_key_for_the_set_is_skipped_and_reported() {
    let mut encryption = public("enc");
    encryption["use"] = json!("enc");
    let mut broken = public("broken");
    broken["n"] = json!("AA");
    let mut small = public("small");
    small["n"] = json!("_____w");
    let ec = json!({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ", "kid": "ec"});
    let members =
        [ec, public("a"), encryption, json!("no object"), json!(1), broken, public("b"), small];
    let keys = Public::from_jwk_set(&set(&members)).unwrap();
    let kids: Vec<_> = keys.iter().map(|key| key.key_id().unwrap()).collect();
    assert_eq!((kids, keys.len()), (vec!["a", "b"], 2));
    let skipped: Vec<_> =
        keys.skipped().iter().map(|key| (key.position(), key.reason().code())).collect();
    let expected = [
        (0, "key.jwk_mismatch"),
        (2, "key.jwk_mismatch"),
        (3, "key.json"),
        (4, "key.json"),
        (5, "key.jwk_encoding"),
        (7, "key.modulus_size"),
    ];
    assert_eq!(skipped, expected);
    assert_eq!(Public::from_jwk_set(&set(&[public("a")])).unwrap().skipped(), []);
}

#[test]
fn a_kid_stands_for_one_key() {
    assert!(Public::from_jwk_set(&set(&[public("a"), public("b")])).is_ok());
    assert_eq!(code(&set(&[public("a"), public("a")])), "key.duplicate_id");
    // Also beside a key that is skipped, in either order.
    let ec = json!({"kty": "EC", "kid": "a"});
    assert_eq!(code(&set(&[public("a"), ec.clone()])), "key.duplicate_id");
    assert_eq!(code(&set(&[ec, public("a")])), "key.duplicate_id");
}

#[test]
fn several_keys_all_have_a_kid() {
    let mut nameless = public("x");
    nameless.as_object_mut().unwrap().remove("kid");
    assert_eq!(Public::from_jwk_set(&set(&[nameless.clone()])).unwrap().len(), 1);
    let keys = Public::from_jwk_set(&set(&[public("a"), nameless])).unwrap();
    assert_eq!((keys.len(), keys.skipped()[0].reason().code()), (1, "key.id_missing"));
    let key = Hs256Key::generate().unwrap();
    let named = Hs256Key::generate().unwrap().with_key_id("a").unwrap();
    for keys in [[key.clone(), named.clone()], [named.clone(), key.clone()], [key.clone(), key]] {
        assert_eq!(KeySet::new(keys).unwrap_err().code(), "key.id_missing");
    }
    assert_eq!(KeySet::new([named.clone(), named]).unwrap_err().code(), "key.duplicate_id");
}

#[test]
fn a_published_set_holds_no_secret() {
    let private = Rs256SigningKey::from_pem(keys::RSA_2048).unwrap();
    let private: Value = serde_json::from_str(private.to_secret_jwk().expose()).unwrap();
    let ec = json!({"kty": "EC", "d": "AQ", "kid": "ec"});
    for member in [private, secret("s"), json!({"kty": "oct"}), ec] {
        assert_eq!(code(&set(&[public("a"), member.clone()])), "key.private_member");
        assert_eq!(code(&set(&[member, public("a")])), "key.private_member");
    }
    let taken = json!({"kty": "EC", "kid": "ec"});
    assert!(Public::from_jwk_set(&set(&[public("a"), taken])).is_ok());
}

#[test]
fn a_set_has_1_to_100_keys() {
    let many = |count: usize| {
        let members: Vec<_> = (0..count).map(|i| secret(&i.to_string())).collect();
        KeySet::<Hs256Key>::from_secret_jwk_set(&set(&members))
    };
    assert_eq!(many(100).unwrap().len(), 100);
    assert_eq!(many(101).unwrap_err().code(), "key.too_many");
    let mut full = many(100).unwrap();
    let key = Hs256Key::generate().unwrap().with_key_id("new").unwrap();
    assert_eq!(full.insert(key.clone()).unwrap_err().code(), "key.too_many");
    assert!(full.remove("7").is_some());
    assert_eq!(full.insert(key), Ok(()));

    assert_eq!(code(&set(&[])), "key.none");
    assert_eq!(code(&set(&[json!({"kty": "EC"})])), "key.none");
    assert_eq!(KeySet::<Hs256Key>::new([]).unwrap_err().code(), "key.none");
}

#[test]
fn a_set_is_an_object_with_an_array_of_keys() {
    let one = public("a").to_string();
    assert!(Public::from_jwk_set(&format!(r#"{{"keys":[{one}],"x":{{}}}}"#)).is_ok());
    let faults = [
        (String::new(), "key.json"),
        (one.clone(), "key.jwk_missing"),
        ("{}".to_owned(), "key.jwk_missing"),
        (format!("[{one}]"), "key.json"),
        (format!(r#"{{"keys":{one}}}"#), "key.jwk_wrong_type"),
        (r#"{"keys":null}"#.to_owned(), "key.jwk_wrong_type"),
        (r#"{"keys":"[]"}"#.to_owned(), "key.jwk_wrong_type"),
        (format!(r#"{{"KEYS":[{one}]}}"#), "key.jwk_missing"),
        (format!(r#"{{"keys":[{one}],"keys":[{one}]}}"#), "key.json"),
        (format!(r#"{{"keys":[{one}]}}]"#), "key.json"),
        (format!(r#"{{"keys":[{one}]}}{}"#, " ".repeat(1024 * 1024)), "key.too_long"),
    ];
    for (text, expected) in faults {
        assert_eq!(code(&text), expected, "{}", &text[..text.len().min(80)]);
    }
}

#[test]
fn sets_round_trip() {
    let pem = keys::RSA_2048;
    let named = |kid: &str| Rs256SigningKey::from_pem(pem).unwrap().with_key_id(kid).unwrap();
    let keys = KeySet::new([named("a"), named("b")]).unwrap();
    let again =
        KeySet::<Rs256SigningKey>::from_secret_jwk_set(keys.to_secret_jwk_set().expose()).unwrap();
    assert_eq!(
        again.iter().map(Rs256SigningKey::key_id).collect::<Vec<_>>(),
        [Some("a"), Some("b")]
    );
    let public = KeySet::new(keys.iter().map(Rs256SigningKey::public_key)).unwrap();
    let public = Public::from_jwk_set(&public.to_jwk_set()).unwrap();
    let token = jws::sign(b"octets", &named("b")).unwrap();
    assert_eq!(jws::verify(&token, &public).unwrap().payload(), b"octets");
    let secrets =
        KeySet::<Hs256Key>::from_secret_jwk_set(&set(&[secret("s"), secret("t")])).unwrap();
    let again =
        KeySet::<Hs256Key>::from_secret_jwk_set(secrets.to_secret_jwk_set().expose()).unwrap();
    assert_eq!(again.len(), 2);
}

#[test]
fn a_key_is_picked_by_its_kid_alone() {
    let key = |kid: &str| Hs256Key::from_bytes(&[7; 32]).unwrap().with_key_id(kid).unwrap();
    let nameless = Hs256Key::from_bytes(&[7; 32]).unwrap();
    let (one, two) = (KeySet::new([key("a")]).unwrap(), KeySet::new([key("a"), key("b")]).unwrap());
    let token = |key: &Hs256Key| jws::sign(b"octets", key).unwrap();
    let verdict = |token: &str, keys: &KeySet<Hs256Key>| {
        jws::verify(token, keys).map(drop).map_err(|error| error.code())
    };
    assert_eq!(verdict(&token(&key("a")), &two), Ok(()));
    assert_eq!(verdict(&token(&key("c")), &two), Err("key.no_match"));
    assert_eq!(verdict(&token(&key("A")), &two), Err("key.no_match"));
    assert_eq!(verdict(&token(&nameless), &two), Err("key.id_required"));
    assert_eq!(verdict(&token(&nameless), &one), Ok(()));
    assert_eq!(verdict(&token(&key("c")), &one), Err("key.no_match"));
    let nameless_set = KeySet::new([nameless]).unwrap();
    assert_eq!(verdict(&token(&key("c")), &nameless_set), Err("key.no_match"));
}

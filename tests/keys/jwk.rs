//! What is refused as a JWK (RFC 7517, RFC 7518 section 6); each refusal is one edit of a JWK that is
//! taken.

use crate::support::keys;
use crate::support::outcome::ACCEPTED;
use crate::support::verdicts::record;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use strict_jose::{Hs256Key, KeyError, Rs256SigningKey, Rs256VerifyingKey};

type Import = fn(&str) -> Result<(), KeyError>;

const PUBLIC: Import = |jwk| Rs256VerifyingKey::from_jwk(jwk).map(drop);
const PRIVATE: Import = |jwk| Rs256SigningKey::from_jwk(jwk).map(drop);
const SECRET: Import = |jwk| Hs256Key::from_jwk(jwk).map(drop);

/// A JWK of nothing but its kind and its integers, and the import that takes it.
struct Base {
    import: Import,
    jwk: Map<String, Value>,
}

impl Base {
    fn new(import: Import, text: &str) -> Self {
        let mut jwk: Map<String, Value> = serde_json::from_str(text).unwrap();
        jwk.retain(|name, _| !["use", "alg", "key_ops"].contains(&name.as_str()));
        let base = Self { import, jwk };
        assert_eq!((base.import)(&base.text()), Ok(()));
        base
    }

    fn public() -> Self {
        Self::new(PUBLIC, &Rs256VerifyingKey::from_pem(keys::RSA_2048_PUBLIC).unwrap().to_jwk())
    }

    fn private() -> Self {
        let key = Rs256SigningKey::from_pem(keys::RSA_2048).unwrap();
        Self::new(PRIVATE, key.to_secret_jwk().expose())
    }

    fn secret() -> Self {
        Self::new(SECRET, Hs256Key::from_bytes(&[7; 32]).unwrap().to_secret_jwk().expose())
    }

    fn text(&self) -> String {
        serde_json::to_string(&self.jwk).unwrap()
    }

    fn with(&self, edit: impl FnOnce(&mut Map<String, Value>)) -> Result<(), &'static str> {
        let mut jwk = self.jwk.clone();
        edit(&mut jwk);
        let key = (self.import)(&serde_json::to_string(&jwk).unwrap());
        let key = key.map_err(|error| error.code());
        record(key.err().unwrap_or(ACCEPTED));
        key
    }

    fn set(&self, member: &str, value: Value) -> Result<(), &'static str> {
        self.with(|jwk| drop(jwk.insert(member.to_owned(), value)))
    }

    fn without(&self, member: &str) -> Result<(), &'static str> {
        self.with(|jwk| drop(jwk.remove(member)))
    }

    fn bytes(&self, member: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(self.jwk[member].as_str().unwrap()).unwrap()
    }
}

fn encoded(bytes: &[u8]) -> Value {
    URL_SAFE_NO_PAD.encode(bytes).into()
}

const INTEGERS: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

#[test]
fn integers_are_canonical() {
    let (public, private) = (Base::public(), Base::private());
    for (base, members) in [(&public, &INTEGERS[..2]), (&private, &INTEGERS)] {
        for member in members {
            let bytes = base.bytes(member);
            let text = base.jwk[*member].as_str().unwrap();
            assert_eq!(base.set(member, encoded(&bytes)), Ok(()));
            let zero = encoded(&[&[0][..], &bytes].concat());
            let faults = [
                (zero, "key.jwk_encoding"),
                (json!(""), "key.jwk_encoding"),
                (json!("AA"), "key.jwk_encoding"),
                (json!(format!("{text}=")), "key.jwk_encoding"),
                (json!(format!("{text}==")), "key.jwk_encoding"),
                (json!(format!(" {text}")), "key.jwk_encoding"),
                (json!(format!("{text}\n")), "key.jwk_wrong_type"),
                (json!(format!("{}+", &text[1..])), "key.jwk_encoding"),
                (json!(65537), "key.jwk_wrong_type"),
                (Value::Null, "key.jwk_wrong_type"),
                (json!([text]), "key.jwk_wrong_type"),
            ];
            for (value, code) in faults {
                assert_eq!(base.set(member, value.clone()), Err(code), "{member} {value}");
            }
            assert_eq!(base.without(member), Err("key.jwk_missing"), "{member}");
        }
    }
}

#[test]
fn the_last_character_of_an_integer_has_no_loose_bits() {
    let base = Base::public();
    let text = base.jwk["n"].as_str().unwrap();
    let (rest, last) = text.split_at(text.len() - 1); // 256 octets: the last character has 2 bits over
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(last).unwrap();
    let sibling = &alphabet[place + 1..=place + 1];
    assert_eq!(base.set("n", json!(format!("{rest}{sibling}"))), Err("key.jwk_encoding"));
}

#[test]
fn a_public_key_has_no_private_member() {
    let (public, private) = (Base::public(), Base::private());
    for member in &INTEGERS[2..] {
        let code = public.set(member, private.jwk[*member].clone());
        assert_eq!(code, Err("key.private_member"), "{member}");
    }
    for member in ["oth", "k", "d"] {
        for value in [json!(""), json!([]), Value::Null] {
            assert_eq!(public.set(member, value), Err("key.private_member"), "{member}");
        }
    }
    assert_eq!(PUBLIC(&private.text()).map_err(|e| e.code()), Err("key.private_member"));
    assert_eq!(PUBLIC(&Base::secret().text()).map_err(|e| e.code()), Err("key.private_member"));
    assert_eq!(public.set("x5t", json!("a public one")), Ok(()));
}

#[test]
fn a_private_key_has_two_primes_and_all_its_members() {
    let base = Base::private();
    let keep_only = |kept: &[&str]| {
        base.with(|jwk| jwk.retain(|name, _| name == "kty" || kept.contains(&name.as_str())))
    };
    assert_eq!(keep_only(&INTEGERS), Ok(()));
    for kept in [&["n", "e"][..], &["n", "e", "d"], &["n", "e", "d", "p"], &["n", "e", "p"]] {
        assert_eq!(keep_only(kept), Err("key.jwk_missing"), "{kept:?}");
    }
    let third = json!([{"r": "AQ", "d": "AQ", "t": "AQ"}]);
    for value in [third, json!([]), Value::Null] {
        assert_eq!(base.set("oth", value), Err("key.jwk_forbidden"));
    }
    assert_eq!(base.set("k", json!("AQ")), Err("key.jwk_forbidden"));
}

#[test]
fn the_integers_of_a_private_key_belong_together() {
    let base = Base::private();
    for member in INTEGERS {
        // Two more or two less, so that parity cannot be what gives it away.
        let mut bytes = base.bytes(member);
        *bytes.last_mut().unwrap() ^= 2;
        assert_eq!(base.set(member, encoded(&bytes)), Err("key.inconsistent"), "{member}");
    }
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        for other in ["n", "d", "p", "q", "dp", "dq", "qi"] {
            if member != other {
                let code = base.set(member, base.jwk[other].clone());
                assert_eq!(code, Err("key.inconsistent"), "{member} from {other}");
            }
        }
        assert_eq!(base.set(member, json!("AQ")), Err("key.inconsistent"), "{member} is 1");
        let long = encoded(&[7; 1100]);
        assert_eq!(base.set(member, long), Err("key.inconsistent"), "{member} is long");
    }
    // The factors are 1 and n: their product is right, and so would d be for one prime.
    for (one, all) in [("p", "q"), ("q", "p")] {
        let code = base.with(|jwk| {
            jwk.insert(one.to_owned(), json!("AQ"));
            jwk.insert(all.to_owned(), jwk["n"].clone());
        });
        assert_eq!(code, Err("key.inconsistent"), "{one} is 1");
    }
    // The primes swapped alone, without what follows from their order.
    let code = base.with(|jwk| {
        let (p, q) = (jwk["p"].clone(), jwk["q"].clone());
        jwk.insert("p".to_owned(), q);
        jwk.insert("q".to_owned(), p);
    });
    assert_eq!(code, Err("key.inconsistent"));
    let swapped = Rs256SigningKey::from_pem(keys::RSA_2048_P_BELOW_Q).unwrap();
    assert_eq!(PRIVATE(swapped.to_secret_jwk().expose()), Ok(()));
}

#[test]
fn use_and_alg_are_the_keys_own() {
    let (public, private, secret) = (Base::public(), Base::private(), Base::secret());
    for (base, alg) in [(&public, "RS256"), (&private, "RS256"), (&secret, "HS256")] {
        assert_eq!(base.set("alg", json!(alg)), Ok(()));
        assert_eq!(base.set("use", json!("sig")), Ok(()));
        for other in ["none", "", "RS384", "PS256", "rs256", "HS512", "RSA-OAEP", "RS256 "] {
            assert_eq!(base.set("alg", json!(other)), Err("key.jwk_mismatch"), "{other}");
        }
        let confused = if alg == "RS256" { "HS256" } else { "RS256" };
        assert_eq!(base.set("alg", json!(confused)), Err("key.jwk_mismatch"));
        for other in ["enc", "", "SIG", "sig,enc"] {
            assert_eq!(base.set("use", json!(other)), Err("key.jwk_mismatch"), "{other}");
        }
        for member in ["use", "alg", "kty", "kid"] {
            for value in [Value::Null, json!(1), json!(["sig"]), json!({})] {
                assert_eq!(base.set(member, value), Err("key.jwk_wrong_type"), "{member}");
            }
        }
        for kty in ["EC", "OKP", "rsa", "RSA ", ""] {
            let code = base.set("kty", json!(kty));
            assert_eq!(code, Err("key.jwk_mismatch"), "{kty}");
        }
        assert_eq!(base.without("kty"), Err("key.jwk_missing"));
    }
}

#[test]
fn key_ops_are_an_array_of_the_keys_own_operations() {
    let (public, private, secret) = (Base::public(), Base::private(), Base::secret());
    let taken = [
        (&public, json!(["verify"])),
        (&public, json!(["sign", "verify"])),
        (&private, json!(["sign"])),
        (&private, json!(["verify", "sign"])),
        (&secret, json!(["sign", "verify"])),
    ];
    for (base, value) in taken {
        assert_eq!(base.set("key_ops", value.clone()), Ok(()), "{value}");
    }
    let refused = [
        (&public, json!(["sign"])),
        (&private, json!(["verify"])),
        (&secret, json!(["sign"])),
        (&secret, json!(["verify"])),
    ];
    for (base, value) in refused {
        assert_eq!(base.set("key_ops", value.clone()), Err("key.jwk_mismatch"), "{value}");
    }
    for base in [public, private, secret] {
        let both = ["sign", "verify"];
        for other in ["sign", "verify", "encrypt", "deriveKey", "", "SIGN"] {
            let value = json!([both[0], both[1], other]);
            assert_eq!(base.set("key_ops", value.clone()), Err("key.jwk_mismatch"), "{value}");
        }
        for value in [json!([]), json!(["sign, verify"]), json!(["sign verify"])] {
            assert_eq!(base.set("key_ops", value.clone()), Err("key.jwk_mismatch"), "{value}");
        }
        for value in [Value::Null, json!("sign"), json!({}), json!([1]), json!([["sign"]])] {
            assert_eq!(base.set("key_ops", value.clone()), Err("key.jwk_wrong_type"), "{value}");
        }
    }
}

#[test]
fn a_jwk_is_one_strict_object() {
    for base in [Base::public(), Base::private(), Base::secret()] {
        let text = base.text();
        let twice = text.replacen('{', r#"{"kty":"RSA","#, 1);
        let escaped = text.replacen('{', r#"{"\u006bty":"RSA","#, 1);
        let nested = text.replacen('{', r#"{"x":{"y":1,"y":2},"#, 1);
        let faults = [
            String::new(),
            format!("{text}{text}"),
            format!("{text}x"),
            format!("[{text}]"),
            text[..text.len() - 1].to_owned(),
            twice,
            escaped,
            nested,
        ];
        for fault in faults {
            assert_eq!((base.import)(&fault).map_err(|error| error.code()), Err("key.json"));
        }
        assert_eq!((base.import)(&format!(" {text}\n")), Ok(()));
        let long = base.set("x5c", json!(["A".repeat(33 * 1024)]));
        assert_eq!(long, Err("key.too_long"));
        assert_eq!(base.set("x5c", json!(["A".repeat(20 * 1024)])), Ok(()));
    }
}

#[cfg(feature = "jwe")]
#[test]
fn encryption_keys_are_for_encryption() {
    use strict_jose::legacy::{Rsa1_5DecryptionKey, Rsa1_5EncryptionKey};
    use strict_jose::{RsaOaepDecryptionKey, RsaOaepEncryptionKey};

    type Case<'a> = (Import, &'a str, &'static str, [&'static str; 2], [&'static str; 2]);

    let (public, private) = (Base::public().text(), Base::private().text());
    let imports: [Case<'_>; 4] = [
        (
            |jwk| RsaOaepEncryptionKey::from_jwk(jwk).map(drop),
            &public,
            "RSA-OAEP",
            ["encrypt", "wrapKey"],
            ["decrypt", "unwrapKey"],
        ),
        (
            |jwk| Rsa1_5EncryptionKey::from_jwk(jwk).map(drop),
            &public,
            "RSA1_5",
            ["encrypt", "wrapKey"],
            ["decrypt", "unwrapKey"],
        ),
        (
            |jwk| RsaOaepDecryptionKey::from_jwk(jwk).map(drop),
            &private,
            "RSA-OAEP",
            ["decrypt", "unwrapKey"],
            ["encrypt", "wrapKey"],
        ),
        (
            |jwk| Rsa1_5DecryptionKey::from_jwk(jwk).map(drop),
            &private,
            "RSA1_5",
            ["decrypt", "unwrapKey"],
            ["encrypt", "wrapKey"],
        ),
    ];
    for (import, text, alg, own, others) in imports {
        let base = Base::new(import, text);
        assert_eq!(base.set("use", json!("enc")), Ok(()));
        assert_eq!(base.set("use", json!("sig")), Err("key.jwk_mismatch"));
        for other in ["RS256", "RSA-OAEP", "RSA1_5", "RSA-OAEP-256", "dir"] {
            let expected = if other == alg { Ok(()) } else { Err("key.jwk_mismatch") };
            assert_eq!(base.set("alg", json!(other)), expected, "{alg} {other}");
        }
        for operation in own {
            assert_eq!(base.set("key_ops", json!([operation])), Ok(()), "{operation}");
            let with_foreign = json!([operation, "verify"]);
            assert_eq!(base.set("key_ops", with_foreign), Err("key.jwk_mismatch"));
        }
        assert_eq!(base.set("key_ops", json!(others)), Err("key.jwk_mismatch"), "{others:?}");
    }
}

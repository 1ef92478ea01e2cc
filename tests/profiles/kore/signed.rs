//! K1, K2, K8 to K11, K18: signed tokens and what their claims may be.

use super::support::*;
use crate::kept::Kept;
use serde_json::{Value, json};
use strict_jose::internals::{Operation, count};
use strict_jose::profile::kore::{App, Platform};
use strict_jose::{
    AfterRestart, ClaimError, ClaimProblem, Error, Hs256Key, KeyError, MemoryReplayGuard,
};

fn broken(claim: &'static str, problem: ClaimProblem) -> Error {
    ClaimError::new(claim, problem).into()
}

fn with_header(header: &str, payload: &str, signature: &str) -> String {
    [&base64url(header), ".", &base64url(payload), ".", signature].concat()
}

#[test]
fn k01_the_documented_token() {
    let token = signed(K1_PAYLOAD, &secret());
    let expected = with_header(
        r#"{"alg":"HS256","typ":"JWT"}"#,
        K1_PAYLOAD,
        "5nAw9wj9vy81mODAWf86m0R83vVCoD9sKP2ObLz-ZXs",
    );
    assert_eq!(token, expected);

    let identity = accept(&platform(), &token).unwrap();
    assert_eq!(identity.issued_at(), Some(date(1_466_684_723)));
    assert_eq!(identity.expires_at(), date(1_466_684_783));
    assert_eq!(identity.jwt_id(), Some("1234"));
    assert_eq!(identity.audience(), ["https://idproxy.kore.ai/authorize"]);
    assert_eq!(identity.client_id(), "cs-xxxxxxxxxx-1234");
    assert_eq!(identity.subject(), "john.doe@achme.com");
    assert!(!identity.is_anonymous());
    assert_eq!(identity.identity_to_merge(), Some("anonymoususer1@test.com"));
    assert!(!identity.was_encrypted());
    assert!(identity.private().is_empty());
}

#[test]
fn k02_the_registered_algorithm_and_no_other() {
    let (private, public) = (rs256(), rs256().public_key());
    let platform =
        Platform::new(Kept(MemoryReplayGuard::with_capacity(9)), AfterRestart::remembered())
            .register(App::rs256(ISS, public.clone()))
            .at_fixed_time(date(NOW));
    assert!(accept(&platform, &signed(K1_PAYLOAD, &private)).is_ok());

    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let input = format!("{}.{}", base64url(header), base64url(K1_PAYLOAD));
    let texts = [
        public.to_pem().into_bytes(),
        public.to_pkcs1_pem().into_bytes(),
        public.to_spki_der(),
        public.to_pkcs1_der(),
        public.to_jwk().into_bytes(),
    ];
    let mut forgeries: Vec<String> = texts
        .iter()
        .map(|text| {
            let mac = strict_jose::internals::hmac_sha256(text, input.as_bytes());
            with_header(header, K1_PAYLOAD, &base64url(mac))
        })
        .collect();
    for alg in ["none", "None", ""] {
        let header = json!({"alg": alg, "typ": "JWT"}).to_string();
        forgeries.push(with_header(&header, K1_PAYLOAD, ""));
        forgeries.push(with_header(&header, K1_PAYLOAD, &base64url([0; 256])));
    }
    assert_eq!(forgeries.len(), 11);
    for forgery in forgeries {
        let before = count(Operation::Verify);
        assert_eq!(refused(accept(&platform, &forgery), BODY_OTHER), "header.mismatch");
        assert_eq!(count(Operation::Verify), before, "before any cryptography");
    }
    // The same forms are refused by an app of the other algorithm.
    let hs256 = self::platform();
    assert_eq!(
        refused(accept(&hs256, &signed(K1_PAYLOAD, &private)), BODY_OTHER),
        "header.mismatch"
    );
    let none = with_header(r#"{"alg":"none","typ":"JWT"}"#, K1_PAYLOAD, "");
    assert_eq!(refused(accept(&hs256, &none), BODY_OTHER), "header.mismatch");
}

#[test]
fn k08_is_anonymous_is_a_boolean() {
    let (strict, compat) = (platform(), platform().compat());
    let wrong = broken("isAnonymous", ClaimProblem::WrongType);
    for platform in [&strict, &compat] {
        let read = |value: Value| {
            accept(platform, &token(json!({"isAnonymous": value})))
                .map(|identity| identity.is_anonymous())
        };
        assert!(!accept(platform, &token(json!({}))).unwrap().is_anonymous());
        assert_eq!(read(json!(true)), Ok(true));
        assert_eq!(read(json!(false)), Ok(false));
        for value in [json!("true"), json!("True"), json!("1"), json!(""), json!(1), json!([true])]
        {
            assert_eq!(read(value.clone()).unwrap_err().reason(), &wrong, "{value}");
        }
        let null = signed(
            claims(json!({})).to_string().replace('}', r#","isAnonymous":null}"#),
            &secret(),
        );
        assert_eq!(accept(platform, &null).unwrap_err().reason(), &wrong);
    }
    let text = token(json!({"isAnonymous": "false"}));
    let refusal = accept(&strict, &text).unwrap_err();
    assert_eq!((refusal.reason(), refusal.body()), (&wrong, BODY_OTHER));
    assert!(!accept(&compat, &text).unwrap().is_anonymous());
}

#[test]
fn k09_identity_to_merge_is_another_identity() {
    let platform = platform();
    let read = |value: Value| {
        accept(&platform, &token(json!({"identityToMerge": value, "jti": "k09"})))
            .map(|identity| identity.identity_to_merge().map(str::to_owned))
    };
    let reason = |value: Value| read(value).unwrap_err().reason().clone();
    assert_eq!(reason(json!(SUBJECT)), broken("identityToMerge", ClaimProblem::Mismatch));
    assert_eq!(reason(json!("")), broken("identityToMerge", ClaimProblem::Empty));
    for wrong in [json!(1), json!(true), json!(["x"]), json!({})] {
        assert_eq!(reason(wrong), broken("identityToMerge", ClaimProblem::WrongType));
    }
    // What counts is the subject that wins, and none of the refusals has used the id up.
    let aliased = token(json!({"kore_sub": "me", "identityToMerge": "me", "jti": "k09"}));
    assert_eq!(refused(accept(&platform, &aliased), BODY_OTHER), "claim.mismatch");
    assert_eq!(read(json!("visitor")), Ok(Some("visitor".to_owned())));
}

#[test]
fn k10_dates_out_of_their_range() {
    let platform = |now| platform_at(now);
    let payload = |members: &str| {
        let rest =
            r#""aud":"https://idproxy.kore.ai/authorize","iss":"cs-xxxxxxxxxx-1234","sub":"x""#;
        signed(format!("{{{members},{rest}}}"), &secret())
    };
    let documented = r#""iat":1611810186883,"exp":1611813786.883"#;
    let now = 1_611_810_186;
    let refusal = accept(&platform(now), &payload(documented)).unwrap_err();
    assert_eq!(refusal.reason(), &broken("iat", ClaimProblem::LooksLikeMilliseconds));
    assert_eq!(
        refusal.reason().to_string(),
        "claim `iat` looks like milliseconds, seconds expected"
    );
    assert!(accept(&platform(now).compat(), &payload(documented)).is_ok());
    // With an id it lives an hour from its `iat`, to the millisecond, whatever the issuer's clock says.
    let with_id = payload(&format!(r#"{documented},"jti":"k10""#));
    assert!(accept(&platform(now + 1).compat(), &with_id).is_ok());
    assert!(accept(&platform(now).compat(), &with_id).is_ok());
    let longer = payload(r#""iat":1611810186883,"exp":1611813786.884,"jti":"k10""#);
    refused(accept(&platform(now).compat(), &longer), BODY_EXP);

    let iat = r#""iat":1611810186"#;
    for jti in [r#""jti":"1""#, r#""kore_jti":"1""#, r#""jti":"""#] {
        let milliseconds = payload(&format!(r#"{iat},"exp":1611813786883,{jti}"#));
        assert_eq!(refused(accept(&platform(now), &milliseconds), BODY_EXP), "claim.milliseconds");
    }
    let without_id = payload(&format!(r#"{iat},"exp":1611813786883"#));
    let code = refused(accept(&platform(now), &without_id), BODY_OTHER);
    assert_eq!(code, "claim.milliseconds");
    // An id that is no text is none; it may not pass for one in the answer either.
    for jti in [
        r#""jti":7"#,
        r#""jti":null"#,
        r#""jti":["k10"]"#,
        r#""kore_jti":7"#,
        r#""jti":"k10","kore_jti":7"#,
        r#""jti":7,"kore_jti":"k10""#,
    ] {
        let token = payload(&format!(r#"{iat},"exp":1611813786883,{jti}"#));
        assert_eq!(refused(accept(&platform(now), &token), BODY_OTHER), "claim.milliseconds");
        let token = payload(&format!(r#"{iat},"exp":1611813786,{jti}"#));
        assert_eq!(refused(accept(&platform(now), &token), BODY_OTHER), "claim.wrong_type");
    }
    for (member, number) in
        [("exp", "1e300"), ("exp", "-1"), ("iat", "1e300"), ("iat", "-1"), ("nbf", "1e300")]
    {
        for platform in [platform(now), platform(now).compat()] {
            let rest = if member == "exp" { iat } else { r#""exp":1611813786"# };
            let token = payload(&format!(r#""{member}":{number},{rest}"#));
            let refusal = accept(&platform, &token).unwrap_err();
            assert_eq!(refusal.reason(), &broken(member, ClaimProblem::OutOfRange), "{number}");
        }
    }
}

#[test]
fn k11_the_audience_in_both_spellings() {
    let (ai, com) = ("https://idproxy.kore.ai/authorize", "https://idproxy.kore.com/authorize");
    let (strict, compat) = (platform(), platform().compat());
    for aud in [json!(ai), json!(com), json!(["other", ai]), json!([com])] {
        for platform in [&strict, &compat] {
            let identity = accept(platform, &token(json!({"aud": aud})));
            assert!(identity.is_ok(), "{aud}: {identity:?}");
        }
    }
    for aud in [json!(""), Value::Null, json!([]), json!([""])] {
        let token = token(json!({"aud": aud}));
        refused(accept(&strict, &token), BODY_OTHER);
        assert!(accept(&compat, &token).is_ok(), "{aud}");
    }
    for aud in [json!("https://idproxy.kore.ai/authorize/"), json!(["other"]), json!(["other", ""])]
    {
        for platform in [&strict, &compat] {
            let code = refused(accept(platform, &token(json!({"aud": aud}))), BODY_OTHER);
            assert_eq!(code, "claim.mismatch", "{aud}");
        }
    }
    for platform in [&strict, &compat] {
        let code = refused(accept(platform, &token(json!({"aud": [1]}))), BODY_OTHER);
        assert_eq!(code, "claim.wrong_type");
    }
}

/// Does not compile if a key is made of text without its encoding being named: which `IT` is meant is
/// then not clear.
macro_rules! no_key_from {
    ($($trait:path),* $(,)?) => {
        $(const _: () = {
            trait Found<Where> {
                const IT: () = ();
            }
            struct InTheTrait;
            impl<T> Found<()> for T {}
            impl<T: $trait> Found<InTheTrait> for T {}
            <Hs256Key as Found<_>>::IT
        };)*
    };
}

no_key_from!(
    std::str::FromStr,
    From<&'static str>,
    From<String>,
    TryFrom<&'static str, Error = KeyError>,
    TryFrom<String, Error = KeyError>,
    serde::de::DeserializeOwned,
);

#[test]
fn k18_one_secret_text_is_two_keys() {
    let signature = |key: &Hs256Key| {
        let token = signed(K1_PAYLOAD, key);
        token.rsplit('.').next().unwrap().to_owned()
    };
    let as_text = Hs256Key::from_utf8(SECRET).unwrap();
    let as_base64 = Hs256Key::from_base64(SECRET).unwrap();
    assert_eq!(signature(&as_text), "5nAw9wj9vy81mODAWf86m0R83vVCoD9sKP2ObLz-ZXs");
    assert_eq!(signature(&as_base64), "ZHQnwgO1m4RiEni3cOMFr9sXdc21u65k4sib7OlYH3Q");
    // Neither key takes the other's token, and the text is no base64url: its padding is in the way.
    let platform = platform();
    let code = refused(accept(&platform, &signed(K1_PAYLOAD, &as_base64)), BODY_OTHER);
    assert_eq!(code, "signature.invalid");
    assert!(Hs256Key::from_base64url(SECRET).is_err());
    assert!(accept(&platform, &signed(K1_PAYLOAD, &as_text)).is_ok());
}

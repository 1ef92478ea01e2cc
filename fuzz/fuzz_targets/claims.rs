//! Objects near to a Claims Set, signed: what passes the strict rules has to keep every one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::time::Duration;
use strict_jose::{
    AfterRestart, Audience, Issuer, MemoryReplayGuard, NoPrivateClaims, NumericDate, Validation,
    jws, jwt,
};
use strict_jose_fuzz::input::{Member, object};
use strict_jose_fuzz::{HS256, lenient_rules};

fuzz_target!(|input: (u32, Vec<Member>, Option<&[u8]>)| {
    let (now, members, bytes) = input;
    let payload = bytes.map_or_else(|| object(&members).into_bytes(), <[u8]>::to_vec);
    let token = jws::sign(&payload, &*HS256).expect("HMAC cannot fail");
    let now = NumericDate::from_seconds(now.into()).expect("32 bits");
    let rules = Validation::new(Issuer::exactly("JWT"), Audience::includes("RSA"))
        .max_lifetime(Duration::from_secs(600))
        .max_age(Duration::from_secs(300))
        .at_fixed_time(now)
        .single_use(
            MemoryReplayGuard::with_capacity(8),
            AfterRestart::only_issued_after(NumericDate::from_seconds(0).expect("1970")),
        );
    let Ok(claims) = jwt::verify::<NoPrivateClaims>(&token, &*HS256, &rules) else {
        let _ = jwt::verify::<serde_json::Value>(&token, &*HS256, &lenient_rules());
        return;
    };
    assert_eq!(claims.issuer(), Some("JWT"));
    assert!(claims.audience().iter().any(|audience| audience == "RSA"));
    let (expires, issued) = (claims.expires_at().unwrap(), claims.issued_at().unwrap());
    assert!(issued <= now && now < expires);
    assert!(expires.saturating_since(issued) <= Duration::from_secs(600));
    assert!(now.saturating_since(issued) < Duration::from_secs(300));
    assert!(claims.not_before().is_none_or(|time| time <= now));
    assert!(claims.jwt_id().is_some_and(|id| !id.is_empty()));
    let again = jwt::verify::<NoPrivateClaims>(&token, &*HS256, &rules).unwrap_err();
    assert_eq!(again.code(), "replay.replayed");
});

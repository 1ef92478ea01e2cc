//! The clauses that one thread can ask.

use super::super::ReplayId;
use super::harness::{DEFAULT_TTL, Harness, Violation};
use super::{Insertion, NumericDate, ReplayGuard};
use crate::error::ReplayError;
use core::time::Duration;

type Outcome = Result<(), Violation>;

pub(super) fn once<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    for jti in 0..100 {
        let id = harness.id(&jti.to_string());
        harness.expect_inserted(&id, DEFAULT_TTL, "for an id that nobody had inserted")?;
        harness.expect_present(&id, DEFAULT_TTL, "for an id that was inserted just now")?;
        harness.expect_present(&id, 2 * DEFAULT_TTL, "for an inserted id, to be kept longer,")?;
        harness.expect_present(&id, 1, "for an inserted id, to be kept shorter,")?;
    }
    for jti in 0..100 {
        harness.expect_present(
            &harness.id(&jti.to_string()),
            DEFAULT_TTL,
            "for an id with others after it",
        )?;
    }
    Ok(())
}

pub(super) fn release<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    let (id, other) = (harness.id("a"), harness.id("b"));
    harness.expect_released(&id, "for an id that was never there")?;
    harness.expect_inserted(&other, DEFAULT_TTL, "for an id that nobody had inserted")?;
    for _ in 0..10 {
        harness.expect_inserted(&id, DEFAULT_TTL, "for an absent or released id")?;
        harness.expect_present(&id, DEFAULT_TTL, "for an id inserted after its release")?;
        harness.expect_released(&id, "for an inserted id")?;
        harness.expect_released(&id, "for a released id")?;
        harness.expect_present(&other, DEFAULT_TTL, "for an id while another was released")?;
    }
    // What counts is how long it is to be kept this time.
    harness.expect_inserted(&id, 2 * DEFAULT_TTL, "for a released id")?;
    let later = harness.insert(&id, 2 * DEFAULT_TTL, DEFAULT_TTL + DEFAULT_TTL / 2);
    harness.expect(
        later,
        Insertion::AlreadyPresent,
        "for an id released, then inserted for longer,",
    )
}

/// Issuer, scope and `jti` whose texts joined, with or without a separator, are often the same.
const PARTS: [(&str, &str, &str); 22] = [
    ("a", "b", "c"),
    ("a", "bc", "d"),
    ("ab", "c", "d"),
    ("a", "b", "cd"),
    ("", "abc", "d"),
    ("abc", "", "d"),
    ("", "", "abcd"),
    ("a", "", "bcd"),
    ("a:b", "c", "d"),
    ("a", "b:c", "d"),
    ("a", "b", "c:d"),
    ("a\0b", "c", "d"),
    ("a", "b\0c", "d"),
    ("a", "b", "c\0d"),
    ("a/b", "c", "d"),
    ("a", "b/c", "d"),
    ("a|b", "c", "d"),
    ("a", "b|c", "d"),
    ("a,b", "c", "d"),
    ("a", "b,c", "d"),
    ("a\n b", "c", "d"),
    ("a", "b\n c", "d"),
];

pub(super) fn parts<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    let mut ids: Vec<ReplayId<'_>> =
        PARTS.iter().map(|(issuer, scope, jti)| harness.id_of(issuer, scope, jti)).collect();
    // Lengths that do not fit one octet, or a key of a usual size.
    for length in [254, 255, 256, 257, 1000] {
        let long = "i".repeat(length);
        ids.push(harness.id_of(&long, "", "j"));
        ids.push(harness.id_of("", &long, "j"));
    }
    each_is_itself(harness, &ids)
}

pub(super) fn texts<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    let last = |byte: char| format!("{}{byte}", "j".repeat(255));
    let first = |byte: char| format!("{byte}{}", "j".repeat(255));
    let mut texts = vec![last('a'), last('b'), first('a'), first('b'), "j".repeat(256)];
    texts.extend(["é".repeat(128), "日".repeat(85), "😀".repeat(64)]);
    let odd = [
        "a",
        "A",
        "ä",
        "a\u{308}",
        "ß",
        "ss",
        "ı",
        "i",
        "I",
        "1",
        "01",
        "1.0",
        "+1",
        " 1",
        "1 ",
        "\0",
        "a\0",
        "\0a",
        "\r\n",
        "a\r\nDEL a",
        "'",
        "\"",
        "\\",
        "a'--",
        "%",
        "_",
        "*",
        "?",
        "[a]",
        "{a}",
        "${a}",
        "/",
        "..",
        "../a",
        "\u{7f}",
        "\u{feff}a",
        "\u{200b}",
        "日本",
        "😀",
        "null",
    ];
    texts.extend(odd.map(str::to_owned));
    let ids: Vec<ReplayId<'_>> = texts.iter().map(|text| harness.id(text)).collect();
    each_is_itself(harness, &ids)
}

/// All of these are different ids: inserted, found and released each on its own.
fn each_is_itself<G: ReplayGuard>(harness: &Harness<'_, G>, ids: &[ReplayId<'_>]) -> Outcome {
    for id in ids {
        let when = format!("for {}, like no id before,", shown(id));
        harness.expect_inserted(id, DEFAULT_TTL, &when)?;
    }
    for id in ids {
        let when = format!("for {}, inserted before,", shown(id));
        harness.expect_present(id, DEFAULT_TTL, &when)?;
    }
    for (at, id) in ids.iter().enumerate() {
        let when = format!("for {}", shown(id));
        harness.expect_released(id, &when)?;
        for other in ids.iter().take(at).chain(ids.iter().skip(at + 1)) {
            let when = format!("for {} when {} was released", shown(other), shown(id));
            harness.expect_present(other, DEFAULT_TTL, &when)?;
        }
        let when = format!("for {}, released before,", shown(id));
        harness.expect_inserted(id, DEFAULT_TTL, &when)?;
    }
    Ok(())
}

/// The contract's own ids are no secret.
fn shown(id: &ReplayId<'_>) -> String {
    format!("{:?}", (id.issuer(), id.scope(), id.jwt_id()))
}

/// How long the ids of the clause on seconds are kept, and so how many there are.
const LIFETIME: u64 = 60;

pub(super) fn seconds<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    let nanosecond = Duration::from_nanos(1);
    let (whole, fraction, far) = (harness.id("whole"), harness.id("fraction"), harness.id("far"));
    let last =
        NumericDate::from_duration(harness.at(LIFETIME).as_duration().saturating_sub(nanosecond))
            .unwrap_or(harness.at(LIFETIME - 1));
    let past = harness.at(LIFETIME).saturating_add(nanosecond);
    let never = harness.at(0).saturating_add(Duration::MAX);
    let absent = "for an id that nobody had inserted";
    harness.expect_inserted(&whole, LIFETIME, absent)?;
    for (id, until) in [(&fraction, past), (&far, never)] {
        harness.expect(harness.insert_at(id, until, harness.at(0)), Insertion::Inserted, absent)?;
    }
    // A new id each: a guard that renews an id when asked would keep a single one forever.
    for second in 0..LIFETIME {
        harness.expect_inserted(&harness.id(&second.to_string()), LIFETIME, absent)?;
    }
    let found = |id: &ReplayId<'_>, until, now, when: &str| {
        harness.expect(harness.insert_at(id, until, now), Insertion::AlreadyPresent, when)
    };
    for second in 0..LIFETIME {
        let when = format!("{} s before keep_until", LIFETIME - second);
        let id = harness.id(&second.to_string());
        found(&id, harness.at(2 * LIFETIME), harness.at(second), &when)?;
    }
    let until = harness.at(2 * LIFETIME);
    found(&whole, until, last, "1 ns before keep_until")?;
    found(&fraction, until, harness.at(LIFETIME), "1 ns before a keep_until with a fraction")?;
    found(&far, never, harness.at(86_400), "a day later, for an id to be kept to the year 9999,")
}

pub(super) fn clock_steps<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    let (id, later) = (harness.id("a"), harness.id("b"));
    harness.expect_inserted(&id, 60, "for an id that nobody had inserted")?;
    let back = harness.at(0).as_duration().saturating_sub(Duration::from_secs(3600));
    for past in [back, Duration::ZERO].into_iter().filter_map(NumericDate::from_duration) {
        let answer = harness.insert_at(&id, harness.at(60), past);
        harness.expect(answer, Insertion::AlreadyPresent, "by a clock that was set back")?;
    }
    // The clock leaps past the id's end, while enough others come that it may well be dropped...
    let leap = harness.insert(&later, 7200, 3600);
    harness.expect(
        leap,
        Insertion::Inserted,
        "for an absent id by a clock that was set forward",
    )?;
    for other in 0..200 {
        let answer = harness.insert(&harness.id(&format!("other {other}")), 7200, 3600);
        harness.expect(answer, Insertion::Inserted, "for an absent id")?;
    }
    // ... and back: its token is valid by this clock, and was used.
    for second in 0..60 {
        let answer = harness.insert(&id, 60, second);
        harness.ensure(answer != Ok(Insertion::Inserted), || {
            format!("an id came back when the clock stepped forward and back to second {second}")
        })?;
    }
    let answer = harness.insert(&later, 7200, 0);
    harness.expect(answer, Insertion::AlreadyPresent, "for a live id by a clock that was set back")
}

/// An id that was never there, or was and is forgotten: the guard cannot tell, once its time has passed.
pub(super) fn passed<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    // Each process that shares a store has a clock of its own: all are told the time.
    for other in 0..8 {
        let id = harness.id(&format!("tells the time {other}"));
        harness.expect_inserted(&id, DEFAULT_TTL, "for an id that nobody had inserted")?;
    }
    for seconds in 1..60 {
        let back = |seconds| {
            let since = harness.at(0).as_duration().saturating_sub(Duration::from_secs(seconds));
            NumericDate::from_duration(since).unwrap_or(harness.at(0))
        };
        let id = harness.id(&seconds.to_string());
        let answer = harness.insert_at(&id, back(seconds), back(seconds + 60));
        harness.ensure(answer != Ok(Insertion::Inserted), || {
            format!("an id was inserted {seconds} s after its time, by a clock that was set back")
        })?;
    }
    harness.expect_inserted(&harness.id("control"), 1, "for an id whose time has not passed")
}

pub(super) fn waiting<G: ReplayGuard>(harness: &Harness<'_, G>) -> Outcome {
    let id = harness.id("a");
    let inserted = harness.clock()?;
    let until = inserted.without_fraction().saturating_add(Duration::from_secs(2));
    let answer = harness.insert_at(&id, until, inserted);
    harness.expect(answer, Insertion::Inserted, "for an id that nobody had inserted")?;
    loop {
        let answer = harness.insert_at(&id, until, harness.clock()?);
        // Read after the answer: if the time came meanwhile, either answer is right.
        let left = until.saturating_since(harness.clock()?);
        if left.is_zero() {
            return Ok(());
        }
        let when = format!("{left:?} before keep_until by the system's clock");
        harness.expect(answer, Insertion::AlreadyPresent, &when)?;
        std::thread::sleep(left.min(Duration::from_millis(10)));
    }
}

pub(super) fn capacity<G: ReplayGuard>(harness: &Harness<'_, G>, capacity: usize) -> Outcome {
    let id = |number: usize| harness.id(&number.to_string());
    for number in 0..capacity {
        harness.expect_inserted(&id(number), DEFAULT_TTL, "for an absent id, with room left,")?;
    }
    for number in capacity..capacity + 10 {
        let answer = harness.insert(&id(number), 2 * DEFAULT_TTL, 0);
        harness.ensure(answer == Err(ReplayError::Full), || {
            format!("with {capacity} ids in room for {capacity} the guard answered {answer:?}")
        })?;
    }
    for number in 0..capacity {
        harness.expect_present(&id(number), DEFAULT_TTL, "for a live id, when full,")?;
    }
    Ok(())
}

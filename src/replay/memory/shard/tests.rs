//! What a shard holds, where it keeps it, and when it lets it go.

use super::*;
use crate::replay::{MemoryReplayGuard, Monitored, ReplayId};
use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How often each test beside the model runs, by other numbers each time: twice unless this variable
/// says more. `STRICT_JOSE_REPLAY_RUNS=10000 cargo test --release --lib beside` is a long run.
const RUNS: &str = "STRICT_JOSE_REPLAY_RUNS";

/// Insertions, releases and replays of a run.
const STEPS: u32 = 40_000;

#[test]
fn beside_a_model_a_shard_forgets_on_time() {
    // Few homes and few tags, so that searches collide.
    run_beside_a_model(|number| [number, (number % 7) * 0x2492_4924, (number % 3) << 24, 0]);
}

#[test]
fn beside_a_model_what_was_pushed_past_the_end_of_the_index_is_found() {
    // Homes in an eighth of the index, half of it at the end and half at the beginning.
    let home = |number: u32| (number.wrapping_mul(0x9e37_79b9) >> 3).wrapping_sub(1 << 28);
    run_beside_a_model(|number| [number, home(number), number << 24, 0]);
}

#[track_caller]
fn run_beside_a_model(key: impl Fn(u32) -> Key) {
    let runs = std::env::var(RUNS).map_or(2, |runs| runs.parse().unwrap());
    assert_ne!(runs, 0);
    for run in 0..runs {
        // By seconds, so that lists share pages, and by minutes, so that they do not.
        let second = if run % 2 == 0 { 1 } else { 60 };
        let stepped = catch_unwind(AssertUnwindSafe(|| step_beside_a_model(&key, run, second)));
        assert!(stepped.is_ok(), "in run {run}");
    }
}

/// The number of the run is where the random numbers begin.
fn step_beside_a_model(key: impl Fn(u32) -> Key, run: u32, second: u32) {
    let mut shard = Shard::default();
    let mut model: HashMap<u32, (u32, bool)> = HashMap::new();
    let mut random = u64::from(run);
    let mut draw = |below: u32| {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        u32::try_from(random >> 33).unwrap() % below
    };
    let (mut live, mut revived, mut inserted, mut held) = (0, 0, 0, [0_usize; 3]);
    for step in 0..STEPS {
        let (number, now) = (draw(600), step / 20 * second);
        let expires = now + 1 + draw(100 * second);
        if draw(10) == 0 {
            shard.release(key(number));
            if let Some(entry) = model.get_mut(&number) {
                entry.1 = true;
            }
            continue;
        }
        shard.expire(now, 3, |issuer, count| held[usize_of(issuer)] -= count);
        model.retain(|_, entry| entry.0 > now);
        if let Some(expires) = model.values().map(|entry| entry.0).min().filter(|_| step % 16 == 0)
        {
            assert!(shard.next_expiry().is_some_and(|next| next <= expires));
        }
        match shard.find(key(number), expires, now) {
            Found::Live => {
                assert!(matches!(model.get(&number), Some((_, false))));
                live += 1;
            }
            Found::Revived => {
                assert!(matches!(model.get(&number), Some((until, true)) if expires <= *until));
                model.get_mut(&number).unwrap().1 = false;
                revived += 1;
            }
            Found::Absent => {
                assert!(!matches!(model.get(&number), Some((_, false))));
                let issuer = number % 3;
                _ = shard.insert(key(number), expires, issuer).unwrap();
                model.insert(number, (expires, false));
                held[usize_of(issuer)] += 1;
                inserted += 1;
            }
        }
    }
    assert!(live > 2_000 && revived > 200 && inserted > 2_000, "{live} {revived} {inserted}");
    shard.expire(u32::MAX, usize::MAX, |issuer, count| held[usize_of(issuer)] -= count);
    assert_eq!((held, shard.indexed, shard.next_expiry()), ([0; 3], 0, None));
    assert!(shard.used < 2_000, "slots are used again: {}", shard.used);
}

/// Keys that differ in all that their places are chosen by.
fn spread(number: u32) -> Key {
    let word = number.wrapping_mul(0x9e37_79b9);
    [number, word, word.rotate_left(16), 0]
}

#[test]
fn a_fifth_to_two_fifths_of_the_index_is_free() {
    let (mut shard, mut sizes) = (Shard::default(), BTreeSet::new());
    for number in 0..50_000 {
        _ = shard.insert(spread(number), 1, 0).unwrap();
        let (places, free) = (shard.index.len(), shard.index.len() - shard.indexed);
        assert!(free * 5 >= places, "{free} of {places}");
        assert!(free * 5 <= places * 2 || number < 200, "{free} of {places}");
        sizes.insert(places);
    }
    assert!(sizes.len() < 40, "it grew to {sizes:?}");
}

#[test]
fn every_place_is_home_to_an_equal_share_of_the_keys() {
    let mut shard = Shard::default();
    _ = shard.insert(spread(0), 1, 0).unwrap();
    let places = shard.index.len();
    let mut keys_at = vec![0_usize; places];
    for high in 0..=u16::MAX {
        keys_at[shard.home([0, u32::from(high) << 16, 0, 0])] += 1;
    }
    assert!(keys_at.iter().all(|keys| keys.abs_diff(65_536 / places) <= 1), "{keys_at:?}");
    let tags = (0..=u8::MAX).map(|byte| tag([0, 0, u32::from(byte) << 24, 0]));
    assert_eq!(tags.collect::<BTreeSet<_>>().len(), 256);
}

#[test]
fn no_more_ids_are_dropped_at_once_than_asked_for() {
    let mut shard = Shard::default();
    for number in 0..10 {
        _ = shard.insert(spread(number), 5 + number % 2, 0).unwrap();
    }
    let mut dropped = 0;
    for (now, most, expected) in [(4, 9, 0), (5, 3, 3), (5, 9, 5), (6, 4, 9), (6, 0, 9), (6, 9, 10)]
    {
        shard.expire(now, most, |_, count| dropped += count);
        assert_eq!(dropped, expected, "{most} at {now}");
    }
    assert_eq!(shard.next_expiry(), None);
}

#[test]
fn the_first_and_the_last_second_are_seconds_as_any_other() {
    let mut shard = Shard::default();
    let seconds = [u32::MAX, 1, u32::MAX - 1, 0, 31, 32];
    for (number, second) in (0..).zip(seconds) {
        _ = shard.insert(spread(number), second, 0).unwrap();
    }
    for second in [0, 1, 31, 32, u32::MAX - 1, u32::MAX] {
        assert_eq!(shard.next_expiry(), Some(second));
        let mut dropped = 0;
        shard.expire(second, 9, |_, count| dropped += count);
        assert_eq!(dropped, 1, "{second}");
    }
    assert_eq!(shard.next_expiry(), None);
}

#[test]
fn an_id_that_found_no_slot_is_not_counted() {
    let guard = MemoryReplayGuard::with_issuer_share(1, 1);
    let mut shard = Shard { used: NONE, ..Shard::default() };
    let id = ReplayId::new("as", "", "1");
    for failed in 1..=3 {
        let permit = guard.permit(&id).unwrap().unwrap();
        let inserted = super::super::insert(&mut shard, spread(1), 20, permit);
        assert_eq!((inserted, shard.full), (Err(ReplayError::Full), failed));
        assert_eq!(guard.statistics().live, Some(0));
    }
}

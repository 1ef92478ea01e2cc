//! What a shard holds, where it keeps it, and when it lets it go.

use super::*;
use std::collections::HashMap;

/// Keys with few homes and few tags, so that searches collide and wrap around.
fn key(number: u32) -> Key {
    [number, (number % 7) * 0x2492_4924, (number % 3) << 24, 0]
}

#[test]
fn a_shard_is_a_map_that_forgets_on_time() {
    let mut shard = Shard::default();
    let mut model: HashMap<u32, (u32, bool)> = HashMap::new();
    let mut random = 1_u32;
    let mut draw = |below: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) % below
    };
    let (mut live, mut revived, mut inserted, mut held) = (0, 0, 0, 0_usize);
    for step in 0..40_000_u32 {
        let (number, now) = (draw(600), step / 20);
        let expires = now + 1 + draw(100);
        if draw(10) == 0 {
            shard.release(key(number));
            if let Some(entry) = model.get_mut(&number) {
                entry.1 = true;
            }
            continue;
        }
        shard.expire(now, 3, |_, count| held -= count);
        model.retain(|_, entry| entry.0 > now);
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
                _ = shard.insert(key(number), expires, 0).unwrap();
                model.insert(number, (expires, false));
                held += 1;
                inserted += 1;
            }
        }
    }
    assert!(live > 2_000 && revived > 200 && inserted > 2_000, "{live} {revived} {inserted}");
    shard.expire(u32::MAX, usize::MAX, |_, count| held -= count);
    assert_eq!((held, shard.indexed, shard.due.len()), (0, 0, 0));
    assert!(shard.used < 2_000, "slots are used again: {}", shard.used);
}

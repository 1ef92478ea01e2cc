//! How many ids go into how much memory.

use super::{IDS_A_SHARD, LEAST_SHARDS};

/// A shard with its first chunk of entries and its smallest index, and what rounding up takes of both.
const SHARD: usize = 7 * 1024;

/// An entry, and its place in an index of which a third is free.
const ID: usize = 31;

/// One list of ids that expire in the same second, in a map that is half full.
const LIST: usize = 36;

/// The seconds in which ids of a shard may expire.
const SECONDS: usize = 3600;

/// At most so many ids take so many octets, whatever they are.
pub(super) fn ids(octets: usize) -> usize {
    let octets = octets.saturating_sub(LEAST_SHARDS * SHARD);
    // With few ids each may hang in a list of its own; with many the lists of all seconds are there.
    let few = octets / (ID + LIST);
    // There are up to two shards for the ids of one, and each brings its lists with it.
    let a_shard = 2 * (SHARD + SECONDS * LIST);
    let many =
        octets.saturating_sub(LEAST_SHARDS * SECONDS * LIST) / (ID + a_shard.div_ceil(IDS_A_SHARD));
    few.max(many)
}

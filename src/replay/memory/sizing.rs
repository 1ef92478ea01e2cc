//! How many ids go into how much memory.

use super::{IDS_A_SHARD, LEAST_SHARDS};

/// A shard with its first chunk of entries and its smallest index, and what rounding up takes of both.
const SHARD: usize = 7 * 1024;

/// An entry, and its place in an index of which a third is free.
const ID: usize = 31;

/// One page of lists of ids that expire in the same second, in a map that is half full.
const PAGE: usize = 170;

/// The pages of a shard: of 32 seconds each, for an hour that begins in the midst of one.
const PAGES: usize = 3600 / 32 + 2;

/// At most so many ids take so many octets, whatever they are.
pub(super) fn ids(bytes: usize) -> usize {
    let bytes = bytes.saturating_sub(LEAST_SHARDS * SHARD);
    // With few ids each may be alone on its page; with many all pages are there.
    let few = bytes / (ID + PAGE);
    // There are up to two shards for the ids of one, and each brings its pages with it.
    let a_shard = 2 * (SHARD + PAGES * PAGE);
    let many =
        bytes.saturating_sub(LEAST_SHARDS * PAGES * PAGE) / (ID + a_shard.div_ceil(IDS_A_SHARD));
    few.max(many)
}

//! A guard in memory cannot say that it remembers, nor can anybody say it for that type.

use std::sync::Arc;
use strict_jose::{AfterRestart, MemoryReplayGuard, Remembers};

impl Remembers for MemoryReplayGuard {}

fn main() {
    let _ = AfterRestart::<MemoryReplayGuard>::remembered();
    let _ = AfterRestart::<Arc<MemoryReplayGuard>>::remembered();
}

//! Connections that end, or fall silent, while nobody asks: they cost no token.

use super::server::{Between, why};
use super::{Redis, insert};
use std::thread;
use std::time::Duration;
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose_stores::{RedisReplayGuard, RedisStore};

#[test]
fn a_connection_that_ended_while_nobody_asked_costs_no_token() {
    let Some(redis) = Redis::start(&[]) else { return };
    let guard = redis.store().connect().unwrap();
    for round in 0..10 {
        assert_eq!(insert(&guard, &round.to_string()), Ok(Inserted), "{round}");
        assert_eq!(insert(&guard, &round.to_string()), Ok(AlreadyPresent));
        redis.ask("CLIENT KILL TYPE normal");
    }
    redis.ask("CONFIG SET timeout 1");
    let guard = redis.store().connect().unwrap();
    for round in 0..2 {
        thread::sleep(Duration::from_millis(2_500)); // the server ends what is idle
        assert_eq!(insert(&guard, &format!("idle {round}")), Ok(Inserted));
    }
}

fn by(between: &Between) -> RedisReplayGuard {
    let store = RedisStore::new(&format!("redis://127.0.0.1:{}", between.port), "test:");
    store.losing_ids_in_a_crash().connect().unwrap()
}

#[test]
fn an_id_that_a_second_attempt_finds_is_nobodys_replay() {
    let Some(redis) = Redis::start(&[]) else { return };
    let between = Between::stand(redis.port);
    let guard = by(&between);
    assert_eq!(insert(&guard, "control"), Ok(Inserted));
    between.lose_the_answer_to("SET");
    assert_eq!(why(insert(&guard, "lost")), "store.disconnected", "whose it is, nobody knows");
    assert!(!between.is_to_lose_one(), "no answer was lost");
    assert_eq!(insert(&guard, "lost"), Ok(AlreadyPresent), "it was carried out");
}

/// As balancers and firewalls do: the connection is gone, and nobody is told.
#[test]
fn a_connection_that_was_dropped_without_a_word_costs_no_token() {
    let Some(redis) = Redis::start(&[]) else { return };
    let between = Between::stand(redis.port);
    let (quiet, busy) = (by(&between), by(&between));
    assert_eq!(insert(&quiet, "a"), Ok(Inserted));
    thread::sleep(Duration::from_millis(5_500));
    assert_eq!(insert(&busy, "b"), Ok(Inserted));
    between.drop_all_without_a_word();
    assert_eq!(insert(&quiet, "c"), Ok(Inserted));
    assert_eq!(why(insert(&busy, "d")), "store.timed_out", "the control: in use just now");
}

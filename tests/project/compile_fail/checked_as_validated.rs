//! Claims of a token that is not used up are no validated ones, and do not leave the rule.

use std::sync::Arc;
use strict_jose::{
    Error, Hs256Key, MemoryReplayGuard, NoPrivateClaims, SingleUse, Validated, Validation, jwt,
};

type Rules = Validation<SingleUse<Arc<MemoryReplayGuard>>>;

fn act(_: &Validated) -> Result<(), Error> {
    Ok(())
}

fn as_validated(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules)?.require(|claims| act(claims)).map(drop)
}

fn committed_without_spending(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    jwt::check::<NoPrivateClaims, _>("token", key, rules)?.commit();
    Ok(())
}

fn taken_out(key: &Hs256Key, rules: &Rules) -> Result<(), Error> {
    let mut subject = None;
    let _ = jwt::check::<NoPrivateClaims, _>("token", key, rules)?.require(|claims| {
        subject = claims.subject();
        Ok::<_, Error>(())
    });
    Ok(())
}

fn main() {}

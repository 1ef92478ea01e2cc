//! Other names for registered claims, and what else a caller says about how claims are read.

use super::registered_claim::{PerClaim, RegisteredClaim};
use crate::error::RuleError;
use crate::limits::Limits;
use std::borrow::Cow;

/// How a Claims Set is read, where the caller departs from RFC 7519.
#[derive(Debug, Clone)]
pub(crate) struct ReadingRules {
    pub(crate) limits: Limits,
    pub(crate) aliases: ClaimAliases,
    /// Dates may be given in milliseconds.
    pub(crate) milliseconds: bool,
}

impl ReadingRules {
    pub(crate) const DEFAULT: Self = Self {
        limits: Limits::DEFAULT,
        aliases: ClaimAliases(PerClaim::NONE),
        milliseconds: false,
    };
}

/// The names that stand for registered claims, one a claim at most.
#[derive(Debug, Clone)]
pub(crate) struct ClaimAliases(PerClaim<Option<Cow<'static, str>>>);

impl ClaimAliases {
    /// Every name stands for one claim, or what was checked would depend on who reads.
    pub(crate) fn add(
        &mut self,
        claim: RegisteredClaim,
        alias: Cow<'static, str>,
    ) -> Result<(), RuleError> {
        let taken = self.claim_of(&alias).is_some_and(|other| other != claim);
        if alias.is_empty() || taken || RegisteredClaim::named(&alias).is_some() {
            return Err(RuleError::AliasTaken);
        }
        *self.0.get_mut(claim) = Some(alias);
        Ok(())
    }

    pub(crate) fn of(&self, claim: RegisteredClaim) -> Option<&Cow<'static, str>> {
        self.0.get(claim).as_ref()
    }

    /// The claim that this name is an alias of.
    pub(crate) fn claim_of(&self, name: &str) -> Option<RegisteredClaim> {
        RegisteredClaim::ALL
            .into_iter()
            .find(|claim| self.of(*claim).is_some_and(|alias| alias == name))
    }
}

//! The registered sites: page keys, the origins of their pages, and the secrets behind them.

use super::REFUSED;
use crate::config::{ConfigError, Settings};
use axum::http::StatusCode;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use strict_jose::profile::session::{Parties, Policy, Ticket, TokenService, Verifier};
use strict_jose::{AfterRestart, Hs256Key, KeySet, MemoryReplayGuard};
use url::Url;

const SETTING: &str = "SESSION_SITES";

/// Who gets tokens, and whose are taken.
///
/// Written as a JSON array, the secret in base64url without padding:
///
/// ```json
/// [{"pageKey": "pk_live_1", "source": "https://www.bank.example", "secret": "AAEC..."}]
/// ```
///
/// To rotate, add a second page key for the same source, move the pages to it, take the first away. A
/// secret that is known to others is replaced at once: its tokens are refused from then on.
pub struct Sites {
    sites: HashMap<String, Site>,
    verifier: Verifier<KeySet<Hs256Key>, Arc<MemoryReplayGuard>>,
}

struct Site {
    source: String,
    tokens: TokenService,
}

/// A session that a page may open a socket for.
pub(super) struct Issued {
    pub(super) source: String,
    pub(super) session_id: String,
    pub(super) token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Registered {
    page_key: String,
    source: String,
    secret: String,
}

impl Sites {
    /// Reads them from the settings.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that says where the problem is and quotes nothing.
    pub(super) fn read(
        settings: &Settings<'_>,
        guard: Arc<MemoryReplayGuard>,
        restart: AfterRestart<MemoryReplayGuard>,
    ) -> Result<Self, ConfigError> {
        let text = settings.secret(SETTING)?.unwrap_or_default();
        // serde's own message may quote what it did not expect.
        let registered: Vec<Registered> = serde_json::from_str(&text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            ConfigError::new(SETTING, format_args!("no list of sites, line {line}:{column}"))
        })?;
        let wrong = |error| ConfigError::new(SETTING, error);
        let policy = policy();
        let (mut sites, mut keys) = (HashMap::new(), Vec::new());
        for Registered { page_key, source, secret } in registered {
            let key = Hs256Key::from_base64url(&secret);
            let key = key.and_then(|key| key.with_key_id(&page_key)).map_err(wrong)?;
            keys.push(key.clone());
            let tokens = TokenService::hs256(policy.clone(), key);
            sites.insert(page_key, Site::new(source, tokens)?);
        }
        let keys = KeySet::new(keys).map_err(wrong)?;
        let verifier = Verifier::new(policy, keys, guard, restart.through_pointer());
        Ok(Self { sites, verifier })
    }

    pub(super) fn verifier(&self) -> &Verifier<KeySet<Hs256Key>, Arc<MemoryReplayGuard>> {
        &self.verifier
    }

    /// A new session for a page with this key and of this origin.
    pub(super) fn issue(
        &self,
        page_key: &str,
        origin: Option<&str>,
    ) -> Result<Issued, (StatusCode, &'static str)> {
        let site = self.sites.get(page_key).ok_or((StatusCode::FORBIDDEN, "page_key.unknown"))?;
        if origin != Some(&site.source) {
            return Err((StatusCode::FORBIDDEN, "origin.not_registered"));
        }
        let unavailable = |reason| (StatusCode::SERVICE_UNAVAILABLE, reason);
        let session_id = session_id().map_err(|_| unavailable("random.unavailable"))?;
        let ticket = Ticket::new(&session_id).source(&site.source);
        let token = site.tokens.issue(&ticket).map_err(|reason| unavailable(reason.code()))?;
        Ok(Issued { source: site.source.clone(), session_id, token })
    }
}

impl Site {
    /// One that will be issued tokens, for an origin as browsers write it: they are compared as texts.
    fn new(source: String, tokens: TokenService) -> Result<Self, ConfigError> {
        let canonical = Url::parse(&source).map(|url| url.origin().ascii_serialization());
        if canonical.as_ref() != Ok(&source) {
            return Err(ConfigError::new(SETTING, "a source is no origin as browsers write it"));
        }
        let trial = tokens.issue(&Ticket::new("trial").source(&source));
        trial.map_err(|reason| ConfigError::new(SETTING, reason))?;
        Ok(Self { source, tokens })
    }
}

/// What Talkative asks of a token, as the crate's guide to it has it.
#[must_use]
pub fn policy() -> Policy {
    Policy::new(Parties::unchecked(), Duration::from_secs(60))
        .requiring_source()
        .bound_to_page_key()
        .single_use()
        .answering(REFUSED)
}

/// 128 random bits, in hexadecimal.
fn session_id() -> Result<String, getrandom::Error> {
    Ok(format!("{:016x}{:016x}", getrandom::u64()?, getrandom::u64()?))
}

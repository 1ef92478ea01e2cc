//! Whether a server keeps every id: its role, what it evicts and what it writes to the disk.

use super::Redis;
use super::connection::{Connection, refusal};
use crate::error::StoreError;
use crate::server::CallError;
use ::redis::{FromRedisValue, RedisResult, cmd};
use std::collections::BTreeMap;
use std::time::Instant;

impl Redis {
    /// Whether the server is one that forgets no id.
    pub(super) async fn examine(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut client = connection.client.clone();
        let info = told(cmd("INFO").query_async::<String>(&mut client).await)?;
        let info: BTreeMap<_, _> = info
            .iter()
            .flat_map(|text| text.lines())
            .filter_map(|line| line.split_once(':'))
            .collect();
        for (name, value, role) in [
            ("redis_mode", "sentinel", "Sentinel"),
            ("cluster_enabled", "1", "cluster's node"),
            ("role", "slave", "replica"),
        ] {
            if info.get(name) == Some(&value) {
                return Err(StoreError::NotPrimary { role });
            }
        }
        let mut settings = BTreeMap::new();
        // By name: among all of them are passwords.
        for names in ["maxmemory-policy", "append*", "no-appendfsync-on-rewrite"] {
            let mut ask = cmd("CONFIG");
            ask.arg("GET").arg(names);
            // A list of pairs, or in RESP3 a map.
            let answer: Option<BTreeMap<String, String>> =
                told(ask.query_async(&mut client).await)?;
            settings.extend(answer.into_iter().flatten());
        }
        let value = |name: &str, reported: &str| {
            settings.get(name).map(String::as_str).or_else(|| info.get(reported).copied())
        };
        self.require(
            "maxmemory-policy",
            "noeviction",
            value("maxmemory-policy", "maxmemory_policy"),
        )?;
        if !self.store.may_lose_ids {
            let appends =
                value("appendonly", "aof_enabled").map(|on| if on == "1" { "yes" } else { on });
            self.require("appendonly", "yes", appends)?;
            self.require("appendfsync", "always", value("appendfsync", ""))?;
            // Else it does not wait for the disk while it rewrites the file.
            let rewrites = "no-appendfsync-on-rewrite";
            self.require(rewrites, "no", value(rewrites, ""))?;
        }
        match info.get("role") {
            None if !self.store.trusts_what_is_hidden => {
                Err(StoreError::HiddenSetting { setting: "role" })
            }
            None | Some(&"master") => Ok(()),
            Some(_) => Err(StoreError::NotPrimary { role: "replica" }),
        }
    }

    fn require(
        &self,
        setting: &'static str,
        needed: &'static str,
        found: Option<&str>,
    ) -> Result<(), StoreError> {
        match found {
            Some(value) if value == needed => Ok(()),
            Some(_) => Err(StoreError::NotDurable { setting, needed }),
            None if self.store.trusts_what_is_hidden => Ok(()),
            None => Err(StoreError::HiddenSetting { setting }),
        }
    }

    /// Looks again, now and then: settings can be changed while the server runs.
    pub(super) async fn look_again(&self, connection: &Connection) -> Result<(), CallError> {
        let is_due = match connection.looked_at.lock() {
            Ok(mut looked_at) if looked_at.elapsed() >= self.store.look_every => {
                *looked_at = Instant::now(); // one caller looks, and others go on
                true
            }
            _ => false,
        };
        if !is_due {
            return Ok(());
        }
        self.examine(connection).await.map_err(CallError::from)
    }
}

/// What the server says; `None` if it does not let the guard ask, or does not know the command.
fn told<T: FromRedisValue>(answer: RedisResult<T>) -> Result<Option<T>, StoreError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.code(), Some("NOPERM" | "ERR")) => Ok(None),
        Err(error) => Err(refusal(&error)),
    }
}

//! Settings from the environment; secrets from there or from files. Errors name the setting alone.

use core::fmt;
use std::fs;
use strict_jose::{AfterRestart, MemoryReplayGuard, NumericDate};

/// A setting that is missing or cannot be used. It never shows the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    name: String,
    problem: String,
}

impl ConfigError {
    /// The setting of this name has this problem; the problem's text must not quote the value.
    pub fn new(name: &str, problem: impl fmt::Display) -> Self {
        Self { name: name.to_owned(), problem: problem.to_string() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.problem)
    }
}

impl std::error::Error for ConfigError {}

/// Where settings are looked up.
pub struct Settings<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Settings<'a> {
    /// Settings by name, an empty one counting as none.
    pub fn new(look_up: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(look_up)
    }

    /// The setting, if there is one.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        self.0(name).filter(|value| !value.is_empty())
    }

    /// The setting.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if there is none.
    pub fn required(&self, name: &str) -> Result<String, ConfigError> {
        self.optional(name).ok_or_else(|| ConfigError::new(name, "is not set"))
    }

    /// The text of the file that `NAME_FILE` names, without a last line break; else `NAME` itself.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if the file cannot be read.
    pub fn secret(&self, name: &str) -> Result<Option<String>, ConfigError> {
        let file = format!("{name}_FILE");
        let Some(path) = self.optional(&file) else {
            return Ok(self.optional(name));
        };
        let mut text =
            fs::read_to_string(path).map_err(|error| ConfigError::new(&file, error.kind()))?;
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
        Ok(Some(text))
    }

    /// What the process before this one may have accepted is not accepted again: only tokens issued after
    /// the time at which it stops, in seconds since 1970, and never those issued before now. So a setting that is
    /// left from an earlier start does no harm.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if it is no time, or there is no clock.
    pub fn after_restart(
        &self,
        name: &str,
    ) -> Result<AfterRestart<MemoryReplayGuard>, ConfigError> {
        let now = NumericDate::now().map_err(|error| ConfigError::new(name, error))?;
        let stops = self.optional(name).map(|text| {
            let date = text.parse().ok().and_then(NumericDate::from_seconds);
            date.ok_or_else(|| ConfigError::new(name, "is no time in seconds since 1970"))
        });
        Ok(AfterRestart::only_issued_after(stops.transpose()?.map_or(now, |date| date.max(now))))
    }

    /// Whether the setting is `1` or `true`.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] for anything but those, `0` and `false`: no typing error may switch a check
    /// off.
    pub fn switch(&self, name: &str) -> Result<bool, ConfigError> {
        match self.optional(name).as_deref() {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(_) => Err(ConfigError::new(name, "is neither true nor false")),
        }
    }
}

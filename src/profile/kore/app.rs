//! What the platform knows of an app: its client id, its key and what it insists on.

use crate::{Hs256Key, Rs256VerifyingKey};
use core::fmt;

/// A registered app. Its key fixes the algorithm; no token chooses one.
///
/// ```
/// use strict_jose::{Hs256Key, profile::kore};
///
/// let app = kore::App::hs256("cs-xxxxxxxxxx-1234", Hs256Key::generate()?).enforcing_jti();
/// assert_eq!(app.client_id(), "cs-xxxxxxxxxx-1234");
/// # Ok::<(), strict_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct App {
    client_id: String,
    pub(super) key: AppKey,
    pub(super) enforce_jti: bool,
    #[cfg(feature = "jwe")]
    pub(super) enforce_jwe: bool,
}

#[derive(Clone)]
pub(super) enum AppKey {
    Hs256(Hs256Key),
    Rs256(Rs256VerifyingKey),
}

impl App {
    /// An app that signs with its secret.
    #[must_use]
    pub fn hs256(client_id: impl Into<String>, key: Hs256Key) -> Self {
        Self::new(client_id.into(), AppKey::Hs256(key))
    }

    /// An app that signs with a private key, of which the platform has the public one.
    #[must_use]
    pub fn rs256(client_id: impl Into<String>, key: Rs256VerifyingKey) -> Self {
        Self::new(client_id.into(), AppKey::Rs256(key))
    }

    fn new(client_id: String, key: AppKey) -> Self {
        Self {
            client_id,
            key,
            enforce_jti: false,
            #[cfg(feature = "jwe")]
            enforce_jwe: false,
        }
    }

    /// Takes only tokens with a `jti`: each is then used once and lives an hour at most.
    #[must_use]
    pub fn enforcing_jti(mut self) -> Self {
        self.enforce_jti = true;
        self
    }

    /// Takes only tokens that were encrypted.
    #[cfg(feature = "jwe")]
    #[must_use]
    pub fn enforcing_jwe(mut self) -> Self {
        self.enforce_jwe = true;
        self
    }

    /// The client id, which is the `iss` of the app's tokens.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

//! The service beside the app: an identity comes in, a signed token goes out.
//!
//! Client id, key and lifetime come from the environment and stay here. A request that brings a secret
//! of its own is refused: its sender has put the secret where it must not be, and has to change it. Kore.ai's client
//! for the web sends `botOptions.clientSecret`, a placeholder unless its page sets it: set it to the empty text.
//!
//! It signs for whatever identity it is sent. Let nothing but the app's own login reach it: an origin
//! that is listed keeps foreign pages out, not programs. The client for the web takes the identity from its page, and
//! sends no cookies to another origin: behind a login by cookie, serve this from the page's own origin, list that one
//! too (a page's `POST` names it), and take the identity from the login.
//!
//! | setting | meaning |
//! | --- | --- |
//! | `KORE_CLIENT_ID` | the app's client id |
//! | `KORE_CLIENT_SECRET`, or `KORE_CLIENT_SECRET_FILE` | for an app registered for HS256 |
//! | `KORE_PRIVATE_KEY_FILE` | for one registered for RS256: PEM |
//! | `KORE_LIFETIME` | seconds, 3600 at most; 300 unless set |
//! | `KORE_ORIGINS` | the origins whose pages may ask, separated by commas |
//! | `KORE_WITHOUT_JTI` | tokens for webhook mode, which sends one with each request |
//! | `KORE_ENFORCE_JTI` | whether the app enforces `jti`; then the one before is refused |
//! | `KORE_PLATFORM_JWK_FILE` | encrypts for this key |
//! | `KORE_JWE_ALG`, `KORE_JWE_ENC` | `RSA-OAEP` and `A256GCM` unless set |

use crate::config::{ConfigError, Settings};
use crate::cross_origin::CrossOrigin;
use crate::serve::{answer, complete};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use strict_jose::profile::kore::{TokenService, User};
use strict_jose::{ContentEncryption, Hs256Key, Rs256SigningKey, RsaOaepEncryptionKey, legacy};

/// What the service holds.
pub struct Config {
    /// Signs.
    pub tokens: TokenService,
    /// The pages that may ask.
    pub pages: CrossOrigin,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the setting and not its value.
    pub fn read(settings: &Settings<'_>) -> Result<Self, ConfigError> {
        let client_id = settings.required("KORE_CLIENT_ID")?;
        let secret = settings.secret("KORE_CLIENT_SECRET")?;
        let pem = settings.secret("KORE_PRIVATE_KEY")?;
        let wrong = |name: &'static str| move |error| ConfigError::new(name, error);
        let tokens = match (secret, pem) {
            (Some(secret), None) => Hs256Key::from_utf8(&secret)
                .map_err(strict_jose::Error::from)
                .and_then(|key| TokenService::hs256(client_id, key))
                .map_err(wrong("KORE_CLIENT_SECRET"))?,
            (None, Some(pem)) => Rs256SigningKey::from_pem(&pem)
                .map_err(strict_jose::Error::from)
                .and_then(|key| TokenService::rs256(client_id, key))
                .map_err(wrong("KORE_PRIVATE_KEY"))?,
            _ => {
                let problem = "set this or KORE_PRIVATE_KEY, and not both";
                return Err(ConfigError::new("KORE_CLIENT_SECRET", problem));
            }
        };
        let tokens = match settings.optional("KORE_LIFETIME") {
            None => tokens,
            Some(text) => {
                let seconds = text.parse();
                let seconds = seconds.map_err(|error| ConfigError::new("KORE_LIFETIME", error))?;
                tokens.lifetime(Duration::from_secs(seconds)).map_err(wrong("KORE_LIFETIME"))?
            }
        };
        let tokens = match settings.secret("KORE_PLATFORM_JWK")? {
            None => tokens,
            Some(jwk) => encrypting(tokens, settings, &jwk)?,
        };
        let tokens =
            match (settings.switch("KORE_WITHOUT_JTI")?, settings.switch("KORE_ENFORCE_JTI")?) {
                (false, _) => tokens,
                (true, false) => tokens.without_jti(),
                (true, true) => {
                    let problem = "the app enforces jti, so no token without one would be accepted";
                    return Err(ConfigError::new("KORE_WITHOUT_JTI", problem));
                }
            };
        let origins = settings.optional("KORE_ORIGINS").unwrap_or_default();
        Ok(Self { tokens, pages: CrossOrigin::new(&origins, "POST", "content-type", refuse) })
    }
}

fn encrypting(
    tokens: TokenService,
    settings: &Settings<'_>,
    jwk: &str,
) -> Result<TokenService, ConfigError> {
    let wrong = |error| ConfigError::new("KORE_PLATFORM_JWK", error);
    let enc = settings.optional("KORE_JWE_ENC").unwrap_or_else(|| "A256GCM".to_owned());
    let enc = ContentEncryption::from_name(&enc)
        .ok_or_else(|| ConfigError::new("KORE_JWE_ENC", "is no supported encryption"))?;
    match settings.optional("KORE_JWE_ALG").as_deref() {
        None | Some("RSA-OAEP") => RsaOaepEncryptionKey::from_jwk(jwk)
            .map(|key| tokens.encrypting(key, enc))
            .map_err(wrong),
        Some("RSA1_5") => legacy::Rsa1_5EncryptionKey::from_jwk(jwk)
            .map(|key| tokens.encrypting_by_rsa1_5(key, enc))
            .map_err(wrong),
        Some(_) => Err(ConfigError::new("KORE_JWE_ALG", "is no supported algorithm")),
    }
}

/// The service.
pub fn routes(config: Config) -> Router {
    let Config { tokens, pages } = config;
    let token = Router::new().route("/token", post(token)).with_state(Arc::new(tokens));
    complete(pages.before(token))
}

/// What a client may send: the identity, and nothing that only the server may know. Kore.ai's own client sends
/// `clientId` and `aud` too, from its page's settings: they are the service's to know, and what the page says is not
/// looked at. A secret there has been given to every visitor.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    identity: String,
    #[serde(default)]
    is_anonymous: bool,
    identity_to_merge: Option<String>,
    private_claims: Option<Map<String, Value>>,
    #[serde(default, rename = "clientId")]
    _client_id: IgnoredAny,
    #[serde(default, rename = "aud")]
    _audience: IgnoredAny,
    #[serde(default)]
    client_secret: Secret,
}

/// Whether there is one; what it is is not kept.
#[derive(Default)]
struct Secret {
    is_there: bool,
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { is_there: !String::deserialize(deserializer)?.is_empty() })
    }
}

#[derive(Serialize)]
struct Own {
    #[serde(rename = "privateClaims", skip_serializing_if = "Option::is_none")]
    private_claims: Option<Map<String, Value>>,
}

async fn token(
    State(tokens): State<Arc<TokenService>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let identity = match read(&headers, &body) {
        Ok(identity) => identity,
        Err((status, reason)) => return refuse(status, reason),
    };
    let user = match (identity.is_anonymous, identity.identity) {
        (true, subject) => User::anonymous(subject),
        (false, subject) => User::new(subject),
    };
    let user = match identity.identity_to_merge {
        Some(other) => user.merging(other),
        None => user,
    };
    let user = user.private(Own { private_claims: identity.private_claims });
    match tokens.issue(&user) {
        Ok(token) => answer(StatusCode::OK, json!({"jwt": token}).to_string(), None),
        Err(error @ (strict_jose::Error::Claim(_) | strict_jose::Error::UnserializableClaims)) => {
            refuse(StatusCode::BAD_REQUEST, error.code())
        }
        Err(error) => refuse(StatusCode::SERVICE_UNAVAILABLE, error.code()),
    }
}

/// The identity in either form. What is wrong with a body is not said in its own words: they could be
/// a secret.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Asked, (StatusCode, &'static str)> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type =
        media_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    let identity = if media_type.eq_ignore_ascii_case("application/json") {
        serde_json::from_slice(body).ok()
    } else if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        serde_urlencoded::from_bytes(body).ok()
    } else {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.media_type"));
    };
    let asked: Asked = identity.ok_or((StatusCode::BAD_REQUEST, "body.not_an_identity"))?;
    if asked.client_secret.is_there {
        return Err((StatusCode::BAD_REQUEST, "body.client_secret"));
    }
    Ok(asked)
}

/// A refusal in this service's words: its reason alone.
#[must_use]
pub fn refuse(status: StatusCode, reason: &'static str) -> Response {
    answer(status, json!({"error": reason}).to_string(), Some(reason))
}

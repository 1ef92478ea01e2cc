//! Where a token came from.

use core::fmt;
use core::net::IpAddr;

/// Where a token came from, as far as the service knows by itself: nothing here is taken from the token.
#[derive(Clone, Copy, Default)]
pub struct Request<'a> {
    pub(super) origin: Option<&'a str>,
    pub(super) address: Option<IpAddr>,
    pub(super) session: Option<&'a str>,
    pub(super) page_key: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The `Origin` header, as received.
    #[must_use]
    pub fn origin(mut self, origin: &'a str) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The client's address.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The session that the request is for: a token of another one is refused.
    #[must_use]
    pub fn session(mut self, session_id: &'a str) -> Self {
        self.session = Some(session_id);
        self
    }

    /// The key that the page names: a token with another `kid` is refused.
    #[must_use]
    pub fn page_key(mut self, kid: &'a str) -> Self {
        self.page_key = Some(kid);
        self
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request(<redacted>)")
    }
}

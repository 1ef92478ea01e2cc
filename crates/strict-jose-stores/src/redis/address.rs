//! An address of Redis or Valkey, read so that TLS is the guard's own.

use crate::address::{AddressFault, or_unencoded, unsupported};
use crate::error::StoreError;
use ::redis::{ConnectionAddr, IntoConnectionInfo as _, RedisConnectionInfo};
#[cfg(unix)]
use std::path::PathBuf;

pub(super) struct Address {
    pub(super) place: Place,
    pub(super) uses_tls: bool,
    /// The log-in, the database and the protocol.
    pub(super) settings: RedisConnectionInfo,
}

pub(super) enum Place {
    Tcp(String, u16),
    #[cfg(unix)]
    Unix(PathBuf),
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        read(url).map_err(|fault| StoreError::InvalidAddress(or_unencoded(url, fault)))
    }
}

fn read(url: &str) -> Result<Address, AddressFault> {
    let (scheme, rest) = url.split_once(':').ok_or(AddressFault::Malformed)?;
    let (options, uses_tls): (&[&str], _) = match scheme {
        "redis" | "valkey" => (&["protocol"], false),
        "rediss" | "valkeys" => (&["protocol"], true),
        "redis+unix" | "valkey+unix" | "unix" => (&["db", "pass", "protocol", "user"], false),
        _ => return Err(AddressFault::Malformed),
    };
    if rest.contains('#') {
        return Err(AddressFault::Fragment);
    }
    if let Some((_, query)) = rest.split_once('?') {
        for (number, option) in (1..).zip(query.split('&').filter(|option| !option.is_empty())) {
            let name = option.split_once('=').map_or(option, |(name, _)| name);
            if !options.contains(&name) {
                return Err(unsupported(name, number));
            }
        }
    }
    // The driver's own TLS goes by what other crates turn on, and by the process-wide provider.
    let plain = if uses_tls { format!("redis:{rest}") } else { url.to_owned() };
    let info = plain.as_str().into_connection_info().map_err(|_| AddressFault::Malformed)?;
    let place = match info.addr() {
        ConnectionAddr::Tcp(host, port) => Place::Tcp(host.clone(), *port),
        #[cfg(unix)]
        ConnectionAddr::Unix(path) => Place::Unix(path.clone()),
        _ => return Err(AddressFault::Malformed),
    };
    Ok(Address { place, uses_tls, settings: info.redis_settings().clone() })
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressFault, Place, StoreError};

    #[track_caller]
    fn fault(url: &str) -> AddressFault {
        match Address::parse(url) {
            Err(StoreError::InvalidAddress(fault)) => fault,
            _ => panic!("{url}"),
        }
    }

    #[test]
    fn tls_is_what_the_scheme_says() {
        for (url, tls) in [
            ("redis://user:a%23b@redis.example:6380/3", false),
            ("valkey://user:a%23b@redis.example:6380/3?protocol=resp3", false),
            ("rediss://user:a%23b@redis.example:6380/3", true),
            ("valkeys://user:a%23b@redis.example:6380/3", true),
        ] {
            let address = Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(address.uses_tls, tls);
            assert!(
                matches!(address.place, Place::Tcp(host, 6380) if host == "redis.example"),
                "{url}"
            );
            assert_eq!(address.settings.password(), Some("a#b"));
            assert_eq!(address.settings.db(), 3);
        }
        #[cfg(unix)]
        assert!(
            Address::parse("redis+unix:///run/redis.sock?db=2&user=u&pass=p")
                .is_ok_and(|socket| matches!(socket.place, Place::Unix(_)))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (url, expected) in [
            ("redis.example:6379", AddressFault::Malformed),
            ("http://redis.example", AddressFault::Malformed),
            ("redis://redis.example:port", AddressFault::Malformed),
            ("rediss://redis.example#insecure", AddressFault::Fragment),
            ("redis://:p#ss/w@rd@redis.example", AddressFault::Unencoded('#')),
            ("redis://user:1?a@redis.example", AddressFault::Unencoded('?')),
            (
                "rediss://redis.example?ssl_cert_reqs=none",
                AddressFault::UnsupportedOption("ssl_cert_reqs"),
            ),
            ("redis://redis.example?protocol=resp3&x=1", AddressFault::UnknownOption(2)),
            ("redis://redis.example?pass=secret", AddressFault::UnsupportedOption("pass")),
        ] {
            assert_eq!(fault(url), expected, "{url}");
        }
    }
}

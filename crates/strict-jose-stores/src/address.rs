//! What an address of a server can have wrong, told without a part of it.

use core::fmt;

/// Why an address cannot be used. Names of options that are known anywhere are told, values never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressFault {
    /// It is written in no way that the guard reads.
    Malformed,
    /// It names no host.
    NoHost,
    /// This sign has to be percent-encoded, in the user's name or the password above all. It is all that an error
    /// tells of an address.
    Unencoded(char),
    /// It ends in `#` and something more, which means nothing here.
    Fragment,
    /// The guard does not know this option, as other libraries do.
    UnsupportedOption(&'static str),
    /// Nobody knows its option of this number, counted from 1.
    UnknownOption(usize),
    /// This option has a value that it cannot have here.
    OptionValue(&'static str),
    /// The server asks for a password, and it has none.
    NoPassword,
    /// It names a host on the network and does not say whether TLS is used.
    TlsUnstated,
    /// It asks for TLS, which this build lacks.
    TlsFeature,
    /// Authorities to trust are given, and it does not ask for TLS.
    TlsUnused,
    /// The name of the table, or of its schema, has no octets, NUL or more than 63 octets.
    TableName,
}

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is malformed",
            Self::NoHost => "it names no host",
            Self::Unencoded(sign) => {
                return match u32::from(*sign) {
                    32 => f.write_str("write a space in the user or the password as `%20`"),
                    number => {
                        write!(f, "write `{sign}` in the user or the password as `%{number:02X}`")
                    }
                };
            }
            Self::Fragment => "it ends in `#` and something more",
            Self::UnsupportedOption(name) => {
                return write!(f, "the option `{name}` is not supported");
            }
            Self::UnknownOption(number) => return write!(f, "option {number} is unknown"),
            Self::OptionValue(name) => {
                return write!(f, "the value of the option `{name}` cannot be used");
            }
            Self::NoPassword => "it has no password, and the server asks for one",
            Self::TlsUnstated => "name `sslmode=verify-full`, or `sslmode=disable`",
            Self::TlsFeature => "it asks for TLS: turn on the feature `tls`",
            Self::TlsUnused => "a file of authorities is given, and it does not ask for TLS",
            Self::TableName => "the table's name, or its schema's, cannot be used",
        })
    }
}

/// A sign that was not encoded makes other faults out of what follows it.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) fn or_unencoded(url: &str, fault: AddressFault) -> AddressFault {
    match fault {
        AddressFault::Malformed
        | AddressFault::NoHost
        | AddressFault::Fragment
        | AddressFault::UnknownOption(_)
        | AddressFault::OptionValue("port") => unencoded(url).unwrap_or(fault),
        fault => fault,
    }
}

/// The sign before the host that keeps a URL from being read as it was meant: passwords have such signs.
#[cfg(any(feature = "postgres", feature = "redis"))]
fn unencoded(url: &str) -> Option<AddressFault> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    let percent = user.split('%').skip(1).any(|after| {
        !after
            .as_bytes()
            .first_chunk::<2>()
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    });
    let sign = user.chars().find(|sign| "/?#@[] ".contains(*sign));
    sign.or(percent.then_some('%')).map(AddressFault::Unencoded)
}

/// Which option that is, if it is one that people write; else its number. What stands there may be part of a
/// password that nobody quoted.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) fn unsupported(name: &str, number: usize) -> AddressFault {
    /// Of libpq, of other libraries, and of services that write addresses for their customers.
    const ELSEWHERE: [&str; 45] = [
        "client_encoding",
        "client_name",
        "connection_limit",
        "currentSchema",
        "db",
        "decode_responses",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "health_check_interval",
        "krbsrvname",
        "max_connections",
        "pass",
        "passfile",
        "password",
        "pgbouncer",
        "pool_timeout",
        "protocol",
        "replication",
        "require_auth",
        "requirepeer",
        "requiressl",
        "schema",
        "search_path",
        "service",
        "socket_timeout",
        "ssl",
        "ssl_ca_certs",
        "ssl_cert_reqs",
        "ssl_certfile",
        "ssl_keyfile",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslaccept",
        "sslcert",
        "sslcompression",
        "sslcrl",
        "sslidentity",
        "sslkey",
        "sslnegotiation",
        "sslpassword",
        "sslsni",
        "statement_cache_size",
        "timeout",
    ];
    let known = ELSEWHERE.into_iter().find(|known| *known == name);
    known.map_or(AddressFault::UnknownOption(number), AddressFault::UnsupportedOption)
}

#[cfg(all(test, any(feature = "postgres", feature = "redis")))]
mod tests {
    use super::{AddressFault, unencoded, unsupported};

    #[test]
    fn the_sign_to_be_encoded_is_found() {
        let sign = |url| match unencoded(url) {
            Some(AddressFault::Unencoded(sign)) => Some(sign),
            _ => None,
        };
        assert_eq!(sign("redis://:p#ss/w@rd@host"), Some('#'));
        assert_eq!(sign("postgresql://user:a/b@host/db"), Some('/'));
        assert_eq!(sign("postgresql://user:a?b@host/db"), Some('?'));
        assert_eq!(sign("postgresql://user:a@b@host/db"), Some('@'));
        assert_eq!(sign("postgresql://user:100%@host/db"), Some('%'));
        assert_eq!(sign("postgresql://user:a%40b@host/db"), None);
        assert_eq!(sign("postgresql://host/db"), None);
        assert_eq!(sign("user@host"), None);
    }

    #[test]
    fn an_option_is_named_only_if_it_is_one() {
        assert_eq!(unsupported("sslcert", 3), AddressFault::UnsupportedOption("sslcert"));
        assert_eq!(unsupported("of-a-password", 3), AddressFault::UnknownOption(3));
    }
}

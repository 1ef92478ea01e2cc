//! An address of PostgreSQL, as libpq and hosted services write it: what it says of TLS is the guard's to read.

use crate::address::{AddressFault, or_unencoded, unsupported};
use crate::error::StoreError;
use core::iter::Peekable;
use core::str::Chars;
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

pub(super) struct Address {
    pub(super) config: Config,
    pub(super) uses_tls: bool,
    /// The authorities to trust instead of the system's.
    pub(super) ca_file: Option<PathBuf>,
}

/// What the driver reads, but for TLS.
const OPTIONS: [&str; 17] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

impl Address {
    pub(super) fn parse(address: &str) -> Result<Self, StoreError> {
        let is_url =
            ["postgres://", "postgresql://"].iter().any(|start| address.starts_with(start));
        let read = if is_url { of_url(address) } else { of_words(address) };
        read.map_err(|fault| {
            StoreError::InvalidAddress(if is_url { or_unencoded(address, fault) } else { fault })
        })
    }
}

/// What was said so far.
#[derive(Default)]
struct Said {
    uses_tls: Option<bool>,
    ca_file: Option<PathBuf>,
    names: BTreeSet<&'static str>,
}

impl Said {
    /// Takes the option if it is one of TLS; else looks at it as the driver will. `number` counts from 1.
    fn take(&mut self, name: &str, value: &str, number: usize) -> Result<bool, AddressFault> {
        let known = ["sslmode", "sslrootcert"].into_iter().chain(OPTIONS);
        let known = known.into_iter().find(|known| *known == name);
        let known = known.ok_or_else(|| unsupported(name, number))?;
        // Of two, one library takes the first and another the last. `load_balance_hosts` is for several servers that
        // take ids, of which each knows its own alone.
        if !self.names.insert(known) || (name, value) == ("load_balance_hosts", "random") {
            return Err(AddressFault::OptionValue(known));
        }
        match (name, value) {
            ("sslmode", "disable") => self.uses_tls = Some(false),
            ("sslmode", "require" | "verify-full") => self.uses_tls = Some(true),
            ("sslmode", _) => return Err(AddressFault::OptionValue("sslmode")),
            ("sslrootcert", "system") => self.ca_file = None,
            ("sslrootcert", path) => self.ca_file = Some(PathBuf::from(path)),
            _ => {
                let alone: Result<Config, _> = word(name, value).parse();
                return alone.map(|_| false).map_err(|_| AddressFault::OptionValue(known));
            }
        }
        Ok(true)
    }

    /// Whether TLS is used is said by the address alone: never by what a server offers, and by no feature.
    fn decide(self, mut config: Config) -> Result<Address, AddressFault> {
        let hosts = config.get_hosts();
        if hosts.is_empty() && config.get_hostaddrs().is_empty() {
            return Err(AddressFault::NoHost);
        }
        let has =
            |sign| hosts.iter().any(|host| matches!(host, Host::Tcp(name) if name.contains(sign)));
        if has('@') {
            return Err(AddressFault::Unencoded('@'));
        }
        if has(',') {
            return Err(AddressFault::OptionValue("host"));
        }
        let (addresses, ports) = (config.get_hostaddrs().len(), config.get_ports().len());
        let places = hosts.len().max(addresses);
        if addresses > 0 && !hosts.is_empty() && addresses != hosts.len() {
            return Err(AddressFault::OptionValue("hostaddr"));
        }
        if ports > 1 && ports != places {
            return Err(AddressFault::OptionValue("port"));
        }
        let uses_tls = match self.uses_tls {
            Some(uses_tls) => uses_tls,
            None if is_local(&config) && self.ca_file.is_none() => false,
            None => return Err(AddressFault::TlsUnstated),
        };
        if uses_tls && hosts.is_empty() {
            return Err(AddressFault::NoHost); // the certificate is for a name
        }
        if uses_tls && hosts.iter().any(|host| !matches!(host, Host::Tcp(_))) {
            return Err(AddressFault::OptionValue("sslmode")); // TLS on a socket's path: nobody offers it
        }
        config.ssl_mode(if uses_tls { SslMode::Require } else { SslMode::Disable });
        Ok(Address { config, uses_tls, ca_file: self.ca_file })
    }
}

/// Whether nothing leaves the machine: a socket's path, or an address of its own.
fn is_local(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn of_url(url: &str) -> Result<Address, AddressFault> {
    let (_, place) = url.split_once("://").ok_or(AddressFault::Malformed)?;
    let end = place.find(['/', '?']).unwrap_or(place.len());
    // libpq ends the place there, and the driver at the first `@` of all, wherever that is.
    if place.find('@').is_some_and(|at| at > end) {
        // Of a password or of an option's value.
        let is_value = place.split('@').next().is_some_and(|before| before.contains('='));
        let fault = if is_value { AddressFault::Unencoded('@') } else { AddressFault::Malformed };
        return Err(fault);
    }
    let names_host =
        place.get(..end).is_some_and(|place| !place.is_empty() && !place.ends_with('@'));
    let (front, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut said, mut rest) = (Said::default(), Vec::new());
    for (number, option) in (1..).zip(query.split('&').filter(|option| !option.is_empty())) {
        let (name, value) = option.split_once('=').ok_or(AddressFault::Malformed)?;
        let value = percent_decode_str(value).decode_utf8().map_err(|_| AddressFault::Malformed)?;
        if name == "host" && names_host {
            return Err(AddressFault::OptionValue("host")); // a second one
        }
        if !said.take(name, &value, number)? {
            rest.push(option);
        }
    }
    let query = if rest.is_empty() { "" } else { "?" };
    let url = format!("{front}{query}{}", rest.join("&"));
    said.decide(url.parse().map_err(|_| AddressFault::Malformed)?)
}

fn of_words(words: &str) -> Result<Address, AddressFault> {
    let (mut said, mut rest) = (Said::default(), String::new());
    let mut words = Words(words.chars().peekable());
    for number in 1.. {
        let Some((name, value)) = words.next()? else { break };
        if !said.take(&name, &value, number)? {
            rest.push_str(&word(&name, &value));
        }
    }
    said.decide(rest.parse().map_err(|_| AddressFault::Malformed)?)
}

/// An option as libpq reads it back.
fn word(name: &str, value: &str) -> String {
    format!("{name}='{}' ", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// Names and values: `name = value`, the value in `'` if it has spaces, and `\` before a sign that means itself.
struct Words<'a>(Peekable<Chars<'a>>);

impl Words<'_> {
    fn skip_spaces(&mut self) {
        while self.0.next_if(|sign| sign.is_whitespace()).is_some() {}
    }

    fn next(&mut self) -> Result<Option<(String, String)>, AddressFault> {
        self.skip_spaces();
        let mut name = String::new();
        while let Some(sign) = self.0.next_if(|sign| !sign.is_whitespace() && *sign != '=') {
            name.push(sign);
        }
        self.skip_spaces();
        match self.0.next() {
            None if name.is_empty() => return Ok(None),
            Some('=') if !name.is_empty() => {}
            _ => return Err(AddressFault::Malformed),
        }
        self.skip_spaces();
        let quoted = self.0.next_if_eq(&'\'').is_some();
        let ends = |sign: char| if quoted { sign == '\'' } else { sign.is_whitespace() };
        let mut value = String::new();
        loop {
            match self.0.next() {
                Some('\\') => value.extend(self.0.next()),
                Some(sign) if ends(sign) => break,
                Some(sign) => value.push(sign),
                None if quoted => return Err(AddressFault::Malformed),
                None => break,
            }
        }
        Ok(Some((name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressFault, StoreError, Words, word};
    use tokio_postgres::Config;

    fn parse(address: &str) -> Result<(bool, Option<String>), AddressFault> {
        match Address::parse(address) {
            Ok(Address { uses_tls, ca_file, .. }) => {
                Ok((uses_tls, ca_file.map(|path| path.to_str().unwrap_or_default().to_owned())))
            }
            Err(StoreError::InvalidAddress(fault)) => Err(fault),
            Err(other) => panic!("{address}: {other}"),
        }
    }

    #[test]
    fn tls_is_what_the_address_says() {
        let ca = || Some("/etc/ca file.pem".to_owned());
        for (address, expected) in [
            ("postgresql://api:a%40b@db.example/api?sslmode=verify-full", (true, None)),
            ("postgres://db.example/api?connect_timeout=3&sslmode=require", (true, None)),
            ("postgresql://db.example/api?sslmode=disable", (false, None)),
            (
                "postgresql://db.example/?sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20file.pem",
                (true, ca()),
            ),
            ("postgresql://db.example/?sslmode=verify-full&sslrootcert=system", (true, None)),
            ("host=db.example sslmode=verify-full sslrootcert='/etc/ca file.pem'", (true, ca())),
            (r"host = db.example sslrootcert=/etc/ca\ file.pem sslmode=require", (true, ca())),
            ("host=db.example sslmode=disable", (false, None)),
            // Nothing leaves the machine.
            ("host=/run/postgresql user=api", (false, None)),
            ("host=localhost", (false, None)),
            ("host=127.0.0.1,::1 port=5432,5433", (false, None)),
            ("host=db.example hostaddr=127.0.0.1", (false, None)),
            ("postgresql:///api?host=/run/postgresql", (false, None)),
            ("host=a,b port=1,2 hostaddr=127.0.0.1,::1", (false, None)),
        ] {
            assert_eq!(parse(address), Ok(expected), "{address}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        use AddressFault as Fault;
        for (address, fault) in [
            ("host=db.example", Fault::TlsUnstated),
            ("host=localhost,db.example", Fault::TlsUnstated),
            ("host=localhost hostaddr=192.0.2.1", Fault::TlsUnstated),
            ("host=localhost sslrootcert=/etc/ca.pem", Fault::TlsUnstated),
            ("host=db.example sslmode=prefer", Fault::OptionValue("sslmode")),
            ("host=db.example sslmode=verify-ca", Fault::OptionValue("sslmode")),
            ("host=/run/postgresql sslmode=require", Fault::OptionValue("sslmode")),
            ("host=localhost sslmode=require sslmode=disable", Fault::OptionValue("sslmode")),
            ("host=localhost port=many", Fault::OptionValue("port")),
            ("postgresql://localhost/?connect_timeout=soon", Fault::OptionValue("connect_timeout")),
            ("postgresql://localhost/?pgbouncer=true", Fault::UnsupportedOption("pgbouncer")),
            ("host=localhost sslcert=a", Fault::UnsupportedOption("sslcert")),
            ("host=localhost password=half a=secret", Fault::UnknownOption(3)),
            ("host=localhost password=half secret", Fault::Malformed),
            ("host=localhost password='half", Fault::Malformed),
            ("user=api", Fault::NoHost),
            ("postgresql:///api", Fault::NoHost),
            ("postgresql://api:a/b@localhost/", Fault::Unencoded('/')),
            ("postgresql://api:a?b@localhost/", Fault::Unencoded('?')),
            ("postgresql://api:a@b@localhost/?sslmode=disable", Fault::Unencoded('@')),
            // The driver would take what stands before that sign for the user, and the rest for the host.
            ("postgresql://db.example/?user=a@b&password=c&sslmode=require", Fault::Unencoded('@')),
            ("postgresql://localhost/?sslmode=disable&application_name=a@b", Fault::Unencoded('@')),
            ("postgresql://u:p?sslmode=disable&user=a@h/?sslmode=require", Fault::Unencoded('@')),
            // Read in more than one way.
            ("host=localhost host=b", Fault::OptionValue("host")),
            ("postgresql://localhost/?host=b", Fault::OptionValue("host")),
            ("postgresql:///?host=localhost,b", Fault::OptionValue("host")),
            ("postgresql://localhost/?port=5433", Fault::OptionValue("port")),
            ("host=localhost hostaddr=127.0.0.1,::1", Fault::OptionValue("hostaddr")),
            ("hostaddr=192.0.2.1 sslmode=verify-full", Fault::NoHost),
            ("host=localhost load_balance_hosts=random", Fault::OptionValue("load_balance_hosts")),
            ("host=localhost sslnegotiation=direct", Fault::UnsupportedOption("sslnegotiation")),
            ("postgresql://localhost/?ssl%6Dode=disable", Fault::UnknownOption(1)),
        ] {
            assert_eq!(parse(address), Err(fault), "{address}");
        }
    }

    #[test]
    fn what_is_handed_on_is_whole() {
        let url = "postgresql://u@localhost/api?sslmode=disable&password=abc?&connect_timeout=3";
        let address = Address::parse(url).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(address.config.get_password(), Some(&b"abc?"[..]));
        assert_eq!(address.config.get_dbname(), Some("api"));
        let url = "postgresql://u@localhost/api?password=abc?&sslmode=disable";
        let address = Address::parse(url).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(address.config.get_password(), Some(&b"abc?"[..]));
    }

    /// The driver reads what is handed on, so both have to read alike.
    #[test]
    fn words_are_read_as_the_driver_reads_them() {
        for (written, value) in [
            ("a", "a"),
            (" = a", "a"),
            ("'a b'", "a b"),
            (r"'a\'b\\c'", r"a'b\c"),
            (r"a\ b\\", r"a b\"),
            ("''", ""),
            (r"a\'b", "a'b"),
        ] {
            let equals = if written.contains('=') { "" } else { "=" };
            let address = format!("application_name{equals}{written} host=localhost");
            let driver: Config = address.parse().unwrap_or_else(|_| panic!("{address}"));
            assert_eq!(driver.get_application_name(), Some(value), "{address}");
            let ours = Words(address.chars().peekable()).next();
            assert_eq!(ours, Ok(Some(("application_name".to_owned(), value.to_owned()))));
            let again: Config = word("application_name", value).parse().unwrap_or_default();
            assert_eq!(again.get_application_name(), Some(value));
        }
    }
}

//! TLS where the address asks for it, and always verified.

use super::server::Certificates;
use super::{Postgres, insert};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose_stores::{PostgresStore, StoreError, TlsFault};

impl Postgres {
    fn offer_tls(&self, made: &Certificates) {
        let owner = fs::metadata(self.scratch.path()).unwrap();
        for (name, setting) in [("server.pem", "ssl_cert_file"), ("server.key", "ssl_key_file")] {
            let path = self.scratch.path().join(name);
            fs::copy(made.path(name), &path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
            self.set(setting, path.to_str().unwrap());
        }
        self.set("ssl", "on");
    }
}

#[test]
fn a_server_is_reached_by_tls_and_its_certificate_is_verified() {
    let Some(made) = Certificates::make() else { return };
    let Some(postgres) = Postgres::start() else { return };
    let address = |host: &str, more: &str| {
        format!("host={host} port={} user=api password=right dbname=postgres {more}", postgres.port)
    };
    let connect = |host: &str, more: &str| PostgresStore::new(&address(host, more)).connect();
    let verified = format!("sslmode=verify-full sslrootcert={}", made.name("ca.pem"));
    let not_offered = StoreError::Tls(TlsFault::NotOffered);
    assert_eq!(connect("localhost", &verified).unwrap_err(), not_offered);

    postgres.offer_tls(&made);
    let encrypted = || postgres.ask("SELECT count(*) FROM pg_stat_ssl WHERE ssl");
    // Whatever the server offers, an address that does not ask for TLS goes without.
    let plain = connect("localhost", "").unwrap();
    assert_eq!(insert(&plain, "a"), Ok(Inserted));
    assert_eq!(encrypted(), "0");

    let guard = connect("localhost", &verified).unwrap();
    assert_eq!(insert(&guard, "a"), Ok(AlreadyPresent));
    assert_ne!(encrypted(), "0");
    for more in [
        verified.replace("verify-full", "require"),
        format!("{verified} channel_binding=require"),
        format!("{verified} hostaddr=127.0.0.1"),
    ] {
        assert!(connect("localhost", &more).is_ok(), "{more}");
    }
    let url = format!(
        "postgresql://api:right@localhost:{}/postgres?sslmode=require&sslrootcert={}",
        postgres.port,
        made.name("ca.pem").replace('/', "%2F")
    );
    assert!(PostgresStore::new(&url).connect().is_ok());

    let untrusted = StoreError::Tls(TlsFault::Certificate);
    for mode in ["require", "verify-full"] {
        let unknown = connect("localhost", &format!("sslmode={mode}"));
        assert_eq!(unknown.unwrap_err(), untrusted, "{mode}: nobody knows the authority");
    }
    assert_eq!(connect("127.0.0.1", &verified).unwrap_err(), untrusted, "another name");
    for missing in ["no.pem", "names"] {
        let more = format!("sslmode=require sslrootcert={}", made.name(missing));
        let error = connect("localhost", &more).unwrap_err();
        assert_eq!(error, StoreError::Tls(TlsFault::NoAuthority), "{missing}");
    }
    // What the application has set for itself is neither read nor set.
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[test]
fn a_server_that_takes_tls_alone_says_so() {
    let Some(made) = Certificates::make() else { return };
    let Some(postgres) = Postgres::start() else { return };
    postgres.offer_tls(&made);
    let access = postgres.scratch.path().join("data/pg_hba.conf");
    let rules = fs::read_to_string(&access).unwrap().replace("\nhost ", "\nhostssl ");
    fs::write(&access, rules).unwrap();
    postgres.ask("SELECT pg_reload_conf()");
    let port = postgres.port;
    let connect = |more: &str| {
        let address = format!("host=localhost port={port} user=api password=right dbname=postgres");
        PostgresStore::new(&format!("{address} {more}")).connect()
    };
    let error = connect("sslmode=disable").unwrap_err();
    assert_eq!(error.to_string(), "the replay store rejected the log-in: 28000");
    let verified = format!("sslmode=verify-full sslrootcert={}", made.name("ca.pem"));
    assert!(connect(&verified).is_ok());
}

//! TLS where the address asks for it, and always verified.

use super::server::{Certificates, free_port};
use super::{Redis, insert};
use strict_jose::Insertion::{AlreadyPresent, Inserted};
use strict_jose_stores::{AddressFault, RedisStore, StoreError, TlsFault};

#[test]
fn a_server_is_reached_by_tls_and_its_certificate_is_verified() {
    let Some(made) = Certificates::make() else { return };
    let (port, [certificate, key]) =
        (free_port().to_string(), ["server.pem", "server.key"].map(|name| made.name(name)));
    let Some(redis) = Redis::start(&[
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-auth-clients",
        "no",
    ]) else {
        return;
    };
    let store = |address: &str| RedisStore::new(address, "test:").losing_ids_in_a_crash();
    let right = format!("rediss://localhost:{port}");
    let guard = store(&right).ca_file(made.path("ca.pem")).connect().unwrap();
    assert_eq!(insert(&guard, "a"), Ok(Inserted));
    assert_eq!(insert(&redis.store().connect().unwrap(), "a"), Ok(AlreadyPresent));
    // An idle end is seen by TLS, too.
    redis.ask("CLIENT KILL TYPE normal");
    assert_eq!(insert(&guard, "b"), Ok(Inserted));

    let fails = |store: RedisStore| store.connect().unwrap_err();
    let untrusted = StoreError::Tls(TlsFault::Certificate);
    assert_eq!(fails(store(&right)), untrusted, "the system does not know the authority");
    let other_name = store(&format!("rediss://127.0.0.1:{port}")).ca_file(made.path("ca.pem"));
    assert_eq!(fails(other_name), untrusted);
    for missing in ["no.pem", "names"] {
        let none = store(&right).ca_file(made.path(missing));
        assert_eq!(fails(none), StoreError::Tls(TlsFault::NoAuthority), "{missing}");
    }
    let plain = store(&format!("rediss://localhost:{}", redis.port)).ca_file(made.path("ca.pem"));
    assert_eq!(fails(plain), StoreError::Tls(TlsFault::NoAnswer), "that port has no TLS");
    assert_eq!(
        fails(redis.store().ca_file(made.path("ca.pem"))),
        StoreError::InvalidAddress(AddressFault::TlsUnused)
    );
    let insecure = store(&format!("{right}#insecure"));
    assert_eq!(fails(insecure), StoreError::InvalidAddress(AddressFault::Fragment));
    // What the application has set for itself is neither read nor set.
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

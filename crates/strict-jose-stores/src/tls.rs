//! TLS as every guard uses it: rustls on aws-lc-rs, and the server's certificate always verified.

use crate::address::AddressFault;
use crate::error::StoreError;
use std::path::Path;

impl Tls {
    /// As the address asks for it.
    pub(crate) fn asked_for(
        uses_tls: bool,
        ca_file: Option<&Path>,
    ) -> Result<Option<Self>, StoreError> {
        match ca_file {
            _ if uses_tls => Self::new(ca_file).map(Some),
            Some(_) => Err(StoreError::InvalidAddress(AddressFault::TlsUnused)),
            None => Ok(None),
        }
    }
}

#[cfg(not(feature = "tls"))]
mod off {
    use super::{AddressFault, Path, StoreError};

    /// There is none.
    #[derive(Clone)]
    pub(crate) enum Tls {}

    impl Tls {
        pub(super) fn new(_: Option<&Path>) -> Result<Self, StoreError> {
            Err(StoreError::InvalidAddress(AddressFault::TlsFeature))
        }
    }
}
#[cfg(not(feature = "tls"))]
pub(crate) use off::Tls;

#[cfg(feature = "tls")]
mod on {
    use super::{Path, StoreError};
    use crate::error::TlsFault;
    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::{ClientConfig, RootCertStore};
    use std::sync::Arc;

    /// The authorities that are trusted, read once.
    #[derive(Clone)]
    pub(crate) struct Tls(pub(crate) Arc<ClientConfig>);

    impl Tls {
        /// Trusts the authorities of this PEM file, or else those of the system.
        pub(super) fn new(ca_file: Option<&Path>) -> Result<Self, StoreError> {
            let mut roots = RootCertStore::empty();
            if let Some(path) = ca_file {
                // All of it or nothing: a certificate that cannot be read may be the one that matters.
                let read = CertificateDer::pem_file_iter(path).map_err(|_| NO_AUTHORITY)?;
                for certificate in read {
                    roots.add(certificate.map_err(|_| NO_AUTHORITY)?).map_err(|_| NO_AUTHORITY)?;
                }
            } else {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            if roots.is_empty() {
                return Err(NO_AUTHORITY);
            }
            // A provider of its own: the process-wide one is the application's.
            let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|_| StoreError::Tls(TlsFault::Handshake))?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Ok(Self(Arc::new(config)))
        }
    }

    const NO_AUTHORITY: StoreError = StoreError::Tls(TlsFault::NoAuthority);
}
#[cfg(feature = "tls")]
pub(crate) use on::Tls;

/// Why a handshake failed, by what lies at the bottom of the error.
#[cfg(feature = "tls")]
pub(crate) fn fault(error: &(dyn core::error::Error + 'static)) -> Option<StoreError> {
    use crate::error::TlsFault;
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let found = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(found) = found.or_else(|| error.downcast_ref()) {
            return Some(StoreError::Tls(match found {
                rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                    TlsFault::Certificate
                }
                _ => TlsFault::Handshake,
            }));
        }
        next = error.source();
    }
    None
}

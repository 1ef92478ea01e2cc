//! A connection whose end is known as soon as it comes.

use super::address::{Address, Place};
#[cfg(feature = "tls")]
use crate::error::TlsFault;
use crate::error::{ServerCode, StoreError};
use crate::tls::Tls;
use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, ErrorKind, RedisConnectionInfo, RedisError, ServerErrorKind};
use core::time::Duration;
use std::io;
use std::sync::Mutex;
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
#[cfg(feature = "tls")]
use tokio::time::timeout;

pub(super) struct Connection {
    pub(super) client: MultiplexedConnection,
    /// When the server's settings were looked at last.
    pub(super) looked_at: Mutex<Instant>,
    /// Reads and writes until the connection ends.
    driver: JoinHandle<()>,
}

impl Connection {
    /// `limit` is for all of it, so TLS has to be set up in less.
    #[cfg_attr(not(feature = "tls"), expect(unused_variables, reason = "no TLS, no handshake"))]
    pub(super) async fn open(
        address: &Address,
        tls: Option<&Tls>,
        limit: Duration,
    ) -> Result<Self, StoreError> {
        match (&address.place, tls) {
            (Place::Tcp(host, port), None) => {
                Self::over(tcp(host, *port).await?, &address.settings).await
            }
            #[cfg(feature = "tls")]
            (Place::Tcp(host, port), Some(tls)) => {
                let handshake = encrypted(tls, host, tcp(host, *port).await?);
                // A server without TLS may wait for the end of what it takes for a command.
                let stream = timeout(limit / 4 * 3, handshake).await;
                let stream = stream.unwrap_or(Err(StoreError::Tls(TlsFault::NoAnswer)))?;
                Self::over(stream, &address.settings).await
            }
            #[cfg(unix)]
            (Place::Unix(path), _) => {
                let stream = tokio::net::UnixStream::connect(path).await;
                Self::over(stream.map_err(|error| unconnected(&error))?, &address.settings).await
            }
            #[cfg(not(feature = "tls"))]
            (Place::Tcp(..), Some(tls)) => match *tls {},
        }
    }

    async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        settings: &RedisConnectionInfo,
    ) -> Result<Self, StoreError> {
        // The guard's own limit is around all of it.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connecting = MultiplexedConnection::new_with_config(settings, stream, config).await;
        let (client, driver) = connecting.map_err(|error| refusal(&error))?;
        let driver = tokio::spawn(driver);
        Ok(Self { client, looked_at: Mutex::new(Instant::now()), driver })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Without `TCP_NODELAY`: what several callers ask at once travels together, which takes an eighth less time on
/// loopback.
async fn tcp(host: &str, port: u16) -> Result<TcpStream, StoreError> {
    TcpStream::connect((host, port)).await.map_err(|error| unconnected(&error))
}

#[cfg(feature = "tls")]
async fn encrypted(
    tls: &Tls,
    host: &str,
    stream: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, StoreError> {
    use rustls::pki_types::ServerName;
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| StoreError::Tls(TlsFault::Certificate))?;
    let connecting = tokio_rustls::TlsConnector::from(tls.0.clone()).connect(name, stream).await;
    connecting.map_err(|error| match error.kind() {
        // It took the greeting for a command.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            StoreError::Tls(TlsFault::NotOffered)
        }
        _ => crate::tls::fault(&error).unwrap_or(StoreError::Tls(TlsFault::Handshake)),
    })
}

/// Why there is no connection: no such name, or nobody there.
fn unconnected(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::TimedOut => StoreError::TimedOut,
        _ => StoreError::Unreachable,
    }
}

/// What a server that was reached answers, or that it does not.
pub(super) fn refusal(error: &RedisError) -> StoreError {
    let code = error.code().unwrap_or_default();
    match error.kind() {
        ErrorKind::AuthenticationFailed => StoreError::LoginRejected(ServerCode::new(code)),
        ErrorKind::Io if has_ended(error) => StoreError::Disconnected,
        ErrorKind::Server(ServerErrorKind::ReadOnly) => StoreError::NotPrimary { role: "replica" },
        _ => match code {
            "" => StoreError::Unavailable,
            "NOPERM" => StoreError::NoRight(ServerCode::new(code)),
            "NOAUTH" | "WRONGPASS" => StoreError::LoginRejected(ServerCode::new(code)),
            code => StoreError::Rejected(ServerCode::new(code)),
        },
    }
}

fn has_ended(error: &RedisError) -> bool {
    let source = core::error::Error::source(error);
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    error.is_connection_dropped()
        || io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionAborted)
}

//! The sockets that are open: each with a conversation, and with an end in every case.

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

/// How long a page has to answer a close: less than a service has to stop.
const CLOSING: Duration = Duration::from_secs(3);

/// How many may be open at once.
const MOST: usize = 10_000;

/// Every place that is taken listens to the sender of its time; a sender is closed when all have left.
pub(crate) struct Sockets {
    stop: Mutex<watch::Sender<()>>,
    left: Arc<Semaphore>,
    longest: Duration,
}

/// The right to one socket.
pub(crate) struct Place {
    stop: watch::Receiver<()>,
    longest: Duration,
    _one_of_most: OwnedSemaphorePermit,
}

/// How a socket came to its end: for the page, and for the log.
struct End {
    code: u16,
    reason: &'static str,
}

/// What a service says to each text of a page: some texts, or nothing.
pub(crate) trait Conversation: Send {
    fn answer(&mut self, text: &str) -> Vec<String>;
}

impl Sockets {
    pub(crate) fn open_for(longest: Duration) -> Self {
        let stop = Mutex::new(watch::Sender::new(()));
        Self { stop, left: Arc::new(Semaphore::new(MOST)), longest }
    }

    /// A place, unless all are taken.
    pub(crate) fn place(&self) -> Option<Place> {
        let one_of_most = Arc::clone(&self.left).try_acquire_owned().ok()?;
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).subscribe();
        Some(Place { stop, longest: self.longest, _one_of_most: one_of_most })
    }

    /// Closes the sockets that are open now, and waits until they are. A page that comes back meanwhile is not waited
    /// for.
    pub(crate) async fn close(&self) {
        let stop = {
            let mut stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
            mem::replace(&mut *stop, watch::Sender::new(()))
        };
        stop.send_replace(());
        stop.closed().await;
    }
}

impl Place {
    /// No longer than this, whatever the others may.
    pub(crate) fn at_most(self, longest: Duration) -> Self {
        Self { longest: self.longest.min(longest), ..self }
    }

    #[cfg(test)]
    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    /// Answers until the page leaves, the time is over or the service stops.
    pub(crate) async fn serve(mut self, mut socket: WebSocket, conversation: impl Conversation) {
        let End { code, reason } = tokio::select! {
            end = answer(&mut socket, conversation) => end,
            () = sleep(self.longest) => End { code: close_code::NORMAL, reason: "time limit" },
            _ = self.stop.changed() => End { code: close_code::AWAY, reason: "stopping" },
        };
        tracing::info!(reason, "socket closed");
        let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        let goodbye = async {
            if socket.send(close).await.is_ok() {
                while let Some(Ok(_)) = socket.recv().await {}
            }
        };
        // Whether the page answers or not, the socket is closed by being dropped.
        timeout(CLOSING, goodbye).await.ok();
    }
}

async fn answer(socket: &mut WebSocket, mut conversation: impl Conversation) -> End {
    loop {
        let text = match socket.recv().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => {
                return End { code: close_code::UNSUPPORTED, reason: "not a text" };
            }
            // The answer to a ping or a close is sent by asking for what comes next.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => continue,
            None => return End { code: close_code::NORMAL, reason: "left" },
            Some(Err(_)) => return End { code: close_code::POLICY, reason: "broken or too long" },
        };
        for reply in conversation.answer(&text) {
            if socket.send(Message::text(reply)).await.is_err() {
                return End { code: close_code::NORMAL, reason: "left" };
            }
        }
    }
}

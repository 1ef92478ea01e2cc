//! The sockets that are open: each with a conversation, and with an end in every case.

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long a page has to answer a close.
const CLOSING: Duration = Duration::from_secs(5);

/// Every place that is taken listens to the sender; it is closed when all have left.
pub(crate) struct Sockets {
    stop: watch::Sender<()>,
    longest: Duration,
}

/// The right to one socket.
pub(crate) struct Place {
    stop: watch::Receiver<()>,
    longest: Duration,
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
        Self { stop: watch::Sender::new(()), longest }
    }

    pub(crate) fn place(&self) -> Place {
        Place { stop: self.stop.subscribe(), longest: self.longest }
    }

    /// Tells every page that the service is going away, and waits until its socket is closed.
    pub(crate) async fn close(&self) {
        self.stop.send_replace(());
        self.stop.closed().await;
    }
}

impl Place {
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

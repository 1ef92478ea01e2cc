//! A tiny executor, so that no runtime vouches for the async calls.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The answer of a future that waits for nothing, at the first poll.
pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("waits for nothing"),
    }
}

/// Polls to the end. The futures of these tests wait for nothing, so there is nobody to wake.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}

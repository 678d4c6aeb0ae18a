//! Waiting for something that has no event to wait for: look again and again, with a deadline.
//!
//! Not here: sleeping for a fixed time. Nothing in this crate hopes that a pause was long enough.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::error::{Error, Result};

/// The first pause between two looks; pauses grow up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LAST_PAUSE: Duration = Duration::from_millis(200);

/// What one look showed.
pub(crate) enum Look<T> {
    /// It has happened.
    Done(T),
    /// Not yet; this is what was seen.
    NotYet(String),
    /// It will never happen.
    Never(Error),
}

/// Waits until `look` gives a value.
///
/// `Ok(None)` and errors both mean "not yet": while something comes up, errors are what one sees. The last of
/// them is in the message on timeout, so an error is also the way to say how far things are:
///
/// ```no_run
/// # async fn example(count: impl AsyncFn() -> usize) -> e2e::Result<()> {
/// use std::time::Duration;
/// e2e::wait_for("three pods", Duration::from_secs(30), || async {
///     match count().await {
///         3 => Ok(Some(())),
///         n => Err(format!("{n} pods")),
///     }
/// })
/// .await
/// # }
/// ```
pub async fn wait_for<T, E, F, Fut>(what: &str, timeout: Duration, mut look: F) -> Result<T>
where
    E: Display,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>, E>>,
{
    let look = async || match look().await {
        Ok(Some(value)) => Look::Done(value),
        Ok(None) => Look::NotYet("nothing".to_owned()),
        Err(error) => Look::NotYet(error.to_string()),
    };
    poll(what, timeout, look).await
}

/// As [`wait_for`], with a way to give up early.
pub(crate) async fn poll<T>(
    what: &str,
    timeout: Duration,
    mut look: impl AsyncFnMut() -> Look<T>,
) -> Result<T> {
    let deadline = Instant::now() + timeout;
    let mut last = "no answer to the first look".to_owned();
    let mut pause = FIRST_PAUSE;
    loop {
        // A look that hangs must not outlive the deadline.
        match timeout_at(deadline, look()).await {
            Ok(Look::Done(value)) => return Ok(value),
            Ok(Look::Never(error)) => return Err(error),
            Ok(Look::NotYet(seen)) => last = seen,
            Err(_) => {}
        }
        if Instant::now() + pause >= deadline {
            return Err(Error::Timeout { what: what.to_owned(), seconds: timeout.as_secs(), last });
        }
        sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_timeout_says_what_was_awaited_and_what_was_seen_last() {
        let mut looks = 0;
        let waited = wait_for("the tide", Duration::from_millis(60), || {
            looks += 1;
            let seen: Result<Option<()>, String> = Err(format!("look {looks}"));
            async { seen }
        });
        let message = waited.await.unwrap_err().to_string();
        assert!(message.contains("the tide") && message.contains("last seen: look "), "{message}");
    }

    #[tokio::test]
    async fn a_look_that_hangs_does_not_outlive_the_deadline() {
        let hang = || std::future::pending::<Result<Option<()>, String>>();
        let message = wait_for("nothing", Duration::from_millis(30), hang).await.unwrap_err().to_string();
        assert!(message.contains("no answer"), "{message}");
    }
}

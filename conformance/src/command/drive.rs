//! `driver`: the driver of the `rust-process` implementation.

use tokio::io::{AsyncBufReadExt, BufReader, stdin};

use super::print;
use crate::driver::RustDriver;
use crate::error::Fault;
use crate::protocol::{Reply, Request};

/// Answers requests until stdin ends.
pub(super) async fn drive() -> Result<u8, Fault> {
    let (mut driver, mut prompts) = RustDriver::new();
    let mut lines = BufReader::new(stdin()).lines();
    let unreadable = |error| Fault::new(format!("stdin cannot be read: {error}"));
    while let Some(line) = lines.next_line().await.map_err(unreadable)? {
        // The line may hold a secret, so the error does not quote it.
        let request: Request = serde_json::from_str(&line)
            .map_err(|error| Fault::new(format!("not a request of protocol 1: {error}")))?;
        let prompt = |prompt| Reply {
            id: request.id(),
            prompt: Some(prompt),
            ..Reply::default()
        };
        let mut answer = std::pin::pin!(driver.answer(&request));
        let reply = loop {
            tokio::select! {
                Some(said) = prompts.recv() => say(&prompt(said))?,
                reply = &mut answer => break reply,
            }
        };
        // `select!` takes either when both are there: the prompts sent before the answer go first.
        while let Ok(said) = prompts.try_recv() {
            say(&prompt(said))?;
        }
        say(&reply)?;
    }
    Ok(0)
}

fn say(reply: &Reply) -> Result<(), Fault> {
    let reply = serde_json::to_string(reply)
        .map_err(|error| Fault::new(format!("a reply cannot be written: {error}")))?;
    print(&format!("{reply}\n"));
    Ok(())
}

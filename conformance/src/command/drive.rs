//! `driver`: the `rust-process` implementation.

use tokio::io::{AsyncBufReadExt, BufReader, stdin};

use super::print;
use crate::driver::RustDriver;
use crate::error::Fault;

/// Answers requests until stdin ends.
pub(super) async fn drive() -> Result<u8, Fault> {
    let mut driver = RustDriver::new();
    let mut lines = BufReader::new(stdin()).lines();
    let unreadable = |error| Fault::new(format!("stdin cannot be read: {error}"));
    while let Some(line) = lines.next_line().await.map_err(unreadable)? {
        // The line may hold a secret: say what is wrong with it, not what is in it.
        let request = serde_json::from_str(&line)
            .map_err(|error| Fault::new(format!("not a request of protocol 1: {error}")))?;
        let reply = driver.answer(&request).await;
        let reply = serde_json::to_string(&reply)
            .map_err(|error| Fault::new(format!("a reply cannot be written: {error}")))?;
        print(&format!("{reply}\n"));
    }
    Ok(0)
}

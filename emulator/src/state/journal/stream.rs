//! The journal as it is written, for whoever listens: server-sent events.
//!
//! A listener has a number, the last entry it was told of, and reads on from there when its
//! connection takes more. Nothing is queued for it, so one that does not read costs nothing and
//! holds nobody up; what is dropped before it comes to it, it is told of.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::pin::pin;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::state::journal::wait::in_time;
use crate::state::journal::{Filter, Journal};

/// The beginning of a listener's stream and its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamStart {
    /// The entries to send; its `since` is where the listener begins, its `limit` after how many it
    /// ends.
    pub(crate) filter: Filter,
    /// How long the stream lives at most.
    pub(crate) lifetime: Option<Duration>,
}

/// The stream of one listener.
pub(crate) struct EventStream {
    journal: Journal,
    filter: Filter,
    /// The last entry looked at.
    since: u64,
    /// How many entries may still be told.
    left: usize,
    /// When it ends.
    end: Option<Instant>,
    greeted: bool,
    _seat: OwnedSemaphorePermit,
}

/// How long nothing is said at most; proxies and browsers give up on what says nothing.
const BREATH: Duration = Duration::from_secs(15);

impl Journal {
    /// `None` if too many listen already.
    pub(crate) fn listen(&self, start: StreamStart) -> Option<EventStream> {
        let seat = self.0.seats.clone().try_acquire_owned().ok()?;
        // A number of an emulator that ran before this one means: from the beginning.
        let known = start.filter.since <= self.last();
        let since = if known { start.filter.since } else { 0 };
        Some(EventStream {
            journal: self.clone(),
            since,
            left: start.filter.limit.unwrap_or(usize::MAX),
            end: start.lifetime.and_then(|it| Instant::now().checked_add(it)),
            greeted: false,
            filter: Filter {
                since,
                ..start.filter
            },
            _seat: seat,
        })
    }
}

impl EventStream {
    /// Pieces of `text/event-stream`, each made when it is asked for.
    pub(crate) fn pieces(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut listener| async {
            let piece = listener.next().await?;
            Some((Ok(piece.into()), listener))
        })
    }

    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some("retry: 1000\n\n".to_owned());
        }
        let journal = self.journal.clone();
        while self.left > 0 {
            let mut rung = pin!(journal.0.bell.notified());
            rung.as_mut().enable();
            let closed = journal.0.log.is_closed();
            if let Some(events) = self.events() {
                return Some(events);
            }
            let over = self.end.is_some_and(|end| end <= Instant::now());
            if closed || over {
                return None;
            }
            let breath = Instant::now() + BREATH;
            let wake = self.end.map_or(breath, |end| end.min(breath));
            if !in_time(Some(wake), rung).await && wake == breath {
                return Some(":\n\n".to_owned());
            }
        }
        None
    }

    /// Returns the events that there are by now.
    fn events(&mut self) -> Option<String> {
        let mut events = String::new();
        while events.is_empty() {
            for kept in self.journal.page(self.since)? {
                let missed = kept.number - self.since - 1;
                if missed > 0 {
                    // Infallible: a string takes whatever is written to it.
                    let _ = write!(events, "event: gap\ndata: {{\"missed\":{missed}}}\n\n");
                }
                self.since = kept.number;
                let Some(entry) = self.filter.unpack(&kept) else {
                    continue;
                };
                let (number, json) = (entry.seq, entry.json());
                let _ = write!(events, "id: {number}\nevent: entry\ndata: {json}\n\n");
                self.left -= 1;
                if self.left == 0 || events.len() >= LARGEST_PIECE {
                    break;
                }
            }
        }
        Some(events)
    }
}

/// Bytes after which a piece takes no further entry.
const LARGEST_PIECE: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use http::HeaderMap;
    use std::sync::Arc;
    use time::OffsetDateTime;

    use super::*;
    use crate::exchange::completed::CompletedRequest;
    use crate::state::journal::Mask;

    fn write(journal: &Journal, path: &str) {
        let headers = HeaderMap::new();
        let seen = CompletedRequest {
            at: OffsetDateTime::UNIX_EPOCH,
            elapsed_ms: 0,
            endpoint: "unknown",
            scheme: "http",
            method: "GET",
            path,
            query: &[],
            headers: &headers,
            form: &[],
            status: 404,
            reply_headers: &headers,
            reply_body: b"",
            issued: &[],
            scripted: false,
            error: None,
        };
        journal.write(&seen, &[], Arc::new(Mask::default()));
    }

    /// Kind and number of each event until the stream ends.
    async fn told(journal: &Journal, start: StreamStart) -> Vec<String> {
        let pieces = journal.listen(start).unwrap().pieces();
        let pieces: Vec<_> = pieces.collect().await;
        let text: Vec<u8> = pieces
            .into_iter()
            .flat_map(|piece| piece.unwrap())
            .collect();
        let text = String::from_utf8(text).unwrap();
        let of = |line: &str| line.starts_with("id: ") || line.starts_with("data: {\"missed");
        let lines = text.lines().filter(|line| of(line));
        lines.map(str::to_owned).collect()
    }

    fn at_once(filter: Filter) -> StreamStart {
        StreamStart {
            filter,
            lifetime: Some(Duration::ZERO),
        }
    }

    fn since(since: u64) -> Filter {
        Filter {
            since,
            ..Filter::default()
        }
    }

    #[tokio::test]
    async fn a_listener_is_told_everything_from_where_it_left_off_and_what_it_missed() {
        let journal = Journal::with_limit(3);
        (0..5).for_each(|_| write(&journal, "/x"));
        let all = told(&journal, at_once(since(0))).await;
        assert_eq!(all, ["data: {\"missed\":2}", "id: 3", "id: 4", "id: 5"]);
        assert_eq!(told(&journal, at_once(since(3))).await, ["id: 4", "id: 5"]);
        let restarted = told(&journal, at_once(since(99))).await;
        assert_eq!(restarted, all);
        let one = Filter {
            limit: Some(1),
            ..since(2)
        };
        let start = StreamStart {
            filter: one,
            lifetime: None,
        };
        assert_eq!(told(&journal, start).await, ["id: 3"]);
    }

    #[tokio::test]
    async fn what_comes_later_is_told_and_the_end_of_the_emulator_is_the_end() {
        let journal = Journal::with_limit(100);
        let start = StreamStart {
            filter: Filter {
                text: Some("wanted".to_owned()),
                ..Filter::default()
            },
            lifetime: None,
        };
        let writing = async {
            for path in ["/other", "/wanted", "/other"] {
                tokio::task::yield_now().await;
                write(&journal, path);
            }
            tokio::task::yield_now().await;
            journal.close();
        };
        let (told, ()) = tokio::join!(told(&journal, start), writing);
        assert_eq!(told, ["id: 2"]);
    }

    #[tokio::test]
    async fn a_listener_that_does_not_read_keeps_only_its_seat() {
        let journal = Journal::with_limit(2);
        let mut seats = Vec::new();
        while let Some(listener) = journal.listen(StreamStart::default()) {
            seats.push(listener);
        }
        assert_eq!(seats.len(), super::super::MOST_LISTENERS);
        (0..1000).for_each(|_| write(&journal, "/x"));
        let mut slow = Box::pin(seats.pop().unwrap().pieces());
        assert!(slow.next().await.is_some());
        let text = slow.next().await.unwrap().unwrap();
        assert!(text.starts_with(b"event: gap\ndata: {\"missed\":998}"));
        drop(slow);
        assert!(journal.listen(StreamStart::default()).is_some());
    }
}

//! The order in which callers are woken, turn by turn.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use futures_util::future::{FutureExt, poll_fn};

use super::*;

/// A caller who waits, and counts how often it is woken.
#[derive(Default)]
struct Caller(AtomicUsize);

impl Wake for Caller {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Caller {
    fn poll(self: &Arc<Self>, flight: &mut Flight<u32>) -> Poll<Result<u32>> {
        let waker = Waker::from(Arc::clone(self));
        flight.poll_unpin(&mut Context::from_waker(&waker))
    }

    fn woken(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn callers<const N: usize>() -> [Arc<Caller>; N] {
    [(); N].map(|()| Arc::default())
}

/// Two flights of `work`.
fn two_flights(work: BoxFuture<'static, Result<u32>>) -> [Flight<u32>; 2] {
    let no_second = || -> BoxFuture<'static, Result<u32>> { unreachable!("there is one") };
    let single_flight = SingleFlight::default();
    let (first, is_made) = single_flight.join("Test", || work);
    let (second, is_made_again) = single_flight.join("Test", no_second);
    assert!(is_made && !is_made_again);
    [first, second]
}

/// Work that has to be woken `steps` times, each time by [`wake`] with its waker, and then ends
/// with 7.
fn work_of(steps: usize) -> (Arc<Mutex<Option<Waker>>>, BoxFuture<'static, Result<u32>>) {
    let waker = Arc::new(Mutex::new(None));
    let (stored, mut left) = (Arc::clone(&waker), steps);
    let work = poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(Ok(7));
        }
        left -= 1;
        *stored.lock().unwrap() = Some(context.waker().clone());
        Poll::Pending
    });
    (waker, work.boxed())
}

fn wake(waker: &Mutex<Option<Waker>>) {
    let stored = waker.lock().unwrap().take();
    stored.expect("the work has been polled").wake();
}

#[test]
fn all_callers_are_woken_when_the_work_can_go_on_and_any_of_them_can_drive_it() {
    let (waker, work) = work_of(2);
    let ([mut first, mut second], [a, b]) = (two_flights(work), callers());
    assert!(a.poll(&mut first).is_pending());
    assert!(b.poll(&mut second).is_pending());
    wake(&waker);
    assert_eq!((a.woken(), b.woken()), (1, 1));
    assert!(matches!(b.poll(&mut second), Poll::Ready(Ok(7))));
    assert!(matches!(a.poll(&mut first), Poll::Ready(Ok(7))));
}

#[test]
fn the_caller_that_ends_the_work_wakes_the_others_and_not_itself() {
    let ([mut first, mut second], [a, b]) = (two_flights(work_of(1).1), callers());
    assert!(b.poll(&mut second).is_pending());
    assert!(a.poll(&mut first).is_ready());
    assert_eq!((a.woken(), b.woken()), (0, 1));
}

#[test]
fn a_caller_that_leaves_wakes_the_others_unless_the_work_has_ended() {
    let ([mut first, mut second], [a, b]) = (two_flights(work_of(2).1), callers());
    assert!(a.poll(&mut first).is_pending());
    assert!(b.poll(&mut second).is_pending());
    drop(first);
    assert_eq!(b.woken(), 1);

    let ([mut first, mut second], [a, b]) = (two_flights(work_of(1).1), callers());
    assert!(b.poll(&mut second).is_pending());
    assert!(a.poll(&mut first).is_ready());
    drop(first);
    assert_eq!(b.woken(), 1, "by the end of the work");
}

#[test]
fn a_caller_woken_while_another_polls_the_work_is_woken_again() {
    let [a, b] = callers();
    let second: Arc<Mutex<Option<Flight<u32>>>> = Arc::default();
    let (seen_by_work, caller) = (Arc::clone(&second), Arc::clone(&b));
    let mut is_first = true;
    let work = poll_fn(move |context| {
        if !std::mem::take(&mut is_first) {
            return Poll::Ready(Ok(7));
        }
        context.waker().wake_by_ref();
        let mut other = seen_by_work.lock().unwrap();
        assert!(caller.poll(other.as_mut().unwrap()).is_pending());
        assert_eq!(caller.woken(), 0);
        Poll::Pending
    });
    let [mut first, other] = two_flights(work.boxed());
    *second.lock().unwrap() = Some(other);
    assert!(a.poll(&mut first).is_pending());
    // Whether or not the first ever looks again.
    assert_eq!((a.woken(), b.woken()), (1, 1));
    let other = second.lock().unwrap().take();
    assert!(b.poll(&mut other.unwrap()).is_ready());
}

#[test]
fn work_that_panics_ends_with_an_error_for_all() {
    let work = async { panic!("on purpose") }.boxed();
    let ([mut first, mut second], [a, b]) = (two_flights(work), callers());
    for outcome in [a.poll(&mut first), b.poll(&mut second)] {
        let Poll::Ready(Err(error)) = outcome else {
            panic!("it goes on");
        };
        assert!(error.to_string().contains("report it as a bug"), "{error}");
    }
}

#[test]
fn work_that_every_caller_has_left_is_dropped_even_if_its_waker_is_not() {
    let (waker, work) = work_of(1);
    let owned = Arc::new(());
    let inside = Arc::clone(&owned);
    let work = async move {
        let outcome = work.await;
        drop(inside);
        outcome
    };
    let single_flight = SingleFlight::default();
    let (mut flight, _) = single_flight.join("Test", || work.boxed());
    let [caller] = callers();
    assert!(caller.poll(&mut flight).is_pending());
    assert!(single_flight.in_flight());
    drop(flight);
    assert!(!single_flight.in_flight());
    assert_eq!(Arc::strong_count(&owned), 1);
    wake(&waker);
}

#[test]
fn the_place_of_a_caller_that_left_is_used_again() {
    let single_flight = SingleFlight::default();
    let (first, _) = single_flight.join("Test", || work_of(1).1);
    for _ in 0..100 {
        let (other, is_made) = single_flight.join("Test", || work_of(1).1);
        assert!(!is_made);
        assert_eq!(other.waiter.number(), 1);
    }
    assert_eq!(first.waiter.number(), 0);
}

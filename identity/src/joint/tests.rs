//! Who is woken when, turn by turn.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use futures_util::future::{FutureExt, poll_fn};

use super::*;

/// Somebody who waits, and counts how often somebody woke them.
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

/// Two seats in `work`.
fn two_seats(work: BoxFuture<'static, Result<u32>>) -> [Flight<u32>; 2] {
    let no_second = || -> BoxFuture<'static, Result<u32>> { unreachable!("there is one") };
    let joint = Joint::default();
    let (first, is_made) = joint.seat("Test", || work);
    let (second, is_made_again) = joint.seat("Test", no_second);
    assert!(is_made && !is_made_again);
    [first, second]
}

/// Work that wants to be woken as often as there are `steps`, and then ends with 7.
fn told(steps: usize) -> (Arc<Mutex<Option<Waker>>>, BoxFuture<'static, Result<u32>>) {
    let bell = Arc::new(Mutex::new(None));
    let (kept, mut left) = (Arc::clone(&bell), steps);
    let work = poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(Ok(7));
        }
        left -= 1;
        *kept.lock().unwrap() = Some(context.waker().clone());
        Poll::Pending
    });
    (bell, work.boxed())
}

fn tell(bell: &Mutex<Option<Waker>>) {
    let waker = bell.lock().unwrap().take();
    waker.expect("somebody is at it").wake();
}

#[test]
fn all_are_woken_when_it_goes_on_and_any_of_them_can_drive_it() {
    let (bell, work) = told(2);
    let ([mut first, mut second], [a, b]) = (two_seats(work), callers());
    assert!(a.poll(&mut first).is_pending());
    assert!(b.poll(&mut second).is_pending());
    tell(&bell);
    assert_eq!((a.woken(), b.woken()), (1, 1));
    assert!(matches!(b.poll(&mut second), Poll::Ready(Ok(7))));
    assert!(matches!(a.poll(&mut first), Poll::Ready(Ok(7))));
}

#[test]
fn who_ends_it_wakes_the_others_and_not_itself() {
    let ([mut first, mut second], [a, b]) = (two_seats(told(1).1), callers());
    assert!(b.poll(&mut second).is_pending());
    assert!(a.poll(&mut first).is_ready());
    assert_eq!((a.woken(), b.woken()), (0, 1));
}

#[test]
fn who_leaves_has_the_others_look_unless_it_has_ended() {
    let ([mut first, mut second], [a, b]) = (two_seats(told(2).1), callers());
    assert!(a.poll(&mut first).is_pending());
    assert!(b.poll(&mut second).is_pending());
    drop(first);
    assert_eq!(b.woken(), 1);

    let ([mut first, mut second], [a, b]) = (two_seats(told(1).1), callers());
    assert!(b.poll(&mut second).is_pending());
    assert!(a.poll(&mut first).is_ready());
    drop(first);
    assert_eq!(b.woken(), 1, "by its end");
}

#[test]
fn who_is_woken_while_another_is_at_it_is_woken_again() {
    let [a, b] = callers();
    let second: Arc<Mutex<Option<Flight<u32>>>> = Arc::default();
    let (theirs, caller) = (Arc::clone(&second), Arc::clone(&b));
    let mut is_first = true;
    let work = poll_fn(move |context| {
        if !std::mem::take(&mut is_first) {
            return Poll::Ready(Ok(7));
        }
        context.waker().wake_by_ref();
        let mut theirs = theirs.lock().unwrap();
        assert!(caller.poll(theirs.as_mut().unwrap()).is_pending());
        assert_eq!(caller.woken(), 0);
        Poll::Pending
    });
    let [mut first, theirs] = two_seats(work.boxed());
    *second.lock().unwrap() = Some(theirs);
    assert!(a.poll(&mut first).is_pending());
    // Whether or not the first ever looks again.
    assert_eq!((a.woken(), b.woken()), (1, 1));
    let theirs = second.lock().unwrap().take();
    assert!(b.poll(&mut theirs.unwrap()).is_ready());
}

#[test]
fn work_that_panics_ends_with_an_error_for_all() {
    let work = async { panic!("on purpose") }.boxed();
    let ([mut first, mut second], [a, b]) = (two_seats(work), callers());
    for outcome in [a.poll(&mut first), b.poll(&mut second)] {
        let Poll::Ready(Err(error)) = outcome else {
            panic!("it goes on");
        };
        assert!(error.to_string().contains("report it as a bug"), "{error}");
    }
}

#[test]
fn work_that_everybody_has_left_is_dropped_whoever_would_wake_it() {
    let (bell, work) = told(1);
    let kept = Arc::new(());
    let inside = Arc::clone(&kept);
    let work = async move {
        let outcome = work.await;
        drop(inside);
        outcome
    };
    let joint = Joint::default();
    let (mut flight, _) = joint.seat("Test", || work.boxed());
    let [caller] = callers();
    assert!(caller.poll(&mut flight).is_pending());
    assert!(joint.in_flight());
    drop(flight);
    assert!(!joint.in_flight());
    assert_eq!(Arc::strong_count(&kept), 1);
    tell(&bell);
}

#[test]
fn places_are_used_again() {
    let joint = Joint::default();
    let (first, _) = joint.seat("Test", || told(1).1);
    for _ in 0..100 {
        let (other, is_made) = joint.seat("Test", || told(1).1);
        assert!(!is_made);
        assert_eq!(other.place.number(), 1);
    }
    assert_eq!(first.place.number(), 0);
}

//! The cost of a cold call, one request on a kept connection, beside a bare HTTP client's in the
//! same run. Criterion's two figures are taken one after the other, and a machine drifts between
//! them; the ratio of pairs at the end is the one to quote.
//!
//! The emulator has threads of its own, as if it were elsewhere: on shared ones its last steps for
//! one request and the client's first for the next wait for each other.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use identity::{AccessToken, ClientSecretCredential};
use identity_benches::{
    Ratio, SCOPE, TENANT_ID, bare_client, measuring, our_credential, runtime, token_form, transport,
};
use identity_emulator::Emulator;
use mimalloc::MiMalloc;
use tokio::runtime::Builder;

/// The allocator the emulator is shipped with, for both. glibc's gives memory back to the system
/// between two rounds, which the next round then faults in again.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many pairs of rounds, after Criterion has measured each by itself.
const PAIRS: usize = 500;
/// How many requests in each round.
const REQUESTS: usize = 16;

fn cold(criterion: &mut Criterion) {
    let server = runtime();
    let emulator = server
        .block_on(Emulator::builder().start())
        .expect("the emulator starts");
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime on this thread starts");
    let transport = transport(&emulator);
    let bare = Bare {
        client: bare_client(&emulator),
        url: format!("{}/{TENANT_ID}/oauth2/v2.0/token", emulator.https()),
    };
    // A new credential has no token yet; making it is not what is measured.
    let new = || our_credential(&emulator, transport.clone());

    let mut group = criterion.benchmark_group("cold");
    group.bench_function("bare reqwest", |bencher| {
        bencher.to_async(&runtime).iter(async || bare.post().await);
    });
    group.bench_function("ours", |bencher| {
        let mut bencher = bencher.to_async(&runtime);
        bencher.iter_batched(new, first_token, BatchSize::SmallInput);
    });
    group.finish();

    if measuring() {
        let posts = || in_turn([(); REQUESTS], async |()| bare.post().await);
        let calls = || in_turn([(); REQUESTS].map(|()| new()), first_token);
        let ratio = Ratio::of(
            PAIRS,
            || runtime.block_on(calls()),
            || runtime.block_on(posts()),
        );
        report(&ratio);
    }
}

#[expect(clippy::print_stdout, reason = "where Criterion prints its figures")]
fn report(ratio: &Ratio) {
    println!("cold, the time of ours / bare reqwest: {ratio}");
}

/// Measures how long it takes to `ask` with each of `items`, one after the other.
async fn in_turn<T, A>(items: impl IntoIterator<Item = T>, ask: impl AsyncFn(T) -> A) -> Duration {
    let mut answers = Vec::with_capacity(REQUESTS);
    let started = Instant::now();
    for item in items {
        answers.push(ask(item).await);
    }
    let taken = started.elapsed();
    drop(black_box(answers));
    taken
}

async fn first_token(credential: ClientSecretCredential) -> (AccessToken, ClientSecretCredential) {
    let token = credential.get_token(&[SCOPE]).await.expect("a token");
    (token, credential)
}

/// The baseline: a bare client that posts the same form.
struct Bare {
    client: reqwest::Client,
    url: String,
}

impl Bare {
    async fn post(&self) -> impl Sized + use<> {
        let reply = self
            .client
            .post(&self.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(token_form())
            .send()
            .await
            .expect("an answer");
        reply.bytes().await.expect("a body")
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = cold
}
criterion_main!(benches);

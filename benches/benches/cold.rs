//! What a cold call costs, one request on a kept connection, beside a bare HTTP client's in the same
//! run. Criterion's two figures are taken one after the other, and a machine drifts between them; the
//! ratio of pairs at the end is the one to quote.
//!
//! The emulator has threads of its own, as if it were elsewhere: on shared ones its last steps for one
//! request and the client's first for the next wait for each other.

mod credential;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use identity::{AccessToken, ClientSecretCredential};
use identity_benches::{Ratio, TENANT_ID, measuring, runtime, token_form};
use identity_emulator::Emulator;
use mimalloc::MiMalloc;
use tokio::runtime::Builder;

use self::credential::{SCOPE, bare_client, ours, transport};

/// What the emulator is shipped with, for both. With glibc's, what is made and dropped between two
/// rounds gives memory back that the next round then faults in again.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// In turn, after Criterion has measured each by itself.
const PAIRS: usize = 500;
/// In each of a pair's rounds.
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
    let new = || ours(&emulator, transport.clone());

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

/// How long it takes to `ask` each of `these`, one after the other.
async fn in_turn<T, A>(these: impl IntoIterator<Item = T>, ask: impl AsyncFn(T) -> A) -> Duration {
    let mut answers = Vec::with_capacity(REQUESTS);
    let started = Instant::now();
    for one in these {
        answers.push(ask(one).await);
    }
    let taken = started.elapsed();
    drop(black_box(answers));
    taken
}

async fn first_token(credential: ClientSecretCredential) -> (AccessToken, ClientSecretCredential) {
    let token = credential.get_token(&[SCOPE]).await.expect("a token");
    (token, credential)
}

/// What there is to compare with: the same form, and nothing around it.
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

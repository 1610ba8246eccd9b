//! Tokens per second on sixteen kept connections: the emulator beside a bare axum handler that does
//! nothing but one RS256 signature with a kept key, which is the ceiling. The same load generator
//! asks both, in one run; the ratio is the figure. Criterion's two figures are taken one after the
//! other, and a machine drifts between them; the ratio of pairs at the end is the one to quote.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use identity_benches::{Ratio, TENANT_ID, measuring, runtime, token_form};
use identity_emulator::Emulator;
use mimalloc::MiMalloc;
use tokio::task::JoinSet;

/// The allocator the program is shipped with, for both.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const CONNECTIONS: usize = 16;
const REQUESTS_PER_CONNECTION: usize = 8;
/// How many pairs of rounds, after Criterion has measured each by itself.
const PAIRS: usize = 200;

fn tokens(criterion: &mut Criterion) {
    let runtime = runtime();
    let emulator = runtime
        .block_on(Emulator::builder().start())
        .expect("the emulator starts");
    let bare = runtime.block_on(bare_signer());
    let path = format!("/{TENANT_ID}/oauth2/v2.0/token");

    let mut group = criterion.benchmark_group("tokens per second");
    group.throughput(Throughput::Elements(
        (CONNECTIONS * REQUESTS_PER_CONNECTION) as u64,
    ));
    let bare = Load::new(format!("{bare}{path}"));
    let emulated = Load::new(format!("{}{path}", emulator.http()));
    for (name, load) in [("bare axum, one signature", &bare), ("emulator", &emulated)] {
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(async || load.run().await);
        });
    }
    group.finish();

    if measuring() {
        let ratio = Ratio::measure(
            PAIRS,
            || runtime.block_on(bare.run()),
            || runtime.block_on(emulated.run()),
        );
        report(&ratio);
    }
}

#[expect(clippy::print_stdout, reason = "where Criterion prints its figures")]
fn report(ratio: &Ratio) {
    println!("tokens per second, emulator / bare axum: {ratio}");
}

/// A load generator with one client for each connection, so that every request finds its own open.
struct Load {
    url: Arc<str>,
    clients: Vec<reqwest::Client>,
}

impl Load {
    fn new(url: String) -> Self {
        let client = || reqwest::Client::builder().pool_max_idle_per_host(1).build();
        let clients = (0..CONNECTIONS)
            .map(|_| client().expect("a client"))
            .collect();
        Self {
            url: url.into(),
            clients,
        }
    }

    async fn run(&self) {
        let mut tasks = JoinSet::new();
        for client in &self.clients {
            let (client, url) = (client.clone(), Arc::clone(&self.url));
            tasks.spawn(async move {
                for _ in 0..REQUESTS_PER_CONNECTION {
                    ask(&client, &url).await;
                }
            });
        }
        while let Some(finished) = tasks.join_next().await {
            finished.expect("every answer is a token");
        }
    }
}

async fn ask(client: &reqwest::Client, url: &str) {
    let reply = client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(token_form())
        .send()
        .await
        .expect("an answer");
    assert!(reply.status().is_success());
    reply.bytes().await.expect("a body");
}

/// Serves one signature a request on a free loopback port; gives the origin.
async fn bare_signer() -> String {
    let key = Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));
    let app = Router::new().route("/{*path}", post(sign)).with_state(key);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        use axum::serve::ListenerExt;
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        axum::serve(listener, app).await
    });
    origin
}

async fn sign(State(key): State<Arc<RsaKeyPair>>, body: String) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        body.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    signature
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(5)).sample_size(20);
    targets = tokens
}
criterion_main!(benches);

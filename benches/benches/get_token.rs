//! What one call costs: warm (from the cache), and cold (one request on a kept connection), beside
//! the official crate and a bare HTTP client in the same run. Read the ratios, not the times.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use azure_core::credentials::TokenCredential as AzureTokenCredential;
use azure_core::http::{ClientOptions, Transport};
use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main,
};
use identity::context::{Context, ReqwestTransport};
use identity::{
    AccessToken, ClientSecretCredential, ClientSecretCredentialOptions, Options, TokenCredential,
    TokenRequest,
};
use identity_benches::{CLIENT_ID, CLIENT_SECRET, Ratio, TENANT_ID, measuring, runtime};
use identity_emulator::{Emulator, Reply, Rule};
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, JoinSet};

const SCOPE: &str = "https://vault.azure.net/.default";

/// In turn, after Criterion has measured each by itself.
const PAIRS: usize = 200;
/// In each of a pair's rounds.
const REQUESTS: usize = 16;
/// Tasks that ask at the same time, on two threads.
const TASKS: [u64; 3] = [1, 2, 64];

fn warm(criterion: &mut Criterion) {
    let runtime = runtime();
    let emulator = runtime
        .block_on(Emulator::builder().start())
        .expect("the emulator starts");
    let ours = ours(&emulator, transport(&emulator));
    let official = official(&emulator);
    runtime.block_on(async {
        ours.get_token(&[SCOPE]).await.expect("a token");
        official.get_token(&[SCOPE], None).await.expect("a token");
    });

    let mut group = criterion.benchmark_group("warm");
    for tasks in TASKS {
        let mut bench = Bench(&mut group, &runtime, tasks);
        peers(&mut bench, &ours, &official);
    }
    let _fetch = runtime.block_on(fetch_without_end(&emulator, &ours));
    let mut bench = Bench(&mut group, &runtime, 1);
    concrete(&mut bench, "ours, while another scope is fetched", &ours);
    group.finish();
}

fn peers(
    bench: &mut Bench<'_, '_>,
    ours: &ClientSecretCredential,
    official: &Arc<dyn AzureTokenCredential>,
) {
    let azure_core: Arc<dyn AzureTokenCredential> = Arc::new(ours.clone());
    for (name, credential) in [
        ("official azure_identity", official),
        ("ours through azure_core", &azure_core),
    ] {
        bench.run(name, |times| {
            let credential = Arc::clone(credential);
            async move {
                for _ in 0..times {
                    drop(black_box(credential.get_token(&[SCOPE], None).await));
                }
            }
        });
    }
    let credential: Arc<dyn TokenCredential> = Arc::new(ours.clone());
    let request = TokenRequest::new(&[SCOPE]).expect("the scope is valid");
    bench.run("ours through our trait", |times| {
        let (credential, request) = (Arc::clone(&credential), request.clone());
        async move {
            for _ in 0..times {
                drop(black_box(credential.get_token_with(&request).await));
            }
        }
    });
    concrete(bench, "ours", ours);
}

fn concrete(bench: &mut Bench<'_, '_>, name: &str, ours: &ClientSecretCredential) {
    bench.run(name, |times| {
        let ours = ours.clone();
        async move {
            for _ in 0..times {
                drop(black_box(ours.get_token(&[SCOPE]).await));
            }
        }
    });
}

/// Has `ours` ask for another scope, which is answered in five minutes.
async fn fetch_without_end(emulator: &Emulator, ours: &ClientSecretCredential) -> JoinHandle<()> {
    let reply = Reply {
        delay_ms: 300_000,
        ..Reply::default()
    };
    let added = emulator.script().push(Rule::new("entra.token", reply));
    added.expect("a rule that can be played");
    let ours = ours.clone();
    let fetch = tokio::spawn(async move {
        drop(
            ours.get_token(&["https://storage.azure.com/.default"])
                .await,
        );
    });
    while !emulator.script().remaining().is_empty() {
        tokio::task::yield_now().await;
    }
    fetch
}

/// Where figures are gathered, what asks, and in how many tasks.
struct Bench<'a, 'c>(&'a mut BenchmarkGroup<'c, WallTime>, &'a Runtime, u64);

impl Bench<'_, '_> {
    /// What one call costs, when each task makes many in turn.
    fn run<F>(&mut self, name: &str, calls: impl Fn(u64) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Self(group, runtime, tasks) = self;
        let id = BenchmarkId::new(name, format!("{tasks} tasks"));
        group.bench_function(id, |bencher| {
            bencher.iter_custom(|times| {
                let share = times.div_ceil(*tasks);
                let all: Vec<F> = (0..*tasks).map(|_| calls(share)).collect();
                let taken = runtime.block_on(side_by_side(all));
                let made = share * *tasks;
                taken.mul_f64(times as f64 / made as f64)
            });
        });
    }
}

async fn side_by_side<F>(all: Vec<F>) -> Duration
where
    F: Future<Output = ()> + Send + 'static,
{
    let started = Instant::now();
    let mut tasks: JoinSet<()> = all.into_iter().collect();
    while let Some(ended) = tasks.join_next().await {
        ended.expect("a task that only asks ends");
    }
    started.elapsed()
}

fn cold(criterion: &mut Criterion) {
    let runtime = runtime();
    let emulator = runtime
        .block_on(Emulator::builder().start())
        .expect("the emulator starts");
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
    let started = Instant::now();
    for one in these {
        black_box(ask(one).await);
    }
    started.elapsed()
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
        let form = format!(
            "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}\
             &scope=https%3A%2F%2Fvault.azure.net%2F.default"
        );
        let reply = self
            .client
            .post(&self.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .expect("an answer");
        reply.bytes().await.expect("a body")
    }
}

fn transport(emulator: &Emulator) -> Arc<ReqwestTransport> {
    let transport = ReqwestTransport::builder()
        .root_certificate_pem(emulator.ca_pem().as_bytes())
        .and_then(|builder| builder.build());
    Arc::new(transport.expect("a transport that trusts the emulator"))
}

fn ours(emulator: &Emulator, transport: Arc<ReqwestTransport>) -> ClientSecretCredential {
    let options = Options {
        authority_host: Some(emulator.https().to_owned()),
        context: Context {
            transport,
            ..Context::system()
        },
        ..Options::default()
    };
    ClientSecretCredential::with_options(
        TENANT_ID,
        CLIENT_ID,
        CLIENT_SECRET,
        ClientSecretCredentialOptions { options },
    )
    .expect("valid arguments")
}

fn official(emulator: &Emulator) -> Arc<dyn AzureTokenCredential> {
    let mut custom = azure_core::cloud::CustomConfiguration::default();
    custom.authority_host = emulator.https().to_owned();
    let client_options = ClientOptions {
        transport: Some(Transport::new(Arc::new(bare_client(emulator)))),
        cloud: Some(Arc::new(custom.into())),
        ..ClientOptions::default()
    };
    azure_identity::ClientSecretCredential::new(
        TENANT_ID,
        CLIENT_ID.to_owned(),
        CLIENT_SECRET.to_owned().into(),
        Some(azure_identity::ClientSecretCredentialOptions { client_options }),
    )
    .expect("valid arguments")
}

fn bare_client(emulator: &Emulator) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().as_bytes()).expect("a certificate");
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .build()
        .expect("a client")
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = warm, cold
}
criterion_main!(benches);

//! The cost of a warm call, one that finds its token in the cache, beside the official crate in the
//! same run. Read the ratios, not the times.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use azure_core::credentials::TokenCredential as AzureTokenCredential;
use azure_core::http::{ClientOptions, Transport};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use identity::{ClientSecretCredential, TokenCredential, TokenRequest};
use identity_benches::{
    CLIENT_ID, CLIENT_SECRET, SCOPE, TENANT_ID, bare_client, our_credential, runtime, transport,
};
use identity_emulator::{Emulator, Reply, Rule};
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, JoinSet};

/// How many tasks ask at the same time, on two threads.
const TASKS: [u64; 3] = [1, 2, 64];

fn warm(criterion: &mut Criterion) {
    let runtime = runtime();
    let emulator = runtime
        .block_on(Emulator::builder().start())
        .expect("the emulator starts");
    let ours = our_credential(&emulator, transport(&emulator));
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

/// A group of figures, a runtime, and the number of tasks that ask.
struct Bench<'a, 'c>(&'a mut BenchmarkGroup<'c, WallTime>, &'a Runtime, u64);

impl Bench<'_, '_> {
    /// Measures one call, when each task makes many in turn.
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

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = warm
}
criterion_main!(benches);

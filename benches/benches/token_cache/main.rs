//! What a token cache on disk costs that others have filled: 5 MB, 10,000 entries, in MSAL's own form.
//! Cold is a program that has just started: it reads the file, finds its token and answers. Warm is
//! every call after that. Nothing is asked of the network.

mod full_cache;

use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, SharedTokenCacheCredential,
    SharedTokenCacheCredentialOptions, TokenCredential, TokenRequest,
};
use identity_benches::{CLIENT_ID, CLIENT_SECRET, TENANT_ID, runtime};
use tokio::runtime::Runtime;

use full_cache::{FullCache, SCOPE};

type Made = Arc<dyn TokenCredential>;
type Maker = fn(&FullCache) -> Made;

fn token_cache(criterion: &mut Criterion) {
    let (runtime, cache) = (runtime(), FullCache::new());
    let request = TokenRequest::new(&[SCOPE]).expect("the scope is valid");
    let mut group = criterion.benchmark_group("token cache of 10,000 entries");
    let makers: [(&str, Maker); 2] = [("an application", application), ("one user of many", user)];
    for (who, make) in makers {
        group.bench_function(format!("cold, {who}"), |bencher| {
            bencher.iter_batched(
                || make(&cache),
                |credential| {
                    answer(&runtime, &credential, &request);
                    // Ending is not part of it.
                    credential
                },
                BatchSize::PerIteration,
            );
        });
        let credential = make(&cache);
        answer(&runtime, &credential, &request);
        group.bench_function(format!("warm, {who}"), |bencher| {
            bencher
                .to_async(&runtime)
                .iter(async || credential.get_token_with(&request).await);
        });
    }
    group.finish();
}

fn answer(runtime: &Runtime, credential: &Made, request: &TokenRequest) {
    let token = runtime.block_on(credential.get_token_with(request));
    token.expect("it is in the cache");
}

fn application(cache: &FullCache) -> Made {
    let options = ClientSecretCredentialOptions {
        options: cache.options(),
    };
    let made = ClientSecretCredential::with_options(TENANT_ID, CLIENT_ID, CLIENT_SECRET, options);
    Arc::new(made.expect("it is complete"))
}

fn user(cache: &FullCache) -> Made {
    let options = SharedTokenCacheCredentialOptions {
        username: Some(FullCache::user(1234)),
        options: cache.options(),
        ..Default::default()
    };
    Arc::new(SharedTokenCacheCredential::with_options(options).expect("it is complete"))
}

criterion_group!(benches, token_cache);
criterion_main!(benches);

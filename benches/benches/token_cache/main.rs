//! The cost of a token cache on disk that other programs have filled: 5 MB, 10,000 entries, in
//! MSAL's own form. Cold is a program that has just started: it reads the file, finds its token and
//! answers. Warm is every call after that. No request goes to the network.

mod full_cache;

use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use identity::{
    ClientSecretCredential, ClientSecretCredentialOptions, SharedTokenCacheCredential,
    SharedTokenCacheCredentialOptions, TokenCredential, TokenRequest,
};
use identity_benches::{CLIENT_ID, CLIENT_SECRET, SCOPE, TENANT_ID, runtime};
use tokio::runtime::Runtime;

use full_cache::FullCache;

type SharedCredential = Arc<dyn TokenCredential>;
type NewCredential = fn(&FullCache) -> SharedCredential;

fn token_cache(criterion: &mut Criterion) {
    let (runtime, cache) = (runtime(), FullCache::new());
    let request = TokenRequest::new(&[SCOPE]).expect("the scope is valid");
    let mut group = criterion.benchmark_group("token cache of 10,000 entries");
    let credentials: [(&str, NewCredential); 2] =
        [("an application", application), ("one user of many", user)];
    for (owner, new_credential) in credentials {
        group.bench_function(format!("cold, {owner}"), |bencher| {
            bencher.iter_batched(
                || new_credential(&cache),
                |credential| {
                    answer(&runtime, &credential, &request);
                    // Returned, so that dropping it is not measured.
                    credential
                },
                BatchSize::PerIteration,
            );
        });
        let credential = new_credential(&cache);
        answer(&runtime, &credential, &request);
        group.bench_function(format!("warm, {owner}"), |bencher| {
            bencher
                .to_async(&runtime)
                .iter(async || credential.get_token_with(&request).await);
        });
    }
    group.finish();
}

fn answer(runtime: &Runtime, credential: &SharedCredential, request: &TokenRequest) {
    let token = runtime.block_on(credential.get_token_with(request));
    token.expect("it is in the cache");
}

fn application(cache: &FullCache) -> SharedCredential {
    let options = ClientSecretCredentialOptions {
        options: cache.options(),
    };
    let credential =
        ClientSecretCredential::with_options(TENANT_ID, CLIENT_ID, CLIENT_SECRET, options);
    Arc::new(credential.expect("it is complete"))
}

fn user(cache: &FullCache) -> SharedCredential {
    let options = SharedTokenCacheCredentialOptions {
        username: Some(FullCache::user(1234)),
        options: cache.options(),
        ..Default::default()
    };
    Arc::new(SharedTokenCacheCredential::with_options(options).expect("it is complete"))
}

criterion_group!(benches, token_cache);
criterion_main!(benches);

//! The way from a request to a token: the cache, then one fetch however many callers, then the
//! source.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures_util::future::FutureExt;
use tracing::Instrument;

use crate::cache::{Cache, Freshness, KeyRef, PersistentTokens, Slot};
use crate::context::{Context, UnixTime};
use crate::error::Result;
use crate::single_flight::catch_panic;
use crate::token::{AccessToken, TokenRequest};

/// A source of tokens, which is what makes a credential: it knows where they come from, and nothing
/// of caching or sharing.
pub(crate) trait Source: fmt::Debug + Send + Sync + 'static {
    /// The credential's public name, for messages and logs.
    const NAME: &'static str;

    /// Gets a token for `request`. The future may be dropped at any await.
    fn fetch(
        &self,
        request: &TokenRequest,
        context: &Context,
    ) -> impl Future<Output = Result<AccessToken>> + Send;
}

/// A source with a cache in front. Clones share both.
pub(crate) struct Pipeline<S: Source>(Arc<Inner<S>>);

struct Inner<S> {
    source: S,
    cache: Arc<Cache>,
    /// The tokens that outlive the program, if the options ask for that.
    persistent: Option<Arc<PersistentTokens>>,
    context: Context,
}

impl<S: Source> Pipeline<S> {
    pub(crate) fn new(source: S, context: Context) -> Self {
        Self::with_cache(source, Arc::default(), context)
    }

    /// A pipeline with tokens that other credentials may have put into `cache`.
    pub(crate) fn with_cache(source: S, cache: Arc<Cache>, context: Context) -> Self {
        Self::with_persistent(source, cache, None, context)
    }

    /// A pipeline with tokens that outlive the program, if `persistent` is given.
    pub(crate) fn with_persistent(
        source: S,
        cache: Arc<Cache>,
        persistent: Option<Arc<PersistentTokens>>,
        context: Context,
    ) -> Self {
        Self(Arc::new(Inner {
            source,
            cache,
            persistent,
            context,
        }))
    }

    pub(crate) fn context(&self) -> &Context {
        &self.0.context
    }

    pub(crate) fn source(&self) -> &S {
        &self.0.source
    }

    /// A pipeline of the same identity with another source: both have one cache.
    pub(crate) fn with_source(&self, source: S) -> Self {
        let (cache, persistent) = (Arc::clone(&self.0.cache), self.0.persistent.clone());
        Self::with_persistent(source, cache, persistent, self.0.context.clone())
    }

    /// A token for `scopes`.
    ///
    /// When there is a fresh one that this thread has found before, nothing is checked, copied or
    /// locked: only what was once a well-formed request has a slot.
    pub(crate) async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        match self.fresh(&KeyRef::scopes(scopes)) {
            Some(token) => Ok(token),
            // Boxed, to keep the future of the warm path small.
            None => Box::pin(self.obtain(&TokenRequest::new(scopes)?)).await,
        }
    }

    /// A token for `request`.
    pub(crate) async fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        match self.fresh(&KeyRef::from(request)) {
            Some(token) => Ok(token),
            None => Box::pin(self.obtain(request)).await,
        }
    }

    #[inline]
    fn fresh<T: AsRef<str>>(&self, key: &KeyRef<'_, T>) -> Option<AccessToken> {
        self.0.cache.fresh(key, self.0.now())
    }

    async fn obtain(&self, request: &TokenRequest) -> Result<AccessToken> {
        let slot = self.0.cache.slot(request, self.0.now());
        match slot.freshness(self.0.now()) {
            Freshness::Fresh(token) => Ok(token),
            Freshness::RefreshDue(token) => {
                self.refresh(&slot, request).await;
                Ok(slot.valid(self.0.now()).unwrap_or(token))
            }
            Freshness::Expiring => {
                let fetched = slot.join(S::NAME, || self.flight(&slot, request)).0.await;
                fetched.or_else(|error| slot.valid(self.0.now()).ok_or(error))
            }
            Freshness::Missing => slot.join(S::NAME, || self.flight(&slot, request)).0.await,
        }
    }

    /// Has one fetch run in the background. Where nothing can run it there, the caller waits for
    /// it.
    async fn refresh(&self, slot: &Arc<Slot>, request: &TokenRequest) {
        let (flight, started) = slot.join(S::NAME, || self.flight(slot, request));
        if !started {
            return;
        }
        let refused = self.0.context.spawn.spawn(flight.map(drop).boxed());
        if let Some(task) = refused {
            task.await;
        }
    }

    /// The fetch, which owns all it needs, so that whichever caller waits for it can drive it to
    /// its end.
    fn flight(
        &self,
        slot: &Arc<Slot>,
        request: &TokenRequest,
    ) -> impl Future<Output = Result<AccessToken>> + Send + use<S> {
        let (inner, slot, request) = (Arc::clone(&self.0), Arc::clone(slot), request.clone());
        let scopes = request.scopes();
        let span = tracing::debug_span!("identity.token.fetch", credential = S::NAME, ?scopes);
        async move {
            // The fetch before this one may have ended just before its caller began this one.
            if let Freshness::Fresh(token) = slot.freshness(inner.now()) {
                return Ok(token);
            }
            // The slot is taken before the fetch: if the cache is cleared meanwhile, because
            // another user signs in, what this fetch brings goes to a slot that no caller finds.
            let plain = request
                .claims()
                .map(|_| inner.cache.slot(&request.without_claims(), inner.now()));
            // Caught here already, so that no fetch replaces a valid token for a while after a
            // panic, as after any other failure.
            let outcome = catch_panic(S::NAME, inner.fetch(&request)).await;
            inner.settle(&slot, plain.as_ref(), &request, &outcome);
            outcome
        }
        .instrument(span)
    }
}

impl<S: Source> Inner<S> {
    async fn fetch(&self, request: &TokenRequest) -> Result<AccessToken> {
        let fetch = || self.source.fetch(request, &self.context);
        match &self.persistent {
            // Boxed: it has room for the fetch twice, and most credentials do not use it.
            Some(tokens) => Box::pin(tokens.or_fetch(request, &*self.context.clock, fetch())).await,
            None => fetch().await,
        }
    }

    fn now(&self) -> UnixTime {
        self.context.clock.now()
    }

    /// Stores what a fetch brought, or begins to back off. A token that answers a claims challenge
    /// also replaces the one without claims, in `plain`: a resource has just refused that one.
    fn settle(
        &self,
        slot: &Arc<Slot>,
        plain: Option<&Arc<Slot>>,
        request: &TokenRequest,
        outcome: &Result<AccessToken>,
    ) {
        let now = self.now();
        match outcome {
            Ok(token) => {
                self.cache.store(slot, request, token.clone(), now);
                if let Some(plain) = plain {
                    let request = request.without_claims();
                    self.cache.store(plain, &request, token.clone(), now);
                }
                tracing::info!(
                    name: "identity.token.acquired",
                    credential = S::NAME,
                    scopes = ?request.scopes(),
                    expires_on = ?token.0.expires_on,
                    "acquired a token"
                );
            }
            Err(error) => {
                slot.back_off(now);
                let kept = slot.valid(now).is_some();
                tracing::debug!(
                    name: "identity.token.failed",
                    credential = S::NAME,
                    scopes = ?request.scopes(),
                    %error,
                    kept,
                    "no new token"
                );
            }
        }
    }
}

impl<S: Source> Clone for Pipeline<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Source> fmt::Debug for Pipeline<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.source.fmt(f)
    }
}

#[cfg(test)]
mod tests;

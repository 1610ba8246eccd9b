//! From a request to a token: cache, then one fetch however many callers, then the source.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures_util::future::FutureExt;
use tracing::Instrument;

use crate::cache::{Asked, Cache, Kept, Slot, Standing};
use crate::context::{Context, UnixTime};
use crate::error::Result;
use crate::joint::catch_panic;
use crate::token::{AccessToken, TokenRequest};

/// What a credential is: it knows where tokens come from, and nothing of caching or sharing.
pub(crate) trait Source: fmt::Debug + Send + Sync + 'static {
    /// The credential's public name, for messages and logs.
    const NAME: &'static str;

    /// Gets a token for `request`. May be dropped at any await.
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
    /// Where tokens outlive the program, if they are to.
    kept: Option<Arc<Kept>>,
    context: Context,
}

impl<S: Source> Pipeline<S> {
    pub(crate) fn new(source: S, context: Context) -> Self {
        Self::with_cache(source, Arc::default(), context)
    }

    /// With tokens that others may have put into `cache`.
    pub(crate) fn with_cache(source: S, cache: Arc<Cache>, context: Context) -> Self {
        Self::keeping(source, cache, None, context)
    }

    /// With tokens that outlive the program.
    pub(crate) fn keeping(
        source: S,
        cache: Arc<Cache>,
        kept: Option<Arc<Kept>>,
        context: Context,
    ) -> Self {
        Self(Arc::new(Inner {
            source,
            cache,
            kept,
            context,
        }))
    }

    pub(crate) fn context(&self) -> &Context {
        &self.0.context
    }

    pub(crate) fn source(&self) -> &S {
        &self.0.source
    }

    /// The same identity by way of another source: both share one cache.
    pub(crate) fn with_source(&self, source: S) -> Self {
        let (cache, kept) = (Arc::clone(&self.0.cache), self.0.kept.clone());
        Self::keeping(source, cache, kept, self.0.context.clone())
    }

    /// A token for `scopes`. When there is a fresh one that this thread has seen nothing is
    /// checked, copied or locked: only what was once a well-formed request has a slot.
    pub(crate) async fn get_token(&self, scopes: &[&str]) -> Result<AccessToken> {
        match self.fresh(&Asked::scopes(scopes)) {
            Some(token) => Ok(token),
            // Boxed, to keep the future of the warm path small.
            None => Box::pin(self.obtain(&TokenRequest::new(scopes)?)).await,
        }
    }

    /// A token for `request`.
    pub(crate) async fn get_token_with(&self, request: &TokenRequest) -> Result<AccessToken> {
        match self.fresh(&Asked::from(request)) {
            Some(token) => Ok(token),
            None => Box::pin(self.obtain(request)).await,
        }
    }

    #[inline]
    fn fresh<T: AsRef<str>>(&self, asked: &Asked<'_, T>) -> Option<AccessToken> {
        self.0.cache.fresh(asked, self.0.now())
    }

    async fn obtain(&self, request: &TokenRequest) -> Result<AccessToken> {
        let slot = self.0.cache.slot(request, self.0.now());
        match slot.standing(self.0.now()) {
            Standing::Fresh(token) => Ok(token),
            Standing::Ageing(token) => {
                self.refresh(&slot, request).await;
                Ok(slot.valid(self.0.now()).unwrap_or(token))
            }
            Standing::Expiring => {
                let fetched = slot.seat(S::NAME, || self.flight(&slot, request)).0.await;
                fetched.or_else(|error| slot.valid(self.0.now()).ok_or(error))
            }
            Standing::Missing => slot.seat(S::NAME, || self.flight(&slot, request)).0.await,
        }
    }

    /// Has one fetch going in the background; where nothing can run it there, waits for it.
    async fn refresh(&self, slot: &Arc<Slot>, request: &TokenRequest) {
        let (flight, started) = slot.seat(S::NAME, || self.flight(slot, request));
        if !started {
            return;
        }
        let refused = self.0.context.spawn.spawn(flight.map(drop).boxed());
        if let Some(task) = refused {
            task.await;
        }
    }

    /// The fetch: owned by nobody, so that whoever waits for it can drive it to its end.
    fn flight(
        &self,
        slot: &Arc<Slot>,
        request: &TokenRequest,
    ) -> impl Future<Output = Result<AccessToken>> + Send + use<S> {
        let (inner, slot, request) = (Arc::clone(&self.0), Arc::clone(slot), request.clone());
        let scopes = request.scopes();
        let span = tracing::debug_span!("identity.token.fetch", credential = S::NAME, ?scopes);
        async move {
            // The fetch before this one may have ended while its caller took a seat here.
            if let Standing::Fresh(token) = slot.standing(inner.now()) {
                return Ok(token);
            }
            // Before the fetch: if the cache is cleared meanwhile, because another user signs in,
            // what this one brings belongs to what was there before.
            let plain = request
                .claims()
                .map(|_| inner.cache.slot(&request.without_claims(), inner.now()));
            // Here already, so that a valid token rests after a panic as after any other failure.
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
        match &self.kept {
            // Boxed: it holds the fetch twice over, and most have nothing kept.
            Some(kept) => Box::pin(kept.or(request, &*self.context.clock, fetch())).await,
            None => fetch().await,
        }
    }

    fn now(&self) -> UnixTime {
        self.context.clock.now()
    }

    /// Keeps what a fetch brought. A token that answers a claims challenge also replaces the one
    /// without, in `plain`: that one has just been refused by a resource.
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
                slot.rest(now);
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

//! Clients that go round in circles.

use std::time::Duration;

use identity_emulator::{Emulator, World};

use crate::support::{
    DAEMON, VAULT, assert_refused, builder, by_password, fields, start, token, with,
};

async fn limited(limit: u32) -> Emulator {
    let mut world = World::basic();
    world.loop_limit = Some(limit);
    builder().world(world).start().await.unwrap()
}

#[tokio::test]
pub(crate) async fn who_asks_for_the_same_token_again_and_again_is_stopped_for_two_minutes() {
    let emulator = limited(3).await;
    emulator.clock().freeze();
    for _ in 0..3 {
        assert_eq!(token(&emulator, &by_password(VAULT)).await.status, 200);
    }
    for _ in 0..2 {
        let stopped = token(&emulator, &by_password(VAULT)).await;
        assert_refused(&stopped, "invalid_grant", 50196);
    }
    // Another resource or another client is another matter, and so are applications by themselves.
    let other = by_password("https://management.azure.com/.default");
    assert_eq!(token(&emulator, &other).await.status, 200);
    let cli = with(
        &by_password(VAULT),
        &[("client_id", crate::support::AZURE_CLI)],
    );
    assert_eq!(token(&emulator, &cli).await.status, 200);
    for _ in 0..5 {
        assert_eq!(
            token(&emulator, &fields(VAULT)).await.status,
            200,
            "{DAEMON}"
        );
    }
    emulator.clock().advance(Duration::from_secs(120));
    assert_eq!(token(&emulator, &by_password(VAULT)).await.status, 200);
}

#[tokio::test]
async fn usually_nobody_counts() {
    let emulator = start().await;
    for _ in 0..30 {
        assert_eq!(token(&emulator, &by_password(VAULT)).await.status, 200);
    }
}

use serde_json::{Value, json};

use super::*;
use crate::context::UnixTime;
use crate::secret::Secret;

/// A cache as MSAL for Python wrote it.
const SAMPLE: &str = include_str!("sample.json");
const HOME: &str = "77777777-0000-4444-8888-222222222222.11111111-2222-3333-4444-555555555555";
const CLIENT: &str = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
const TENANT: &str = "11111111-2222-3333-4444-555555555555";

fn sample() -> MsalCache {
    MsalCache::parse(SAMPLE.as_bytes()).unwrap()
}

fn value(cache: &MsalCache) -> Value {
    serde_json::from_slice(&cache.to_json()).unwrap()
}

fn local() -> Environment {
    Environment::named("localhost")
}

fn owner<'a>(home: Option<&'a str>, environment: &'a Environment) -> Owner<'a> {
    Owner {
        home_account_id: home,
        environment,
        client_id: CLIENT,
        realm: TENANT,
    }
}

fn refresh_token(client_id: &str, secret: &str, at: i64) -> RefreshToken {
    RefreshToken {
        home_account_id: HOME.into(),
        environment: "localhost".into(),
        client_id: client_id.into(),
        family_id: None,
        scopes: Scopes::default(),
        secret: Secret::new(secret),
        last_modification_time: UnixTime::from_seconds(at),
    }
}

fn account(home: &str, username: &str) -> Account {
    Account {
        home_account_id: home.into(),
        environment: "localhost".into(),
        realm: "organizations".into(),
        local_account_id: "local".into(),
        username: username.into(),
        authority_type: "MSSTS".into(),
        account_source: Some("password".into()),
    }
}

/// The first refresh token of the account and its key.
fn first(cache: &MsalCache) -> (String, RefreshToken) {
    cache.refresh_tokens(HOME, &local()).remove(0)
}

#[test]
fn what_msal_wrote_is_read_and_written_unchanged() {
    assert_eq!(
        value(&sample()),
        serde_json::from_str::<Value>(SAMPLE).unwrap()
    );
}

#[test]
fn every_record_is_written_as_msal_writes_it_and_at_the_same_key() {
    fn copy<R: Record>(from: &MsalCache, to: &mut MsalCache) {
        from.all::<R>().for_each(|(_, record)| to.insert(&record));
    }
    let (from, mut to) = (sample(), MsalCache::default());
    copy::<AccessTokenRecord>(&from, &mut to);
    copy::<RefreshToken>(&from, &mut to);
    copy::<IdToken>(&from, &mut to);
    copy::<Account>(&from, &mut to);
    copy::<AppMetadata>(&from, &mut to);
    assert_eq!(value(&to), serde_json::from_str::<Value>(SAMPLE).unwrap());
}

#[test]
fn unknown_sections_and_members_stay() {
    let text = json!({
        "Account": { "k-localhost-organizations": {
            "home_account_id": "k", "environment": "localhost", "realm": "organizations",
            "client_info": "x", "wam_account_ids": { "a": [1] } } },
        "Wam": { "anything": [1, null] },
        "version": 3,
    });
    let mut cache = MsalCache::parse(text.to_string().as_bytes()).unwrap();
    cache.insert(&account("k", "alice"));
    let written = value(&cache);
    assert_eq!(
        (&written["Wam"], &written["version"]),
        (&text["Wam"], &text["version"])
    );
    let entry = &written["Account"]["k-localhost-organizations"];
    assert_eq!(
        (&entry["client_info"], &entry["username"]),
        (&json!("x"), &json!("alice"))
    );
    assert_eq!(entry["wam_account_ids"], json!({ "a": [1] }));
}

#[test]
fn a_section_or_an_entry_that_is_null_is_an_empty_one() {
    let mut text = value(&sample());
    text["AppMetadata"] = Value::Null;
    text["RefreshToken"]["of-nobody"] = Value::Null;
    let cache = MsalCache::parse(text.to_string().as_bytes()).unwrap();
    assert_eq!(first(&cache).0, first(&sample()).0);
    let written = value(&cache);
    assert_eq!(written["AppMetadata"], serde_json::json!({}));
    assert!(written["RefreshToken"].get("of-nobody").is_none());
    assert_eq!(written["AccessToken"], text["AccessToken"]);
}

#[test]
fn a_text_that_is_no_cache_is_refused_with_an_error_that_quotes_nothing() {
    for text in [
        "[]",
        "hunter2",
        "{\"AccessToken\":[]}",
        "{\"Account\":{\"k\":\"hunter2\"}}",
        "{\"a\"",
    ] {
        let refused = MsalCache::parse(text.as_bytes()).expect_err(text);
        assert!(
            !format!("{refused} {refused:?}").contains("hunter2"),
            "{refused}"
        );
    }
    assert!(MsalCache::parse(b" \n").unwrap().to_json().as_slice() == b"{}");
}

#[test]
fn an_access_token_is_found_for_its_owner_and_for_the_scopes_it_was_issued_for() {
    let (cache, environment) = (sample(), local());
    let user = owner(Some(HOME), &environment);
    let application = owner(None, &environment);
    let graph = ["https://graph.microsoft.com/User.Read"];
    let vault = ["https://vault.azure.net/.default"];
    let token = cache.access_token(user, &graph).unwrap().token();
    assert_eq!(token.0.expires_on, UnixTime::from_seconds(1_795_290_444));
    assert!(cache.access_token(user, &["profile", "OPENID"]).is_some());
    assert!(cache.access_token(application, &vault).is_some());
    assert!(cache.access_token(user, &vault).is_none());
    assert!(cache.access_token(application, &graph).is_none());
    let elsewhere = Environment::named("login.microsoftonline.com");
    let others = [
        Owner {
            environment: &elsewhere,
            ..user
        },
        Owner {
            client_id: "another",
            ..user
        },
        Owner {
            realm: "another",
            ..user
        },
        Owner {
            home_account_id: Some("another"),
            ..user
        },
    ];
    for other in others {
        assert!(cache.access_token(other, &graph).is_none(), "{other:?}");
    }
}

#[test]
fn a_token_bound_to_more_than_its_scopes_is_not_found() {
    for (name, bound) in [
        ("key_id", "k"),
        ("user_assertion_hash", "h"),
        ("token_type", "pop"),
    ] {
        let mut document: Value = serde_json::from_str(SAMPLE).unwrap();
        let tokens = document["AccessToken"].as_object_mut().unwrap();
        tokens
            .values_mut()
            .for_each(|token| token[name] = json!(bound));
        let cache = MsalCache::parse(document.to_string().as_bytes()).unwrap();
        let environment = local();
        assert!(
            cache
                .access_token(owner(Some(HOME), &environment), &["openid"])
                .is_none(),
            "{name}"
        );
    }
}

#[test]
fn tokens_under_the_keys_and_host_names_of_other_libraries_are_found() {
    let document = SAMPLE.replace("localhost", "login.windows.net");
    let document = document
        .replace("-accesstoken-", "-AccessToken-")
        .replace("-refreshtoken-", "-RT-");
    let cache = MsalCache::parse(document.as_bytes()).unwrap();
    let environment = Environment::named("login.microsoftonline.com");
    assert!(
        cache
            .access_token(owner(Some(HOME), &environment), &["openid"])
            .is_some()
    );
    assert_eq!(cache.refresh_tokens(HOME, &environment).len(), 1);
    let accounts = cache.accounts_to_share(&environment);
    assert_eq!(accounts[0].home_tenant(), Some(TENANT));
}

#[test]
fn an_application_uses_its_own_refresh_tokens_then_those_of_its_family() {
    let mut cache = sample();
    cache.insert(&refresh_token("stranger", "s", 1));
    cache.insert(&refresh_token("member", "old", 1));
    let metadata = |family: Option<&str>| AppMetadata {
        client_id: "member".into(),
        environment: "localhost".into(),
        family_id: family.map(str::to_owned),
    };
    let usable = |cache: &MsalCache| -> Vec<_> {
        let usable = cache.refresh_tokens_for("member", HOME, &local());
        usable
            .into_iter()
            .map(|(_, token)| token.client_id)
            .collect()
    };
    assert_eq!(
        usable(&cache),
        ["member", CLIENT],
        "who is unknown may be of the family"
    );
    cache.insert(&metadata(None));
    assert_eq!(usable(&cache), ["member"]);
    cache.insert(&metadata(Some("1")));
    assert_eq!(usable(&cache), ["member", CLIENT]);
}

#[test]
fn a_refused_refresh_token_is_removed_and_one_that_replaced_it_stays() {
    let mut cache = sample();
    let (key, refused) = first(&cache);
    let next = RefreshToken {
        secret: Secret::new("next"),
        ..refused.clone()
    };
    cache.insert(&next);
    cache.remove_refresh_token(&key, &refused);
    assert_eq!(first(&cache).1.secret.expose(), "next");
    cache.remove_refresh_token(&key, &next);
    assert!(cache.refresh_tokens(HOME, &local()).is_empty());
}

#[test]
fn expired_access_tokens_are_removed_and_nothing_else() {
    let mut cache = sample();
    cache.remove_expired(UnixTime::from_seconds(1_795_290_444));
    assert!(!cache.is_changed(), "valid in its last second");
    cache.remove_expired(UnixTime::from_seconds(1_795_290_445));
    let left = value(&cache);
    let count = |section: &str| left[section].as_object().unwrap().len();
    let counts = ["AccessToken", "RefreshToken", "IdToken", "Account"].map(count);
    assert_eq!(counts, [0, 1, 1, 1]);
}

#[test]
fn there_is_nothing_to_write_until_something_changes() {
    let mut cache = sample();
    let (_, token) = first(&cache);
    cache.insert(&token);
    assert!(!cache.is_changed());
    cache.insert(&account("another", "bob"));
    assert!(cache.is_changed());
    cache.forget_changes();
    assert!(!cache.is_changed());
}

#[test]
fn changes_of_two_programs_are_merged() {
    let (mut ours, mut theirs) = (sample(), sample());
    ours.insert(&account("ours", "alice"));
    theirs.insert(&account("theirs", "bob"));
    ours.rebase(theirs);
    let names: Vec<_> = ours
        .accounts(&local())
        .into_iter()
        .map(|a| a.username)
        .collect();
    assert_eq!(names, ["alice@contoso.example", "alice", "bob"]);
    assert!(ours.is_changed(), "there is something they have not");
}

#[test]
fn of_two_tokens_at_one_key_the_later_stays_and_a_removal_does_not_take_an_unread_one() {
    let rotated = |secret: &str, at: i64| {
        let mut cache = sample();
        let (_, mut token) = first(&cache);
        (token.secret, token.last_modification_time) =
            (Secret::new(secret), UnixTime::from_seconds(at));
        cache.insert(&token);
        cache
    };
    let (early, late) = (1_900_000_000, 1_900_000_001);
    for (ours, theirs, stays) in [(early, late, "theirs"), (late, early, "ours")] {
        let mut cache = rotated("ours", ours);
        cache.rebase(rotated("theirs", theirs));
        assert_eq!(first(&cache).1.secret.expose(), stays);
    }
    let mut cache = sample();
    let (key, refused) = first(&cache);
    cache.remove_refresh_token(&key, &refused);
    cache.rebase(rotated("theirs", late));
    assert_eq!(first(&cache).1.secret.expose(), "theirs");
}

#[test]
fn no_secret_shows_in_debug() {
    let cache = sample();
    let mut shown = format!("{cache:?}");
    let (_, token) = first(&cache);
    shown += &format!("{token:?}");
    assert!(
        !shown.contains(token.secret.expose()) && !shown.contains("eyJ"),
        "{shown}"
    );
}

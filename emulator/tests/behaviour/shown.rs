//! Which test shows what: every endpoint, grant and error of the reference has a row, the tests of
//! the rows are run again, and what their emulators wrote into the journal is compared with them.
//!
//! So an error that no request produces fails, an endpoint nobody gets an answer from, a grant nobody
//! gets a token for, and a row whose test does no longer what it says. A request is made only once, in
//! the test that is about it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;

use identity_emulator::{Emulator, Entry, Reference};

thread_local! {
    /// What the test on this thread has shown, while somebody wants to know.
    static SEEN: RefCell<Option<BTreeSet<String>>> = const { RefCell::new(None) };
}

/// Notes what an emulator has done so far, but for what a script made it do.
pub(crate) fn watch(emulator: &Emulator) {
    SEEN.with_borrow_mut(|seen| {
        let Some(seen) = seen else { return };
        let entries = emulator.journal().entries();
        let own = entries.iter().filter(|entry| !entry.scripted);
        own.for_each(|entry| seen.extend(facts(entry)));
    });
}

/// What a request shows: the error it was answered with, or else where and for what it succeeded.
fn facts(entry: &Entry) -> Vec<String> {
    if let Some(code) = entry.error {
        return vec![format!("AADSTS{code}")];
    }
    if !(200..400).contains(&entry.status) {
        return Vec::new();
    }
    let is_token = entry.endpoint.starts_with("entra.token");
    let fields = entry.form.iter().filter(|_| is_token);
    let grants = fields.filter(|(name, _)| name == "grant_type");
    let mut facts: Vec<_> = grants
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    facts.push(entry.endpoint.clone());
    facts
}

/// A test, and what it shows.
struct Row {
    /// `file::function`.
    test: &'static str,
    run: fn(),
    shows: &'static [&'static str],
}

/// The test that shows an endpoint (`entra.token`), a grant (`grant_type=password`) or an error
/// (`AADSTS50126`).
pub(crate) fn test_of(fact: &str) -> Option<&'static str> {
    let mut rows = ROWS.iter();
    rows.find(|row| row.shows.contains(&fact))
        .map(|row| row.test)
}

#[test]
fn everything_of_the_reference_is_shown_by_the_test_that_is_said_to() {
    let wanted = of_the_reference();
    let listed: Vec<_> = ROWS.iter().flat_map(|row| row.shows).collect();
    let listed: BTreeSet<_> = listed.iter().map(ToString::to_string).collect();
    let missing: Vec<_> = wanted.symmetric_difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "only in the rows or only in the reference: {missing:?}"
    );
    let shown = shown();
    let quiet = ROWS.iter().flat_map(|row| {
        let silent = row
            .shows
            .iter()
            .filter(|fact| !shown[row.test].contains(**fact));
        silent.map(|fact| format!("{fact} by {}", row.test))
    });
    let quiet: Vec<_> = quiet.collect();
    assert!(quiet.is_empty(), "not shown: {quiet:#?}");
}

fn of_the_reference() -> BTreeSet<String> {
    let reference = Reference::new();
    let errors = reference.errors.iter();
    let grants = reference.grants.iter();
    let endpoints = reference.endpoints.iter();
    let names = endpoints.map(|endpoint| endpoint.name.to_owned());
    names
        .chain(grants.map(|grant| format!("grant_type={grant}")))
        .chain(errors.map(|error| format!("AADSTS{}", error.code)))
        .collect()
}

/// What each test of the rows shows when it is run, two at a time.
fn shown() -> BTreeMap<&'static str, BTreeSet<String>> {
    let waiting = Mutex::new(ROWS.iter());
    let done = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(row) = waiting.lock().unwrap().next() else {
                        return;
                    };
                    let shown = recorded(row.run);
                    done.lock().unwrap().insert(row.test, shown);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

fn recorded(run: fn()) -> BTreeSet<String> {
    SEEN.set(Some(BTreeSet::new()));
    run();
    SEEN.take().unwrap_or_default()
}

macro_rules! rows {
    ($($file:ident$(::$inner:ident)* => $($fact:literal)+;)+) => {
        &[$(Row {
            test: concat!(stringify!($file)$(, "::", stringify!($inner))*),
            run: crate::$file$(::$inner)*,
            shows: &[$($fact),+],
        },)+]
    };
}

const ROWS: &[Row] = rows! {
    assertions::a_certificate_proves_the_application =>
        "entra.token" "grant_type=client_credentials";
    assertions::any_certificate_of_a_trusted_subject_will_do_if_its_authority_issued_it =>
        "AADSTS700030";
    assertions::every_mistake_has_its_error =>
        "AADSTS50027" "AADSTS50048" "AADSTS90014" "AADSTS700021" "AADSTS700024" "AADSTS700027"
        "AADSTS5002723" "AADSTS5002738";
    assertions::the_audience_may_name_the_tenant_in_every_form =>
        "AADSTS50012";
    authorize::a_code_comes_in_the_query_of_the_redirect_uri_and_is_redeemed =>
        "entra.authorize";
    authorize_errors::a_permission_for_administrators_is_not_for_everybody =>
        "AADSTS90094";
    authorize_errors::a_user_who_may_not_sign_in_is_told_so =>
        "AADSTS50020" "AADSTS50053" "AADSTS50055" "AADSTS50057" "AADSTS50105" "AADSTS53003";
    authorize_errors::a_user_without_a_password_cannot_give_one =>
        "AADSTS50056";
    authorize_errors::one_implicit_token_is_not_for_two_resources =>
        "AADSTS700022";
    authorize_errors::what_is_wrong_afterwards_goes_back_to_the_application =>
        "AADSTS50058" "AADSTS50147" "AADSTS70005" "AADSTS70007" "AADSTS70011" "AADSTS90023"
        "AADSTS90100" "AADSTS500011" "AADSTS501491" "AADSTS700051" "AADSTS700054" "AADSTS901002";
    authorize_errors::what_is_wrong_before_the_redirect_uri_is_proven_is_a_page =>
        "AADSTS50011" "AADSTS50194" "AADSTS90002" "AADSTS90004" "AADSTS90015" "AADSTS90102"
        "AADSTS500113" "AADSTS700016" "AADSTS900021" "AADSTS900023" "AADSTS900144" "AADSTS900971"
        "AADSTS7000112" "AADSTS9002332";
    code::a_code_becomes_tokens_with_the_nonce_that_was_sent =>
        "grant_type=authorization_code";
    code::a_code_belongs_to_one_client_and_one_tenant =>
        "AADSTS70000" "AADSTS700005";
    code::a_code_ends_after_ten_minutes =>
        "AADSTS70008";
    code::a_code_is_good_once =>
        "AADSTS54005";
    code::a_desktop_application_proves_nothing_and_may_not_try =>
        "AADSTS700025";
    code::a_page_redeems_from_its_own_origin_with_pkce_and_without_a_secret =>
        "AADSTS9002325" "AADSTS9002326" "AADSTS9002327";
    code::a_scope_may_be_left_out_but_not_be_empty =>
        "AADSTS28000" "AADSTS28003";
    code::a_wrong_secret_does_not_use_the_code_up =>
        "AADSTS7000215" "AADSTS7000218";
    code::a_wrong_verifier_does_not_use_the_code_up =>
        "AADSTS50148" "AADSTS501481";
    code::an_invented_code_is_refused_before_the_secret_is_looked_at =>
        "AADSTS9002313";
    code::refresh_tokens_of_a_page_end_a_day_after_the_sign_in =>
        "AADSTS700084";
    code::the_redirect_uri_is_the_one_of_the_sign_in =>
        "AADSTS500112";
    code::the_v1_endpoint_takes_a_resource_and_gives_v1_tokens =>
        "entra.authorize_v1";
    device::a_device_gets_numbers_from_v2_and_strings_from_v1 =>
        "entra.device_code" "entra.device_code_v1";
    device::a_device_sent_away_is_told_in_the_words_of_its_endpoint =>
        "AADSTS70017";
    device::a_late_device_has_to_start_again =>
        "AADSTS70019" "AADSTS70020";
    device::codes_that_are_none_are_told_apart =>
        "AADSTS70018";
    device::it_polls_until_its_user_lets_it_in_and_then_has_its_tokens_once =>
        "AADSTS70016" "grant_type=urn:ietf:params:oauth:grant-type:device_code";
    device::short_names_of_the_grant_and_of_the_code_will_do =>
        "grant_type=device_code";
    discovery::instance_discovery_knows_the_clouds_and_the_emulator =>
        "entra.discovery.instance";
    discovery::instance_discovery_refuses_strangers_and_malformed_requests =>
        "AADSTS50049" "AADSTS50050";
    discovery::keys_have_the_members_of_the_wire_and_a_certificate_that_gives_their_name =>
        "entra.keys" "entra.keys_v1";
    discovery::the_v1_document_has_the_members_of_the_wire_in_order =>
        "entra.discovery.openid_v1";
    discovery::the_v2_document_has_the_members_of_the_wire_in_order =>
        "entra.discovery.openid";
    elsewhere::the_first_form_of_the_realm_says_where_programs_send_the_password =>
        "entra.user_realm";
    elsewhere::the_second_form_says_where_browsers_go =>
        "entra.user_realm_v2";
    federated::a_managed_identity_proves_the_application_and_other_tokens_of_the_service_do_not =>
        "AADSTS700222" "AADSTS700227";
    federated::issuer_audience_and_subject_are_looked_at_in_this_order =>
        "AADSTS700211" "AADSTS700212" "AADSTS700213" "AADSTS7002131" "AADSTS7002137"
        "AADSTS7002138";
    federated::issuers_publish_their_keys =>
        "issuer.discovery" "issuer.keys";
    federated::tokens_of_applications_and_users_are_no_federated_credentials =>
        "AADSTS700226" "AADSTS700229";
    github_actions::a_job_gets_a_token_about_itself_that_proves_the_application =>
        "github.id_token";
    hosts::app_service::the_api_of_2019_says_when_a_token_ends_in_seconds =>
        "app_service.token" "functions.token" "container_apps.token";
    hosts::arc::who_can_read_the_key_file_gets_a_token =>
        "arc.token";
    hosts::azure_ml::a_compute_has_a_default_identity =>
        "azure_ml.token";
    hosts::cloud_shell::the_shell_gives_its_users_token =>
        "cloud_shell.token";
    hosts::container_instances::a_container_group_has_a_metadata_service_and_misleading_variables =>
        "container_instances.token";
    hosts::service_fabric::the_secret_of_an_application_gets_its_token =>
        "service_fabric.token";
    imds::an_answer_is_all_strings_in_alphabetical_order =>
        "imds.token";
    metadata::attested::the_document_is_signed_by_the_authority_of_the_run =>
        "imds.attested";
    metadata::events::an_event_waits_for_its_time_or_for_consent =>
        "imds.scheduled_events";
    metadata::the_document_has_the_machine_and_its_network =>
        "imds.instance";
    metadata::the_tenant_of_the_identities_and_the_versions_are_told =>
        "imds.info" "imds.versions";
    on_behalf_of::a_policy_of_the_next_api_is_passed_on_as_claims =>
        "AADSTS50076";
    on_behalf_of::assertions_that_will_not_do_have_their_errors =>
        "AADSTS50013" "AADSTS240002" "AADSTS500131" "AADSTS500133";
    on_behalf_of::the_next_api_sees_the_user_and_the_api_between =>
        "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer";
    on_behalf_of::the_request_itself_is_checked =>
        "AADSTS65001";
    pages::a_device_is_let_in_once_and_every_bad_code_has_its_error =>
        "AADSTS90119" "AADSTS90120" "AADSTS90121" "entra.device_login";
    pages::a_form_is_taken_only_from_the_browser_it_was_made_for =>
        "AADSTS50089" "AADSTS900561";
    pages::a_wrong_name_or_password_comes_back_with_the_page =>
        "AADSTS50034" "AADSTS50126" "AADSTS50128";
    pages::consent_is_asked_once_and_a_silent_request_needs_it_beforehand =>
        "AADSTS65004";
    pages::several_accounts_are_picked_from_and_a_silent_request_cannot =>
        "AADSTS16000" "entra.login";
    pages::silent_requests_hear_of_policies =>
        "AADSTS50079";
    password::a_reply_for_a_user_has_the_members_of_the_wire_in_order =>
        "grant_type=password";
    password::only_people_who_are_assigned_get_in_where_that_is_required =>
        "AADSTS501051";
    password::organizations_goes_by_the_domain_and_personal_accounts_cannot =>
        "AADSTS9001023";
    pipelines::a_job_gets_a_token_of_its_service_connection_that_proves_the_application =>
        "pipelines.oidc_token";
    pipelines::a_stranger_who_follows_redirects_ends_on_a_page =>
        "pipelines.sign_in";
    realm::the_oldest_form_says_managed_federated_or_unknown =>
        "entra.user_realm_srf";
    realm::the_sign_in_page_learns_whether_a_name_exists =>
        "entra.credential_type";
    refresh::each_use_brings_a_new_one_and_the_old_stays_valid =>
        "grant_type=refresh_token";
    refresh::ninety_days_without_use_end_it_and_use_keeps_it_alive =>
        "AADSTS700082";
    refresh::revoked_sign_ins_end_it_and_a_new_sign_in_begins_anew =>
        "AADSTS50173";
    sign_out::a_frame_says_whether_the_session_is_still_the_one_an_application_knows =>
        "entra.check_session";
    sign_out::what_discovery_announces_besides_says_what_it_is =>
        "entra.kerberos" "entra.native_client";
    sign_out::a_v1_administrator_cancels_in_other_words =>
        "entra.admin_consent_v1";
    sign_out::an_administrator_consents_for_everybody =>
        "AADSTS90019" "entra.admin_consent";
    sign_out::signing_out_ends_the_session_and_goes_back_with_the_state =>
        "entra.logout" "entra.logout_v1";
    sign_out::the_error_page_explains_numbers =>
        "entra.error";
    token::a_v1_reply_says_strings_and_the_resource =>
        "entra.token_v1";
    token_errors::every_bad_tenant_has_its_error =>
        "AADSTS50059";
    token_errors::every_misuse_of_the_v2_endpoint_has_its_error =>
        "AADSTS70003" "AADSTS700038" "AADSTS1002012" "AADSTS7000216" "AADSTS7000222";
    token_proxy::a_workload_gets_tokens_through_the_proxy_and_not_around_it =>
        "aks.token_proxy";
    user_info::userinfo_says_who_the_token_is_about_with_the_sub_of_the_id_token =>
        "entra.userinfo";
    policies::each_policy_refuses_in_its_own_words_with_a_claims_challenge =>
        "AADSTS50005" "AADSTS50074" "AADSTS50097" "AADSTS50131" "AADSTS50158" "AADSTS53000" "AADSTS53001" "AADSTS53002"
        "AADSTS53004" "AADSTS53005" "AADSTS53011" "AADSTS530002" "AADSTS530003" "AADSTS530032" "AADSTS530035";
    policies::a_sign_in_counts_as_long_as_the_policy_says =>
        "AADSTS70043";
    policies::an_application_may_end_its_refresh_tokens_however_often_they_are_used =>
        "AADSTS700081";
    policies::a_session_from_before_the_revocation_is_told_so_when_it_is_used_silently =>
        "AADSTS50133";
    policies::a_proxy_says_which_tenants_its_people_may_use =>
        "AADSTS500021";
    policies::a_second_factor_may_have_to_be_given_anew =>
        "AADSTS50078";
    policies::a_password_that_has_expired_ends_what_was_got_with_it =>
        "AADSTS50132";
    policies::a_stranger_can_give_no_second_factor =>
        "AADSTS90072";
    policies::a_policy_of_a_proxy_keeps_people_in_their_own_tenant =>
        "AADSTS500022";
    clouds::a_tenant_of_a_national_cloud_is_asked_for_there =>
        "AADSTS90038" "AADSTS900382";
    clouds::an_application_of_the_government_is_none_of_the_public_cloud =>
        "AADSTS900439";
    clouds::a_region_takes_certificates_that_come_along_if_the_world_says_so =>
        "AADSTS100007";
    clouds::nobody_has_a_certificate_at_the_hosts_of_mutual_tls =>
        "AADSTS392200";
    consumers::the_account_of_a_tenant_is_no_personal_one =>
        "AADSTS500208";
    consumers::a_resource_with_tokens_of_the_first_format_is_not_for_personal_accounts =>
        "AADSTS90124";
    consumers::a_device_at_consumers_needs_an_application_for_personal_accounts =>
        "AADSTS90130";
    loops::who_asks_for_the_same_token_again_and_again_is_stopped_for_two_minutes =>
        "AADSTS50196";
    saml_bearer::an_assertion_is_refused_for_its_issuer_or_else_for_its_key =>
        "AADSTS50107";
    authorize_errors::people_may_be_able_to_ask_an_administrator =>
        "AADSTS90095";
    authorize_errors::a_code_is_not_redeemed_on_the_sign_in_page =>
        "AADSTS90056";
    sign_out::what_the_registration_lists_has_to_be_there_when_an_administrator_consents =>
        "AADSTS650052" "AADSTS650054";
    resources::microsofts_own_clients_have_what_they_were_given_beforehand =>
        "AADSTS65002";
    resources::one_that_is_disabled_is_none =>
        "AADSTS50001";
    resources::one_may_want_tokens_that_are_bound_to_a_certificate =>
        "AADSTS50171";
    resources::a_v1_client_hears_which_resources_its_registration_lists =>
        "AADSTS650057";
    resources::what_nobody_registered_nobody_can_agree_to =>
        "AADSTS650056";
    resources::a_token_at_once_is_for_a_resource =>
        "AADSTS700023";
    resources::a_code_is_not_redeemed_for_what_is_no_scope =>
        "AADSTS28002";
    federated::the_audience_of_a_managed_identity_has_an_error_of_its_own =>
        "AADSTS7002121";
    on_behalf_of::an_api_may_be_forbidden_to_pass_callers_on =>
        "AADSTS7000114";
    pages::what_no_page_of_ours_would_send_is_refused =>
        "AADSTS90013" "AADSTS135004";
};

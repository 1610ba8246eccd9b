//! Device codes: asked for by a device, approved or declined on a page, polled for meanwhile.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::base::random::Random;
use crate::base::store::Store;
use crate::entra::stores::codes::Asked;

/// One device that waits for its user.
#[derive(Clone, Debug)]
pub(in crate::entra) struct DeviceCode {
    /// Nine letters and digits for the user to type.
    pub(in crate::entra) user_code: String,
    pub(in crate::entra) client_id: Uuid,
    /// The tenant segment it was asked for at: an id, a domain or an alias.
    pub(in crate::entra) authority: String,
    pub(in crate::entra) asked: Asked,
    /// `claims` of the request.
    pub(in crate::entra) claims: Option<String>,
    pub(in crate::entra) state: DeviceState,
    pub(in crate::entra) expires: OffsetDateTime,
    pub(in crate::entra) last_poll: Option<OffsetDateTime>,
}

/// How far the user has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::entra) enum DeviceState {
    Pending,
    Approved(DeviceApproval),
    Declined,
    /// The device has its tokens.
    Redeemed,
}

/// The approval of a device by a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::entra) struct DeviceApproval {
    /// The name of the user, as the world has it.
    pub(in crate::entra) user: String,
    /// The tenant signed in to.
    pub(in crate::entra) tenant: Uuid,
    pub(in crate::entra) auth_time: OffsetDateTime,
    /// How the user proved itself, as in `amr`.
    pub(in crate::entra) methods: Vec<&'static str>,
}

/// Device codes by their value and by the code the user types; each is known for a day.
#[derive(Debug)]
pub(crate) struct DeviceCodes {
    by_value: Store<String, DeviceCode>,
    values: Store<String, String>,
}

impl Default for DeviceCodes {
    fn default() -> Self {
        Self {
            by_value: Store::with_capacity(4096),
            values: Store::with_capacity(4096),
        }
    }
}

/// The seconds until a device code expires: fifteen minutes.
pub(in crate::entra) const LIFETIME: i64 = 900;

impl DeviceCodes {
    /// Whether a value has the form of a device code.
    pub(in crate::entra) fn could_be(value: &str) -> bool {
        value.starts_with(PREFIX)
    }

    /// A new code: what the device polls with, and what its user types.
    pub(in crate::entra) fn issue(
        &self,
        client_id: Uuid,
        authority: String,
        asked: Asked,
        claims: Option<String>,
        random: &Random,
        now: OffsetDateTime,
    ) -> (String, String) {
        let value = format!("{PREFIX}{}", random.opaque::<96>());
        let user_code = random.letters::<9>();
        let device = DeviceCode {
            user_code: user_code.clone(),
            client_id,
            authority,
            asked,
            claims,
            state: DeviceState::Pending,
            expires: now + Duration::seconds(LIFETIME),
            last_poll: None,
        };
        let until = now + Duration::DAY;
        self.by_value.keep(value.clone(), device, until, now);
        self.values
            .keep(user_code.clone(), value.clone(), until, now);
        (value, user_code)
    }

    /// The device that polls with `value`; it may be expired.
    pub(in crate::entra) fn find(&self, value: &str, now: OffsetDateTime) -> Option<DeviceCode> {
        self.by_value.find(&value.to_owned(), now)
    }

    /// The device whose user types `user_code`, in any case and with any spaces and hyphens.
    pub(in crate::entra) fn of_user_code(
        &self,
        user_code: &str,
        now: OffsetDateTime,
    ) -> Option<DeviceCode> {
        let value = self.values.find(&typed(user_code), now)?;
        self.by_value.find(&value, now)
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_value.len() + self.values.len()
    }

    /// Lets it in. False if it is not waiting any more.
    pub(in crate::entra) fn approve(
        &self,
        user_code: &str,
        by: DeviceApproval,
        now: OffsetDateTime,
    ) -> bool {
        self.decide(user_code, DeviceState::Approved(by), now)
    }

    /// Sends it away. False if it is not waiting any more.
    pub(in crate::entra) fn decline(&self, user_code: &str, now: OffsetDateTime) -> bool {
        self.decide(user_code, DeviceState::Declined, now)
    }

    /// Notes a poll and says when the one before it was.
    pub(in crate::entra) fn poll(
        &self,
        value: &str,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let before = |device: &mut DeviceCode| device.last_poll.replace(now);
        self.by_value.change(&value.to_owned(), now, before)?
    }

    /// Marks an approved one redeemed; of several polls at once only one gets `true`.
    pub(in crate::entra) fn redeem(&self, value: &str, now: OffsetDateTime) -> bool {
        let change = |device: &mut DeviceCode| {
            let approved = matches!(device.state, DeviceState::Approved(_));
            if approved {
                device.state = DeviceState::Redeemed;
            }
            approved
        };
        self.by_value.change(&value.to_owned(), now, change) == Some(true)
    }

    fn decide(&self, user_code: &str, state: DeviceState, now: OffsetDateTime) -> bool {
        let Some(value) = self.values.find(&typed(user_code), now) else {
            return false;
        };
        let change = |device: &mut DeviceCode| {
            let waiting = device.state == DeviceState::Pending && device.expires > now;
            if waiting {
                device.state = state;
            }
            waiting
        };
        self.by_value.change(&value, now, change) == Some(true)
    }
}

const PREFIX: &str = "BAQAB";

fn typed(user_code: &str) -> String {
    let kept = user_code.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval() -> DeviceApproval {
        DeviceApproval {
            user: "alice@contoso.example".to_owned(),
            tenant: Uuid::nil(),
            auth_time: OffsetDateTime::UNIX_EPOCH,
            methods: vec!["pwd"],
        }
    }

    fn issued(codes: &DeviceCodes) -> (String, String) {
        codes.issue(
            Uuid::nil(),
            "common".to_owned(),
            Asked::Scope("openid".to_owned()),
            None,
            &Random::new(Some(1)),
            OffsetDateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_user_code_is_nine_letters_typed_in_any_way() {
        let codes = DeviceCodes::default();
        let (_, user_code) = issued(&codes);
        assert_eq!(user_code.len(), 9);
        let (start, lower) = (OffsetDateTime::UNIX_EPOCH, user_code.to_lowercase());
        let typed = format!(" {}-{}", &lower[..4], &lower[4..]);
        assert_eq!(
            codes.of_user_code(&typed, start).unwrap().user_code,
            user_code
        );
    }

    #[test]
    fn a_device_is_decided_on_once_and_redeemed_once() {
        let codes = DeviceCodes::default();
        let (value, user_code) = issued(&codes);
        let start = OffsetDateTime::UNIX_EPOCH;
        assert!(!codes.redeem(&value, start));
        assert!(codes.approve(&user_code, approval(), start));
        assert!(!codes.decline(&user_code, start));
        assert!(codes.redeem(&value, start));
        assert!(!codes.redeem(&value, start));
        assert_eq!(
            codes.find(&value, start).unwrap().state,
            DeviceState::Redeemed
        );
    }

    #[test]
    fn a_late_decision_counts_for_nothing() {
        let codes = DeviceCodes::default();
        let (_, user_code) = issued(&codes);
        let late = OffsetDateTime::UNIX_EPOCH + Duration::seconds(LIFETIME);
        assert!(!codes.approve(&user_code, approval(), late));
    }
}

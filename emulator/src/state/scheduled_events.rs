//! Scheduled events in order, and what becomes of them as time passes.

use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::macros::format_description;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::base::sync::lock;

/// An event of `/metadata/scheduledevents`: maintenance that a virtual machine is told of before
/// it happens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduledEvent {
    /// The kind of maintenance.
    pub event_type: ScheduledEventType,
    /// How long from now until it is done unless a program agrees earlier, in seconds; default the
    /// notice the platform gives at least: 900 (freeze, reboot, terminate), 600 (redeploy), 30
    /// (preempt).
    #[serde(default)]
    pub not_before_s: Option<u32>,
    /// How long it takes, in seconds; then the event is gone. Default: unknown, and it stays.
    #[serde(default)]
    pub duration_s: Option<u32>,
    /// Names of the machines it is about; default `["vm-basic"]`.
    #[serde(default = "ScheduledEvent::usual_resources")]
    pub resources: Vec<String>,
    /// For people to read; default none.
    #[serde(default)]
    pub description: String,
    /// Whether a person asked for it rather than the platform.
    #[serde(default)]
    pub by_user: bool,
}

/// The kinds of maintenance of a machine.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the platform's own words")]
pub enum ScheduledEventType {
    Freeze,
    Reboot,
    Redeploy,
    Preempt,
    Terminate,
}

impl ScheduledEvent {
    /// With the notice, and about the machine, that are usual.
    pub fn new(event_type: ScheduledEventType) -> Self {
        Self {
            event_type,
            not_before_s: None,
            duration_s: None,
            resources: Self::usual_resources(),
            description: String::new(),
            by_user: false,
        }
    }

    fn usual_resources() -> Vec<String> {
        vec!["vm-basic".to_owned()]
    }

    fn notice(&self) -> Duration {
        let usual = match self.event_type {
            ScheduledEventType::Redeploy => 600,
            ScheduledEventType::Preempt => 30,
            _ => 900,
        };
        Duration::seconds(self.not_before_s.unwrap_or(usual).into())
    }
}

/// All events of a machine.
#[derive(Debug, Default)]
pub(crate) struct ScheduledEvents(Mutex<Calendar>);

#[derive(Debug, Default)]
struct Calendar {
    /// Counts the changes.
    incarnation: u64,
    events: Vec<ScheduledEntry>,
}

/// One event with its dates.
#[derive(Clone, Debug)]
pub(crate) struct ScheduledEntry {
    id: Uuid,
    event: ScheduledEvent,
    /// When it starts, if nobody agrees before.
    starts: OffsetDateTime,
    started: bool,
}

impl ScheduledEvents {
    pub(crate) fn schedule(&self, event: ScheduledEvent, id: Uuid, now: OffsetDateTime) {
        let mut calendar = self.calendar(now);
        calendar.incarnation += 1;
        calendar.events.push(ScheduledEntry {
            id,
            starts: now + event.notice(),
            event,
            started: false,
        });
    }

    /// Forgets all events.
    pub(crate) fn clear(&self, now: OffsetDateTime) {
        let mut calendar = self.calendar(now);
        if !calendar.events.is_empty() {
            calendar.incarnation += 1;
            calendar.events.clear();
        }
    }

    /// How often the document has changed, and its events.
    pub(crate) fn at(&self, now: OffsetDateTime) -> (u64, Vec<ScheduledEntry>) {
        let calendar = self.calendar(now);
        (calendar.incarnation, calendar.events.clone())
    }

    /// Starts the events with these ids, if all of them are there.
    pub(crate) fn approve(&self, ids: &[&str], now: OffsetDateTime) -> bool {
        let mut calendar = self.calendar(now);
        let is = |id: &&str, entry: &ScheduledEntry| id.eq_ignore_ascii_case(&entry.id.to_string());
        let known = |id: &&str| calendar.events.iter().any(|entry| is(id, entry));
        if !ids.iter().all(known) {
            return false;
        }
        let mut changed = false;
        for entry in &mut calendar.events {
            if !entry.started && ids.iter().any(|id| is(id, entry)) {
                (entry.started, entry.starts, changed) = (true, now, true);
            }
        }
        calendar.incarnation += u64::from(changed);
        true
    }

    /// As it is by now.
    fn calendar(&self, now: OffsetDateTime) -> MutexGuard<'_, Calendar> {
        let mut calendar = lock(&self.0);
        calendar.turn(now);
        calendar
    }
}

impl Calendar {
    /// Starts what is due, and drops what is over.
    fn turn(&mut self, now: OffsetDateTime) {
        let before = self.events.len();
        self.events.retain(|entry| {
            let lasts = entry.event.duration_s;
            lasts.is_none_or(|lasts| entry.starts + Duration::seconds(lasts.into()) > now)
        });
        let mut changed = self.events.len() != before;
        for entry in &mut self.events {
            if !entry.started && entry.starts <= now {
                (entry.started, changed) = (true, true);
            }
        }
        self.incarnation += u64::from(changed);
    }
}

impl ScheduledEntry {
    /// As a version of the API tells it.
    pub(crate) fn told(&self, version: &str) -> Value {
        let event = &self.event;
        let (status, not_before) = if self.started {
            ("Started", String::new())
        } else {
            ("Scheduled", date(self.starts))
        };
        let mut told = Map::new();
        let mut put = |since: &str, name: &str, value: Value| {
            // Dates in this form sort as text.
            if version >= since {
                told.insert(name.to_owned(), value);
            }
        };
        put("", "EventId", json!(self.id.to_string().to_uppercase()));
        put("", "EventType", json!(event.event_type));
        put("", "ResourceType", json!("VirtualMachine"));
        put("", "Resources", json!(event.resources));
        put("", "EventStatus", json!(status));
        put("", "NotBefore", json!(not_before));
        put("2019-04-01", "Description", json!(event.description));
        let source = if event.by_user { "User" } else { "Platform" };
        put("2019-08-01", "EventSource", json!(source));
        let lasts = event.duration_s.map_or(-1, i64::from);
        put("2020-07-01", "DurationInSeconds", json!(lasts));
        Value::Object(told)
    }
}

/// `Mon, 11 Apr 2026 22:26:58 GMT`
fn date(at: OffsetDateTime) -> String {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.format(&form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn an_event_starts_when_it_is_due_and_ends_with_its_duration() {
        let events = ScheduledEvents::default();
        let mut reboot = ScheduledEvent::new(ScheduledEventType::Reboot);
        reboot.duration_s = Some(5);
        events.schedule(reboot, Uuid::nil(), at(0));
        let status = |now| {
            let (incarnation, events) = events.at(at(now));
            let told = events.first().map(|event| event.told("2020-07-01"));
            (incarnation, told.map(|told| told["EventStatus"].clone()))
        };
        assert_eq!(status(899), (1, Some(json!("Scheduled"))));
        assert_eq!(status(900), (2, Some(json!("Started"))));
        assert_eq!(status(904), (2, Some(json!("Started"))));
        assert_eq!(status(905), (3, None));
    }

    #[test]
    fn an_event_starts_when_it_is_agreed_to() {
        let events = ScheduledEvents::default();
        let freeze = ScheduledEvent::new(ScheduledEventType::Freeze);
        events.schedule(freeze, Uuid::nil(), at(0));
        let id = Uuid::nil().to_string();
        assert!(!events.approve(&[&id, "unknown"], at(1)));
        assert_eq!(events.at(at(1)).0, 1);
        assert!(events.approve(&[&id], at(1)) && events.approve(&[&id], at(2)));
        let (incarnation, entries) = events.at(at(2));
        assert_eq!(incarnation, 2);
        let told = entries[0].told("2017-08-01");
        assert_eq!(
            (&told["EventStatus"], &told["NotBefore"]),
            (&json!("Started"), &json!(""))
        );
        assert!(told.get("DurationInSeconds").is_none());
    }
}

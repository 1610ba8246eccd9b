//! The directory of a running emulator: which world the next request sees.

mod document;

use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;

use crate::base::sync::lock;
use crate::state::journal::Mask;
use crate::world::config::{ConfigError, World};
use crate::world::directory::Directory;

pub(crate) use document::{Done, Edit, Trouble, edit, find, merge};

/// Tenants, users, applications and the rest, read and changed while the emulator runs; clones
/// share them.
///
/// A change is a new world: it is checked as the one at the start was, and takes effect whole or
/// not at all. A request works on the world it began with. What was issued before a change is not
/// taken back by it. The scripted answers of a world count only at the start;
/// [`Script`](crate::Script) holds those in force.
#[derive(Clone, Debug)]
pub struct LiveDirectory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    first: Arc<World>,
    now: ArcSwap<Directory>,
    mask: ArcSwap<Mask>,
    /// Held from reading the old world to putting the new one in its place.
    changing: Mutex<()>,
}

impl LiveDirectory {
    /// Creates the directory of a checked world.
    pub(crate) fn new(first: Arc<World>) -> Self {
        Self(Arc::new(Inner {
            mask: ArcSwap::from_pointee(Mask::of(&first)),
            now: ArcSwap::from_pointee(Directory::new(first.clone())),
            changing: Mutex::default(),
            first,
        }))
    }

    /// The world as the next request will see it.
    pub fn world(&self) -> Arc<World> {
        self.load().shared_world()
    }

    /// Changes the world. Changes from several threads happen one after the other.
    ///
    /// # Errors
    /// A world that contradicts itself or refers to nothing; then everything stays as it was.
    pub fn change(&self, change: impl FnOnce(&mut World)) -> Result<(), ConfigError> {
        self.try_change(|world| {
            let mut world = world.clone();
            change(&mut world);
            Ok(world)
        })
    }

    /// Puts another world in the place of this one.
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub fn replace(&self, world: World) -> Result<(), ConfigError> {
        self.try_change(|_| Ok(world))
    }

    /// Goes back to the world the emulator started with.
    pub fn reset(&self) {
        let _changing = self.changing();
        self.put(self.0.first.clone());
    }

    /// Puts the world that `next` makes of the present one in its place, unless it fails its check.
    pub(crate) fn try_change<E: From<ConfigError>>(
        &self,
        next: impl FnOnce(&World) -> Result<World, E>,
    ) -> Result<(), E> {
        let _changing = self.changing();
        let world = next(self.load().world())?;
        world.check()?;
        self.put(Arc::new(world));
        Ok(())
    }

    /// The world the emulator started with.
    pub(crate) fn first(&self) -> Arc<World> {
        self.0.first.clone()
    }

    pub(crate) fn load(&self) -> Arc<Directory> {
        self.0.now.load_full()
    }

    /// Returns the mask of every secret there is or was, for a withdrawn one is still nobody's
    /// business.
    pub(crate) fn mask(&self) -> Arc<Mask> {
        self.0.mask.load_full()
    }

    /// The mask first: no request may see a secret that the journal does not know.
    fn put(&self, world: Arc<World>) {
        self.0.mask.store(Arc::new(self.mask().and(&world)));
        self.0.now.store(Arc::new(Directory::new(world)));
    }

    fn changing(&self) -> impl Drop + '_ {
        lock(&self.0.changing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> LiveDirectory {
        LiveDirectory::new(Arc::new(World::basic()))
    }

    #[test]
    fn a_change_that_contradicts_the_rest_changes_nothing() {
        let live = live();
        let refused = live.change(|world| {
            world.default_app = None;
            world.tenants.clear();
        });
        assert!(refused.unwrap_err().to_string().contains("`contoso`"));
        assert_eq!(live.world().default_app.as_deref(), Some("daemon"));
        assert!(!live.world().tenants.is_empty());
    }

    #[test]
    fn a_request_keeps_the_world_it_began_with() {
        let live = live();
        let before = live.load();
        live.change(|world| world.apps[0].disabled = true).unwrap();
        assert!(!before.world().apps[0].disabled);
        assert!(live.load().world().apps[0].disabled);
        live.reset();
        assert!(!live.load().world().apps[0].disabled);
    }

    #[test]
    fn changes_at_once_are_all_made() {
        let live = live();
        std::thread::scope(|scope| {
            for number in 0..8 {
                let live = &live;
                scope.spawn(move || {
                    let domain = format!("d{number}.example");
                    live.change(|world| world.tenants[0].domains.push(domain))
                });
            }
        });
        let added = live.world().tenants[0].domains.len() - World::basic().tenants[0].domains.len();
        assert_eq!(added, 8);
    }
}

//! What takes the place of the machine in a simulation: the time, chance, signals and the disk. It is
//! compiled into the unit tests alone, and holds for the thread that sets it, so that no user can meet it.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;

/// A change of the disk that is about to happen, or has happened.
pub(crate) use crate::fs::Change;
use crate::store::log::ClientLimits;

/// A machine that is not there. What ends a process in it unwinds.
pub(crate) trait World {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// A thread waits; others may go on meanwhile.
    fn pause(&self, time: Duration);

    /// 64 bits of chance.
    fn bits(&self) -> u64;

    /// The environment.
    fn variables(&self) -> Vec<(String, String)>;

    /// The current directory.
    fn current_dir(&self) -> PathBuf;

    /// Where the system keeps what may go.
    fn temporary_dir(&self) -> PathBuf;

    /// What takes the data.
    fn stdout(&self) -> Box<dyn io::Write + Send>;

    /// What takes the talk.
    fn stderr(&self) -> Box<dyn io::Write + Send>;

    /// The client of a server for whom a run of this process is done.
    fn client(&self) -> Option<ClientLimits>;

    /// Something is about to be changed on the disk.
    ///
    /// # Errors
    /// The disk refuses it; of what was to be written a part may be there.
    fn before(&self, change: &Change<'_>) -> io::Result<()>;

    /// It has been changed.
    fn after(&self, change: &Change<'_>);

    /// Waits for the next signal that asks the process to end.
    fn interrupted(&self) -> Pin<Box<dyn Future<Output = ()>>>;
}

thread_local! {
    static HERE: RefCell<Option<Rc<dyn World>>> = const { RefCell::new(None) };
}

/// The simulated machine of this thread, if it is in one.
pub(crate) fn here() -> Option<Rc<dyn World>> {
    HERE.with_borrow(Clone::clone)
}

/// Does something in a simulated machine.
pub(crate) fn inside<T>(world: Rc<dyn World>, work: impl FnOnce() -> T) -> T {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            HERE.set(None);
        }
    }
    HERE.set(Some(world));
    let _leave = Leave;
    work()
}

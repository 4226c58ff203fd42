//! A network that is not there, for the simulations of the unit tests: what answers instead of it is
//! set for one thread.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::{HttpRequest, HttpResponse};
use crate::error::Result;

/// Providers that answer by a script.
pub(crate) trait Script {
    /// A request is about to leave: its number, and how long it takes until somebody hears it.
    fn leaves(&self, request: &HttpRequest) -> (u64, Duration);

    /// It is heard: what is answered, and how long that takes.
    fn hears(&self, number: u64, request: HttpRequest) -> (Result<HttpResponse>, Duration);

    /// The answer has come.
    fn comes(&self, number: u64);
}

thread_local! {
    static HERE: RefCell<Option<Rc<dyn Script>>> = const { RefCell::new(None) };
}

/// The script of this thread from now on.
pub(crate) fn set(script: Option<Rc<dyn Script>>) {
    HERE.set(script);
}

pub(super) fn here() -> Option<Rc<dyn Script>> {
    HERE.with_borrow(Clone::clone)
}

/// Asks the script of this thread, which is there.
pub(super) async fn ask(request: HttpRequest) -> Result<HttpResponse> {
    let script = || here().expect("a script does not go before its answers");
    let (number, way) = script().leaves(&request);
    tokio::time::sleep(way).await;
    let (answer, wait) = script().hears(number, request);
    tokio::time::sleep(wait).await;
    script().comes(number);
    answer
}

//! The address, and the connections: how many, how large their heads may be, how long they may idle.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::connection::{Activity, serve_connection};
use crate::error::{Error, Kind, Result};
use crate::pool::lock;

/// Connections at once.
const CONNECTIONS: usize = 256;

/// A client that is refused is heard out for so long.
const HEARD_OUT: Duration = Duration::from_secs(1);

/// Answers are finished within so long when the process ends.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// A socket that listens.
pub(super) struct Listening {
    socket: TcpListener,
    address: SocketAddr,
    connections: Arc<Connections>,
}

/// The connections that there are.
pub(super) struct Connections {
    /// Those that are served, oldest first.
    served: Mutex<BTreeMap<u64, Arc<Activity>>>,
    /// Places for those that are refused.
    refused: Arc<Semaphore>,
}

impl Listening {
    /// At an address; port 0 takes any that is free.
    ///
    /// # Errors
    /// Something else listens there, or the address is not this machine's.
    pub(super) async fn at(address: SocketAddr) -> Result<Listening> {
        let taken = |error: std::io::Error| {
            let what = match error.kind() {
                ErrorKind::AddrInUse => {
                    format!("something listens at {address} already, maybe another `pinx serve`")
                }
                _ => format!("nothing can listen at {address}: {error}"),
            };
            Error::new(Kind::Local, what).hint("`--listen 127.0.0.1:0` takes any port that is free")
        };
        let socket = TcpListener::bind(address).await.map_err(taken)?;
        let address = socket.local_addr().map_err(taken)?;
        let refused = Arc::new(Semaphore::new(CONNECTIONS));
        let connections = Arc::new(Connections { served: Mutex::default(), refused });
        Ok(Listening { socket, address, connections })
    }

    /// Where.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its connections.
    pub(super) fn connections(&self) -> Arc<Connections> {
        Arc::clone(&self.connections)
    }

    /// Answers for ever.
    pub(super) async fn serve(self, router: Router) {
        let (connections, mut number) = (self.connections, 0_u64);
        loop {
            let (stream, peer) = match self.socket.accept().await {
                Ok(accepted) => accepted,
                Err(_) => {
                    // No file handles, most likely: some will be free in a moment.
                    connections.close_idle();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            number += 1;
            connections.admit(number, stream, peer, router.clone());
        }
    }
}

impl Connections {
    /// Waits until every answer is whole, as far as its client takes it.
    pub(super) async fn finished(&self) {
        let begun = Instant::now();
        let is_busy = || lock(&self.served).values().any(|activity| activity.is_busy());
        while begun.elapsed() < LAST_WORDS && is_busy() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Serves a connection. Where there are too many, one that waits for its next request makes room; where
    /// all are at work, the new one is told so.
    fn admit(self: &Arc<Self>, number: u64, stream: TcpStream, peer: SocketAddr, router: Router) {
        if lock(&self.served).len() >= CONNECTIONS && !self.close_idle() {
            // Where very many are refused, the others are closed without a word.
            if let Ok(place) = Arc::clone(&self.refused).try_acquire_owned() {
                tokio::spawn(async move {
                    refuse(stream).await;
                    drop(place);
                });
            }
            return;
        }
        let activity = Arc::new(Activity::default());
        lock(&self.served).insert(number, Arc::clone(&activity));
        let all = Arc::clone(self);
        tokio::spawn(async move {
            serve_connection(stream, peer, router, activity).await;
            lock(&all.served).remove(&number);
        });
    }

    /// Closes the oldest connection that has nothing to do; whether there was one.
    fn close_idle(&self) -> bool {
        let mut connections = lock(&self.served);
        let idle = connections.iter().find(|(_, activity)| !activity.is_busy());
        let Some((number, activity)) = idle.map(|(number, idle)| (*number, Arc::clone(idle)))
        else {
            return false;
        };
        activity.close();
        connections.remove(&number);
        true
    }
}

/// Tells a client that there are too many, and hears it out for a moment: where something that it said is
/// left unread, the system takes back what it was told.
async fn refuse(mut stream: TcpStream) {
    const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\
        retry-after: 1\r\nconnection: close\r\n\r\n";
    let _ = stream.set_nodelay(true);
    let _ = stream.try_write(ANSWER);
    let _ = stream.shutdown().await;
    let heard_out = async {
        let mut piece = [0; 1024];
        while matches!(stream.read(&mut piece).await, Ok(1..)) {}
    };
    let _ = tokio::time::timeout(HEARD_OUT, heard_out).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_refused_reads_why_although_its_request_is_not_read() {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(socket.local_addr().unwrap()).await.unwrap();
        let (stream, _) = socket.accept().await.unwrap();
        client.write_all(&[b' '; 4096]).await.unwrap();
        stream.readable().await.unwrap();
        let reading = async move {
            let mut told = String::new();
            client.read_to_string(&mut told).await.map(|_| told)
        };
        let ((), told) = tokio::join!(refuse(stream), reading);
        assert!(told.unwrap().starts_with("HTTP/1.1 503 "));
    }
}

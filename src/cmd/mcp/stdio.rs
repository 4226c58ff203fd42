//! stdin and stdout as a connection. They are read and written on threads of their own: a client that
//! does not read, or never closes, holds up no run and no end of the process.

use std::io::{self, Read as _, Write as _};
use std::pin::Pin;
use std::sync::mpsc as sync_mpsc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rmcp::ServiceExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;

use super::tools::Tools;

/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// For so long the last answers are waited for until they are written.
const FLUSHING: Duration = Duration::from_secs(2);

/// Both.
pub(super) struct Stdio {
    input: Input,
    output: Output,
    written: sync_mpsc::Receiver<()>,
}

/// What is read.
struct Input {
    pieces: mpsc::Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

/// What is written.
struct Output(sync_mpsc::Sender<Vec<u8>>);

/// Begins to read.
///
/// # Errors
/// The system has no thread.
pub(super) fn open() -> io::Result<Stdio> {
    let (sender, pieces) = mpsc::channel(4);
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    thread("stdin").spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut piece = vec![0; PIECE];
        loop {
            match stdin.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read @ 1..) if sender.blocking_send(piece[..read].to_vec()).is_ok() => {}
                _ => return,
            }
        }
    })?;
    let (output, lines) = sync_mpsc::channel::<Vec<u8>>();
    let (done, written) = sync_mpsc::channel();
    thread("stdout").spawn(move || {
        let mut stdout = io::stdout().lock();
        for line in lines {
            if stdout.write_all(&line).and_then(|()| stdout.flush()).is_err() {
                return;
            }
        }
        let _ = done.send(());
    })?;
    let input = Input { pieces, piece: Vec::new(), at: 0 };
    Ok(Stdio { input, output: Output(output), written })
}

/// Answers until the client is gone.
pub(super) async fn serve(tools: Tools, stdio: Stdio) {
    let Stdio { input, output, written } = stdio;
    // Who leaves before it has said who it is has asked for nothing.
    if let Ok(served) = tools.serve((input, output)).await {
        let _ = served.waiting().await;
    }
    let _ = crate::pool::run_blocking(move || written.recv_timeout(FLUSHING)).await;
}

impl AsyncRead for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.at == self.piece.len() {
            match ready!(self.pieces.poll_recv(context)) {
                None => return Poll::Ready(Ok(())),
                Some(piece) => (self.piece, self.at) = (piece, 0),
            }
        }
        let end = self.piece.len().min(self.at + buffer.remaining());
        buffer.put_slice(&self.piece[self.at..end]);
        self.at = end;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = self.0.send(bytes.to_vec()).map(|()| bytes.len());
        Poll::Ready(sent.map_err(|_| io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

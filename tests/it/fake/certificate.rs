//! A server whose certificate nobody has reason to believe: self-made, for 127.0.0.1, until 2126.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// DER, made for this test only and used nowhere else.
const CERTIFICATE: &str = "MIIBmzCCAUGgAwIBAgIULer8UUGDjQye3053ndp1JSCcMEcwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJcGlueC10ZXN0MCAXDTI2MTEyNTIyMDI1NVoYDzIxMjYxMTAxMjIwMjU1WjAUMRIwEAYDVQQDDAlwaW54LXRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS78ifOp72STdsd6FW6akhcBdT9VqSWzbXuAdIlFNim6iecKLCxs+7Fl6neZldbn6+GvmI8gbtADJtcXHi3iRRyo28wbTAdBgNVHQ4EFgQUBV235YxxpQa+EiP2xiLyUPWepNswHwYDVR0jBBgwFoAUBV235YxxpQa+EiP2xiLyUPWepNswDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZIzj0EAwIDSAAwRQIhAPfwppZdI4VzeV6KB9izRFDNLBsMOjUKNoc1CAcnNxKhAiAbcclpctPN7Lxr4HkmdIlHBQPlXWIc/jNr8TvPfOF9MQ==";
const PAIR: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgN/J/QY2acmBsPaftXzmy3c0vgCoBtBWj28CK9cFpTO+hRANCAAS78ifOp72STdsd6FW6akhcBdT9VqSWzbXuAdIlFNim6iecKLCxs+7Fl6neZldbn6+GvmI8gbtADJtcXHi3iRRy";

/// Counts who comes, and who believes it.
#[derive(Default)]
pub struct Unbelievable {
    /// Connections that came.
    pub connections: AtomicUsize,
    /// Connections that went on after they had seen the certificate.
    pub believers: AtomicUsize,
}

/// Starts it; it ends with the process. Answers with its port.
pub fn start() -> (u16, Arc<Unbelievable>) {
    let certificate = CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap());
    let pair = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(STANDARD.decode(PAIR).unwrap()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], pair)
        .unwrap();
    let (config, count) = (Arc::new(config), Arc::new(Unbelievable::default()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.connections.fetch_add(1, Ordering::Relaxed);
            let mut tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            while tls.is_handshaking() {
                if tls.complete_io(&mut stream).is_err() {
                    break;
                }
            }
            // Who refuses the certificate says so before sending anything.
            if !tls.is_handshaking() && tls.complete_io(&mut stream).is_ok() {
                counted.believers.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    (port, count)
}

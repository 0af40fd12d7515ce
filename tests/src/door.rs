//! A way to a centre that somebody else may close: while a file lies there, nobody gets through.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;

/// The way. It is there as long as the process.
pub struct Door {
    /// Where to knock, such as `http://127.0.0.1:40123`.
    pub address: String,
}

impl Door {
    /// A way to this address, closed while the file is there.
    ///
    /// # Panics
    /// If this machine has no free port.
    pub fn to(target: SocketAddr, closed: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        std::thread::spawn(move || {
            for came in listener.incoming().map_while(Result::ok) {
                if closed.exists() {
                    continue;
                }
                let Ok(there) = TcpStream::connect(target) else { continue };
                let both = came.try_clone().and_then(|back| Ok((back, there.try_clone()?)));
                let Ok((back, forth)) = both else { continue };
                std::thread::spawn(move || pass(came, there));
                std::thread::spawn(move || pass(forth, back));
            }
        });
        Self { address }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    // Whoever hangs up is not waited for by the other one.
    drop(io::copy(&mut from, &mut to));
    drop(to.shutdown(Shutdown::Write));
}

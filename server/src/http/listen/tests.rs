//! The limits, tried out on real sockets with a small app.

use super::*;
use axum::routing::{get, post};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A server with its gate: `/wait` answers when the gate is opened for it.
struct Place {
    address: SocketAddr,
    gate: Arc<Notify>,
    begun: Arc<Semaphore>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), TlsError>>,
}

impl Place {
    async fn open(limits: Limits) -> Self {
        let (gate, begun) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let (at_gate, at_begun) = (Arc::clone(&gate), Arc::clone(&begun));
        let wait = async move || {
            let opened = at_gate.notified();
            at_begun.add_permits(1);
            opened.await;
            "waited"
        };
        let app = Router::new()
            .route("/hello", get(async || "hello"))
            .route("/echo", post(async |body: axum::body::Bytes| body))
            .route("/wait", get(wait))
            .route("/large", get(async || vec![b'x'; 32 << 20]))
            .route("/panic", get(async || -> &'static str { panic!("planted") }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let front = Front { limits, ..Front::default() };
        let served = tokio::spawn(serve_app(app, listener, front, async {
            drop(stopped.await);
        }));
        Self { address, gate, begun, stop, served }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = self.connect().await;
        ask(&mut stream, path).await;
        rest(&mut stream).await
    }

    /// A request that waits at the gate, begun for certain.
    async fn waiting(&self) -> TcpStream {
        let mut stream = self.connect().await;
        ask(&mut stream, "/wait").await;
        self.begun.acquire().await.unwrap().forget();
        stream
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }
}

async fn ask(stream: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Everything until the other side closes; a broken connection is the end as well.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes).await);
    String::from_utf8(bytes).unwrap()
}

fn is_problem(answer: &str, status: u16, code: &str) -> bool {
    answer.starts_with(&format!("HTTP/1.1 {status} "))
        && answer.contains("application/problem+json")
        && answer.contains(&format!("\"code\":\"{code}\""))
}

#[tokio::test]
async fn a_panic_is_a_problem_and_nobody_elses() {
    let place = Place::open(Limits::default()).await;
    let waiting = place.waiting().await;
    let answer = place.get("/panic").await;
    assert!(is_problem(&answer, 500, "internal") && !answer.contains("planted"), "{answer}");
    place.gate.notify_waiters();
    let mut waiting = waiting;
    assert!(rest(&mut waiting).await.ends_with("waited"));
    place.close().await;
}

#[tokio::test(start_paused = true)]
async fn work_that_takes_too_long_is_given_up_and_said_so() {
    let place = Place::open(Limits::default()).await;
    let answer = place.get("/wait").await;
    assert!(is_problem(&answer, 503, "too_slow") && answer.contains("retry-after: "), "{answer}");
}

#[tokio::test]
async fn who_finds_no_turn_and_no_place_to_wait_is_told_to_come_back() {
    let place = Place::open(Limits { running_max: 1, waiting_max: 1, ..Limits::default() }).await;
    let mut first = place.waiting().await;
    let mut others = [place.connect().await, place.connect().await];
    for other in &mut others {
        ask(other, "/wait").await;
    }
    // There is one place to wait and two want it: one of them is answered at once.
    let [one, two] = &mut others;
    let (refused, waits) = tokio::select! {
        answer = rest(one) => (answer, two),
        answer = rest(two) => (answer, one),
    };
    assert!(is_problem(&refused, 503, "busy") && refused.contains("retry-after: "), "{refused}");
    place.gate.notify_one();
    assert!(rest(&mut first).await.ends_with("waited"));
    place.begun.acquire().await.unwrap().forget();
    place.gate.notify_one();
    assert!(rest(waits).await.ends_with("waited"), "who waited was not forgotten");
    place.close().await;
}

#[tokio::test]
async fn the_longest_idle_makes_room_and_who_works_is_left_alone() {
    let limits = Limits { connections_max: 3, connections_per_address_max: 3, ..Limits::default() };
    let place = Place::open(limits).await;
    let mut working = place.waiting().await;
    let mut idle = place.connect().await;
    let mut slow = place.connect().await;
    slow.write_all(b"POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 100\r\n\r\nsome").await.unwrap();
    let mut crowd = Vec::new();
    for _ in 0..20 {
        crowd.push(place.connect().await);
        assert!(place.get("/hello").await.ends_with("hello"));
    }
    assert_eq!(rest(&mut idle).await, "", "closed without a word");
    assert_eq!(rest(&mut slow).await, "", "an unfinished request is no work");
    place.gate.notify_waiters();
    assert!(rest(&mut working).await.ends_with("waited"));
    place.close().await;
}

#[tokio::test]
async fn if_everybody_works_a_newcomer_is_told() {
    let limits = Limits { connections_max: 2, connections_per_address_max: 2, ..Limits::default() };
    let place = Place::open(limits).await;
    let mut working = [place.waiting().await, place.waiting().await];
    let mut newcomer = place.connect().await;
    let answer = rest(&mut newcomer).await;
    assert!(is_problem(&answer, 503, "busy") && answer.contains("retry-after: "), "{answer}");
    place.gate.notify_waiters();
    for stream in &mut working {
        assert!(rest(stream).await.ends_with("waited"));
    }
    assert!(place.get("/hello").await.ends_with("hello"));
    place.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_head_or_body_that_does_not_come_ends_the_connection() {
    let place = Place::open(Limits::default()).await;
    let mut head = place.connect().await;
    head.write_all(b"GET /hello HTT").await.unwrap();
    assert_eq!(rest(&mut head).await, "");
    let mut body = place.connect().await;
    body.write_all(b"POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 100\r\n\r\nsome").await.unwrap();
    let answer = rest(&mut body).await;
    assert!(is_problem(&answer, 408, "too_slow") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_says_it_is_too_long_is_refused_before_it_comes() {
    let place = Place::open(Limits::default()).await;
    for expect in ["", "expect: 100-continue\r\n"] {
        let mut honest = place.connect().await;
        let length = super::super::BODY_MAX + 1;
        let head = format!("POST /echo HTTP/1.1\r\nhost: here\r\n{expect}content-length: {length}\r\n\r\n");
        honest.write_all(head.as_bytes()).await.unwrap();
        let answer = rest(&mut honest).await;
        assert!(is_problem(&answer, 413, "too_long"), "{answer}");
    }
    place.close().await;
}

#[tokio::test]
async fn a_body_that_turns_out_too_long_is_refused() {
    let place = Place::open(Limits::default()).await;
    let mut sly = place.connect().await;
    sly.write_all(b"POST /echo HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let mut answer = Vec::new();
    // It stops listening some time after the longest body; what it says is read at the same time.
    let (mut read, mut write) = sly.split();
    let send = async { while write.write_all(&chunk).await.is_ok() {} };
    let hear = async { drop(read.read_to_end(&mut answer).await) };
    tokio::select! { () = send => {}, () = hear => {} }
    drop(sly.read_to_end(&mut answer).await);
    let answer = String::from_utf8_lossy(&answer);
    assert!(is_problem(&answer, 413, "too_long"), "{answer}");
    place.close().await;
}

#[tokio::test]
async fn who_sends_too_much_before_listening_still_gets_the_answer() {
    let place = Place::open(Limits::default()).await;
    let length = super::super::BODY_MAX + 100_000;
    for _ in 0..20 {
        let mut eager = place.connect().await;
        let head = format!("POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: {length}\r\n\r\n");
        eager.write_all(head.as_bytes()).await.unwrap();
        for piece in vec![b'x'; length].chunks(16 << 10) {
            eager.write_all(piece).await.expect("nobody hangs up on a sender");
            tokio::task::yield_now().await;
        }
        let answer = rest(&mut eager).await;
        assert!(is_problem(&answer, 413, "too_long"), "{answer}");
    }
    place.close().await;
}

#[tokio::test]
async fn short_of_memory_a_slow_sender_makes_room_for_a_quick_one() {
    let place = Place::open(Limits { bodies_max: 1000, ..Limits::default() }).await;
    let mut slow = place.connect().await;
    let head = "POST /echo HTTP/1.1\r\nhost: here\r\nconnection: close\r\nexpect: 100-continue\r\n";
    slow.write_all(format!("{head}content-length: 900\r\n\r\n").as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "its body is waited for");
    slow.write_all(&[b's'; 800]).await.unwrap();
    for _ in 0..5 {
        let mut quick = place.connect().await;
        let head = "POST /echo HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-length: 900\r\n\r\n";
        quick.write_all(head.as_bytes()).await.unwrap();
        quick.write_all(&[b'q'; 900]).await.unwrap();
        assert!(rest(&mut quick).await.ends_with(&"q".repeat(900)));
    }
    place.close().await;
}

#[tokio::test]
async fn what_was_begun_is_finished_after_the_end_was_asked_for_and_nothing_new_is_taken() {
    let place = Place::open(Limits::default()).await;
    let mut working = place.waiting().await;
    let mut idle = place.connect().await;
    let Place { address, gate, stop, served, .. } = place;
    stop.send(()).unwrap();
    assert_eq!(rest(&mut idle).await, "", "who does nothing is sent home");
    assert!(TcpStream::connect(address).await.is_err());
    gate.notify_waiters();
    assert!(rest(&mut working).await.ends_with("waited"));
    served.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_end_comes_even_if_somebody_never_finishes() {
    let place = Place::open(Limits { work: Duration::from_secs(100_000), ..Limits::default() }).await;
    let mut working = place.waiting().await;
    let mut slow = place.connect().await;
    slow.write_all(b"GET /hel").await.unwrap();
    place.close().await;
    let answer = rest(&mut working).await;
    assert!(answer.is_empty() || is_problem(&answer, 503, "busy"), "{answer}");
    assert_eq!(rest(&mut slow).await, "");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_take_an_answer_is_left() {
    let place = Place::open(Limits::default()).await;
    let mut stream = place.connect().await;
    ask(&mut stream, "/large").await;
    // Nothing is read until the clock has gone on by itself, which it does when nobody has anything to do.
    sleep(Limits::default().take_pause * 3).await;
    let taken = rest(&mut stream).await;
    assert!(taken.len() < 32 << 20, "{}", taken.len());
}

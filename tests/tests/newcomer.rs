//! The demo and the pages as somebody meets them who knows nothing of either.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use homphieu_tests::browser::{play, tools};
use homphieu_tests::server::program;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The demo, with its centre still up.
struct Demo {
    running: Child,
    said: String,
}

impl Demo {
    /// Reads on until the demo has said everything that a newcomer needs.
    fn start() -> Self {
        let mut demo = Command::new(program());
        demo.args(["demo", "--units", "5", "--seed", "3", "--port", "0", "--lang", "vi"]);
        let mut running = demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = String::new();
        let lines = BufReader::new(running.stdout.take().unwrap()).lines();
        for line in lines.map(Result::unwrap) {
            said.push_str(&line);
            said.push('\n');
            if line.contains("Tất cả tờ mã và tờ danh sách") {
                break;
            }
        }
        Self { running, said }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // As Ctrl-C does: it then takes its folder away.
        if let Some(id) = i32::try_from(self.running.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _: rustix::io::Result<()> = rustix::process::kill_process(id, rustix::process::Signal::INT);
        }
        drop(self.running.wait());
    }
}

#[test]
fn a_newcomer_votes_offline_hands_over_by_codes_and_sees_it_confirmed_with_what_the_demo_says() {
    let Some(tools) = tools() else { return };
    let demo = Demo::start();
    assert_eq!(play(&tools, "walk.mjs", &[], &json!({ "said": demo.said }))["confirmed"], 2);
}

#[test]
fn a_newcomer_finds_the_demo_as_pictures_and_holds_a_round_of_their_own_on_the_pages() {
    let Some(tools) = tools() else { return };
    let demo = Demo::start();
    let said = play(&tools, "walk-console.mjs", &[], &json!({ "said": demo.said }));
    assert_eq!((&said["valid"], &said["officials"]), (&6.into(), &2.into()), "{said}");
    println!(
        "clicks and keys: to the demo's pictures {}, a whole round with them {}",
        said["found"], said["effort"]
    );
}

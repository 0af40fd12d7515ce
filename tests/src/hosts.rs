//! Several hosts on one machine: network namespaces of Linux, joined by a bridge, whose links can be cut.

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

/// A network of hosts that see nothing but each other. It is gone when dropped.
pub struct Hosts {
    prefix: String,
    hosts: usize,
}

impl Hosts {
    /// That many hosts, or why this machine cannot have them.
    ///
    /// # Errors
    /// What the system said: usually that only root may do that, or that `ip` is missing.
    pub fn new(hosts: u8) -> Result<Self, String> {
        // Dropped halfway, it takes along what was made.
        let net = Self { prefix: format!("homphieu-{}", std::process::id()), hosts: usize::from(hosts) };
        let bridge = net.bridge();
        ip(&["netns", "add", &bridge])?;
        ip(&["-n", &bridge, "link", "add", "switch", "type", "bridge"])?;
        ip(&["-n", &bridge, "link", "set", "switch", "up"])?;
        for host in 0..net.hosts {
            let (name, port) = (net.name(host), port(host));
            let address = format!("{}/24", net.address(host));
            ip(&["netns", "add", &name])?;
            ip(&[
                "-n", &bridge, "link", "add", &port, "type", "veth", "peer", "name", "net0", "netns", &name,
            ])?;
            ip(&["-n", &bridge, "link", "set", &port, "master", "switch", "up"])?;
            ip(&["-n", &name, "address", "add", &address, "dev", "net0"])?;
            ip(&["-n", &name, "link", "set", "net0", "up"])?;
            ip(&["-n", &name, "link", "set", "lo", "up"])?;
        }
        Ok(net)
    }

    /// The address of a host.
    pub fn address(&self, host: usize) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 0, u8::try_from(host + 1).unwrap_or(u8::MAX))
    }

    /// A command on a host; `ip` becomes the program, so it can be killed as itself.
    pub fn command(&self, host: usize, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(host)]).arg(program);
        command
    }

    /// Pulls the cable of a host at the switch: the host notices nothing until it waits for an answer in vain.
    ///
    /// # Panics
    /// If the system refuses.
    pub fn cut(&self, host: usize) {
        set(&self.bridge(), &port(host), "down");
    }

    /// Puts the cable back.
    ///
    /// # Panics
    /// If the system refuses.
    pub fn join(&self, host: usize) {
        set(&self.bridge(), &port(host), "up");
    }

    /// Turns the network off on a host, as people do with aeroplane mode: it knows at once.
    ///
    /// # Panics
    /// If the system refuses.
    pub fn turn_off(&self, host: usize) {
        set(&self.name(host), "net0", "down");
    }

    /// Turns it on again.
    ///
    /// # Panics
    /// If the system refuses.
    pub fn turn_on(&self, host: usize) {
        set(&self.name(host), "net0", "up");
    }

    /// Packets that a host has sent so far.
    ///
    /// # Panics
    /// If the system does not say.
    pub fn sent(&self, host: usize) -> u64 {
        let mut look = self.command(host, "cat");
        let output = look.arg("/sys/class/net/net0/statistics/tx_packets").output().expect("it runs");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
    }

    fn bridge(&self) -> String {
        format!("{}-switch", self.prefix)
    }

    fn name(&self, host: usize) -> String {
        format!("{}-{host}", self.prefix)
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in 0..self.hosts {
            drop(ip(&["netns", "delete", &self.name(host)]));
        }
        drop(ip(&["netns", "delete", &self.bridge()]));
    }
}

fn set(space: &str, link: &str, state: &str) {
    let done = ip(&["-n", space, "link", "set", link, state]);
    assert!(done.is_ok(), "{done:?}");
}

fn port(host: usize) -> String {
    format!("port{host}")
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`ip` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("`ip {}`: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}

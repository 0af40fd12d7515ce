//! Child processes and what they cost, read from the kernel (Linux).

use super::Result;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server under measurement; killed when dropped.
pub struct Served {
    child: Child,
    /// `host:port`.
    pub address: String,
    start_rss: u64,
}

impl Served {
    /// Starts a program that prints its address (`http://host:port`) as first line.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("no output to read")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let address =
            line.trim().strip_prefix("http://").ok_or("the server did not say its address")?.to_owned();
        let mut served = Self { child, address, start_rss: 0 };
        served.start_rss = served.status("VmRSS:")?;
        Ok(served)
    }

    /// CPU time of all its threads so far in milliseconds (field 1 of `schedstat`, nanoseconds on a CPU).
    pub fn cpu_ms(&self) -> Result<f64> {
        cpu_ms(&format!("/proc/{}/task", self.child.id()))
    }

    /// Peak resident memory in bytes.
    pub fn peak_rss(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    /// Resident memory after the start in bytes.
    pub fn start_rss(&self) -> u64 {
        self.start_rss
    }

    /// Kills it as a power cut would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn status(&self, field: &str) -> Result<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix(field)).ok_or("no such field")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// CPU time of this process so far in milliseconds.
pub fn own_cpu_ms() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    std::time::Duration::try_from(spent).unwrap_or_default().as_secs_f64() * 1e3
}

fn cpu_ms(tasks: &str) -> Result<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir(tasks)? {
        // A thread may end between listing and reading.
        if let Ok(text) = std::fs::read_to_string(task?.path().join("schedstat")) {
            sum += nanoseconds(&text)?;
        }
    }
    Ok(sum)
}

fn nanoseconds(text: &str) -> Result<f64> {
    Ok(text.split_whitespace().next().ok_or("empty schedstat")?.parse::<f64>()? / 1e6)
}

/// CPU time of a process and its living children so far in milliseconds. One that ends takes its time with it, so what
/// is measured keeps its processes.
pub fn cpu_ms_of_tree(root: u32) -> Result<f64> {
    let mut sum = cpu_ms(&format!("/proc/{root}/task"))?;
    for process in std::fs::read_dir("/proc")? {
        let path = process?.path();
        // A process may end between listing and reading.
        let Ok(text) = std::fs::read_to_string(path.join("stat")) else { continue };
        // Process id, name in parentheses, state, parent.
        let parent = text.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        if parent == Some(root) {
            sum += cpu_ms(&path.join("task").display().to_string()).unwrap_or(0.0);
        }
    }
    Ok(sum)
}

/// Bytes, blocks in bytes and number of the files in a folder.
pub fn disk(folder: &Path) -> Result<(u64, u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let mut sum = (0, 0, 0);
    for entry in std::fs::read_dir(folder)? {
        let meta = entry?.metadata()?;
        sum = (sum.0 + meta.len(), sum.1 + meta.blocks() * 512, sum.2 + 1);
    }
    Ok(sum)
}

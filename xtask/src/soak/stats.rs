//! What libFuzzer says at the end of a run.

/// The figures of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Inputs tried.
    pub executions: u64,
    /// Inputs tried per second.
    pub per_second: u64,
    /// Places in the program that were reached.
    pub coverage: u64,
    /// Most memory of the process in MiB.
    pub peak_mb: u64,
    /// What ended the run early, in libFuzzer's or the program's words.
    pub harm: Option<String>,
}

impl Stats {
    /// Reads what was printed. A figure that was not said is 0: a run that crashed at once has none.
    pub fn read(text: &str) -> Self {
        let mut stats = Self::default();
        let mut panic = false;
        for line in text.lines() {
            if let Some(figure) = line.strip_prefix("stat::") {
                stats.take_figure(figure);
            } else if line.starts_with('#') {
                let mut words = line.split_whitespace().skip_while(|word| *word != "cov:");
                stats.coverage = words.nth(1).and_then(|word| word.parse().ok()).unwrap_or(stats.coverage);
            } else if panic {
                // The place comes on one line and what was wrong on the next.
                stats.harm = Some(line.trim().to_owned());
                panic = false;
            } else if line.starts_with("thread '") && line.contains(" panicked at ") && stats.harm.is_none() {
                panic = true;
            } else if let Some((_, error)) = line.split_once("ERROR: libFuzzer: ") {
                stats.harm.get_or_insert_with(|| error.to_owned());
            }
        }
        stats
    }

    fn take_figure(&mut self, figure: &str) {
        let Some((name, value)) = figure.split_once(':') else { return };
        let value = value.trim().parse().unwrap_or(0);
        match name {
            "number_of_executed_units" => self.executions = value,
            "average_exec_per_sec" => self.per_second = value,
            "peak_rss_mb" => self.peak_mb = value,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: &str = "\
#2	INITED cov: 812 ft: 813 corp: 1/331b exec/s: 0 rss: 33Mb
#1048576	pulse  cov: 2012 ft: 9000 corp: 500/40Kb lim: 4096 exec/s: 1200 rss: 40Mb
#1050000	DONE   cov: 2013 ft: 9003 corp: 501/40Kb lim: 4096 exec/s: 1166 rss: 41Mb
###### Recommended dictionary. ######
Done 1050000 runs in 901 second(s)
stat::number_of_executed_units: 1050000
stat::average_exec_per_sec:     1165
stat::new_units_added:          740
stat::slowest_unit_time_sec:    0
stat::peak_rss_mb:              41
";

    #[test]
    fn figures_are_those_of_the_end() {
        let stats =
            Stats { executions: 1_050_000, per_second: 1165, coverage: 2013, peak_mb: 41, harm: None };
        assert_eq!(Stats::read(WELL), stats);
    }

    #[test]
    fn a_panic_is_told_in_its_own_words_and_not_as_the_signal_that_follows() {
        let text = "\
#7	NEW    cov: 90 ft: 91
thread '<unnamed>' (479) panicked at src/behind.rs:205:5:
ballots were lost or doubled
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
==479== ERROR: libFuzzer: deadly signal
stat::number_of_executed_units: 7
";
        let stats = Stats::read(text);
        assert_eq!((stats.executions, stats.coverage), (7, 90));
        assert_eq!(stats.harm.as_deref(), Some("ballots were lost or doubled"));
    }

    #[test]
    fn too_much_memory_and_too_much_time_are_told_in_the_words_of_libfuzzer() {
        for (said, told) in [
            (
                "==3== ERROR: libFuzzer: out-of-memory (used: 513Mb; limit: 512Mb)",
                "out-of-memory (used: 513Mb; limit: 512Mb)",
            ),
            ("==3== ERROR: libFuzzer: timeout after 61 seconds", "timeout after 61 seconds"),
        ] {
            assert_eq!(Stats::read(said).harm.as_deref(), Some(told));
        }
    }

    #[test]
    fn nothing_said_or_nonsense_said_is_no_figure() {
        for text in ["", "stat::", "stat::peak_rss_mb: lots", "# cov:", "#1 cov: many", "\n\n#"] {
            assert_eq!(Stats::read(text), Stats::default(), "{text:?}");
        }
    }
}

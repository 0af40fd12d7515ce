//! The waiting ballots, as they lie on a tablet's disk.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("open-box");

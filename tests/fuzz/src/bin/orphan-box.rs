//! Ballots that nobody could sign for.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("orphan-box");

//! A sealed ballot.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("record");

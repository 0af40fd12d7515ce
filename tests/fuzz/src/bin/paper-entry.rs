//! An entry of the record with a sealed count of paper ballots.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("paper-entry");

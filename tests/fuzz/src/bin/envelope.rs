//! An envelope of sealed ballots.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("envelope");

//! The centre's list of what it holds.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("holdings");

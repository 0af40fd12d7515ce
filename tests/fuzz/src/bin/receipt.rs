//! A receipt.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("receipt");

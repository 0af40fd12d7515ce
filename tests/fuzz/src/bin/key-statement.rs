//! The public keys that a ceremony ends with.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("key-statement");
